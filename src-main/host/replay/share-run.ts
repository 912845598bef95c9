import type { PoolCounts, PoolRun, PoolSetting } from './pool-run.ts';
import { emptyCounts } from './pool-run.ts';
import type { ReplayTape } from './tape.ts';

/** Stands for weight 0: less than any weight divided by any number of pages, and exact to multiply by. */
export const NO_WEIGHT = 1 / 0x1_0000_0000;

/**
 * `max-over-share` without idle tax, for few guests: the guest with the most pages for its weight loses its oldest page.
 *
 * Who that is changes only when a guest gains a page that it did not just lose, so it is looked for only then.
 */
export class ShareRun implements PoolRun {
  readonly counts: PoolCounts;
  private readonly tape: ReplayTape;
  private readonly poolPages: number;
  private readonly weights: Float64Array;
  /** By guest: the first put that has not been evicted or seen to be got. */
  private readonly oldest: Int32Array;
  /** The guest that is to lose the next page, or −1 where it must be looked for. */
  private leader = -1;
  private total = 0;

  constructor(tape: ReplayTape, setting: PoolSetting) {
    this.counts = emptyCounts(tape.guests);
    this.tape = tape;
    this.poolPages = setting.poolPages;
    this.weights = Float64Array.from(setting.weights, (weight) => (weight === 0 ? NO_WEIGHT : weight));
    this.oldest = tape.firstPut.slice(0, tape.guests);
  }

  play(from: number, to: number): void {
    const { poolPages, oldest } = this;
    const { guestOf, putOf, gotAt, putsFrom } = this.tape;
    const { hits, evictedBySelf, evictedByOthers, held } = this.counts;
    let { leader } = this;
    for (let at = from; at < to; at++) {
      const guest = guestOf[at];
      if (putOf[at] >= oldest[guest]) {
        hits[guest]++; // The page leaves the pool and another of the guest's takes its place.
      } else if (at >= putsFrom[guest]) {
        if (this.total < poolPages) {
          this.total++;
          held[guest]++;
          leader = -1;
          continue;
        }
        if (leader < 0) leader = this.mostOverShare();
        let put = oldest[leader];
        while (gotAt[put] <= at) put++;
        oldest[leader] = put + 1;
        if (leader === guest) {
          evictedBySelf[guest]++;
        } else {
          evictedByOthers[leader]++;
          held[leader]--;
          held[guest]++;
          leader = -1;
        }
      }
    }
    this.leader = leader;
  }

  /** The guest with the largest pages / weight, compared by cross-multiplying; ties go to the lower number. */
  private mostOverShare(): number {
    const { weights } = this;
    const { held } = this.counts;
    let most = 0;
    let mostHeld = held[0];
    let mostWeight = weights[0];
    for (let guest = 1; guest < held.length; guest++) {
      if (held[guest] * mostWeight > mostHeld * weights[guest]) {
        most = guest;
        mostHeld = held[guest];
        mostWeight = weights[guest];
      }
    }
    return most;
  }
}
