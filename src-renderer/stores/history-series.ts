import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { keyName, type BucketSeries, type WindowSeries } from '../charts/window-series.ts';
import { SERIES_PER_REQUEST } from './ring-fill.ts';
import type { Range, SeriesKey } from './sample-ring.ts';

type Ask = (
  name: 'history.series',
  argument: RequestArgument<'history.series'>,
) => Promise<RequestAnswer<'history.series'>>;

/** Series of the history over a range of the axis, in as many requests as the contract needs. It may begin before 0. */
export async function askSeries(
  ask: Ask,
  { fromS, toS }: Range,
  keys: readonly SeriesKey[],
  maxPoints: number,
): Promise<WindowSeries> {
  const series = new Map<string, BucketSeries>();
  let bucketS = 1;
  let axisS = new Float64Array();
  for (let at = 0; toS >= 0 && at < keys.length; at += SERIES_PER_REQUEST) {
    const part = keys.slice(at, at + SERIES_PER_REQUEST);
    const answer = await ask('history.series', { range: { fromS: Math.max(0, fromS), toS }, series: part, maxPoints });
    ({ bucketS } = answer);
    axisS = Float64Array.from(answer.axisS);
    for (const [place, key] of part.entries()) {
      const found = answer.series[place];
      if (found !== undefined) series.set(keyName(key), found);
    }
  }
  return { fromS, toS, bucketS, axisS, series };
}
