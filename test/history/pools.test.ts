import type { RequestAnswer } from '#contract/requests.ts';
import type { GuestColumn } from '#contract/samples.ts';
import { HistoryAnswerer } from '#main/history/answerer.ts';
import { Random } from '#main/host/random.ts';
import { describe, expect, it } from 'vitest';
import { Recording } from './recording.ts';
import { openWriter, temporaryDatabase } from './support.ts';

describe('the readings of the pools', () => {
  it.each([
    ['all time', null],
    ['some seconds', { fromS: 130, toS: 155 }],
    ['minutes and seconds', { fromS: 43, toS: 2_217 }],
  ])('over %s are those of the samples, for each guest and pool', (_, range) => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    const recording = new Recording(new Random(4, 0), 3);
    recording.begin(writer);
    recording.record(writer, 0, 900);
    writer.endRun();
    recording.begin(writer);
    recording.record(writer, 7, 1_500);
    const answerer = new HistoryAnswerer(file);
    const { reply } = answerer.answer('history.pools', { range });
    if (!reply.ok) throw new Error(reply.failure.message);
    const { pools, hostSeconds } = reply.answer as RequestAnswer<'history.pools'>;
    answerer.close();
    const inRange = recording.samples.filter(
      ({ axisS }) => range === null || (axisS >= range.fromS && axisS <= range.toS),
    );
    expect(hostSeconds).toBe(inRange.filter(({ owner }) => owner === 0).length);
    expect(pools.map(({ guest, pool }) => `${guest} ${pool}`)).toEqual(
      ['alpha', 'beta', 'gamma'].flatMap((name) => [`${name} precache`, `${name} preswap`]),
    );
    for (const reading of pools) {
      const own = inRange.filter(({ owner }) => owner === reading.guestId);
      const of = (column: GuestColumn): number[] => own.map(({ values }) => values[column] ?? NaN);
      const total = (...columns: GuestColumn[]): number => columns.flatMap(of).reduce((sum, value) => sum + value, 0);
      const isPrecache = reading.pool === 'precache';
      const held = of(isPrecache ? 'ephemeralPages' : 'persistentPages');
      expect(reading.pages.mean).toBeCloseTo(held.reduce((sum, pages) => sum + pages, 0) / held.length, 6);
      expect(reading.pages).toMatchObject({ last: held.at(-1), min: Math.min(...held), max: Math.max(...held) });
      expect([reading.puts, reading.putsFailed, reading.gets, reading.hits, reading.flushes, reading.evicted]).toEqual(
        isPrecache
          ? [
              total('precachePuts'),
              total('precachePutsFailed'),
              total('precacheGets'),
              total('precacheHits'),
              total('flushes'),
              total('evictedBySelf', 'evictedByOthers'),
            ]
          : [
              total('preswapPuts'),
              total('preswapPutsFailed'),
              total('preswapGets'),
              total('preswapGets'),
              total('preswapFlushes'),
              0,
            ],
      );
    }
  });
});
