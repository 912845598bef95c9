import fc from 'fast-check';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { HistoryAnswerer } from '#main/history/answerer.ts';
import { openForReading } from '#main/history/connection.ts';
import { TierReader } from '#main/history/tier-reader.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { EVICTION_COLUMNS } from '#main/history/writer/second-log.ts';
import { TIME_MAP_TOLERANCE_MS } from '#main/history/writer/time-map.ts';
import { WallClock } from '#main/history/queries/wall-clock.ts';
import { Random } from '#main/host/random.ts';
import { describe, expect, it } from 'vitest';
import { newRun, randomBatch } from './samples.ts';
import { openWriter, temporaryDatabase } from './support.ts';

function ask<N extends 'history.runs' | 'history.events'>(
  file: string,
  name: N,
  argument: RequestArgument<N>,
): RequestAnswer<N> {
  const answerer = new HistoryAnswerer(file);
  const { reply } = answerer.answer(name, argument);
  answerer.close();
  if (!reply.ok) throw new Error(reply.failure.message);
  return reply.answer as RequestAnswer<N>;
}
const runsOf = (file: string) => ask(file, 'history.runs', {}).runs;
const eventsOf = (file: string, range: RequestArgument<'history.events'>['range'] = null) =>
  ask(file, 'history.events', { range, limit: 1000 });

const weight = (guestId: number, hostMs: number) =>
  ({ hostMs, kind: 'weight', guestId, before: 100, after: 400, source: 'console' }) as const;

/** Leaves a history as a process does that dies: nothing is ended. */
function die(writer: HistoryWriter): void {
  writer.close();
}

describe('the samples of a history', () => {
  it('are stored as they came, to the last digit', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    writer.beginRun(newRun());
    const batch = randomBatch(new Random(4, 0), { firstSecond: 0, seconds: 120 });
    batch.guests.set([Number.MAX_SAFE_INTEGER, 0, 2 ** 40, 2 ** 31], 100);
    writer.writeSeconds(batch);
    const connection = openForReading(file);
    const read = (sql: string): unknown[] => (connection.prepare(sql).raw().all() as unknown[][]).flat();
    expect(read(`SELECT ${HOST_COLUMNS.join(', ')} FROM hostSamples ORDER BY second`)).toEqual([...batch.host]);
    expect(read(`SELECT ${GUEST_COLUMNS.join(', ')} FROM guestSamples ORDER BY second, guestId`)).toEqual([
      ...batch.guests,
    ]);
    expect(read(`SELECT second, ${EVICTION_COLUMNS.join(', ')} FROM evictions ORDER BY second, row`)).toEqual([
      ...batch.evictions,
    ]);
    connection.close();
  });

  it.each([
    ['come twice', (b: ReturnType<typeof randomBatch>) => ({ ...b, firstSecond: 9 })],
    ['hold a fraction', (b: ReturnType<typeof randomBatch>) => ({ ...b, host: b.host.with(3, 0.5) })],
    ['hold no number', (b: ReturnType<typeof randomBatch>) => ({ ...b, guests: b.guests.with(7, NaN) })],
    ['are too few', (b: ReturnType<typeof randomBatch>) => ({ ...b, guests: b.guests.subarray(1) })],
    [
      'name an unknown reason',
      (b: ReturnType<typeof randomBatch>) => ({
        ...b,
        evictions: Float64Array.of(10, 1, 2, 99, 5, 0, 5, 0, 0, 0, 0, 0),
      }),
    ],
    [
      'are of another time',
      (b: ReturnType<typeof randomBatch>) => ({ ...b, evictions: Float64Array.of(9, 1, 2, 0, 5, 0, 5, 0, 0, 0, 0, 0) }),
    ],
  ])('are refused as a whole when they %s, and the right ones are taken after it', (_, spoil) => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    writer.beginRun(newRun());
    const random = new Random(5, 0);
    writer.writeSeconds(randomBatch(random, { firstSecond: 0, seconds: 10 }));
    const right = randomBatch(random, { firstSecond: 10, seconds: 15 });
    expect(() => writer.writeSeconds(spoil(right))).toThrow(expect.objectContaining({ code: 'internal' }));
    const connection = openForReading(file);
    const count = (table: string): unknown => connection.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    expect([count('hostSamples'), count('guestSamples')]).toEqual([10, 30]);
    writer.writeSeconds(right);
    expect([count('hostSamples'), count('guestSamples')]).toEqual([25, 75]);
    writer.endRun();
    const seconds: number[] = [];
    const tens = { fromS: 0, toS: 30 };
    new TierReader(connection).read(10, 1, tens, 0, { lowest: 0, highest: 0 }, (page) => seconds.push(...page.count));
    expect(seconds).toEqual([10, 10, 5]);
    connection.close();
  });

  it('need a run', () => {
    const writer = openWriter(temporaryDatabase());
    const batch = randomBatch(new Random(1, 0), { firstSecond: 0, seconds: 1 });
    expect(() => writer.writeSeconds(batch)).toThrow('No run is open');
  });

  it('count in the size that is told', () => {
    const writer = openWriter(temporaryDatabase());
    writer.beginRun(newRun());
    const before = writer.bytes();
    writer.writeSeconds(randomBatch(new Random(1, 0), { firstSecond: 0, seconds: 1000 }));
    expect(writer.bytes()).toBeGreaterThan(before + 100_000);
  });
});

describe('the runs of a history', () => {
  it('follow each other on the axis, a gap second between two', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    const random = new Random(1, 0);
    for (const seconds of [5, 0, 12]) {
      writer.beginRun(newRun());
      if (seconds > 0) writer.writeSeconds(randomBatch(random, { firstSecond: 0, seconds }));
      writer.endRun();
    }
    expect(runsOf(file)).toMatchObject([
      { id: 1, axisStartS: 0, seconds: 5, end: 'stopped' },
      { id: 2, axisStartS: 6, seconds: 0, end: 'stopped' },
      { id: 3, axisStartS: 7, seconds: 12, end: 'stopped' },
    ]);
  });

  it('tell their source and start, and which one was before', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    expect(writer.beginRun(newRun(2, 5000))).toEqual({
      run: {
        id: 1,
        source: { kind: 'modelled', scenario: 'test', seed: 7 },
        axisStartS: 0,
        seconds: 0,
        startedAtMs: 5000,
        end: 'running',
      },
      previous: null,
    });
    writer.endRun();
    expect(writer.beginRun(newRun()).previous).toMatchObject({ id: 1, end: 'stopped' });
  });

  it('are marked as crashed when they are found without an end, with the gap and the new start as events', () => {
    const file = temporaryDatabase();
    const first = HistoryWriter.open({ file, appVersion: '0' });
    first.beginRun(newRun(3, 1_000_000));
    first.writeSeconds(randomBatch(new Random(1, 0), { firstSecond: 0, seconds: 8, wallMs: 1_008_000 }));
    die(first);
    const { run, previous } = openWriter(file).beginRun(newRun(3, 2_000_000));
    expect(previous).toMatchObject({ id: 1, seconds: 8, end: 'crashed' });
    expect(run).toMatchObject({ id: 2, axisStartS: 9 });
    expect(eventsOf(file).clockEvents).toMatchObject([
      { runId: 2, hostMs: 0, wallMs: 2_000_000, kind: 'start' },
      {
        runId: 1,
        hostMs: 8000,
        wallMs: 2_000_000,
        kind: 'gap',
        detail: expect.stringContaining('host second 8') as string,
      },
      { runId: 1, hostMs: 0, wallMs: 1_000_000, kind: 'start' },
    ]);
    // When it was last alive, not when that was found.
    const connection = openForReading(file);
    expect(connection.prepare('SELECT endedAtMs FROM runs WHERE id = 1').pluck().get()).toBe(1_008_000);
    connection.close();
  });

  it('reach as far as their last action, so that it never lies in the next run', () => {
    const file = temporaryDatabase();
    const first = HistoryWriter.open({ file, appVersion: '0' });
    first.beginRun(newRun());
    first.writeSeconds(randomBatch(new Random(1, 0), { firstSecond: 0, seconds: 8 }));
    first.markApplied(first.commitActions([weight(1, 42_500)], 1).map(({ id }) => id));
    die(first);
    const { run } = openWriter(file).beginRun(newRun());
    expect(run.axisStartS).toBe(43);
    expect(eventsOf(file, { fromS: 42, toS: 42 }).actions).toHaveLength(1);
    expect(eventsOf(file, { fromS: 43, toS: 99 }).actions).toHaveLength(0);
  });

  it('end with one stop event, whether or not the host wrote it', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    for (const stops of [true, false]) {
      writer.beginRun(newRun());
      writer.writeSeconds(randomBatch(new Random(1, 0), { firstSecond: 0, seconds: 3, wallMs: 1_700_000_003_000 }));
      if (stops) writer.clockEvent({ hostMs: 3000, wallMs: 1_700_000_003_000, kind: 'stop', detail: 'Stopped.' });
      writer.endRun();
    }
    const stopEvents = eventsOf(file).clockEvents.filter(({ kind }) => kind === 'stop');
    expect(stopEvents).toMatchObject([
      { runId: 2, hostMs: 3000 },
      { runId: 1, hostMs: 3000, detail: 'Stopped.' },
    ]);
  });

  it('cannot begin while another one is open', () => {
    const writer = openWriter(temporaryDatabase());
    writer.beginRun(newRun());
    expect(() => writer.beginRun(newRun())).toThrow('Run 1 has not ended');
  });
});

describe('the actions of a history', () => {
  it('are all there or none: one unknown guest refuses the set', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    writer.beginRun(newRun());
    expect(() => writer.commitActions([weight(1, 0), weight(77, 0)], 1)).toThrow('no guest 77');
    expect(eventsOf(file).actions).toEqual([]);
    expect(writer.commitActions([weight(1, 0), weight(2, 0)], 1).map(({ id }) => id)).toEqual([1, 2]);
  });

  it('are flushed by their commit: their connection is the one with synchronous=FULL', () => {
    const writer = openWriter(temporaryDatabase());
    const { connection, auditConnection } = writer as unknown as Record<
      'connection' | 'auditConnection',
      ReturnType<typeof openForReading>
    >;
    expect(auditConnection.pragma('synchronous', { simple: true })).toBe(2);
    expect(connection.pragma('synchronous', { simple: true })).toBe(1);
  });

  it('that were committed and not applied when the process died are told, closed as not applied, and kept', () => {
    const file = temporaryDatabase();
    const first = HistoryWriter.open({ file, appVersion: '0' });
    first.beginRun(newRun());
    const [applied] = first.commitActions([weight(1, 1000)], 1);
    first.markApplied(applied ? [applied.id] : []);
    const [pending] = first.commitActions([weight(2, 2000)], 2);
    expect(first.pendingActions()).toEqual([pending]);
    die(first);
    const second = openWriter(file);
    expect(second.pendingActions()).toEqual([pending]);
    second.beginRun(newRun());
    expect(second.pendingActions()).toEqual([]);
    expect(eventsOf(file).actions).toEqual([applied]);
    const connection = openForReading(file);
    expect(connection.prepare('SELECT actionId, outcome FROM actionOutcomes ORDER BY 1').raw().all()).toEqual([
      [1, 'applied'],
      [2, 'not-applied'],
    ]);
    expect(connection.prepare('SELECT count(*) FROM actions').pluck().get()).toBe(2);
    connection.close();
  });

  it('and clock events of a range come newest first, no more than asked', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    writer.beginRun(newRun());
    for (let second = 1; second <= 20; second++) {
      writer.commitActions([weight(1, second * 1000)], second);
      writer.clockEvent({ hostMs: second * 1000, wallMs: 1_700_000_000_000 + second, kind: 'speed', detail: 'x' });
    }
    const some = ask(file, 'history.events', { range: { fromS: 5, toS: 15 }, limit: 4 });
    expect(some.actions.map(({ hostMs }) => hostMs)).toEqual([15_000, 14_000, 13_000, 12_000]);
    expect(some.clockEvents.map(({ hostMs }) => hostMs)).toEqual([15_000, 14_000, 13_000, 12_000]);
    expect(eventsOf(file, { fromS: 5, toS: 15 }).actions).toHaveLength(11);
  });
});

describe('the map from host to wall time', () => {
  it('holds every point given to it within its tolerance, in few corners', () => {
    const leg = fc.record({
      hostMsPerPoint: fc.constantFrom(0, 250, 2500, 80_000),
      points: fc.integer({ min: 1, max: 80 }),
      jitterMs: fc.constantFrom(0, 5, 20),
    });
    fc.assert(
      fc.property(fc.array(leg, { minLength: 1, maxLength: 6 }), fc.nat(), (legs, seed) => {
        const file = temporaryDatabase();
        const writer = HistoryWriter.open({ file, appVersion: '0' });
        const startMs = 1_700_000_000_000;
        const { run } = writer.beginRun(newRun(1, startMs));
        const random = new Random(seed, 0);
        const given: [number, number][] = [];
        let hostMs = 0;
        let wallMs = startMs;
        for (const { hostMsPerPoint, points, jitterMs } of legs) {
          for (let point = 0; point < points; point++) {
            hostMs += hostMsPerPoint;
            wallMs += 250;
            const told = wallMs + random.below(jitterMs + 1);
            writer.mapTime(hostMs, told);
            given.push([hostMs, told]);
          }
        }
        writer.close();
        const connection = openForReading(file);
        const clock = new WallClock(connection);
        // Where host time stood still only the last point at it counts.
        const last = new Map(given);
        for (const [host, wall] of last) {
          expect(Math.abs((clock.at(run.id, host) ?? NaN) - wall)).toBeLessThanOrEqual(TIME_MAP_TOLERANCE_MS + 1);
        }
        const corners = connection.prepare('SELECT count(*) FROM timeMap').pluck().get() as number;
        if (legs.every(({ hostMsPerPoint, jitterMs }) => hostMsPerPoint > 0 && jitterMs < 20)) {
          expect(corners).toBeLessThanOrEqual(2 + 2 * legs.length);
        }
        connection.close();
      }),
      { numRuns: 20, seed: Math.floor(Math.random() * 2 ** 31), verbose: fc.VerbosityLevel.Verbose },
    );
  });

  it('says nothing beyond what was recorded', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    writer.beginRun(newRun(1, 1000));
    writer.mapTime(5000, 6000);
    const connection = openForReading(file);
    const clock = new WallClock(connection);
    expect([clock.at(1, 0), clock.at(1, 2500), clock.at(1, 5000), clock.at(1, 5001), clock.at(2, 0)]).toEqual([
      1000,
      3500,
      6000,
      null,
      null,
    ]);
    connection.close();
  });
});
