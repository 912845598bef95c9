import type { Objective } from './objectives.ts';
import type { StudyStart } from './study.ts';

/** What the tuner is to look for, and within what bounds. */
export interface TuneRequest {
  readonly start: StudyStart;
  readonly horizonMs: number;
  readonly objective: Objective;
  /** Weights that each guest may be given; null: any. */
  readonly weights: readonly number[] | null;
  /** Guests whose weight stays as it is. Default: none. */
  readonly fixed?: readonly number[];
  /** By how many disk reads per access a guest may be worse off than today at the most. Default, and null: by any. */
  readonly worseAtMost?: number | null;
}
