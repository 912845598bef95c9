import fc from 'fast-check';
import * as v from 'valibot';
import type { Report } from '#contract/reports.ts';
import { GUEST_COUNTS, GUEST_GAUGES, HOST_COUNTS, HOST_GAUGES, ReportSchema } from '#contract/reports.ts';
import { EVICTION_REASONS, GAUGE_COLUMNS, GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { verifyAudit } from '#main/history/audit/verify.ts';
import { DEFAULT_RETENTION } from '#main/history/retention.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { Random } from '#main/host/random.ts';
import { describe, expect, it } from 'vitest';
import type { KnownSample } from '../history/recording.ts';
import { Recording } from '../history/recording.ts';
import { temporaryDatabase } from '../history/support.ts';
import { reading, reportOf, twoRuns } from './support.ts';

/** Totals and extremes of some columns over rows kept in memory. */
function figures(samples: readonly KnownSample[], columns: readonly string[]) {
  return columns.map((column) => {
    const values = samples.map(({ values: row }) => row[column] ?? NaN);
    const total = values.reduce((sum, value) => sum + value, 0);
    return { column, total, min: Math.min(...values), max: Math.max(...values), last: values.at(-1) ?? NaN };
  });
}

/** What a report says, in the same form. */
function said(owner: Report['guests'][number] | NonNullable<Report['pool']>, columns: readonly string[]) {
  const gauges = owner.gauges as Record<string, { min: number; mean: number; max: number; last: number }>;
  const counts = owner.counts as Record<string, { total: number; meanPerSecond: number; maxPerSecond: number }>;
  return columns.map((column) => {
    const gauge = gauges[column];
    if (gauge !== undefined) {
      return { column, total: Math.round(gauge.mean * owner.recordedSeconds), ...gauge, mean: undefined };
    }
    const count = counts[column];
    if (count === undefined) throw new Error(`The report lacks ${column}.`);
    expect(count.meanPerSecond).toBeCloseTo(count.total / owner.recordedSeconds, 6);
    return { column, total: count.total, max: count.maxPerSecond };
  });
}

function expectFigures(report: Report, samples: readonly KnownSample[]): void {
  const of = (owner: number): KnownSample[] => samples.filter((sample) => sample.owner === owner);
  if (samples.length === 0) {
    expect([report.pool, report.guests]).toEqual([null, []]);
    return;
  }
  if (report.pool === null) throw new Error('The report has no pool.');
  expect(said(report.pool, HOST_COLUMNS)).toMatchObject(
    figures(of(0), HOST_COLUMNS).map((row) => shown(row, HOST_GAUGES)),
  );
  expect(report.pool.recordedSeconds).toBe(of(0).length);
  for (const guest of report.guests) {
    const known = figures(of(guest.guestId), GUEST_COLUMNS).map((row) => shown(row, GUEST_GAUGES));
    expect(said(guest, GUEST_COLUMNS)).toMatchObject(known);
  }
}

/** Counts have no minimum and no last value. */
function shown(
  row: { column: string; total: number; min: number; max: number; last: number },
  gauges: readonly string[],
) {
  return gauges.includes(row.column) ? row : { column: row.column, total: row.total, max: row.max };
}

const step = fc.record({
  gap: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 9_000 }) }),
  seconds: fc.integer({ min: 1, max: 130 }),
  retain: fc.nat(20),
  ended: fc.boolean(),
});
const query = fc.noBias(fc.record({ fromPermille: fc.nat(999), lengthPermille: fc.nat(1000) }));

describe('a report', () => {
  it('has exactly the figures of the rows it says it read, each second once, whatever retention has removed', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 2, maxLength: 8, size: 'max' }),
        fc.array(query, { minLength: 1, maxLength: 4, size: 'max' }),
        fc.tuple(fc.nat(300), fc.nat(1_000), fc.nat(5_000)),
        fc.constantFrom(0, 90, 1e9),
        fc.nat(),
        (steps, queries, [seconds, ten, minute], rawSecondsMax, seed) => {
          const file = temporaryDatabase();
          const tierAgeS = { 10: seconds + ten, 60: seconds + ten + minute, 3_600: seconds + ten + minute };
          const retention = { ...DEFAULT_RETENTION, secondsAgeS: seconds, tierAgeS };
          const writer = HistoryWriter.open({ file, appVersion: '0', retention });
          const recording = new Recording(new Random(seed, 0), 2);
          try {
            recording.begin(writer);
            steps.forEach(({ gap, seconds: length, retain, ended }, place) => {
              recording.record(writer, gap, length);
              for (let times = 0; times < retain; times++) writer.retain();
              if (!ended || place === steps.length - 1) return;
              writer.endRun();
              recording.begin(writer);
            });
            for (const { fromPermille, lengthPermille } of queries) {
              const fromS = Math.floor((recording.endS * fromPermille) / 1000);
              const toS = Math.min(recording.endS, fromS + Math.floor((recording.endS * lengthPermille) / 1000));
              const report = reportOf(file, { range: { fromS, toS }, rawSecondsMax });
              const times = ({ axisS }: KnownSample): number =>
                report.samplesRead.filter((read) => axisS >= read.fromAxisSecond && axisS < read.toAxisSecond).length;
              const known = recording.samples.filter((sample) => times(sample) > 0);
              expect(known.some((sample) => times(sample) > 1)).toBe(false);
              const asked = recording.samples.filter(({ axisS }) => axisS >= fromS && axisS <= toS);
              expect(asked.every((sample) => times(sample) === 1)).toBe(true);
              expectFigures(report, known);
              const evicted = recording.evictions.filter(({ axisS }) =>
                report.evictionsRead.some((read) => axisS >= read.fromAxisSecond && axisS < read.toAxisSecond),
              );
              expect(report.evictions.pages).toBe(evicted.reduce((sum, { pages }) => sum + pages, 0));
            }
          } finally {
            writer.close();
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('equals direct SQL over the samples, to the page, where the seconds are there', () => {
    const { file } = twoRuns();
    const range = { fromS: 50, toS: 190 };
    const report = reportOf(file, { range });
    reading(file, (connection) => {
      const within = `FROM guestSamples JOIN runs ON runs.id = runId JOIN guests USING (runId, guestId)
        WHERE name = ? AND axisStartS + second BETWEEN 50 AND 190`;
      for (const { name, counts, gauges, recordedSeconds } of report.guests) {
        const direct = connection
          .prepare(
            `SELECT count(*) AS seconds, sum(diskReads) AS diskReads, max(precachePuts) AS puts,
            min(ephemeralPages) AS lowest, avg(ramPages) AS ram ${within}`,
          )
          .get(name);
        expect({
          seconds: recordedSeconds,
          diskReads: counts.diskReads.total,
          puts: counts.precachePuts.maxPerSecond,
          lowest: gauges.ephemeralPages.min,
          ram: gauges.ramPages.mean,
        }).toEqual(direct);
      }
      const cells = connection
        .prepare(
          `SELECT victim.name AS victim, coalesce(beneficiary.name, 'host') AS beneficiary, reason, sum(pages) AS pages
          FROM evictions JOIN runs ON runs.id = evictions.runId
          JOIN guests AS victim ON victim.runId = evictions.runId AND victim.guestId = victimId
          LEFT JOIN guests AS beneficiary ON beneficiary.runId = evictions.runId AND beneficiary.guestId = beneficiaryId
          WHERE axisStartS + second BETWEEN 50 AND 190 GROUP BY 1, 2, 3`,
        )
        .all() as { reason: number; pages: number }[];
      const named = cells.map((cell) => ({ ...cell, reason: EVICTION_REASONS[cell.reason] }));
      expect(new Set(report.evictions.cells)).toEqual(new Set(named));
    });
    expect(report.guests).toHaveLength(3);
    expect(report.recordedSeconds).toBe(80 + 60);
  });

  it('knows both runs, what was recorded of them, and what is missing', () => {
    const { file } = twoRuns();
    const report = reportOf(file);
    expect(report.runs).toMatchObject([
      { runId: 1, recordedSeconds: 130, end: 'stopped', policy: 'max-over-share' },
      { runId: 2, recordedSeconds: 170, end: 'running', axisStartSecond: 131 },
    ]);
    expect([report.recordedSeconds, report.missingSeconds]).toEqual([300, 30]);
    expect(report.range.from).toMatchObject({ axisSecond: 0, runId: 1, hostMs: 0 });
    expect(report.range.to).toMatchObject({ axisSecond: 330, runId: 2, hostMs: 199_000 });
  });

  it('has the admin actions and clock events of the range with what became of them, oldest first', () => {
    const { file, writer } = twoRuns();
    const pending = { kind: 'weight', guestId: 1, before: 100, after: 7, source: 'console', hostMs: 171_000 } as const;
    writer.commitActions([pending], 1_700_000_310_000);
    const report = reportOf(file);
    expect(report.actions.map(({ outcome, action }) => [outcome, action.guestName, action.after])).toEqual([
      ['applied', 'beta', 400],
      ['applied', 'gamma', 4_500],
      ['committed', 'alpha', 7],
    ]);
    expect(report.clockEvents.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['start', 'stop', 'gap']) as string[],
    );
    expect(reportOf(file, { range: { fromS: 0, toS: 59 } }).actions).toEqual([]);
    expect(reportOf(file, { range: { fromS: 60, toS: 60 } }).actionCount).toBe(1);
  });

  it('is of the guests that were asked for, with the pool as a whole', () => {
    const { file } = twoRuns();
    const all = reportOf(file);
    const report = reportOf(file, { guests: ['beta'] });
    expect(report.guests).toEqual(all.guests.filter(({ name }) => name === 'beta'));
    expect(report.pool).toEqual(all.pool);
    expect(report.actions.map(({ action }) => action.guestName)).toEqual(['beta']);
    expect(report.evictions.cells.every(({ victim, beneficiary }) => [victim, beneficiary].includes('beta'))).toBe(
      true,
    );
  });

  it('refuses a guest that is not there and a range without a run, naming what there is', () => {
    const { file } = twoRuns();
    expect(() => reportOf(file, { guests: ['delta'] })).toThrow(/no run of this range has a guest delta/i);
    expect(() => reportOf(temporaryHistory(), {})).toThrow(/no run in this range/);
  });

  it('bears the anchor of the audit, which fits the history', () => {
    const { file } = twoRuns();
    const { audit, historyId } = reportOf(file);
    const anchor = { format: 'tmem-console audit anchor 1', databaseId: historyId, rows: audit.rows, headHash: audit.headHash, madeAtMs: 0 } as const; // prettier-ignore
    expect(audit.rows).toBe(2);
    expect(reading(file, (connection) => verifyAudit(connection, anchor).sound)).toBe(true);
  });

  it('fits the contract, whose gauges and counts are all columns of the samples', () => {
    const { file } = twoRuns();
    expect(v.safeParse(ReportSchema, reportOf(file)).issues).toBeUndefined();
    expect([...GUEST_GAUGES, ...GUEST_COUNTS].sort()).toEqual([...GUEST_COLUMNS].sort());
    expect([...HOST_GAUGES, ...HOST_COUNTS].sort()).toEqual([...HOST_COLUMNS].sort());
    expect(GUEST_GAUGES.every((column) => GAUGE_COLUMNS.has(column))).toBe(true);
  });
});

function temporaryHistory(): string {
  const file = temporaryDatabase();
  HistoryWriter.open({ file, appVersion: '0' }).close();
  return file;
}
