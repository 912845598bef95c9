import type { WindowSeries } from './window-series.ts';
import { keyName } from './window-series.ts';

/** A stretch in which far more was evicted than usual in the same window. */
export interface Burst {
  readonly fromS: number;
  /** Not included. */
  readonly toS: number;
  /** Axis second of the bucket with the most. */
  readonly peakS: number;
  /** Pages a second in that bucket. */
  readonly perSecond: number;
}

/** A burst is this many times the median of the window, and at least so many pages a second. */
const TIMES_MEDIAN = 4;
const LEAST_PER_SECOND = 64;
/** Most bursts of a window: the greatest. */
const BURSTS_MAX = 4;

/** The bursts of evictions in a window, in order of time. */
export function evictionBursts({ axisS, bucketS, series }: WindowSeries): Burst[] {
  const values = series.get(keyName({ guestId: null, column: 'evictions' }))?.value;
  if (values === undefined) return [];
  const known = [...values].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const median = known[Math.floor(known.length / 2)] ?? 0;
  const least = Math.max(LEAST_PER_SECOND, median * TIMES_MEDIAN);
  const bursts: Burst[] = [];
  for (let at = 0; at < values.length; at++) {
    const perSecond = values[at] ?? NaN;
    const fromS = axisS[at] ?? 0;
    if (!(perSecond >= least)) continue;
    const last = bursts.at(-1);
    if (last?.toS !== fromS) {
      bursts.push({ fromS, toS: fromS + bucketS, peakS: fromS, perSecond });
    } else {
      const isPeak = perSecond > last.perSecond;
      bursts[bursts.length - 1] = {
        fromS: last.fromS,
        toS: fromS + bucketS,
        peakS: isPeak ? fromS : last.peakS,
        perSecond: isPeak ? perSecond : last.perSecond,
      };
    }
  }
  const greatest = [...bursts].sort((a, b) => b.perSecond - a.perSecond).slice(0, BURSTS_MAX);
  return bursts.filter((burst) => greatest.includes(burst));
}
