import * as v from 'valibot';
import { PolicySchema } from '#contract/model.ts';
import { mibToPages, WEIGHT_MAX, WEIGHT_MIN } from '#contract/units.ts';
import type { TimedCommand } from '../host/timetable.ts';
import { EventProblem, problemOf } from './bad-scenario.ts';
import { Mib, oneOf, Part, whole, YesNo } from './fields.ts';

/** What events need to know of a scenario. */
interface Eventful {
  readonly guests: readonly { readonly name: string; readonly minMiB: number; readonly maxMiB: number }[];
  readonly events: readonly {
    readonly atS: number;
    readonly set: string;
    readonly to: number | string | boolean | null;
  }[];
}

const Weight = whole(WEIGHT_MIN, WEIGHT_MAX);
const Limit = v.nullable(Mib);
const Policy = oneOf(PolicySchema.options);
const pagesOrNone = (mib: number | null): number => (mib === null ? Infinity : mibToPages(mib));

/**
 * The timed events of a scenario as commands to its host, in order of their times; those of one time in the order of the
 * file.
 * @throws EventProblem
 */
export function timedCommands(scenario: Eventful): TimedCommand[] {
  return scenario.events
    .map((event, at) => ({
      atMs: Math.round(event.atS * 1000),
      ...commandOf(event, `events.${at}`, scenario),
    }))
    .sort((a, b) => a.atMs - b.atMs);
}

type Command = TimedCommand extends infer T ? (T extends TimedCommand ? Omit<T, 'atMs'> : never) : never;

function commandOf({ set, to }: Eventful['events'][number], place: string, { guests }: Eventful): Command {
  const value = <T>(schema: v.GenericSchema<unknown, T>): T => {
    const parsed = v.safeParse(schema, to);
    if (parsed.success) return parsed.output;
    throw new EventProblem(problemOf(parsed.issues[0]).replace(/^the whole file/, `${place}.to`));
  };
  switch (set) {
    case 'policy':
      return { kind: 'policy', policy: value(Policy) };
    case 'idleTax':
      return { kind: 'idle-tax', permille: Math.round(value(Part) * 1000) };
    case 'host.poolLimitMiB':
      return { kind: 'pool-limit', pages: pagesOrNone(value(Limit)) };
    case 'host.totalMiB':
      return { kind: 'host-size', pages: mibToPages(value(Mib)) };
  }
  const [, name, field] = /^guests\.([\w.-]+)\.(\w+)$/.exec(set) ?? [];
  const index = guests.findIndex((guest) => guest.name === name);
  const guest = guests[index];
  if (name === undefined) throw new EventProblem(`${place}.set: "${set}" is nothing that can be set while a host runs`);
  if (guest === undefined) {
    throw new EventProblem(
      `${place}.set: there is no guest "${name}", only ${guests.map((one) => one.name).join(', ')}`,
    );
  }
  const guestId = index + 1;
  switch (field) {
    case 'weight':
      return { kind: 'weight', guestId, weight: value(Weight) };
    case 'capMiB':
      return { kind: 'cap', guestId, pages: pagesOrNone(value(Limit)) };
    case 'balloonTargetMiB': {
      const mib = value(Mib);
      if (mib >= guest.minMiB && mib <= guest.maxMiB)
        return { kind: 'balloon-target', guestId, pages: mibToPages(mib) };
      throw new EventProblem(
        `${place}.to: the balloon target of ${name} lies outside its minMiB … maxMiB (it is ${mib})`,
      );
    }
    case 'frozen':
      return { kind: 'frozen', guestId, frozen: value(YesNo) };
    case 'running':
      return { kind: 'running', guestId, running: value(YesNo) };
    case undefined:
    default:
      throw new EventProblem(
        `${place}.set: a guest has no "${field ?? ''}" that can be set, only weight, capMiB, balloonTargetMiB, frozen and running`,
      );
  }
}
