import { IdleUse } from '../tmem/idle-use.ts';
import { POLICIES } from '../tmem/policies/index.ts';
import type { EvictionPolicy, Holdings } from '../tmem/policies/policy.ts';
import { GLOBAL_OLDEST } from '../tmem/policies/policy.ts';
import type { PoolCounts, PoolRun, PoolSetting } from './pool-run.ts';
import { emptyCounts } from './pool-run.ts';
import type { ReplayTape } from './tape.ts';

const DEFAULT_WINDOW_SECONDS = 10;

/**
 * Any policy: asks the policy object of the store for each victim, and keeps the use that the idle tax is judged by as the store does,
 * with the seconds of the tape for those of the host.
 */
export class PolicyRun implements PoolRun {
  readonly counts: PoolCounts;
  private readonly tape: ReplayTape;
  private readonly poolPages: number;
  private readonly holdings: Holdings;
  private readonly policy: EvictionPolicy;
  private readonly idleUse: IdleUse;
  /** By guest: the first put that has not been evicted or seen to be got. */
  private readonly oldest: Int32Array;
  /** The first miss whose put may be the oldest of all, and by guest the put of its next miss from there. */
  private globalMiss = 0;
  private readonly globalPut: Int32Array;
  private readonly hitsBefore: Int32Array;
  private nextTick = 0;

  constructor(tape: ReplayTape, setting: PoolSetting) {
    this.counts = emptyCounts(tape.guests);
    this.tape = tape;
    this.poolPages = setting.poolPages;
    this.holdings = {
      clientSlots: tape.guests,
      ephemeralPages: this.counts.held,
      weights: Float64Array.from(setting.weights),
      usedPages: new Int32Array(tape.guests),
      totalEphemeralPages: 0,
      totalWeight: setting.weights.reduce((sum, weight) => sum + weight, 0),
    };
    this.policy = POLICIES[setting.policy](this.holdings, { idleTaxPermille: setting.idleTaxPermille ?? 0 });
    this.idleUse = new IdleUse(setting.useWindowSeconds ?? DEFAULT_WINDOW_SECONDS);
    this.oldest = tape.firstPut.slice(0, tape.guests);
    this.globalPut = this.oldest.slice();
    this.hitsBefore = new Int32Array(tape.guests);
  }

  play(from: number, to: number): void {
    const { poolPages, holdings, policy, oldest } = this;
    const { guestOf, putOf, gotAt, putsFrom, tickAt } = this.tape;
    const { hits, evictedBySelf, evictedByOthers, held } = this.counts;
    let nextTick = this.nextTick < tickAt.length ? tickAt[this.nextTick] : Infinity;
    for (let at = from; at < to; at++) {
      if (at >= nextTick) nextTick = this.tick();
      const guest = guestOf[at];
      if (putOf[at] >= oldest[guest]) {
        hits[guest]++; // The page leaves the pool and another of the guest's takes its place.
      } else if (at >= putsFrom[guest]) {
        if (holdings.totalEphemeralPages < poolPages) {
          holdings.totalEphemeralPages++;
          held[guest]++;
          policy.changed(guest);
          continue;
        }
        let victim = policy.victim(guest);
        if (victim === GLOBAL_OLDEST) victim = this.holderOfOldest(at);
        let put = oldest[victim];
        while (gotAt[put] <= at) put++;
        oldest[victim] = put + 1;
        if (victim === guest) {
          evictedBySelf[guest]++;
        } else {
          evictedByOthers[victim]++;
          held[victim]--;
          held[guest]++;
          policy.changed(victim);
          policy.changed(guest);
        }
      }
    }
  }

  /** Whose the oldest page of all is. */
  private holderOfOldest(now: number): number {
    const { oldest, globalPut } = this;
    const { guestOf, gotAt, putsFrom } = this.tape;
    for (let miss = this.globalMiss; ; miss++) {
      const guest = guestOf[miss];
      if (miss < putsFrom[guest]) continue;
      const put = globalPut[guest]++;
      if (put < oldest[guest] || gotAt[put] <= now) continue;
      this.globalMiss = miss + 1;
      return guest;
    }
  }

  /** Ends the seconds that are due and returns the miss before which the next ones end. */
  private tick(): number {
    const { holdings, hitsBefore, idleUse } = this;
    const { hits } = this.counts;
    const { tickAt, tickSeconds } = this.tape;
    const seconds = tickSeconds[this.nextTick];
    for (let guest = 0; guest < hits.length; guest++) {
      let used = idleUse.next(holdings.usedPages[guest], hits[guest] - hitsBefore[guest]);
      hitsBefore[guest] = hits[guest];
      for (let second = 1; second < seconds && used > 0; second++) used = idleUse.next(used, 0);
      holdings.usedPages[guest] = used;
    }
    this.policy.rebuild();
    return ++this.nextTick < tickAt.length ? tickAt[this.nextTick] : Infinity;
  }
}
