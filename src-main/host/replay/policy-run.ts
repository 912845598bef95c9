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
  private readonly positions: Int32Array;
  private readonly stride: number;
  private readonly poolPages: number;
  private readonly holdings: Holdings;
  private readonly policy: EvictionPolicy;
  private readonly idleUse: IdleUse;
  private readonly ownCursor: Int32Array;
  private readonly hitsBefore: Float64Array;
  private globalCursor = 0;
  private nextTick = 0;

  constructor(tape: ReplayTape, setting: PoolSetting, positions: Int32Array, stride: number) {
    this.counts = emptyCounts(tape.guests);
    this.tape = tape;
    this.positions = positions;
    this.stride = stride;
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
    this.ownCursor = tape.firstPut.slice();
    this.hitsBefore = new Float64Array(tape.guests);
  }

  play(from: number, to: number): void {
    const { positions, stride, poolPages, holdings, policy } = this;
    const { guestOf, gets, puts, noPage, tickAt } = this.tape;
    const { hits, evictedBySelf, evictedByOthers, held } = this.counts;
    let nextTick = tickAt[this.nextTick] ?? Infinity;
    for (let at = from; at < to; at++) {
      if (at >= nextTick) nextTick = this.tick();
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
          holdings.totalEphemeralPages--;
          policy.changed(guest);
        }
        continue;
      }
      if (put === noPage || poolPages === 0) continue;
      if (holdings.totalEphemeralPages < poolPages) {
        holdings.totalEphemeralPages++;
        held[guest]++;
        policy.changed(guest);
      } else {
        const chosen = policy.victim(guest);
        const evicted = chosen === GLOBAL_OLDEST ? this.oldestOfAll() : this.oldestOf(chosen);
        positions[puts[evicted] * stride] = 0;
        const victim = guestOf[evicted];
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
      positions[put * stride] = at + 1;
    }
  }

  private oldestOfAll(): number {
    const { positions, stride } = this;
    const { puts } = this.tape;
    let cursor = this.globalCursor;
    while (positions[puts[cursor] * stride] !== cursor + 1) cursor++;
    this.globalCursor = cursor + 1;
    return cursor;
  }

  private oldestOf(guest: number): number {
    const { positions, stride } = this;
    const { puts, nextPut } = this.tape;
    let cursor = this.ownCursor[guest];
    while (positions[puts[cursor] * stride] !== cursor + 1) cursor = nextPut[cursor];
    this.ownCursor[guest] = nextPut[cursor];
    return cursor;
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
    return tickAt[++this.nextTick] ?? Infinity;
  }
}
