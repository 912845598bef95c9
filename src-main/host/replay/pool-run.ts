import type { PolicyName } from '../tmem/policies/index.ts';
import type { ReplayTape } from './tape.ts';

/** What can be tried on one tape: the pool and who may hold how much of it. */
export interface PoolSetting {
  /** Pages of the pool; with 0 nothing is ever stored. */
  readonly poolPages: number;
  readonly policy: PolicyName;
  /** One weight a guest, whole numbers from 0 to 65,535. */
  readonly weights: readonly number[];
  /** Idle tax τ in thousandths, 0 (default) to 999; only `max-over-share` uses it. */
  readonly idleTaxPermille?: number;
  /** Window of effective use in seconds of the tape; default 10. */
  readonly useWindowSeconds?: number;
}

/** What a run counts, by guest. */
export interface PoolCounts {
  readonly hits: Int32Array;
  readonly evictedBySelf: Int32Array;
  readonly evictedByOthers: Int32Array;
  /** Pages in the pool now. */
  readonly held: Int32Array;
}

/** One setting, of at least one pool page, while it is replayed: it plays the misses of its tape block by block, in order. */
export interface PoolRun {
  /** Plays the misses `from … to − 1`. */
  play(from: number, to: number): void;
  readonly counts: PoolCounts;
}

export type StartRun = (tape: ReplayTape, setting: PoolSetting) => PoolRun;

export function emptyCounts(guests: number): PoolCounts {
  return {
    hits: new Int32Array(guests),
    evictedBySelf: new Int32Array(guests),
    evictedByOthers: new Int32Array(guests),
    held: new Int32Array(guests),
  };
}
