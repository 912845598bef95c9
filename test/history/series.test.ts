import fc from 'fast-check';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { openForReading } from '#main/history/connection.ts';
import type { ReadLimits } from '#main/history/queries/resolution.ts';
import { seriesQuery } from '#main/history/queries/series.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import type { NewRun } from '#main/history/writer/run-log.ts';
import { Random } from '#main/host/random.ts';
import { describe, expect, it } from 'vitest';
import { aggregate } from './aggregate.ts';
import { Recording } from './recording.ts';
import { newRun, randomBatch } from './samples.ts';
import { openWriter, temporaryDatabase } from './support.ts';

type Argument = RequestArgument<'history.series'>;
type Answer = RequestAnswer<'history.series'>;

function ask(file: string, argument: Argument, limits?: ReadLimits): Answer {
  const connection = openForReading(file);
  try {
    return seriesQuery(connection, limits)(argument);
  } finally {
    connection.close();
  }
}

const gap = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 100 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1000, max: 200_000 }) },
);
const runArbitrary = fc.record({
  batches: fc.array(fc.record({ gap, seconds: fc.integer({ min: 1, max: 90 }) }), { maxLength: 6, size: 'max' }),
  end: fc.constantFrom('stopped', 'crashed'),
});
// Without bias to the smallest: most ranges shall be long.
const queryArbitrary = fc.noBias(
  fc.record({
    fromPermille: fc.nat(999),
    lengthPermille: fc.nat(1000),
    maxPoints: fc.integer({ min: 2, max: 60 }),
    // Small limits make small histories use every tier.
    limits: fc.record({
      rawRows: fc.constantFrom(0, 100, 6000),
      buckets: fc.constantFrom(1, 50, 500, 5000, 100_000),
    }),
  }),
);

const SERIES: Argument['series'] = [
  { guestId: null, column: 'fallowPages' },
  { guestId: null, column: 'evictions' },
  { guestId: 1, column: 'weight' },
  { guestId: 2, column: 'diskReads' },
  { guestId: 2, column: 'ephemeralPages' },
];

describe('series', () => {
  it('equal what direct aggregation of the samples gives, over runs, gaps, crashes and every tier', () => {
    fc.assert(
      fc.property(
        fc.array(runArbitrary, { minLength: 1, maxLength: 3, size: 'max' }),
        fc.array(queryArbitrary, { minLength: 1, maxLength: 8, size: 'max' }),
        fc.nat(),
        (runs, queries, seed) => {
          const file = temporaryDatabase();
          const recording = new Recording(new Random(seed, 0), 2);
          let writer = HistoryWriter.open({ file, appVersion: '0' });
          try {
            runs.forEach(({ batches, end }, at) => {
              recording.begin(writer);
              for (const { gap: missing, seconds } of batches) recording.record(writer, missing, seconds);
              if (at === runs.length - 1) return;
              if (end === 'stopped') {
                writer.endRun();
              } else {
                writer.close();
                writer = HistoryWriter.open({ file, appVersion: '0' });
              }
            });
            for (const { fromPermille, lengthPermille, maxPoints, limits } of queries) {
              const fromS = Math.floor((fromPermille * recording.endS) / 1000);
              const toS = fromS + Math.floor((lengthPermille * (recording.endS - fromS)) / 1000);
              const argument = { range: { fromS, toS }, series: SERIES, maxPoints };
              const answer = ask(file, argument, limits);
              expect(answer.axisS.length).toBeLessThanOrEqual(maxPoints);
              expect(answer.axisS[0]).toBeLessThanOrEqual(fromS);
              expect((answer.axisS.at(-1) ?? NaN) + answer.bucketS).toBeGreaterThan(toS);
              expect(answer.series).toEqual(aggregate(recording.samples, argument, answer));
            }
          } finally {
            writer.close();
          }
        },
      ),
      { numRuns: 12, seed: Math.floor(Math.random() * 2 ** 31), verbose: fc.VerbosityLevel.Verbose },
    );
  });

  it('have one point a second, with the very values, where the range is short enough', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    const recording = new Recording(new Random(5, 0), 3);
    recording.begin(writer);
    recording.record(writer, 0, 300);
    const series = [
      ...HOST_COLUMNS.map((column) => ({ guestId: null, column })),
      ...GUEST_COLUMNS.map((column) => ({ guestId: 3, column })),
    ];
    const answer = ask(file, { range: { fromS: 100, toS: 199 }, series, maxPoints: 100 });
    expect(answer.bucketS).toBe(1);
    expect([...answer.axisS]).toEqual(Array.from({ length: 100 }, (_, at) => 100 + at));
    series.forEach(({ guestId, column }, place) => {
      const known = recording.samples
        .filter(({ owner, axisS }) => owner === (guestId ?? 0) && axisS >= 100 && axisS <= 199)
        .map(({ values }) => values[column]);
      const of = answer.series[place];
      for (const points of [of?.value, of?.minimum, of?.maximum]) expect([...(points ?? [])]).toEqual(known);
    });
  });

  it('of a few guests of many are those of these guests', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    const recording = new Recording(new Random(8, 0), 20);
    recording.begin(writer);
    recording.record(writer, 0, 40);
    recording.record(writer, 5, 40);
    const series: Argument['series'] = [
      { guestId: 17, column: 'sharedPages' },
      { guestId: 3, column: 'ephemeralPages' },
      { guestId: 17, column: 'ephemeralPages' },
    ];
    const argument = { range: { fromS: 20, toS: 70 }, series, maxPoints: 60 };
    const answer = ask(file, argument);
    expect(answer.bucketS).toBe(1);
    expect(answer.series).toEqual(aggregate(recording.samples, argument, answer));
  });

  it('follow a guest through the runs by its name, not by its number', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    const begin = (...names: string[]): void => {
      const guests = names.map((name, place) => ({ ...newRun().guests[0], id: place + 1, name }));
      writer.beginRun({ ...newRun(), guests: guests as NewRun['guests'] });
    };
    const record = (...weights: number[]): void => {
      const batch = randomBatch(new Random(1, 0), { firstSecond: 0, seconds: 1, guests: weights.length });
      weights.forEach((weight, place) => (batch.guests[place * GUEST_COLUMNS.length + 2] = weight));
      writer.writeSeconds(batch);
      writer.endRun();
    };
    begin('mail', 'web');
    record(1, 2);
    begin('db');
    record(3);
    begin('web', 'mail');
    record(4, 5);
    const weights = (guestId: number, runId?: number): number[] => {
      const series: Argument['series'] = [{ guestId, column: 'weight', ...(runId === undefined ? {} : { runId }) }];
      return [...(ask(file, { range: { fromS: 0, toS: 5 }, series, maxPoints: 6 }).series[0]?.value ?? [])];
    };
    // A second of each run, and the gap behind it.
    expect(weights(1)).toEqual([2, NaN, NaN, NaN, 4, NaN]);
    expect(weights(2)).toEqual([1, NaN, NaN, NaN, 5, NaN]);
    expect(weights(1, 1)).toEqual([1, NaN, NaN, NaN, 5, NaN]);
    expect(weights(1, 2)).toEqual([NaN, NaN, 3, NaN, NaN, NaN]);
  });

  it('show the gap between two runs as NaN', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    const recording = new Recording(new Random(6, 0), 1);
    recording.begin(writer);
    recording.record(writer, 0, 3);
    writer.endRun();
    recording.begin(writer);
    recording.record(writer, 0, 2);
    const answer = ask(file, {
      range: { fromS: 0, toS: 6 },
      series: [{ guestId: 1, column: 'ramPages' }],
      maxPoints: 10,
    });
    expect(Array.from(answer.series[0]?.value ?? [], Number.isNaN)).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
  });

  it('refuse a column that the owner has not, with a sentence', () => {
    const file = temporaryDatabase();
    openWriter(file);
    const argument: Argument = {
      range: { fromS: 0, toS: 1 },
      series: [{ guestId: null, column: 'weight' }],
      maxPoints: 2,
    };
    expect(() => ask(file, argument)).toThrow('The host has no column weight.');
  });
});
