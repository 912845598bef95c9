import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForReading } from '#main/history/connection.ts';
import { readStoredSeconds } from '#main/history/writer/stored-seconds.ts';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { GUEST, GUEST_WIDTH } from '#main/host/sample-columns.ts';
import { encodeSnapshot } from '#main/host/state-codec.ts';
import type { JobStart } from '#main/study-process/job.ts';
import { openStart } from '#main/study-process/open-start.ts';
import { applyCommand } from '#main/what-if/changes.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import type { Alternative, Engine, StudyKind, TimedCommand } from '#main/what-if/study.ts';
import { exampleConfig } from '../host/example-config.ts';
import { smallConfig } from '../host/small-config.ts';
import { recordRun } from './recorded-host.ts';

const asItIs: Alternative = { name: 'as it is', changes: [] };
const commands: TimedCommand[] = [
  { hostMs: 12_340, change: { kind: 'weight', guestId: 1, value: 700 } },
  { hostMs: 21_000, change: { kind: 'balloon-target', guestId: 2, pages: 90 } },
  { hostMs: 21_000, change: { kind: 'weight', guestId: 2, value: 20 } },
  { hostMs: 33_333, change: { kind: 'weight', guestId: 1, value: 40 } },
  { hostMs: 47_700, change: { kind: 'balloon-target', guestId: 2, pages: 40 } },
];

let folder = '';
let config: HostConfig;
let recorded: Host;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmem-studied-'));
  // Guests that pause, so that there is something to know of the future.
  const small = smallConfig();
  config = {
    ...small,
    guests: small.guests.map((guest, place) => ({
      ...guest,
      pace: { ...guest.pace, phases: [...guest.pace.phases, { ms: 4_000 + 2_000 * place, accessesPerS: 0 }] },
    })),
  };
  recorded = await recordRun(file(), config, { seconds: 60, commands, checkpointsMs: [5_000, 21_000, 40_500] });
});
afterAll(() => rm(folder, { recursive: true }));

const file = (): string => join(folder, 'history.db');
const history = (atMs: number | null): JobStart => ({ kind: 'history', databaseFile: file(), runId: null, atMs });
const startAt = (start: JobStart, kind: StudyKind, horizonMs: number, of = config) =>
  openStart(of, start, { kind, horizonMs });

async function study(atMs: number, horizonMs: number, engine: Engine | 'auto', alternatives = [asItIs]) {
  const start = await startAt(history(atMs), 'replay', horizonMs);
  return runStudy({ start, horizonMs, alternatives, engine });
}

/** Sums of the stored samples of seconds [from, to). */
function stored(from: number, to: number) {
  const connection = openForReading(file());
  const { guests } = readStoredSeconds(connection, 1, from, to);
  connection.close();
  return config.guests.map((_, place) => {
    const sum = (column: number): number => {
      let total = 0;
      for (let row = place; row * GUEST_WIDTH < guests.length; row += config.guests.length) {
        total += guests[row * GUEST_WIDTH + column] ?? NaN;
      }
      return total;
    };
    return {
      accesses: sum(GUEST.accesses),
      cacheHits: sum(GUEST.cacheHits),
      precacheHits: sum(GUEST.precacheHits),
      diskReads: sum(GUEST.diskReads),
      evictedBySelf: sum(GUEST.evictedBySelf),
      evictedByOthers: sum(GUEST.evictedByOthers),
      evictionsCaused: sum(GUEST.evictionsCaused),
      meanEphemeralPages: sum(GUEST.ephemeralPages) / (to - from),
      meanRamPages: sum(GUEST.ramPages) / (to - from),
    };
  });
}

describe('a replay of recorded time', () => {
  it.each([
    ['full', 5, 55],
    ['full', 30, 17],
    ['auto', 5, 55],
    ['auto', 21, 30],
    ['distances', 40, 20],
  ] as const)('without a change equals history exactly: %s from %i s for %i s', async (engine, fromS, seconds) => {
    const result = await study(fromS * 1000, seconds * 1000, engine);
    for (const { error } of result.alternatives[0]?.guests ?? []) expect(error).toBe(0);
    expect(result.alternatives[0]?.guests).toMatchObject(stored(fromS, fromS + seconds));
  });

  it('has the recorded changes of the knobs that the alternative leaves alone, by every exact engine', async () => {
    const changes = [{ kind: 'weight', guestId: 1, value: 100 }] as const;
    const alternatives = [asItIs, { name: 'other', changes }];
    const exact = await study(5_000, 55_000, 'full', alternatives);
    const fast = await study(5_000, 55_000, 'distances', alternatives);
    expect(fast.alternatives.map(({ guests }) => guests)).toEqual(exact.alternatives.map(({ guests }) => guests));
    const host = new Host(config);
    host.runTo(5_000);
    host.takeSamples();
    // The weight of guest 1 stays as the alternative has it; everything else is as it was.
    for (const command of commands.filter(({ change }) => change.kind !== 'weight' || change.guestId !== 1)) {
      host.runTo(command.hostMs);
      applyCommand(host, command);
    }
    host.runTo(60_000);
    const { guests } = host.takeSamples();
    const reads = [0, 1].map((place) => {
      let sum = 0;
      for (let second = 0; second < 55; second++)
        sum += guests[(second * 2 + place) * GUEST_WIDTH + GUEST.diskReads] ?? NaN;
      return sum;
    });
    expect(exact.alternatives[1]?.guests.map(({ diskReads }) => diskReads)).toEqual(reads);
    expect(reads).not.toEqual(exact.alternatives[0]?.guests.map(({ diskReads }) => diskReads));
  });

  it('ends where the record ends unless it is told where it starts', async () => {
    const start = await startAt(history(null), 'replay', 18_000);
    const { fromMs } = await runStudy({ start, horizonMs: 18_000, alternatives: [asItIs], engine: 'auto' });
    expect(fromMs).toBe(42_000);
  });

  it.each<[string, number, string]>([
    ['behind the end', 50_000, 'recorded to 60000 ms'],
    ['before the oldest checkpoint', 4_999, 'its oldest checkpoint is at 5000 ms'],
  ])('is refused %s of the record', async (_, atMs, sentence) => {
    await expect(startAt(history(atMs), 'replay', 11_000)).rejects.toThrow(sentence);
  });

  it('is refused where the host is another one, or what is computed differs from what is stored', async () => {
    await expect(startAt(history(30_000), 'replay', 1_000, { ...config, seed: 6 })).rejects.toThrow(
      'The scenario, its seed or its traces have changed.',
    );
    const other = join(folder, 'other.db');
    await recordRun(other, config, { seconds: 30, commands: [], checkpointsMs: [1_000] });
    const { default: Database } = await import('better-sqlite3');
    const database = new Database(other);
    database.exec('UPDATE guestSamples SET diskReads = diskReads + 1 WHERE second = 7');
    database.close();
    const start: JobStart = { kind: 'history', databaseFile: other, runId: null, atMs: 20_000 };
    await expect(startAt(start, 'replay', 5_000)).rejects.toThrow('host second 7 of run 1 differs');
  });
});

describe('a forecast', () => {
  /** Disk reads by every exact engine, checked to agree. */
  async function forecast(start: JobStart, horizonMs: number, of = config) {
    const opened = await startAt(start, 'forecast', horizonMs, of);
    const alternatives: Alternative[] = [
      asItIs,
      { name: 'other', changes: [{ kind: 'weight', guestId: 1, value: 300 }] },
    ];
    const auto = await runStudy({ start: opened, horizonMs, alternatives, engine: 'auto' });
    const full = await runStudy({ start: opened, horizonMs, alternatives, engine: 'full' });
    const numbers = full.alternatives.map(({ guests, host }) => ({ guests, host }));
    expect(auto.alternatives.map(({ guests, host }) => ({ guests, host }))).toEqual(numbers);
    return { numbers, engines: auto.alternatives.map(({ engine }) => engine) };
  }

  it('from a scenario, a record and the live host is the same', async () => {
    const plain = join(folder, 'plain.db');
    const host = await recordRun(plain, config, { seconds: 40, commands: [], checkpointsMs: [3_000] });
    const from: JobStart[] = [
      { kind: 'scenario', atMs: 40_000 },
      { kind: 'history', databaseFile: plain, runId: 1, atMs: null },
      { kind: 'live', databaseFile: plain, runId: 1, state: encodeSnapshot(host.snapshot()) },
    ];
    const found = [];
    for (const start of from) found.push(await forecast(start, 15_500));
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
    expect(found[0]?.engines).toEqual(['distances', 'distances']);
  });

  it('does not depend on the seeds after its start, nor on anything that happens then', async () => {
    const before = await forecast(history(40_000), 20_000);
    // The same past, recorded no further, and then another future.
    const short = join(folder, 'short.db');
    const until = commands.filter(({ hostMs }) => hostMs < 40_000);
    await recordRun(short, config, { seconds: 40, commands: until, checkpointsMs: [5_000, 21_000] });
    const other = join(folder, 'future.db');
    const later: TimedCommand[] = [
      { hostMs: 41_000, change: { kind: 'weight', guestId: 2, value: 9_999 } },
      { hostMs: 44_000, change: { kind: 'balloon-target', guestId: 1, pages: 20 } },
    ];
    await recordRun(other, config, { seconds: 60, commands: [...until, ...later], checkpointsMs: [5_000, 21_000] });
    for (const databaseFile of [short, other]) {
      expect(await forecast({ kind: 'history', databaseFile, runId: 1, atMs: 40_000 }, 20_000)).toEqual(before);
    }
    // From the start on the generators are others: the players draw nothing that the forecast uses.
    const host = new Host(config);
    for (const command of until) {
      host.runTo(command.hostMs);
      applyCommand(host, command);
    }
    host.runTo(40_000);
    const state = host.snapshot();
    const reseeded = state.map((entry) =>
      entry.name === 'random' ? { ...entry, values: Uint32Array.of(11, 22, 33, 44) } : entry,
    );
    const outcomes = [];
    for (const entries of [state, reseeded]) {
      const live: JobStart = { kind: 'live', databaseFile: short, runId: 1, state: encodeSnapshot(entries) };
      outcomes.push(await forecast(live, 20_000));
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[0]).toEqual(before);
  });

  it('repeats what was seen: as many accesses in as long a time', async () => {
    const { numbers } = await forecast(history(60_000), 30_000);
    expect(numbers[0]?.guests.map(({ accesses }) => accesses)).toEqual(stored(30, 60).map(({ accesses }) => accesses));
  });

  it('that looks further ahead than anything was seen repeats all of it', async () => {
    const { numbers } = await forecast(history(15_000), 40_000);
    const seen = stored(5, 15).map(({ accesses }) => accesses);
    // Four times the ten seconds since the oldest checkpoint.
    expect(numbers[0]?.guests.map(({ accesses }) => accesses)).toEqual(seen.map((accesses) => 4 * accesses));
  });

  it('is refused where nothing was seen, and a replay of what is not recorded yet too', async () => {
    await expect(startAt(history(5_500), 'forecast', 10_000)).rejects.toThrow('less than a second');
    await expect(startAt({ kind: 'scenario', atMs: 0 }, 'forecast', 10_000)).rejects.toThrow('less than a second');
  });

  it('of the shipped example takes its traces over the same stretch again', async () => {
    const example = await exampleConfig();
    const { engines, numbers } = await forecast({ kind: 'scenario', atMs: 30_000 }, 20_000, example);
    expect(engines).toEqual(['distances', 'distances']);
    expect(numbers[0]?.host.accesses).toBeGreaterThan(0);
  });

  it('knows the state at its start: the host that was recorded ends where the test expects it', () => {
    expect(recorded.hostMs).toBe(60_000);
  });
});
