import type { HostConfig } from '../host/host-config.ts';
import type { Slices } from './slices.ts';
import type { HostStart } from './start-state.ts';
import type { TimedCommand } from './study.ts';
import { StudyError } from './study-error.ts';

const NS_PER_MS = 1_000_000;
const NS_PER_S = 1_000_000_000;
/** Balloon steps of a host second, as the host makes them. */
export const STEPS_PER_S = 10;
const NS_PER_STEP = NS_PER_S / STEPS_PER_S;
/** References between two looks at the clock. */
const LOOK_EVERY = 65_536;

/**
 * The references of all guests from the start of a study to its horizon, in the order in which the host will see them.
 *
 * Where the guests' workloads are open loops, which page is referenced when does not depend on what the host does, so one
 * recording holds for every alternative, exactly. It is generated from the start by playing the guests' workloads on;
 * nothing of the run is needed. Takes 5 bytes a reference.
 */
export interface Recording {
  readonly guests: number;
  /** For each reference: the place of its guest, and the guest's own number of the page. */
  readonly guestOf: Uint8Array;
  readonly pages: Int32Array;
  /** For each balloon step (every 100 host ms) from the start to the horizon: the references before it. */
  readonly stepAt: Int32Array;
  /** Balloon steps done in the host second under way at the start. */
  readonly firstStep: number;
  readonly firstSecond: number;
  /** By guest. */
  readonly accesses: Float64Array;
  /** Where in the recording the commands that follow the start take effect, in their order. */
  readonly cuts: readonly Cut[];
}

/** A command between two references: the references before it, and the balloon steps before it. */
export interface Cut {
  readonly at: number;
  readonly step: number;
  readonly command: TimedCommand;
}

/** The cuts of a recording in a part of it. @param placeOf the references of the part before a place in the recording */
export function cutsOfPart(cuts: readonly Cut[], placeOf: (at: number) => number): Cut[] {
  return cuts.map((cut) => ({ ...cut, at: placeOf(cut.at) }));
}

/** Most references of a recording: with what is made from it, about 20 bytes each, 2 GiB. */
const REFERENCES_MAX = 100_000_000;

/** The references to expect in a stretch, by the mean pace of the guests that are there. */
export function expectedReferences(config: HostConfig, start: HostStart, horizonMs: number): number {
  return config.guests.reduce((sum, { pace }, place) => {
    if (!start.guests[place].present) return sum;
    const ms = pace.phases.reduce((total, phase) => total + phase.ms, 0);
    const references = pace.phases.reduce((total, phase) => total + (phase.ms * phase.accessesPerS) / 1000, 0);
    return sum + (references / ms) * horizonMs;
  }, 0);
}

/** Whether a recording of so many references is small enough to be kept. */
export function fitsRecording(references: number): boolean {
  return references <= REFERENCES_MAX;
}

/**
 * Plays the references of the coming `horizonMs` (whole host ms). The start's workloads and order are used up.
 * @param commands of the {@link Recording.cuts}, by rising host time, within the horizon
 */
export async function record(
  start: HostStart,
  horizonMs: number,
  commands: readonly TimedCommand[],
  slices: Slices,
): Promise<Recording> {
  const { guests, order } = start;
  let guestOf = new Uint8Array(1 << 16);
  let pages = new Int32Array(1 << 16);
  const steps: number[] = [];
  const cuts: Cut[] = [];
  const accesses = new Float64Array(guests.length);
  const endMs = start.hostMs + horizonMs;
  let { second, stepsDone } = start;
  let length = 0;
  let lookAt = LOOK_EVERY;
  for (;;) {
    const limitNs = (endMs - second * 1000) * NS_PER_MS;
    const stepNs = (stepsDone + 1) * NS_PER_STEP;
    const cutNs = cuts.length === commands.length ? NaN : (commands[cuts.length].hostMs - second * 1000) * NS_PER_MS;
    const isCut = cutNs < stepNs && cutNs < limitNs;
    const untilNs = isCut ? cutNs : Math.min(limitNs, stepNs);
    for (let place = order.first; order.times[place] < untilNs; place = order.first) {
      if (length === pages.length) {
        if (!fitsRecording(length)) {
          throw new StudyError(
            'bad-study',
            `The study covers more than ${REFERENCES_MAX.toLocaleString('en')} accesses, too many to be recorded.`,
            'Study a shorter time, or use the engine "full", which needs no recording.',
          );
        }
        guestOf = grown(guestOf, new Uint8Array(length * 2));
        pages = grown(pages, new Int32Array(length * 2));
      }
      const { workload } = guests[place];
      workload.next();
      guestOf[length] = place;
      pages[length++] = workload.page;
      accesses[place]++;
      order.set(place, order.times[place] + workload.thinkNs());
    }
    if (isCut) {
      cuts.push({ at: length, step: steps.length, command: commands[cuts.length] });
      continue;
    }
    if (stepNs > limitNs) break;
    steps.push(length);
    if (++stepsDone === STEPS_PER_S) {
      second++;
      stepsDone = 0;
      order.shift(NS_PER_S);
    }
    if (length >= lookAt && slices.isDue()) {
      lookAt = length + LOOK_EVERY;
      await slices.turn((second * 1000 - start.hostMs) / horizonMs);
    }
  }
  return {
    guests: guests.length,
    guestOf: guestOf.subarray(0, length),
    pages: pages.subarray(0, length),
    stepAt: Int32Array.from(steps),
    firstStep: start.stepsDone,
    firstSecond: start.second,
    accesses,
    cuts,
  };
}

function grown<A extends Int32Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
