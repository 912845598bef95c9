import type { PoolCounts, PoolRun, PoolSetting } from './pool-run.ts';
import { emptyCounts } from './pool-run.ts';
import type { ReplayTape } from './tape.ts';

/** Stands for weight 0: less than any weight divided by any number of pages, and exact to multiply by. */
const NO_WEIGHT = 1 / 0x1_0000_0000;

/**
 * `max-over-share` without idle tax, for few guests: the guest with the most pages for its weight loses its oldest page.
 *
 * Who that is changes only when a guest gains a page that it did not just lose, so it is looked for only then.
 */
export class ShareRun implements PoolRun {
  readonly counts: PoolCounts;
  private readonly tape: ReplayTape;
  private readonly positions: Int32Array;
  private readonly stride: number;
  private readonly poolPages: number;
  private readonly weights: Float64Array;
  private readonly ownCursor: Int32Array;
  /** The guest that is to lose the next page, or −1 where it must be looked for. */
  private leader = -1;
  private total = 0;

  constructor(tape: ReplayTape, setting: PoolSetting, positions: Int32Array, stride: number) {
    this.counts = emptyCounts(tape.guests);
    this.tape = tape;
    this.positions = positions;
    this.stride = stride;
    this.poolPages = setting.poolPages;
    this.weights = Float64Array.from(setting.weights, (weight) => (weight === 0 ? NO_WEIGHT : weight));
    this.ownCursor = tape.firstPut.slice();
  }

  play(from: number, to: number): void {
    const { positions, stride, poolPages, ownCursor } = this;
    const { guestOf, gets, puts, nextPut, noPage } = this.tape;
    const { hits, evictedBySelf, evictedByOthers, held } = this.counts;
    let { total, leader } = this;
    for (let at = from; at < to; at++) {
      const guest = guestOf[at];
      const got = gets[at] * stride;
      const put = puts[at];
      if (positions[got] !== 0) {
        hits[guest]++;
        positions[got] = 0;
        if (put !== noPage) {
          positions[put * stride] = at + 1;
        } else {
          held[guest]--;
          total--;
          leader = -1;
        }
        continue;
      }
      if (put === noPage) continue;
      if (total < poolPages) {
        total++;
        held[guest]++;
        leader = -1;
      } else if (poolPages === 0) {
        continue;
      } else {
        if (leader < 0) leader = this.mostOverShare();
        let cursor = ownCursor[leader];
        while (positions[puts[cursor] * stride] !== cursor + 1) cursor = nextPut[cursor];
        positions[puts[cursor] * stride] = 0;
        ownCursor[leader] = nextPut[cursor];
        if (leader === guest) {
          evictedBySelf[guest]++;
        } else {
          evictedByOthers[leader]++;
          held[leader]--;
          held[guest]++;
          leader = -1;
        }
      }
      positions[put * stride] = at + 1;
    }
    this.total = total;
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
