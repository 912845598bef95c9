import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { GAUGE_COLUMNS } from '#contract/samples.ts';
import type { KnownSample } from './recording.ts';

type Argument = RequestArgument<'history.series'>;
type Answer = RequestAnswer<'history.series'>;

/** The answer's series by going through all samples, in the answer's own buckets. */
export function aggregate(
  samples: readonly KnownSample[],
  argument: Argument,
  { bucketS, axisS }: Answer,
): Answer['series'] {
  const first = axisS[0] ?? NaN;
  return argument.series.map(({ guestId, column }) => {
    const buckets = Array.from(axisS, (): number[] => []);
    for (const sample of samples) {
      if (sample.owner !== (guestId ?? 0)) continue;
      buckets[Math.floor((sample.axisS - first) / bucketS)]?.push(sample.values[column] ?? NaN);
    }
    const each = (of: (values: number[]) => number | undefined): Float64Array<ArrayBuffer> =>
      Float64Array.from(buckets, (values) => (values.length === 0 ? NaN : (of(values) ?? NaN)));
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      value: each((values) => (GAUGE_COLUMNS.has(column) ? values.at(-1) : mean(values))),
      minimum: each((values) => Math.min(...values)),
      maximum: each((values) => Math.max(...values)),
    };
  });
}
