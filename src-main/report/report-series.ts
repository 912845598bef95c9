import type { Report } from '#contract/reports.ts';
import type { GuestColumn } from '#contract/samples.ts';
import type { Connection } from '#main/history/connection.ts';
import { seriesQuery } from '#main/history/queries/series.ts';

/** Points of one line of a printed chart. */
const POINTS = 240;

/** What each guest did over the range, for the charts of a report. Gaps are NaN. */
export interface ReportSeries {
  readonly bucketS: number;
  readonly axisS: Float64Array;
  /** Per guest of the report, in its order. */
  readonly ephemeralPages: readonly Float64Array[];
  readonly diskReads: readonly Float64Array[];
  readonly evicted: readonly Float64Array[];
}

/** Reads the lines of a report's charts. A guest's line follows its name through the runs. */
export function reportSeries(connection: Connection, report: Report): ReportSeries {
  const { from, to } = report.range;
  const guests = report.guests.map(({ guestId, runIds }) => ({ guestId, runId: runIds.at(-1) }));
  const columns: GuestColumn[] = ['ephemeralPages', 'diskReads', 'evictedBySelf', 'evictedByOthers'];
  if (guests.length === 0)
    return { bucketS: 1, axisS: new Float64Array(), ephemeralPages: [], diskReads: [], evicted: [] };
  const answer = seriesQuery(connection)({
    range: { fromS: from.axisSecond, toS: to.axisSecond },
    series: columns.flatMap((column) => guests.map((guest) => ({ ...guest, column }))),
    maxPoints: POINTS,
  });
  const of = (place: number): Float64Array[] =>
    answer.series.slice(place * guests.length, (place + 1) * guests.length).map(({ value }) => value);
  const others = of(3);
  return {
    bucketS: answer.bucketS,
    axisS: answer.axisS,
    ephemeralPages: of(0),
    diskReads: of(1),
    evicted: of(2).map((self, guest) => self.map((pages, at) => pages + (others[guest]?.[at] ?? NaN))),
  };
}
