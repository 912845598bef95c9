/** Seconds in a bucket of each tier, finest first; each divides the next. Buckets lie on multiples of these on the axis. */
export const TIERS_S = [10, 60, 3_600, 86_400] as const;
export type TierS = (typeof TIERS_S)[number];

/** Tiers of the evictions. */
export const EVICTION_TIERS_S = [60, 3_600, 86_400] as const;
export type EvictionTierS = (typeof EVICTION_TIERS_S)[number];

/** The samples themselves, where tiers are counted. */
export const RAW_S = 1;

/** Buckets in one stored page of a tier: some hundred bytes a column. A page's seconds divide by the next tier's, or the reverse. */
const PAGE_BUCKETS: Readonly<Record<TierS, number>> = { 10: 30, 60: 30, 3_600: 24, 86_400: 30 };

/** Seconds of the axis that one page of a tier spans; it begins at a multiple of them. */
export function pageSpanS(tierS: TierS): number {
  return tierS * PAGE_BUCKETS[tierS];
}

/** What a bucket holds of each column: the arrays of a stored page, after the seconds in each bucket. */
export const STATISTICS = ['Sum', 'Min', 'Max', 'Last'] as const;

/** The host, where owners of samples are numbered; guests have their own numbers. */
export const HOST_OWNER = 0;

/** Which seconds of a run a tier has in whole: from `fromSecond` up to, not including, `toSecond`. */
export interface Coverage {
  readonly tierS: number;
  readonly fromSecond: number;
  readonly toSecond: number;
}

/** The greatest multiple of a step that is not above a value. */
export function floorTo(value: number, step: number): number {
  return value - (((value % step) + step) % step);
}

/**
 * Axis second up to which the evictions of a run are stored in buckets of a tier. A bucket is stored when its last second is;
 * that of a run's end when the run is complete, which its coarsest tier of samples shows.
 */
export function evictionReachS(axisStartS: number, coverage: readonly Coverage[], tierS: EvictionTierS): number {
  const toSecond = (tier: number): number => coverage.find((row) => row.tierS === tier)?.toSecond ?? -1;
  const endS = axisStartS + Math.max(0, toSecond(RAW_S));
  const isComplete = toSecond(86_400) === toSecond(RAW_S);
  return isComplete ? endS : floorTo(endS, tierS);
}
