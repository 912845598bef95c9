import { GAUGE_COLUMNS } from '#contract/samples.ts';
import type { SampleRing, SeriesKey } from '../stores/sample-ring.ts';

/** One series over a window; where a bucket holds one second, minimum and maximum equal the value. */
export interface BucketSeries {
  readonly value: Float64Array;
  readonly minimum: Float64Array;
  readonly maximum: Float64Array;
}

/** Series over a stretch of the axis of all runs, all on the same buckets: from the ring or from the history. */
export interface WindowSeries {
  readonly fromS: number;
  readonly toS: number;
  /** Seconds in a bucket. */
  readonly bucketS: number;
  /** Axis second at which each bucket begins. */
  readonly axisS: Float64Array;
  readonly series: ReadonlyMap<string, BucketSeries>;
}

export function keyName(key: SeriesKey): string {
  return `${key.guestId ?? 'host'} ${key.column}`;
}

/** The series of a key; an empty one where it was not asked for. */
export function seriesOf(window: WindowSeries, key: SeriesKey): BucketSeries {
  const found = window.series.get(keyName(key));
  if (found !== undefined) return found;
  const none = new Float64Array(window.axisS.length).fill(NaN);
  return { value: none, minimum: none, maximum: none };
}

/** Sum of series: exact for the values; minimum and maximum are bounds of the sum within each bucket. */
export function sumOf(parts: readonly BucketSeries[], length: number): BucketSeries {
  const sum = { value: new Float64Array(length), minimum: new Float64Array(length), maximum: new Float64Array(length) };
  for (const part of parts) {
    for (let at = 0; at < length; at++) {
      sum.value[at] = (sum.value[at] ?? 0) + (part.value[at] ?? NaN);
      sum.minimum[at] = (sum.minimum[at] ?? 0) + (part.minimum[at] ?? NaN);
      sum.maximum[at] = (sum.maximum[at] ?? 0) + (part.maximum[at] ?? NaN);
    }
  }
  return sum;
}

/** Mean of a series over the window, gaps left out; NaN where it holds nothing. */
export function meanOf(series: BucketSeries): number {
  let sum = 0;
  let found = 0;
  for (const value of series.value) {
    if (Number.isNaN(value)) continue;
    sum += value;
    found++;
  }
  return found === 0 ? NaN : sum / found;
}

/**
 * Cuts a stretch of the ring into at most `maxPoints` buckets, as the history does: a gauge is its last value, a count
 * its mean per second, with the least and greatest second beside it. Buckets lie on multiples of their length, so they
 * keep their place while the window moves on.
 */
export function windowOfRing(
  ring: SampleRing,
  keys: readonly SeriesKey[],
  { fromS, toS }: { fromS: number; toS: number },
  maxPoints: number,
): WindowSeries {
  const bucketS = Math.max(1, Math.ceil((toS - fromS + 1) / maxPoints));
  const first = Math.floor(fromS / bucketS);
  const length = toS < fromS ? 0 : Math.floor(toS / bucketS) - first + 1;
  const axisS = Float64Array.from({ length }, (_, at) => (first + at) * bucketS);
  const series = new Map<string, BucketSeries>();
  for (const key of keys) series.set(keyName(key), bucketsOfRing(ring, key, { fromS, toS }, axisS, bucketS));
  return { fromS, toS, bucketS, axisS, series };
}

function bucketsOfRing(
  ring: SampleRing,
  key: SeriesKey,
  { fromS, toS }: { fromS: number; toS: number },
  axisS: Float64Array,
  bucketS: number,
): BucketSeries {
  const samples = ring.read(key, { fromS, toS });
  const gauge = GAUGE_COLUMNS.has(key.column);
  const value = new Float64Array(axisS.length).fill(NaN);
  const minimum = new Float64Array(axisS.length).fill(NaN);
  const maximum = new Float64Array(axisS.length).fill(NaN);
  for (let at = 0; at < axisS.length; at++) {
    const begin = axisS[at] ?? 0;
    let sum = 0;
    let found = 0;
    for (let s = Math.max(begin, fromS); s < begin + bucketS && s <= toS; s++) {
      const sample = samples[s - fromS] ?? NaN;
      if (Number.isNaN(sample)) continue;
      sum = gauge ? sample : sum + sample;
      minimum[at] = found === 0 ? sample : Math.min(minimum[at] ?? NaN, sample);
      maximum[at] = found === 0 ? sample : Math.max(maximum[at] ?? NaN, sample);
      found++;
    }
    if (found > 0) value[at] = gauge ? sum : sum / found;
  }
  return { value, minimum, maximum };
}

/** Sum and number of seconds of a count over the newest `seconds` of the ring. */
export function newestMean(ring: SampleRing, key: SeriesKey, seconds: number): number {
  let sum = 0;
  let found = 0;
  for (const sample of ring.read(key, { fromS: ring.newest - seconds + 1, toS: ring.newest })) {
    if (Number.isNaN(sample)) continue;
    sum += sample;
    found++;
  }
  return found === 0 ? NaN : sum / found;
}

/** The newest value there is of a gauge, looking back over a few missed seconds. */
export function newestValue(ring: SampleRing, key: SeriesKey): number {
  for (let s = ring.newest; s >= ring.oldest; s--) {
    const sample = ring.at(key, s);
    if (!Number.isNaN(sample)) return sample;
  }
  return NaN;
}
