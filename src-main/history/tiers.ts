import type { GuestColumn, HostColumn } from '#contract/samples.ts';

/** Seconds in a bucket of each tier, finest first; each divides the next. Buckets lie on multiples of these on the axis. */
export const TIERS_S = [10, 60, 3_600, 86_400] as const;

/** The tier by which the minutes of evictions go. */
export const MINUTE_S = 60;
/** Seconds in one of the two words that hold a minute's seconds as bits. */
export const MINUTE_WORD_S = 30;

/** The samples themselves, where tiers are counted. */
export const RAW_S = 1;

/** What a bucket holds of each column, in the order of the table's columns. */
export const STATISTICS = ['Sum', 'Min', 'Max', 'Last'] as const;

/** Names of a tier table's columns for some columns of the samples. */
export function tierColumns(columns: readonly (GuestColumn | HostColumn)[]): string[] {
  return columns.flatMap((column) => STATISTICS.map((statistic) => `${column}${statistic}`));
}

/** Which seconds of a run a tier has in whole: from `fromSecond` up to, not including, `toSecond`. */
export interface Coverage {
  readonly tierS: number;
  readonly fromSecond: number;
  readonly toSecond: number;
}
