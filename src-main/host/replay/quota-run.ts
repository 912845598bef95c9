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
  private readonly poolPages: number;
  /** A guest that holds `ownFrom … ownTo` pages loses its own oldest. */
  private readonly ownFrom: Float64Array;
  private readonly ownTo: Float64Array;
  /** By guest: the first put that has not been evicted or seen to be got. */
  private readonly oldest: Int32Array;
  /** The first miss whose put may be the oldest of all, and by guest the put of its next miss from there. */
  private globalMiss = 0;
  private readonly globalPut: Int32Array;
  private total = 0;

  constructor(tape: ReplayTape, setting: PoolSetting) {
    this.counts = emptyCounts(tape.guests);
    this.tape = tape;
    this.poolPages = setting.poolPages;
    const bounds = setting.weights.map((weight) => ownBounds(setting, weight));
    this.ownFrom = Float64Array.from(bounds, ([from]) => from);
    this.ownTo = Float64Array.from(bounds, ([, to]) => to);
    this.oldest = tape.firstPut.slice(0, tape.guests);
    this.globalPut = this.oldest.slice();
  }

  play(from: number, to: number): void {
    const { poolPages, ownFrom, ownTo, oldest } = this;
    const { guestOf, putOf, gotAt, putsFrom } = this.tape;
    const { hits, evictedBySelf, evictedByOthers, held } = this.counts;
    for (let at = from; at < to; at++) {
      const guest = guestOf[at];
      if (putOf[at] >= oldest[guest]) {
        hits[guest]++; // The page leaves the pool and another of the guest's takes its place.
      } else if (at >= putsFrom[guest]) {
        if (this.total < poolPages) {
          this.total++;
          held[guest]++;
        } else if (held[guest] >= ownFrom[guest] && held[guest] <= ownTo[guest]) {
          let put = oldest[guest];
          while (gotAt[put] <= at) put++;
          oldest[guest] = put + 1;
          evictedBySelf[guest]++;
        } else {
          const victim = this.evictOldestOfAll(at);
          if (victim === guest) {
            evictedBySelf[guest]++;
          } else {
            evictedByOthers[victim]++;
            held[victim]--;
            held[guest]++;
          }
        }
      }
    }
  }

  private evictOldestOfAll(now: number): number {
    const { oldest, globalPut } = this;
    const { guestOf, gotAt, putsFrom } = this.tape;
    for (let miss = this.globalMiss; ; miss++) {
      const guest = guestOf[miss];
      if (miss < putsFrom[guest]) continue;
      const put = globalPut[guest]++;
      if (put < oldest[guest] || gotAt[put] <= now) continue;
      this.globalMiss = miss + 1;
      oldest[guest] = put + 1;
      return guest;
    }
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
