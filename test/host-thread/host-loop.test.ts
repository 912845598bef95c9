import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConsoleError } from '#contract/errors.ts';
import type { Change } from '#contract/model.ts';
import type { Frame } from '#contract/stream.ts';
import { FrameSchema } from '#contract/stream.ts';
import { Host } from '#main/host/host.ts';
import { openForReading, openForWriting } from '#main/history/connection.ts';
import { WallClock } from '#main/history/queries/wall-clock.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { HostLoop } from '#main/host-thread/host-loop.ts';
import * as v from 'valibot';
import { smallConfig } from '../host/small-config.ts';

let folder = '';
let history: HistoryWriter;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmem-loop-'));
  history = HistoryWriter.open({ file: join(folder, 'history.db'), appVersion: 'test' });
});
afterEach(async () => {
  vi.restoreAllMocks();
  history.close();
  await rm(folder, { recursive: true });
});

const databaseFile = (): string => join(folder, 'history.db');

function loopOnFakeClock() {
  const config = smallConfig();
  const { run } = history.beginRun({
    source: { kind: 'modelled', scenario: 'small', seed: config.seed },
    guests: config.guests.map(({ id, name, minPages, maxPages }) => ({ id, name, workload: '', minPages, maxPages })),
    totalPages: config.totalPages,
    reservedPages: config.reservedPages,
    policy: config.policy,
    idleTaxPermille: config.idleTaxPermille,
    idleTaxWindowS: config.idleTaxWindowS,
    seed: config.seed,
    wallMs: 1_000_000,
  });
  const host = new Host(config);
  const frames: Frame[] = [];
  const clock = { ms: 0, shiftMs: 0 };
  const loop = new HostLoop({
    host,
    history,
    runId: run.id,
    configDigest: 'test',
    lastActionId: 0,
    now: () => clock.ms,
    wallMs: () => 1_000_000 + clock.ms + clock.shiftMs,
    emit: (frame) => frames.push(frame),
  });
  /** Lets wall time pass, slice by slice. */
  const pass = (ms: number): void => {
    for (const end = clock.ms + ms; clock.ms < end; clock.ms += 20) loop.slice();
    loop.slice();
  };
  /** Sets the clock of the machine so far off the right time. */
  const setClock = (shiftMs: number): void => void (clock.shiftMs = shiftMs);
  return { host, frames, clock, loop, pass, setClock };
}

const caught = (run: () => unknown): ConsoleError => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConsoleError) return error;
  }
  throw new Error('Nothing was refused.');
};

describe('the host against the clock', () => {
  it('runs at 1x and 10x, stands still while paused, and says so in its frames', () => {
    const { host, frames, loop, pass } = loopOnFakeClock();
    pass(2_000);
    expect(host.hostMs).toBe(2_000);
    loop.setSpeed('10x');
    pass(1_000);
    expect(host.hostMs).toBe(12_000);
    loop.setPaused(true);
    pass(5_000);
    expect(host.hostMs).toBe(12_000);
    expect(frames.at(-1)).toMatchObject({ paused: true, speed: '10x', hostMs: 12_000 });
    loop.setPaused(false);
    pass(100);
    expect(host.hostMs).toBe(13_000);
    expect(frames.flatMap((frame) => frame.clockEvents.map((event) => event.kind))).toEqual([
      'speed',
      'pause',
      'resume',
    ]);
  });

  it('sends frames that fit the contract and together hold every second once', () => {
    const { frames, pass, loop } = loopOnFakeClock();
    loop.setSpeed('10x');
    pass(3_000);
    for (const frame of frames) expect(v.is(FrameSchema, frame)).toBe(true);
    const seconds = frames.flatMap((frame) => Array.from({ length: frame.seconds }, (_, at) => frame.firstSecond + at));
    // The last quarter of a wall second may still be on its way.
    expect(seconds.length).toBeGreaterThanOrEqual(27);
    expect(seconds).toEqual(seconds.map((_, second) => second));
  });

  it('commits the audit row before the host is touched, then acknowledges with before and after', () => {
    const { host, loop, pass } = loopOnFakeClock();
    pass(500);
    const commit = vi.spyOn(history, 'commitActions').mockImplementationOnce((wanted, wallMs) => {
      expect(host.guest(1)?.weight).toBe(100);
      vi.restoreAllMocks();
      return history.commitActions(wanted, wallMs);
    });
    const { actions } = loop.applyChanges([
      { kind: 'weight', guestId: 1, value: 400 },
      { kind: 'weight', guestId: 1, value: 300 },
      { kind: 'balloon-target', guestId: 2, valuePages: 40 },
    ]);
    expect(commit).toBeDefined();
    expect(actions.map(({ hostMs, kind, before, after }) => [hostMs, kind, before, after])).toEqual([
      [500, 'weight', 100, 400],
      [500, 'weight', 400, 300],
      [500, 'balloon-target', 50, 40],
    ]);
    expect([host.guest(1)?.weight, host.guest(2)?.targetPages]).toEqual([300, 40]);
    expect(history.pendingActions()).toEqual([]);
  });

  it('applies settings of the whole host and of a guest, and tells with each frame what is in force', () => {
    const { host, loop, pass, frames } = loopOnFakeClock();
    pass(500);
    const { totalPages } = host.readings();
    const { actions } = loop.applyChanges(
      [
        { kind: 'policy', value: 'fifo' },
        { kind: 'idle-tax', valuePermille: 250 },
        { kind: 'precache-cap', guestId: 1, valuePages: 10 },
        { kind: 'precache-cap', guestId: 1, valuePages: null },
        { kind: 'precache-cap', guestId: 2, valuePages: 7 },
        { kind: 'pool-limit', valuePages: 60 },
        { kind: 'host-size', valuePages: totalPages + 100 },
      ],
      { reason: 'as agreed' },
    );
    expect(actions.map(({ kind, guestName, before, after }) => [kind, guestName, before, after])).toEqual([
      ['policy', null, smallConfig().policy, 'fifo'],
      ['idle-tax', null, smallConfig().idleTaxPermille, 250],
      ['precache-cap', host.guest(1)?.name, null, 10],
      ['precache-cap', host.guest(1)?.name, 10, null],
      ['precache-cap', host.guest(2)?.name, null, 7],
      ['pool-limit', null, null, 60],
      ['host-size', null, totalPages, totalPages + 100],
    ]);
    expect(actions.every(({ reason, undoes }) => reason === 'as agreed' && undoes === null)).toBe(true);
    expect(host.settings).toEqual({ policy: 'fifo', idleTaxPermille: 250, ephemeralLimitPages: 60 });
    expect(frames.at(-1)?.settings).toMatchObject({
      ...{ policy: 'fifo', idleTaxPermille: 250, poolLimitPages: 60, totalPages: totalPages + 100 },
      guestSettings: [
        { guestId: 1, capPages: null, presence: 'present' },
        { guestId: 2, capPages: 7, presence: 'present' },
      ],
    });
    pass(2_000);
    expect(host.readings().ephemeralPages).toBeLessThanOrEqual(60);
    expect(host.readings().guests[1]?.ephemeralPages).toBeLessThanOrEqual(7);
  });

  it('says which rows an undo sets back, and refuses one that does not', () => {
    const { host, loop } = loopOnFakeClock();
    const { actions } = loop.applyChanges([
      { kind: 'weight', guestId: 1, value: 400 },
      { kind: 'precache-cap', guestId: 2, valuePages: 9 },
    ]);
    const [weight, cap] = actions.map(({ id }) => id);
    const wrong: [Change, number][] = [
      [{ kind: 'weight', guestId: 1, value: 101 }, weight ?? 0],
      [{ kind: 'weight', guestId: 2, value: 100 }, weight ?? 0],
      [{ kind: 'weight', guestId: 1, value: 100 }, 77],
    ];
    for (const [change, undoes] of wrong) {
      expect(caught(() => loop.applyChanges([change], { undoes: [undoes] })).code).toBe('bad-request');
    }
    expect(caught(() => loop.applyChanges([{ kind: 'weight', guestId: 1, value: 100 }], { undoes: [] })).code).toBe(
      'bad-request',
    );
    const undone = loop.applyChanges(
      [
        { kind: 'precache-cap', guestId: 2, valuePages: null },
        { kind: 'weight', guestId: 1, value: 100 },
      ],
      { undoes: [cap ?? 0, weight ?? 0], reason: 'Undo' },
    );
    expect(undone.actions.map(({ undoes, reason }) => [undoes, reason])).toEqual([
      [cap, 'Undo'],
      [weight, 'Undo'],
    ]);
    expect([host.guest(1)?.weight, host.guest(2)?.capPages]).toEqual([100, Infinity]);
  });

  it('removes a guest with what it has, counts what is given up, and has no more settings for it', () => {
    const { host, loop, pass, frames } = loopOnFakeClock();
    pass(2_000);
    const held = structuredClone(host.readings().guests[0]);
    const { actions } = loop.applyChanges([
      { kind: 'flush-precache', guestId: 1 },
      { kind: 'remove-guest', guestId: 1 },
    ]);
    expect(held?.ephemeralPages).toBeGreaterThan(0);
    expect(actions.map(({ kind, before, after }) => [kind, before, after])).toEqual([
      ['flush-precache', { ramPages: 0, precachePages: held?.ephemeralPages, preswapPages: 0 }, null],
      ['remove-guest', { ramPages: held?.ramPages, precachePages: 0, preswapPages: held?.persistentPages }, null],
    ]);
    expect(frames.at(-1)?.settings.guestSettings[0]?.presence).toBe('removed');
    expect(caught(() => loop.applyChanges([{ kind: 'weight', guestId: 1, value: 1 }])).message).toMatch(/was removed/);
    expect(caught(() => loop.applyChanges([{ kind: 'remove-guest', guestId: 1 }])).code).toBe('unknown-guest');
    const both: Change[] = [
      { kind: 'remove-guest', guestId: 2 },
      { kind: 'precache-cap', guestId: 2, valuePages: 1 },
    ];
    expect(caught(() => loop.applyChanges(both)).code).toBe('unknown-guest');
    expect(host.guest(2)?.presence).toBe(1);
    pass(1_000);
    expect(host.readings().guests[0]).toMatchObject({ present: false, ephemeralPages: 0, persistentPages: 0 });
  });

  it('refuses a host too small for what its guests have, unless the same set removes the guest first', () => {
    const { host, loop, pass } = loopOnFakeClock();
    pass(1_000);
    const { reservedPages, guests } = host.readings();
    const [first, second] = guests.map(({ ramPages, persistentPages }) => ramPages + persistentPages);
    const least = reservedPages + (second ?? NaN);
    const small = { kind: 'host-size', valuePages: least } as const;
    expect(first).toBeGreaterThan(0);
    expect(caught(() => loop.applyChanges([small, { kind: 'remove-guest', guestId: 1 }])).code).toBe('bad-host-size');
    expect(host.guest(1)?.presence).toBe(1);
    loop.applyChanges([{ kind: 'remove-guest', guestId: 1 }, small]);
    expect(host.readings().totalPages).toBe(least);
    pass(1_000);
    expect(host.readings().fallowPages + host.readings().ephemeralPages).toBe(0);
  });

  it('applies none of a set when one of it is refused', () => {
    const { host, loop } = loopOnFakeClock();
    const weight = { kind: 'weight', guestId: 1, value: 400 } as const;
    expect(caught(() => loop.applyChanges([weight, { kind: 'weight', guestId: 7, value: 1 }])).code).toBe(
      'unknown-guest',
    );
    const target = { kind: 'balloon-target', guestId: 2, valuePages: 10_000 } as const;
    expect(caught(() => loop.applyChanges([weight, target])).code).toBe('bad-balloon-target');
    vi.spyOn(history, 'commitActions').mockImplementation(() => {
      throw new ConsoleError('history-unwritable', 'The disk is full.');
    });
    expect(caught(() => loop.applyChanges([weight])).code).toBe('history-unwritable');
    expect(host.guest(1)?.weight).toBe(100);
  });

  it('keeps samples in memory while the history refuses them, says why, and writes them when it can', () => {
    const { frames, pass } = loopOnFakeClock();
    pass(1_000);
    const write = vi.spyOn(history, 'writeSeconds').mockImplementation(() => {
      throw new ConsoleError('history-unwritable', 'The disk is full.');
    });
    pass(3_000);
    expect(write).toHaveBeenCalled();
    expect(frames.at(-1)?.historyFailure?.message).toBe('The disk is full.');
    write.mockRestore();
    const written = vi.spyOn(history, 'writeSeconds');
    pass(1_500);
    expect(written.mock.calls[0]?.[0]).toMatchObject({ firstSecond: 1 });
    expect(frames.at(-1)?.historyFailure).toBeNull();
  });

  it('marks it when the clock of the machine is set, either way, and keeps a wall time for each host time', () => {
    const { frames, loop, pass, setClock, host } = loopOnFakeClock();
    pass(10_000);
    setClock(-600_000);
    pass(10_000);
    setClock(600_000);
    pass(10_000);
    expect(host.hostMs).toBe(30_000);
    const events = frames.flatMap((frame) => frame.clockEvents);
    expect(events.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['clock', 'The clock of this machine was set back by 600 s.'],
      ['clock', 'The clock of this machine was set forward by 1200 s.'],
    ]);
    loop.setPaused(true);
    const connection = openForReading(databaseFile());
    const clock = new WallClock(connection);
    const corners = connection.prepare('SELECT hostMs FROM timeMap ORDER BY hostMs, piece').pluck().all() as number[];
    expect(corners).toEqual(corners.toSorted((a, b) => a - b));
    const start = clock.at(1, 0) ?? NaN;
    for (const [hostMs, shift] of [
      [5_000, 0],
      [15_000, -600_000],
      [25_000, 600_000],
    ] as const) {
      expect(Math.abs((clock.at(1, hostMs) ?? NaN) - (start + hostMs + shift))).toBeLessThanOrEqual(100);
    }
    connection.close();
  });

  it('says what a look through the file has found, as an event and, if it is damaged, in every frame', () => {
    const { frames, loop, pass } = loopOnFakeClock();
    loop.noteCheck([]);
    pass(500);
    expect(frames.at(-1)?.historyFailure).toBeNull();
    loop.noteCheck(['row 3 missing from index x']);
    pass(2_000);
    expect(frames.at(-1)?.historyFailure).toMatchObject({ code: 'history-damaged', remedy: /backup/ });
    expect(frames.flatMap((frame) => frame.clockEvents).map(({ kind, detail }) => `${kind}: ${detail}`)).toEqual([
      'check: The history was looked through, as it was not closed in order: it is sound.',
      'check: The history is damaged: row 3 missing from index x.',
    ]);
  });

  it('says so while another process has locked the file, and loses nothing', () => {
    const { frames, loop, pass, host } = loopOnFakeClock();
    pass(2_000);
    const other = openForWriting(databaseFile(), 'NORMAL');
    other.exec('BEGIN IMMEDIATE');
    pass(1_300);
    expect(frames.at(-1)?.historyFailure).toMatchObject({ code: 'history-locked' });
    const weight = { kind: 'weight', guestId: 1, value: 400 } as const;
    expect(caught(() => loop.applyChanges([weight])).code).toBe('history-locked');
    expect(host.guest(1)?.weight).toBe(100);
    other.exec('ROLLBACK');
    pass(2_000);
    expect(frames.at(-1)?.historyFailure).toBeNull();
    const stored = other.prepare('SELECT count(*) AS count, max(second) + 1 AS ended FROM hostSamples').get();
    expect(stored).toEqual({ count: 5, ended: 5 });
    other.close();
  }, 60_000);

  it('marks a gap when the machine slept, instead of racing after the clock', () => {
    const { host, frames, clock, pass } = loopOnFakeClock();
    pass(1_000);
    clock.ms += 3_600_000;
    pass(1_000);
    expect(host.hostMs).toBeLessThan(3_000);
    expect(frames.flatMap((frame) => frame.clockEvents.map((event) => event.kind))).toContain('gap');
  });
});
