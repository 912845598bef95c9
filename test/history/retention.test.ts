import fc from 'fast-check';
import type { RequestArgument } from '#contract/requests.ts';
import type { Connection } from '#main/history/connection.ts';
import { openForReading } from '#main/history/connection.ts';
import { EvictionBlocks } from '#main/history/eviction-blocks.ts';
import { TierReader } from '#main/history/tier-reader.ts';
import { seriesQuery } from '#main/history/queries/series.ts';
import { DEFAULT_RETENTION, Retention } from '#main/history/retention.ts';
import type { RetentionPolicy } from '#main/history/retention.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { Random } from '#main/host/random.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aggregate } from './aggregate.ts';
import { Recording } from './recording.ts';
import { temporaryDatabase } from './support.ts';

const KEEP_ALL: RetentionPolicy = { ...DEFAULT_RETENTION, bytesMax: Infinity };
/** No age at all: everything goes that may. */
const KEEP_LITTLE: RetentionPolicy = { secondsAgeS: 0, tierAgeS: { 10: 0, 60: 0, 3_600: 0 }, bytesMax: Infinity };

function open(file: string, retention: RetentionPolicy): HistoryWriter {
  const writer = HistoryWriter.open({ file, appVersion: '0', retention });
  onTestFinished(() => writer.close());
  return writer;
}

function reading<T>(file: string, use: (connection: Connection) => T): T {
  const connection = openForReading(file);
  try {
    return use(connection);
  } finally {
    connection.close();
  }
}

const count = (connection: Connection, table: string): number =>
  connection.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;

const SERIES: RequestArgument<'history.series'>['series'] = [
  { guestId: null, column: 'fallowPages' },
  { guestId: 1, column: 'weight' },
  { guestId: 2, column: 'diskReads' },
];

const step = fc.record({
  gap: fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 90_000 }) },
  ),
  seconds: fc.integer({ min: 1, max: 130 }),
  retain: fc.nat(20),
  end: fc.option(fc.constantFrom('stopped', 'crashed', 'continued'), { nil: null, freq: 3 }),
});
const query = fc.noBias(
  fc.record({ fromPermille: fc.nat(999), lengthPermille: fc.nat(1000), maxPoints: fc.integer({ min: 2, max: 60 }) }),
);
const policy = fc
  .tuple(fc.nat(500), fc.nat(2_000), fc.nat(10_000), fc.nat(200_000), fc.constantFrom(0, Infinity))
  .map(([seconds, ten, minute, hour, bytesMax]): RetentionPolicy => {
    const tierAgeS = { 10: seconds + ten, 60: seconds + ten + minute, 3_600: seconds + ten + minute + hour };
    return { secondsAgeS: seconds, tierAgeS, bytesMax };
  });

describe('retention', () => {
  it('never removes what a coarser tier has not got: every series is still what the samples were', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 3, maxLength: 10, size: 'max' }),
        fc.array(query, { minLength: 1, maxLength: 6, size: 'max' }),
        policy,
        fc.nat(),
        (steps, queries, retention, seed) => {
          const file = temporaryDatabase();
          const recording = new Recording(new Random(seed, 0), 2);
          let writer = HistoryWriter.open({ file, appVersion: '0', retention });
          try {
            recording.begin(writer);
            for (const { gap, seconds, retain, end } of steps) {
              recording.record(writer, gap, seconds);
              for (let times = 0; times < retain; times++) writer.retain();
              if (end === null) continue;
              if (end === 'stopped') writer.endRun();
              writer.close();
              writer = HistoryWriter.open({ file, appVersion: '0', retention });
              if (end === 'continued') recording.continue(writer);
              else recording.begin(writer);
            }
            reading(file, (connection) => {
              for (const { fromPermille, lengthPermille, maxPoints } of queries) {
                const fromS = Math.floor((fromPermille * recording.endS) / 1000);
                const toS = fromS + Math.floor((lengthPermille * (recording.endS - fromS)) / 1000);
                const argument = { range: { fromS, toS }, series: SERIES, maxPoints };
                const answer = seriesQuery(connection)(argument);
                expect(answer.series).toEqual(aggregate(recording.samples, argument, answer));
              }
            });
          } finally {
            writer.close();
          }
        },
      ),
      { numRuns: 12, seed: Math.floor(Math.random() * 2 ** 31), verbose: fc.VerbosityLevel.Verbose },
    );
  });

  it('keeps everything that is young enough', () => {
    const file = temporaryDatabase();
    const writer = open(file, KEEP_ALL);
    const recording = new Recording(new Random(1, 0), 2);
    recording.begin(writer);
    recording.record(writer, 0, 5_000);
    expect(writer.retain()).toBe(false);
    reading(file, (connection) => expect(count(connection, 'hostSamples')).toBe(5_000));
  });

  it('removes seconds that are too old, a little at a time, and their evictions with them', () => {
    const file = temporaryDatabase();
    const writer = open(file, { ...KEEP_ALL, secondsAgeS: 1_000 });
    const recording = new Recording(new Random(1, 0), 3);
    recording.begin(writer);
    recording.record(writer, 0, 5_005);
    const left: number[] = [];
    for (let more = true; more; left.push(reading(file, (connection) => count(connection, 'hostSamples')))) {
      more = writer.retain();
    }
    const removed = left.map((now, at) => (left[at - 1] ?? 5_005) - now);
    expect(Math.max(...removed)).toBeLessThanOrEqual(510);
    expect(removed.length).toBeGreaterThan(7);
    expect(left.at(-1)).toBe(1_000);
    reading(file, (connection) => {
      for (const table of ['hostSamples', 'guestSamples', 'evictions']) {
        expect(connection.prepare(`SELECT min(second) FROM ${table}`).pluck().get()).toBeGreaterThanOrEqual(4_005);
      }
      expect(connection.prepare('SELECT fromSecond FROM coverage WHERE tierS = 1').pluck().get()).toBe(4_005);
    });
  });

  it('removes single evictions after six hours at the latest, and keeps their sums', () => {
    const file = temporaryDatabase();
    const writer = open(file, KEEP_ALL);
    const recording = new Recording(new Random(1, 0), 1);
    recording.begin(writer);
    recording.record(writer, 0, 10);
    recording.record(writer, 21_600, 10);
    while (writer.retain());
    reading(file, (connection) => {
      const first = (table: string): unknown => connection.prepare(`SELECT min(second) FROM ${table}`).pluck().get();
      expect(first('evictionSamples')).toBeGreaterThanOrEqual(21_610);
      expect(first('evictions')).toBeLessThan(10);
    });
  });

  it('keeps the coarsest tier, runs, events and the audit, even with no age at all', () => {
    const file = temporaryDatabase();
    const writer = open(file, KEEP_LITTLE);
    const recording = new Recording(new Random(1, 0), 2);
    recording.begin(writer);
    recording.record(writer, 0, 300);
    writer.commitActions([{ hostMs: 5, kind: 'weight', guestId: 1, before: 1, after: 2, source: 'console' }], 1);
    writer.endRun();
    recording.begin(writer);
    recording.record(writer, 0, 1);
    while (writer.retain());
    reading(file, (connection) => {
      const ofFirst = (sql: string): unknown => connection.prepare(`${sql} AND runId = 1`).pluck().get();
      expect(ofFirst('SELECT count(*) FROM hostSamples WHERE true')).toBe(0);
      for (const tierS of [10, 60, 3_600]) {
        expect(ofFirst(`SELECT count(*) FROM tierPages WHERE tierS = ${tierS}`)).toBe(0);
      }
      let seconds = 0;
      const days = { fromS: 0, toS: 86_400 };
      new TierReader(connection).read(86_400, 1, days, 0, { lowest: 0, highest: 0 }, ({ count: inBucket }) => {
        seconds += inBucket.reduce((sum, one) => sum + one, 0);
      });
      expect(seconds).toBe(300);
      const evicted = [...new EvictionBlocks(connection).read(86_400, 1, days)].flatMap(({ pages }) => [...pages]);
      expect(evicted.reduce((sum, pages) => sum + pages, 0)).toBe(
        recording.evictions.filter(({ runId }) => runId === 1).reduce((sum, { pages }) => sum + pages, 0),
      );
      expect([count(connection, 'runs'), count(connection, 'actions')]).toEqual([2, 1]);
    });
  });

  it('gets below the size that is allowed, and gives the space back', () => {
    const file = temporaryDatabase();
    const bytesMax = 12 * 2 ** 20;
    const writer = open(file, { ...KEEP_ALL, bytesMax });
    const recording = new Recording(new Random(1, 0), 8);
    recording.begin(writer);
    for (let batch = 0; batch < 30; batch++) recording.record(writer, 0, 1_000);
    const before = writer.bytes();
    expect(before).toBeGreaterThan(3 * bytesMax);
    while (writer.retain());
    reading(file, (connection) => {
      expect(new Retention(connection).usedBytes()).toBeLessThanOrEqual(bytesMax);
      // No more than it took.
      expect(new Retention(connection).usedBytes()).toBeGreaterThan(bytesMax / 2);
      const spare = 4_096 * 4_096;
      expect(Number(connection.pragma('page_count', { simple: true })) * 4_096).toBeLessThanOrEqual(bytesMax + spare);
      expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
    });
  });

  it('keeps the samples since the newest checkpoint of the last run: a restart compares with them', () => {
    const file = temporaryDatabase();
    const writer = open(file, KEEP_LITTLE);
    const recording = new Recording(new Random(1, 0), 2);
    recording.begin(writer);
    const state = { lastActionId: 0, modelVersion: 1, configDigest: '', stateDigest: '', data: new Uint8Array(10) };
    recording.record(writer, 0, 700);
    writer.writeCheckpoint({ ...state, hostMs: 320_000 }, 1);
    while (writer.retain());
    reading(file, (connection) => {
      expect(connection.prepare('SELECT min(second) FROM hostSamples').pluck().get()).toBe(320);
    });
  });
});
