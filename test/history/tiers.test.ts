import fc from 'fast-check';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { Connection } from '#main/history/connection.ts';
import { openForReading } from '#main/history/connection.ts';
import { TIERS_S, tierColumns } from '#main/history/tiers.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { Random } from '#main/host/random.ts';
import { describe, expect, it } from 'vitest';
import { Recording } from './recording.ts';
import { temporaryDatabase } from './support.ts';

/** The rows of a tier, as SQL makes them out of the samples in the straightforward way. */
function direct(connection: Connection, table: 'host' | 'guest', tierS: number): unknown[] {
  const columns = table === 'host' ? HOST_COLUMNS : GUEST_COLUMNS;
  const owner = table === 'host' ? '0' : 'guestId';
  const bucket = `(axisStartS + second) / ${tierS} * ${tierS}`;
  const inBucket = `PARTITION BY runId, ${owner}, ${bucket}`;
  const statistics = columns.flatMap((column) => [
    `sum(${column}) OVER (${inBucket})`,
    `min(${column}) OVER (${inBucket})`,
    `max(${column}) OVER (${inBucket})`,
    `last_value(${column}) OVER (${inBucket} ORDER BY second ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)`,
  ]);
  return connection
    .prepare(
      `SELECT DISTINCT runId, ${owner}, ${bucket}, count(*) OVER (${inBucket}), ${statistics.join(', ')}
       FROM ${table}Samples JOIN (SELECT id, axisStartS FROM runs) ON id = runId ORDER BY 1, 2, 3`,
    )
    .raw()
    .all();
}

function stored(connection: Connection, table: 'host' | 'guest', tierS: number): unknown[] {
  const columns = tierColumns(table === 'host' ? HOST_COLUMNS : GUEST_COLUMNS);
  const owner = table === 'host' ? '0' : 'guestId';
  return connection
    .prepare(
      `SELECT runId, ${owner}, axisS, count, ${columns.join(', ')} FROM ${table}Tiers WHERE tierS = ? ORDER BY 1, 2, 3`,
    )
    .raw()
    .all(tierS);
}

/** Evictions by the minute: run, minute, victim, beneficiary, reason, pages, seconds. */
function directMinutes(connection: Connection): unknown[] {
  return connection
    .prepare(
      `SELECT runId, (axisStartS + second) / 60 * 60 AS minute, victimId, beneficiaryId, reason, sum(pages),
         count(DISTINCT second)
       FROM evictions JOIN (SELECT id, axisStartS FROM runs) ON id = runId GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
    )
    .raw()
    .all();
}

function storedMinutes(connection: Connection): unknown[] {
  const rows = connection
    .prepare(
      `SELECT runId, axisS, victimId, beneficiaryId, reason, pages, earlySeconds, lateSeconds FROM evictionMinutes
       ORDER BY 1, 2, 3, 4, 5`,
    )
    .raw()
    .all() as number[][];
  const bits = (word = 0): number => word.toString(2).replaceAll('0', '').length;
  return rows.map((row) => [...row.slice(0, 6), bits(row[6]) + bits(row[7])]);
}

const step = fc.record({
  // Long gaps let few samples reach over days.
  gap: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 4000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 80_000, max: 200_000 }) },
  ),
  seconds: fc.integer({ min: 1, max: 130 }),
  end: fc.option(fc.constantFrom('stopped', 'crashed', 'stopped and continued', 'crashed and continued'), {
    nil: null,
    freq: 3,
  }),
});

describe('the tiers', () => {
  it('of ended runs hold what direct aggregation of the samples gives, after crashes too', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), fc.nat(), (steps, seed) => {
        const file = temporaryDatabase();
        const recording = new Recording(new Random(seed, 0), 2);
        let writer = HistoryWriter.open({ file, appVersion: '0' });
        recording.begin(writer);
        for (const { gap, seconds, end } of steps) {
          recording.record(writer, gap, seconds);
          if (end === null) continue;
          if (end.startsWith('stopped')) writer.endRun();
          writer.close();
          writer = HistoryWriter.open({ file, appVersion: '0' });
          if (end.endsWith('continued')) recording.continue(writer);
          else recording.begin(writer);
        }
        writer.endRun();
        writer.close();
        const connection = openForReading(file);
        for (const tierS of TIERS_S) {
          expect(stored(connection, 'host', tierS)).toEqual(direct(connection, 'host', tierS));
          expect(stored(connection, 'guest', tierS)).toEqual(direct(connection, 'guest', tierS));
        }
        expect(storedMinutes(connection)).toEqual(directMinutes(connection));
        connection.close();
      }),
      { numRuns: 12, seed: Math.floor(Math.random() * 2 ** 31), verbose: fc.VerbosityLevel.Verbose },
    );
  });
});
