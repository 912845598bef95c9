import type { PoolCounts, PoolRun, PoolSetting } from './pool-run.ts';
import { emptyCounts } from './pool-run.ts';
import type { ReplayTape } from './tape.ts';

/**
 * The policies that choose between the requester's oldest page and the oldest of all: `fifo`, `xen-shipped`, `xen-documented`.
 *
 * A page is evicted only when the pool is full, so in the quota test of Xen (TMEM-SEMANTICS 5.3) G is the size of the pool, W/w does not
 * change, and the test comes down to whether the pages that the requester holds lie within bounds that are known beforehand.
 */
export class QuotaRun implements PoolRun {
  readonly counts: PoolCounts;
  private readonly tape: ReplayTape;
  private readonly positions: Int32Array;
  private readonly stride: number;
  private readonly poolPages: number;
  /** A guest that holds `ownFrom … ownTo` pages loses its own oldest. */
  private readonly ownFrom: Float64Array;
  private readonly ownTo: Float64Array;
  private readonly ownCursor: Int32Array;
  private globalCursor = 0;
  private total = 0;

  constructor(tape: ReplayTape, setting: PoolSetting, positions: Int32Array, stride: number) {
    this.counts = emptyCounts(tape.guests);
    this.tape = tape;
    this.positions = positions;
    this.stride = stride;
    this.poolPages = setting.poolPages;
    this.ownCursor = tape.firstPut.slice();
    const bounds = setting.weights.map((weight) => ownBounds(setting, weight));
    this.ownFrom = Float64Array.from(bounds, ([from]) => from);
    this.ownTo = Float64Array.from(bounds, ([, to]) => to);
  }

  play(from: number, to: number): void {
    const { positions, stride, poolPages, ownFrom, ownTo, ownCursor } = this;
    const { guestOf, gets, puts, nextPut, noPage } = this.tape;
    const { hits, evictedBySelf, evictedByOthers, held } = this.counts;
    let { total, globalCursor } = this;
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
        }
        continue;
      }
      if (put === noPage) continue;
      if (total < poolPages) {
        total++;
      } else if (held[guest] >= ownFrom[guest] && held[guest] <= ownTo[guest]) {
        let cursor = ownCursor[guest];
        while (positions[puts[cursor] * stride] !== cursor + 1) cursor = nextPut[cursor];
        positions[puts[cursor] * stride] = 0;
        ownCursor[guest] = nextPut[cursor];
        held[guest]--;
        evictedBySelf[guest]++;
      } else if (poolPages === 0) {
        continue;
      } else {
        while (positions[puts[globalCursor] * stride] !== globalCursor + 1) globalCursor++;
        positions[puts[globalCursor] * stride] = 0;
        const victim = guestOf[globalCursor++];
        held[victim]--;
        if (victim === guest) evictedBySelf[guest]++;
        else evictedByOthers[victim]++;
      }
      positions[put * stride] = at + 1;
      held[guest]++;
    }
    this.total = total;
    this.globalCursor = globalCursor;
  }
}

/** The numbers of pages with which a guest of this weight loses its own oldest page from a full pool, as [least, most]. */
function ownBounds({ policy, poolPages, weights }: PoolSetting, weight: number): readonly [number, number] {
  const totalWeight = weights.reduce((sum, each) => sum + each, 0);
  if (policy === 'fifo' || weight === 0) return [1, 0];
  const share = Math.floor((100 * totalWeight) / weight);
  // ⌊100·P/C⌋ > share  ⇔  C ≤ 100·P / (share + 1);   ⌊100·P/C⌋ < share  ⇔  C > 100·P / share.
  return policy === 'xen-shipped'
    ? [1, Math.floor((100 * poolPages) / (share + 1))]
    : [Math.floor((100 * poolPages) / share) + 1, Infinity];
}
