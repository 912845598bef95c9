import type { Setting } from './changes.ts';
import { fillShares } from './shares.ts';
import { type SlotCurves, SLOTS } from './slot-curves.ts';

/** A share in balance goes up and down by about so many pages. */
const SWAY_PAGES = 2;

/** What the course of the shares depends on; guests by place. */
export interface CourseProblem {
  readonly curves: SlotCurves;
  /** What is in force in a part of the time, and the pool under it. */
  readonly settingIn: (slot: number) => Setting;
  readonly poolPages: (setting: Setting) => number;
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
  /** The same in each part of the time, guests × slots. */
  readonly missesIn: Float64Array;
  readonly meanShares: Float64Array;
  /** Where in its part of the time a share moves is not known: what that changes, if all parts err alike … */
  readonly drift: Float64Array;
  /** … and if each errs by itself, squared. */
  readonly drift2: Float64Array;
  /** What shares of {@link SWAY_PAGES} more or less change, as they are whole pages that come and go. */
  readonly sway: Float64Array;
  /** What shares of a hundredth more or less change, where each part of the time errs by itself, squared. */
  readonly hundredth2: Float64Array;
}

/**
 * Follows the shares through the parts of the time: a guest's misses in a part are the mean of those of its curve there at
 * its share at the beginning and at the end; it may then hold that many pages more, and the pool is shared out again among
 * what each may hold (Heun's method). So shares fill, a guest that pauses is overtaken and taxed, and comes back.
 */
export function followShares(problem: CourseProblem): Course {
  const { curves, settingIn, poolPages, slotS, windowS } = problem;
  const guests = problem.sharesAtStart.length;
  const before = Float64Array.from(problem.sharesAtStart);
  const after = new Float64Array(guests);
  const used = Float64Array.from(problem.usedAtStart);
  const course = {
    misses: new Float64Array(guests),
    missesIn: new Float64Array(guests * SLOTS),
    meanShares: new Float64Array(guests),
    drift: new Float64Array(guests),
    drift2: new Float64Array(guests),
    sway: new Float64Array(guests),
    hundredth2: new Float64Array(guests),
  };
  const demands = new Float64Array(guests);
  const usedAfter = new Float64Array(guests);
  const keeps = Math.pow(1 - 1 / windowS, slotS);
  // All pages that a guest has referenced so far or had at the start: cache and share never hold more.
  const known = Float64Array.from(problem.knownAtStart);
  const again = new Float64Array(guests);
  for (let slot = 0; slot < SLOTS; slot++) {
    const setting = settingIn(slot);
    const { targetPages: ram, weights, idleTaxPermille } = setting;
    const missesAt = (guest: number, share: number, first = 0): number =>
      // A guest that never lost a page misses only what it references for the first time.
      known[guest] + first - ram[guest] - share < 1 ? 0 : curves.missesAgain(guest, slot, ram[guest] + share);
    const settle = (): void => {
      for (let guest = 0; guest < guests; guest++) {
        if (setting.removed[guest]) continue;
        const first = curves.colds[guest * SLOTS + slot];
        const hits = curves.missesAgain(guest, slot, ram[guest]) - again[guest];
        usedAfter[guest] = used[guest] * keeps + (hits / slotS) * windowS * (1 - keeps);
        demands[guest] = Math.max(0, Math.min(before[guest] + again[guest] + first, known[guest] + first - ram[guest]));
      }
      fillShares({ poolPages: poolPages(setting), weights, demands, usedPages: usedAfter, idleTaxPermille }, after);
    };
    for (let guest = 0; guest < guests; guest++) again[guest] = missesAt(guest, before[guest]);
    settle();
    for (let guest = 0; guest < guests; guest++) {
      const atEnd = missesAt(guest, after[guest], curves.colds[guest * SLOTS + slot]);
      course.drift[guest] += Math.abs(atEnd - again[guest]) / 2;
      course.drift2[guest] += ((atEnd - again[guest]) / 2) ** 2;
      again[guest] = (again[guest] + atEnd) / 2;
    }
    settle();
    for (let guest = 0; guest < guests; guest++) {
      if (setting.removed[guest]) continue;
      const first = curves.colds[guest * SLOTS + slot];
      const share = (before[guest] + after[guest]) / 2;
      course.misses[guest] += again[guest] + first;
      course.missesIn[guest * SLOTS + slot] = again[guest] + first;
      course.meanShares[guest] += share / SLOTS;
      if (again[guest] > 0) {
        const at = (pages: number): number => curves.missesAgain(guest, slot, ram[guest] + pages);
        course.sway[guest] += (at(share - SWAY_PAGES) - at(share + SWAY_PAGES)) / 2;
        course.hundredth2[guest] += ((at(share * 0.99) - at(share * 1.01)) / 2) ** 2;
      }
      known[guest] += first;
    }
    used.set(usedAfter);
    before.set(after);
  }
  return course;
}
