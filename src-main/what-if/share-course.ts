import type { Setting } from './changes.ts';
import { fillShares } from './shares.ts';
import { type SlotCurves, SLOTS } from './slot-curves.ts';

/** How far a share sways around its mean within a slot, as a part of it. */
const SWAY = 0.05;

/** What the course of the shares depends on; guests by place. */
export interface CourseProblem {
  readonly curves: SlotCurves;
  readonly ram: readonly number[];
  readonly setting: Setting;
  readonly poolPages: number;
  readonly sharesAtStart: readonly number[];
  /** Pages cached and stored. */
  readonly knownAtStart: readonly number[];
  readonly usedAtStart: readonly number[];
  /** Host seconds of a part, and the window of effective use. */
  readonly slotS: number;
  readonly windowS: number;
}

export interface Course {
  readonly misses: Float64Array;
  readonly meanShares: Float64Array;
  /** Misses between the least and the most that a guest holds as its share sways. */
  readonly sway: Float64Array;
}

/**
 * Follows the shares through the parts of the time: a guest's misses in a part are those of its curve there at its share of the
 * moment; it may then hold that many pages more, and the pool is shared out again among what each
 * may hold. So shares fill, a guest that pauses is overtaken and taxed, and comes back.
 */
export function followShares(problem: CourseProblem): Course {
  const { curves, ram, setting, poolPages, slotS, windowS } = problem;
  const guests = ram.length;
  const shares = Float64Array.from(problem.sharesAtStart);
  const used = Float64Array.from(problem.usedAtStart);
  const course = {
    misses: new Float64Array(guests),
    meanShares: new Float64Array(guests),
    sway: new Float64Array(guests),
  };
  const demands = new Float64Array(guests);
  const { weights, idleTaxPermille } = setting;
  const keeps = Math.pow(1 - 1 / windowS, slotS);
  // All pages that a guest has referenced so far or had at the start: cache and share never hold more.
  const known = Float64Array.from(problem.knownAtStart);
  for (let slot = 0; slot < SLOTS; slot++) {
    for (let guest = 0; guest < guests; guest++) {
      if (setting.removed[guest]) continue;
      const missesAt = (share: number): number => curves.missesAgain(guest, slot, ram[guest] + share);
      // A guest that never lost a page misses only what it references for the first time.
      const hasAll = known[guest] - ram[guest] - shares[guest] < 1;
      const again = hasAll ? 0 : missesAt(shares[guest]);
      const first = curves.colds[guest * SLOTS + slot];
      course.misses[guest] += again + first;
      course.sway[guest] += hasAll ? 0 : missesAt(shares[guest] * (1 - SWAY)) - missesAt(shares[guest] * (1 + SWAY));
      course.meanShares[guest] += shares[guest] / SLOTS;
      const hits = missesAt(0) - again;
      used[guest] = used[guest] * keeps + (hits / slotS) * windowS * (1 - keeps);
      known[guest] += first;
      demands[guest] = Math.max(0, Math.min(shares[guest] + again + first, known[guest] - ram[guest]));
    }
    fillShares({ poolPages, weights, demands, usedPages: used, idleTaxPermille }, shares);
  }
  return course;
}
