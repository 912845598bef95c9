import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConsoleError } from '#contract/errors.ts';
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
