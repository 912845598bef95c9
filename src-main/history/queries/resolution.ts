import type { TierS } from '../tiers.ts';
import { RAW_S, TIERS_S } from '../tiers.ts';
import type { AxisRange } from './axis.ts';

/** How much one answer may read. */
export interface ReadLimits {
  /** Most rows of samples: they lie in the order of time, all guests of a run together. */
  readonly rawRows: number;
  /** Most buckets of a tier, over all series asked for. */
  readonly buckets: number;
}

const READ_LIMITS: ReadLimits = { rawRows: 60_000, buckets: 120_000 };

/** How a range is cut into buckets. */
export interface Resolution {
  /** The tier that is read: seconds of one of its buckets, a divisor of `bucketS`. */
  readonly tierS: typeof RAW_S | TierS;
  /** Seconds in a bucket. */
  readonly bucketS: number;
  /** Axis second at which the first bucket begins, a multiple of `bucketS`. */
  readonly firstS: number;
  readonly buckets: number;
}

/** What is asked for, as far as it decides what reading it costs. */
export interface Asked {
  readonly series: number;
  /** Most guests of any run in the range. */
  readonly guests: number;
  /** No tier finer than this. */
  readonly finestS?: number | undefined;
  readonly limits?: ReadLimits | undefined;
}

/**
 * Cuts a range into at most `maxPoints` buckets of equal width, out of the coarsest tier that still gives that many, or a
 * coarser one where that is too much to read. Buckets lie on multiples of their width, so that a chart that moves on keeps its
 * points; the first and last are whole buckets and may reach beyond the range.
 */
export function resolutionOf(
  range: AxisRange,
  maxPoints: number,
  { series, guests, finestS = RAW_S, limits = READ_LIMITS }: Asked,
): Resolution {
  const seconds = range.toS - range.fromS + 1;
  const tiers = ([RAW_S, ...TIERS_S] as const).filter((tierS) => tierS >= finestS);
  const affordable = (tierS: number): boolean =>
    tierS === RAW_S ? seconds * Math.max(1, guests) <= limits.rawRows : (seconds / tierS) * series <= limits.buckets;
  const isFineEnough = (tierS: number): boolean => seconds / tierS >= maxPoints;
  const wanted = Math.max(0, tiers.findLastIndex(isFineEnough));
  const tierS = tiers.slice(wanted).find(affordable) ?? tiers.at(-1) ?? RAW_S;
  for (let bucketS = tierS * Math.max(1, Math.floor(seconds / (tierS * maxPoints))); ; bucketS += tierS) {
    const first = Math.floor(range.fromS / bucketS);
    const buckets = Math.floor(range.toS / bucketS) - first + 1;
    if (buckets <= maxPoints) return { tierS, bucketS, firstS: first * bucketS, buckets };
  }
}
