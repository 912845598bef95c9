import { type Cut, cutsOfPart, type Recording } from './recording.ts';
import type { HostStart } from './start-state.ts';

/**
 * The references of a recording that may miss a guest's own page cache, with their stack distances: all that a replay of
 * shares looks at. The others are hits of the page cache under every alternative that keeps the guest's RAM at or above
 * the given least, and change nothing but the order within the cache, which the distances know already.
 */
export interface CandidateTape {
  readonly guests: number;
  readonly guestOf: Uint8Array;
  readonly distances: Int32Array;
  /** For each balloon step: the candidates before it. */
  readonly stepAt: Int32Array;
  readonly firstStep: number;
  readonly firstSecond: number;
  /** Of all references, by guest. */
  readonly accesses: Float64Array;
  /** As {@link Recording.cuts}, among the candidates. */
  readonly cuts: readonly Cut[];
}

/** @param leastRam the least RAM that each guest has at any time under any of the alternatives, in pages */
export function candidatesOf(
  recording: Recording,
  distances: Int32Array,
  start: HostStart,
  leastRam: readonly number[],
): CandidateTape {
  // A cache that is not full has all pages of its guest, unless it became larger while pages were stored already.
  const floors = Int32Array.from(start.guests, ({ cachedPages, storedPages }, place) =>
    storedPages.length > 0 ? Math.min(leastRam[place], cachedPages.length) : leastRam[place],
  );
  const { guestOf, stepAt, cuts } = recording;
  let count = 0;
  for (let at = 0; at < distances.length; at++) if (distances[at] > floors[guestOf[at]]) count++;
  const guestOfCandidate = new Uint8Array(count);
  const kept = new Int32Array(count);
  const steps = new Int32Array(stepAt.length);
  const cutAt = new Map<number, number>();
  let step = 0;
  let cut = 0;
  let next = 0;
  for (let at = 0; at < distances.length; at++) {
    while (step < steps.length && stepAt[step] <= at) steps[step++] = next;
    while (cut < cuts.length && cuts[cut].at <= at) cutAt.set(cuts[cut++].at, next);
    const guest = guestOf[at];
    if (distances[at] <= floors[guest]) continue;
    guestOfCandidate[next] = guest;
    kept[next++] = distances[at];
  }
  while (step < steps.length) steps[step++] = next;
  const { guests, firstStep, firstSecond, accesses } = recording;
  return {
    guests,
    guestOf: guestOfCandidate,
    distances: kept,
    stepAt: steps,
    firstStep,
    firstSecond,
    accesses,
    cuts: cutsOfPart(cuts, (at) => cutAt.get(at) ?? next),
  };
}
