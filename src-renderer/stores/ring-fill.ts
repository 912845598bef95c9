import { HOST_COLUMNS } from '#contract/samples.ts';
import type { GuestColumn } from '#contract/samples.ts';
import { GUESTS_MAX, SERIES_POINTS_MAX } from '#contract/units.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import type { Range, SampleRing, SeriesKey } from './sample-ring.ts';

/** Columns that the pages draw from the ring over more than a few seconds; the others show only their newest values. */
const FILLED_GUEST_COLUMNS: readonly GuestColumn[] = [
  'ramPages',
  'targetPages',
  'weight',
  'ephemeralPages',
  'persistentPages',
  'precacheGets',
  'precacheHits',
  'diskReads',
  'evictedBySelf',
  'evictedByOthers',
  'evictionsCaused',
];
/** Most series of one request (the contract's limit). */
export const SERIES_PER_REQUEST = GUESTS_MAX * 4;

type AskSeries = (
  name: 'history.series',
  argument: { range: { fromS: number; toS: number }; series: SeriesKey[]; maxPoints: number },
) => Promise<RequestAnswer<'history.series'>>;

/** Reads a range of the ring's columns from the history into it, and counts the asking. */
export async function fillRing(ring: SampleRing, range: Range, ask: AskSeries): Promise<void> {
  const keys: SeriesKey[] = [
    ...HOST_COLUMNS.map((column) => ({ guestId: null, column })),
    ...ring.guestIds.flatMap((guestId) => FILLED_GUEST_COLUMNS.map((column) => ({ guestId, column }))),
  ];
  for (let at = 0; at < keys.length; at += SERIES_PER_REQUEST) {
    const part = keys.slice(at, at + SERIES_PER_REQUEST);
    const answer = await ask('history.series', {
      range: { fromS: range.fromS, toS: range.toS },
      series: part,
      maxPoints: SERIES_POINTS_MAX,
    });
    for (const [place, key] of part.entries()) {
      const values = answer.series[place]?.value;
      if (values === undefined) continue;
      for (let bucket = 0; bucket < answer.axisS.length; bucket++) {
        const begin = answer.axisS[bucket] ?? 0;
        for (let s = 0; s < answer.bucketS; s++) ring.fill(key, begin + s, values[bucket] ?? NaN);
      }
    }
  }
  ring.asked(range);
}
