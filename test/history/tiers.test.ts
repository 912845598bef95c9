import fc from 'fast-check';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { Connection } from '#main/history/connection.ts';
import { openForReading } from '#main/history/connection.ts';
import { EvictionBlocks } from '#main/history/eviction-blocks.ts';
import { TierReader } from '#main/history/tier-reader.ts';
import type { EvictionTierS, TierS } from '#main/history/tiers.ts';
import { EVICTION_TIERS_S, TIERS_S } from '#main/history/tiers.ts';
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

/** The buckets of a tier as rows: run, owner, beginning, seconds, then each column's statistics. */
function stored(connection: Connection, table: 'host' | 'guest', tierS: TierS): unknown[] {
  const reader = new TierReader(connection);
  const columns = table === 'host' ? HOST_COLUMNS : GUEST_COLUMNS;
  const owners = table === 'host' ? { lowest: 0, highest: 0 } : { lowest: 1, highest: 65_535 };
  const runIds = connection.prepare('SELECT id FROM runs ORDER BY id').pluck().all() as number[];
  const endS = connection.prepare('SELECT max(axisStartS + seconds) FROM runs').pluck().get() as number;
  return runIds.flatMap((runId) => {
    const rows = new Map<string, number[]>();
    columns.forEach((_, column) => {
      reader.read(tierS, runId, { fromS: 0, toS: endS }, column, owners, ({ ownerId, fromS, ...page }) => {
        page.count.forEach((count, place) => {
          if (count === 0) return;
          const axisS = fromS + place * tierS;
          const key = `${ownerId} ${axisS}`;
          const row = rows.get(key) ?? [runId, ownerId, axisS, count];
          rows.set(key, row);
          row.push(...[page.sum, page.min, page.max, page.last].map((values) => values[place] ?? NaN));
        });
      });
    });
    return [...rows.values()].sort(([, a = 0, s = 0], [, b = 0, t = 0]) => a - b || s - t);
  });
}

const AGES = ['pagesTo1S', 'pagesTo10S', 'pagesTo1Min', 'pagesTo10Min', 'pagesTo1H', 'pagesOlder'];

/** Evictions by the bucket: run, beginning, victim, beneficiary, reason, kind of pool, pages, pages of each age. */
function directEvictions(connection: Connection, tierS: EvictionTierS): unknown[] {
  return connection
    .prepare(
      `SELECT runId, (axisStartS + second) / ${tierS} * ${tierS} AS bucket, victimId, beneficiaryId, reason, poolKind,
         sum(pages), ${AGES.map((age) => `sum(${age})`).join(', ')}
       FROM evictions JOIN (SELECT id, axisStartS FROM runs) ON id = runId GROUP BY 1, 2, 3, 4, 5, 6
       ORDER BY 1, 2, 3, 4, 5, 6`,
    )
    .raw()
    .all();
}

function storedEvictions(connection: Connection, tierS: EvictionTierS): unknown[] {
  const blocks = new EvictionBlocks(connection);
  const runIds = connection.prepare('SELECT id FROM runs ORDER BY id').pluck().all() as number[];
  return runIds.flatMap((runId) =>
    [...blocks.read(tierS, runId, { fromS: 0, toS: 2 ** 40 }, { ages: true })].flatMap(({ fromS, ages, ...block }) =>
      Array.from(block.pages, (pages, at) => [
        ...[runId, fromS],
        ...[block.victimId[at], block.beneficiaryId[at], block.reason[at], block.poolKind[at], pages],
        ...ages.map((array) => array[at]),
      ]),
    ),
  );
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
        for (const tierS of EVICTION_TIERS_S) {
          expect(storedEvictions(connection, tierS)).toEqual(directEvictions(connection, tierS));
        }
        connection.close();
      }),
      { numRuns: 12, seed: Math.floor(Math.random() * 2 ** 31), verbose: fc.VerbosityLevel.Verbose },
    );
  });
});
