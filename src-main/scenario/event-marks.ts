import type { Scenario } from './scenario-schema.ts';

/** What a scenario does to its host at one time, in words. */
export interface EventMark {
  /** Host time, whole ms. */
  readonly hostMs: number;
  readonly text: string;
}

/** What is marked of a scenario. */
type Marked = Pick<Scenario, 'events'> & Partial<Pick<Scenario, 'guests'>>;

/** Longest text of a mark. */
const TEXT_MAX = 300;

/**
 * The timed events of a scenario as marks of a time axis, in order of time: those of one time are one mark, as they take
 * effect together.
 */
export function eventMarks({ events, guests = [] }: Marked): EventMark[] {
  const lives = new Map(guests.map(({ name, lifeOf }) => [name, lifeOf]));
  const byTime = new Map<number, string[]>();
  for (const event of events) {
    const hostMs = Math.round(event.atS * 1000);
    byTime.set(hostMs, [...(byTime.get(hostMs) ?? []), eventText(event, (name) => lives.get(name))]);
  }
  return [...byTime]
    .sort(([a], [b]) => a - b)
    .map(([hostMs, texts]) => ({ hostMs, text: cut(`Scenario: ${texts.join('; ')}.`) }));
}

function cut(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1)}…`;
}

/** One event in words: "balloon target of web set to 8 MiB". */
function eventText({ set, to }: Scenario['events'][number], lifeOf: (name: string) => string | undefined): string {
  const mib = to === null ? 'taken away' : `set to ${String(to)} MiB`;
  switch (set) {
    case 'policy':
      return `policy set to ${String(to)}`;
    case 'idleTax':
      return `idle tax set to ${String(to)}`;
    case 'host.poolLimitMiB':
      return `limit of precache ${mib}`;
    case 'host.totalMiB':
      return `RAM of the host ${mib}`;
  }
  const [, name = '', field = ''] = /^guests\.(.+)\.(\w+)$/.exec(set) ?? [];
  switch (field) {
    case 'capMiB':
      return `cap of ${name} ${mib}`;
    case 'balloonTargetMiB':
      return `balloon target of ${name} ${mib}`;
    case 'frozen':
      return `${name} ${to === true ? 'frozen' : 'thawed'}`;
    case 'running':
      if (to === true && lifeOf(name) !== undefined) return `${lifeOf(name)} started again, as ${name}`;
      return `${name} ${to === true ? 'started' : 'removed'}`;
    default:
      return `${field} of ${name} set to ${String(to)}`;
  }
}
