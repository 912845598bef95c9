import Database from 'better-sqlite3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Action, Change } from '#contract/model.ts';
import { Host } from '#main/host/host.ts';
import { digestOf } from '#main/host/state.ts';
import { MODEL_VERSION } from '#main/host/model-version.ts';
import type { SampleBatch } from '#main/host/sample-batch.ts';
import { EvictionBlocks } from '#main/history/eviction-blocks.ts';
import { TierReader } from '#main/history/tier-reader.ts';
import { EVICTION_TIERS_S, TIERS_S } from '#main/history/tiers.ts';
import { GUEST } from '#main/host/sample-columns.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { applyAction } from '#main/host-thread/admin-changes.ts';
import { type StartedHost, startHost } from '#main/host-thread/start-host.ts';
import { exampleConfig } from '../host/example-config.ts';

let folder = '';
const open: StartedHost[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmem-restart-'));
});
afterEach(async () => {
  for (const host of open.splice(0)) host.close();
  await rm(folder, { recursive: true });
});

const databaseFile = (): string => join(folder, 'history.db');

/** A host on a wall clock that the test moves. */
async function start(): Promise<{ started: StartedHost; pass: (ms: number) => Promise<void>; progress: string[] }> {
  const clock = { ms: 0 };
  const progress: string[] = [];
  const started = await startHost(
    {
      databaseFile: databaseFile(),
      readerFile: new URL('../../src-main/history/reader-thread.ts', import.meta.url),
      tracesFolder: resolve('resources/traces'),
      cacheFolder: join(folder, 'traces'),
      scenarioFile: resolve('resources/scenarios/three-real-traces.json'),
      seed: null,
      versions: { app: 'test' },
    },
    {
      now: () => clock.ms,
      wallMs: () => 1_700_000_000_000 + clock.ms,
      emit: () => undefined,
      onProgress: (text) => progress.push(text),
    },
  );
  open.push(started);
  const pass = async (ms: number): Promise<void> => {
    for (const end = clock.ms + ms; clock.ms < end; clock.ms += 20) {
      started.loop.slice();
      // Checkpoints are compressed beside the model.
      await new Promise(setImmediate);
    }
  };
  return { started, pass, progress };
}

/** As a `kill -9` leaves it: what was not written is lost, the run has no end. */
function kill(started: StartedHost): void {
  open.splice(open.indexOf(started), 1);
  started.close();
}

async function end(started: StartedHost): Promise<void> {
  await started.loop.end();
  kill(started);
}

/** Runs 10 host seconds for each wall second, with changes in between. */
async function workFor(started: StartedHost, pass: (ms: number) => Promise<void>): Promise<Action[]> {
  started.loop.setSpeed('10x');
  await pass(1_500);
  const first = started.loop.applyChanges([{ kind: 'weight', guestId: 2, value: 400 }]);
  await pass(1_010);
  const second = started.loop.applyChanges([
    { kind: 'balloon-target', guestId: 3, valuePages: 6_000 },
    { kind: 'weight', guestId: 1, value: 50 },
  ]);
  await pass(730);
  return [...first.actions, ...second.actions];
}

/** What is stored of run 1, and what an undisturbed host does with the same commands over as many seconds. */
async function storedAndUndisturbed() {
  const writer = HistoryWriter.open({ file: databaseFile(), appVersion: 'test' });
  const run = writer.lastRun();
  const actions = writer.actionsAfter(1, 0);
  const stored = writer.readSeconds(1, 0, run?.seconds ?? 0);
  writer.close();
  const host = new Host(await exampleConfig());
  for (const action of actions) {
    host.runTo(action.hostMs);
    applyAction(host, action);
  }
  host.runTo((run?.seconds ?? 0) * 1000);
  return { run, stored, undisturbed: host.takeSamples() };
}

function expectEqual(stored: Pick<SampleBatch, never> & Record<string, Float64Array>, batch: SampleBatch): void {
  for (const part of ['host', 'guests', 'evictions', 'evictionSamples'] as const) {
    expect(stored[part]?.length).toBe(batch[part].length);
    expect(stored[part]?.every((value, at) => value === batch[part][at])).toBe(true);
  }
}

/** Sums over each tier of run 1 beside those of its seconds. */
function expectTiersToAddUp(): void {
  const database = new Database(databaseFile(), { readonly: true });
  const all = (sql: string): unknown[] => database.prepare(sql).all();
  const [raw] = all('SELECT count(*) AS count, sum(diskReads) AS reads, max(ephemeralPages) AS most FROM guestSamples');
  const reader = new TierReader(database);
  const range = { fromS: 0, toS: 10_000 };
  const guests = { lowest: 1, highest: 65_535 };
  const total = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);
  for (const tierS of TIERS_S) {
    const found = { count: 0, reads: 0, most: 0 };
    reader.read(tierS, 1, range, GUEST.diskReads, guests, ({ sum }) => (found.reads += total(sum)));
    reader.read(tierS, 1, range, GUEST.ephemeralPages, guests, ({ count, max }) => {
      found.count += total(count);
      found.most = Math.max(found.most, ...max);
    });
    expect(found).toEqual(raw);
  }
  const pages = all('SELECT sum(pages) AS pages FROM evictions');
  for (const tierS of EVICTION_TIERS_S) {
    const blocks = [...new EvictionBlocks(database).read(tierS, 1, range)];
    expect([{ pages: total(blocks.flatMap((block) => [...block.pages])) }]).toEqual(pages);
  }
  database.close();
}

function alterDatabase(sql: string): void {
  const database = new Database(databaseFile());
  database.exec(sql);
  database.close();
}

describe('a restart', () => {
  it('goes on where it stopped in order, as if nothing had happened', async () => {
    const first = await start();
    await workFor(first.started, first.pass);
    await end(first.started);
    const second = await start();
    expect(second.started.description.run).toMatchObject({ id: 1, end: 'running' });
    expect(second.started.description.notice).toBeNull();
    await workFor(second.started, second.pass);
    await end(second.started);
    const { run, stored, undisturbed } = await storedAndUndisturbed();
    expect(run?.seconds).toBeGreaterThan(60);
    expectTiersToAddUp();
    expectEqual({ ...stored }, undisturbed);
  });

  it('goes on after a kill from checkpoint and commands, and the result equals an undisturbed run', async () => {
    const first = await start();
    const actions = await workFor(first.started, first.pass);
    kill(first.started);
    const second = await start();
    expect(second.started.description.run.id).toBe(1);
    expect(second.started.description.notice).toMatch(/not closed in order/);
    expect(second.progress.length).toBeGreaterThan(0);
    await workFor(second.started, second.pass);
    await end(second.started);
    const { run, stored, undisturbed } = await storedAndUndisturbed();
    expect(actions).toHaveLength(3);
    expect(run?.seconds).toBeGreaterThan(60);
    expectTiersToAddUp();
    expectEqual({ ...stored }, undisturbed);
  });

  it('looks through the file beside the live host after a kill, and says what it found; not after an orderly end', async () => {
    const checks = (): unknown[] => {
      const database = new Database(databaseFile(), { readonly: true });
      const found = database.prepare(`SELECT detail FROM clockEvents WHERE kind = 'check'`).pluck().all();
      database.close();
      return found;
    };
    const first = await start();
    await first.pass(1_000);
    kill(first.started);
    const second = await start();
    while (checks().length === 0) await second.pass(20);
    expect(checks()).toEqual([expect.stringMatching(/it is sound/)]);
    await end(second.started);
    const third = await start();
    await third.pass(2_000);
    expect(checks()).toHaveLength(1);
    await end(third.started);
  });

  it('applies an action that was committed and not yet applied', async () => {
    const first = await start();
    await workFor(first.started, first.pass);
    kill(first.started);
    alterDatabase('DELETE FROM actionOutcomes; DELETE FROM checkpoints WHERE id > 1');
    const second = await start();
    expect(second.started.description.run.id).toBe(1);
    await end(second.started);
    const writer = HistoryWriter.open({ file: databaseFile(), appVersion: 'test' });
    expect(writer.pendingActions()).toEqual([]);
    writer.close();
    const { stored, undisturbed } = await storedAndUndisturbed();
    expectEqual({ ...stored }, undisturbed);
  });

  it('repeats every kind of change after a kill, those that the host had not got yet too, and tells what is in force', async () => {
    const first = await start();
    first.started.loop.setSpeed('10x');
    await first.pass(1_500);
    const apply = (...changes: Change[]) => first.started.loop.applyChanges(changes).actions;
    const done = apply(
      { kind: 'policy', value: 'xen-documented' },
      { kind: 'idle-tax', valuePermille: 500 },
      { kind: 'precache-cap', guestId: 2, valuePages: 700 },
    );
    await first.pass(700);
    done.push(...apply({ kind: 'pool-limit', valuePages: 6_000 }, { kind: 'flush-precache', guestId: 3 }));
    await first.pass(700);
    done.push(
      ...apply(
        { kind: 'remove-guest', guestId: 1 },
        { kind: 'host-size', valuePages: first.started.description.totalPages - 2_000 },
        { kind: 'policy', value: 'max-over-share' },
      ),
    );
    await first.pass(1_500);
    kill(first.started);
    alterDatabase('DELETE FROM actionOutcomes; DELETE FROM checkpoints WHERE id > 1');
    const second = await start();
    expect(second.started.description.notice).toMatch(/equals the record/);
    expect(second.started.description).toMatchObject({
      policy: 'max-over-share',
      idleTaxPermille: 500,
      poolLimitPages: 6_000,
      totalPages: first.started.description.totalPages - 2_000,
      guestSettings: [
        { guestId: 1, presence: 'removed' },
        { guestId: 2, capPages: 700, presence: 'present' },
        { guestId: 3, capPages: null, presence: 'present' },
      ],
    });
    await second.pass(1_500);
    await end(second.started);
    const writer = HistoryWriter.open({ file: databaseFile(), appVersion: 'test' });
    expect(writer.pendingActions()).toEqual([]);
    writer.close();
    const { run, stored, undisturbed } = await storedAndUndisturbed();
    expect(done).toHaveLength(8);
    expect(run?.seconds).toBeGreaterThan(30);
    expectEqual({ ...stored }, undisturbed);
    // The changes did something: the record is not that of a host left alone.
    const alone = new Host(await exampleConfig());
    alone.runTo((run?.seconds ?? 0) * 1_000);
    expect(digestOf([{ name: 'guests', values: alone.takeSamples().guests }])).not.toBe(
      digestOf([{ name: 'guests', values: undisturbed.guests }]),
    );
  });

  it.each([
    [
      'a stored sample differs from the recomputed one',
      'UPDATE guestSamples SET diskReads = diskReads + 1 WHERE second = 20 AND guestId = 1',
      /from host second 20 on differs/,
    ],
    [
      'the checkpoint is of another model',
      `UPDATE checkpoints SET modelVersion = ${MODEL_VERSION + 1}`,
      new RegExp(`version ${MODEL_VERSION + 1} of the model`),
    ],
    [
      'the checkpoint is of another scenario',
      `UPDATE checkpoints SET configDigest = 'other'`,
      /scenario, its seed or its traces have changed/,
    ],
    ['the checkpoint is damaged', `UPDATE checkpoints SET data = substr(data, 1, length(data) / 2)`, /./],
    ['there is no checkpoint', 'DELETE FROM checkpoints', /no checkpoint/],
  ])('begins a new run behind a marked gap and says so when %s', async (_what, sql, why) => {
    const first = await start();
    await workFor(first.started, first.pass);
    kill(first.started);
    alterDatabase(sql.includes('guestSamples') ? `DELETE FROM checkpoints WHERE id > 1; ${sql}` : sql);
    const second = await start();
    expect(second.started.description.run.id).toBe(2);
    expect(second.started.description.notice).toMatch(why);
    await second.pass(1_200);
    await end(second.started);
  });
});
