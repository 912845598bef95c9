import { RAW_S, TIERS_S } from '../tiers.ts';
import type { AxisRange } from './axis.ts';

/** How much one answer may read. */
export interface ReadLimits {
  /** Most seconds that are read from the samples themselves: they lie in the order of time, all guests together. */
  readonly rawSeconds: number;
  /** Most rows that are read from a tier, over all guests asked for. */
  readonly tierRows: number;
}

const READ_LIMITS: ReadLimits = { rawSeconds: 3_000, tierRows: 100_000 };

/** How a range is cut into buckets. */
export interface Resolution {
  /** The tier that is read: seconds of one of its rows, a divisor of `bucketS`. */
  readonly tierS: number;
  /** Seconds in a bucket. */
  readonly bucketS: number;
  /** Axis second at which the first bucket begins, a multiple of `bucketS`. */
  readonly firstS: number;
  readonly buckets: number;
}

/**
 * Cuts a range into at most `maxPoints` buckets of equal width, out of the finest tier (from `finestS` on) that is not too
 * many rows. Buckets lie on multiples of their width, so that a chart that moves on keeps its points; the first and last
 * are whole buckets and may reach beyond the range.
 */
export function resolutionOf(
  range: AxisRange,
  maxPoints: number,
  owners: number,
  { finestS = RAW_S, limits = READ_LIMITS }: { finestS?: number | undefined; limits?: ReadLimits | undefined } = {},
): Resolution {
  const seconds = range.toS - range.fromS + 1;
  const tiers = [RAW_S, ...TIERS_S].filter((tierS) => tierS >= finestS);
  const affordable = (tierS: number): boolean =>
    tierS === RAW_S ? seconds <= limits.rawSeconds : (seconds / tierS) * owners <= limits.tierRows;
  const tierS = tiers.find(affordable) ?? tiers.at(-1) ?? RAW_S;
  for (let bucketS = tierS * Math.max(1, Math.floor(seconds / (tierS * maxPoints))); ; bucketS += tierS) {
    const first = Math.floor(range.fromS / bucketS);
    const buckets = Math.floor(range.toS / bucketS) - first + 1;
    if (buckets <= maxPoints) return { tierS, bucketS, firstS: first * bucketS, buckets };
  }
}
