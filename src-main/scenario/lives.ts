import { GUESTS_MAX } from '#contract/units.ts';
import { EventProblem } from './bad-scenario.ts';
import type { Schedule } from './schedule-schema.ts';
import { GUEST_NAME_MAX } from './fields.ts';
import type { ScenarioGuest } from './guest-schema.ts';

/** A guest of a scenario's host: one of the file, or a later life of one. */
export type LivingGuest = ScenarioGuest & {
  /** The guest of the file whose later life it is; absent for those of the file. */
  readonly lifeOf?: string;
};

/** What lives are made of. */
interface Lived {
  readonly guests: readonly LivingGuest[];
  readonly events: readonly {
    readonly atS: number;
    readonly set: string;
    readonly to: number | string | boolean | null;
  }[];
  readonly schedule: Schedule;
}

/** Whose turn it is among the lives of one guest. */
interface Standing {
  /** Its lives so far, the one of the file first. */
  readonly names: string[];
  /** The event that removed the last of them. */
  removedBy: string | null;
}

/**
 * A scenario whose guests have one life each. A guest that an event removes and a later one sets running again is another
 * client of the host then, with nothing of what the first one had: a guest of its own, `NAME-2`, as the file describes it
 * and waiting until then. What events set of it from then on, they set of that one.
 * @throws EventProblem for an event of a guest that was removed, or a life for which there is no name or no room
 */
export function withLives<S extends Lived>(scenario: S): S {
  const { guests, events, schedule } = scenario;
  const standings = new Map<string, Standing>(guests.map(({ name }) => [name, { names: [name], removedBy: null }]));
  const later: LivingGuest[] = [];
  const told = events.map((event) => ({ ...event }));
  const inOrder = told
    .map((event, at) => ({ event, at, ms: Math.round(event.atS * 1000) }))
    .sort((a, b) => a.ms - b.ms);
  for (const { event, at } of inOrder) {
    const [, name = '', field = ''] = /^guests\.([\w.-]+)\.(\w+)$/.exec(event.set) ?? [];
    const standing = standings.get(name);
    const guest = guests.find((one) => one.name === name);
    if (standing === undefined || guest === undefined) continue;
    if (standing.removedBy !== null) {
      if (field !== 'running' || event.to !== true) {
        throw new EventProblem(
          `events.${at}.set: ${name} was removed by ${standing.removedBy}, and nothing can be set of it until an event sets guests.${name}.running to true`,
        );
      }
      const lifeName = nameOfLife(name, standing.names.length + 1);
      if (guests.some((one) => one.name === lifeName) || later.some((one) => one.name === lifeName)) {
        throw new EventProblem(
          `events.${at}.set: ${name} would be called ${lifeName} from then on, as another guest is; give that one another name`,
        );
      }
      if (guests.length + later.length === GUESTS_MAX) {
        throw new EventProblem(
          `events.${at}.set: each time that a guest is started again counts as another, and there would be more than ${GUESTS_MAX}`,
        );
      }
      later.push({ ...guest, name: lifeName, starts: false, lifeOf: name });
      standing.names.push(lifeName);
      standing.removedBy = null;
    }
    if (field === 'running' && event.to === false) standing.removedBy = `events.${at}`;
    event.set = `guests.${standing.names.at(-1) ?? name}.${field}`;
  }
  if (later.length === 0) return scenario;
  const livesOf = (name: string): readonly string[] => standings.get(name)?.names ?? [name];
  return { ...scenario, guests: [...guests, ...later], events: told, schedule: scheduled(schedule, livesOf) };
}

function nameOfLife(name: string, life: number): string {
  const ending = `-${life}`;
  return `${name.slice(0, GUEST_NAME_MAX - ending.length)}${ending}`;
}

/** What a schedule says of a guest holds for all its lives. */
function scheduled(schedule: Schedule, livesOf: (name: string) => readonly string[]): Schedule {
  const { balloon } = schedule;
  if (!('guests' in balloon) || balloon.guests === undefined) return schedule;
  return { ...schedule, balloon: { ...balloon, guests: balloon.guests.flatMap(livesOf) } };
}
