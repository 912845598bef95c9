import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StudyOrder, StudyResult } from '#contract/studies.ts';
import { Host } from '#main/host/host.ts';
import { readScenario } from '#main/scenario/read-scenario.ts';
import { forkStudy } from '#main/study-process/fork-study.ts';
import type { StudyJob } from '#main/study-process/job.ts';
import { Studies } from '#main/study-process/studies.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import { exampleConfig } from '../host/example-config.ts';

const processFile = resolve('src-main/study-process/process.ts');
const order: StudyOrder = {
  horizonMs: 20_000,
  alternatives: [
    { name: 'as it is', changes: [] },
    { name: 'favour db', changes: [{ kind: 'weight', guestId: 3, value: 400 }] },
  ],
  engine: 'auto',
};
/** A study that takes longer than any test. */
const endless: StudyOrder = { ...order, horizonMs: 80_000_000, engine: 'full' };

let folder = '';
let host: Host;
let job: StudyJob;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmem-study-'));
  const { guests: declared } = await readScenario('resources/scenarios/three-real-traces.json');
  const { guests, ...config } = await exampleConfig();
  host = new Host({ ...config, guests });
  host.runTo(3_000);
  job = {
    order,
    config: {
      ...config,
      guests: guests.map(({ trace: _, ...guest }, at) => ({
        ...guest,
        traceFile: resolve('resources/traces', declared[at]?.trace ?? ''),
      })),
    },
    cacheFolder: folder,
    start: { kind: 'scenario', atMs: 3_000 },
    memoryMiB: 2_048,
  };
});
afterAll(() => rm(folder, { recursive: true }));

const runners: Studies[] = [];
afterEach(() => runners.splice(0).forEach((runner) => runner.cool()));

function studies(): Studies {
  const runner = new Studies(() => forkStudy(processFile));
  runners.push(runner);
  return runner;
}

describe('a study in a process of its own', () => {
  it('gives what the same study gives here, and tells its progress', async () => {
    const told: number[] = [];
    const found = await studies().run(job, { onProgress: (done) => told.push(done) });
    const start = { config: await exampleConfig(), state: host.snapshot() };
    expect(found).toEqual(await runStudy({ ...order, start }));
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it('that is killed fails with a reason, and the next one runs', async () => {
    const runner = studies();
    const killed = runner.run(
      { ...job, order: endless },
      { onStart: (pid) => setTimeout(() => process.kill(pid ?? 0, 'SIGKILL'), 50) },
    );
    const beside = runner.run(job);
    await expect(killed).rejects.toMatchObject({
      code: 'study-failed',
      message: expect.stringContaining('SIGKILL') as string,
    });
    expect((await beside).alternatives).toHaveLength(2);
    expect((await runner.run(job)).alternatives).toHaveLength(2);
  });

  it('that takes too much memory fails with a sentence', async () => {
    const failing = studies().run({ ...job, order: endless, memoryMiB: 60 });
    await expect(failing).rejects.toMatchObject({
      code: 'study-failed',
      message: expect.stringContaining('60 MiB') as string,
    });
  });

  it('that is cancelled is gone at once, running or waiting', async () => {
    const runner = studies();
    const cancel = new AbortController();
    let pid = 0;
    const watch = {
      signal: cancel.signal,
      onStart: (started: number | undefined) => (pid = started ?? 0),
      onProgress: () => cancel.abort(),
    };
    const running = [1, 2, 3].map(() => runner.run({ ...job, order: endless }, watch));
    for (const each of running) await expect(each).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('that comes after one of the same stretch is run by the same process, and gives the same', async () => {
    const runner = studies();
    const pids: (number | undefined)[] = [];
    const onStart = (pid: number | undefined): void => void pids.push(pid);
    const first = await runner.run(job, { onStart });
    const second = await runner.run(job, { onStart });
    expect(second).toEqual(first);
    expect(pids[1]).toBe(pids[0]);
    runner.cool();
    await runner.run(job, { onStart });
    expect(pids[2]).not.toBe(pids[0]);
  });

  it('that was prepared tells its estimate out of what was prepared, and its result as without', async () => {
    const runner = studies();
    const { order: _, ...stretch } = job;
    await runner.prepare({ ...stretch, horizonMs: order.horizonMs });
    const estimates: StudyResult[] = [];
    const found = await runner.run({ ...job, isExplored: true }, { onEstimate: (result) => estimates.push(result) });
    const start = { config: await exampleConfig(), state: host.snapshot() };
    expect(found).toEqual(await runStudy({ ...order, start }));
    expect(estimates[0]).toMatchObject({ fromMs: 3_000, horizonMs: 20_000 });
    expect(estimates[0]?.alternatives.map(({ engine }) => engine)).toEqual(['curves', 'curves']);
    // Then alternative by alternative the better engine's.
    expect(estimates[1]?.alternatives.map(({ engine }) => engine)).toEqual([found.alternatives[0]?.engine, 'curves']);
  });

  it('that is given up for another while it is prepared does not hold that one up', async () => {
    const runner = studies();
    const { order: _, ...stretch } = job;
    const far = runner.prepare({ ...stretch, start: { kind: 'scenario', atMs: 40_000_000 }, horizonMs: 20_000 });
    const found = await runner.run(job);
    await far;
    expect(found.alternatives).toHaveLength(2);
  });

  it('of a long stretch tells of a short piece of it first, and says so', async () => {
    const runner = studies();
    const cancel = new AbortController();
    const first = new Promise<StudyResult>((resolve) => {
      const onEstimate = (result: StudyResult): void => {
        resolve(result);
        cancel.abort();
      };
      const long = { ...job, order: { ...order, horizonMs: 7_200_000 }, isExplored: true };
      runner.run(long, { signal: cancel.signal, onEstimate }).catch(() => undefined);
    });
    const { fromMs, horizonMs, alternatives } = await first;
    expect(fromMs).toBe(3_000);
    expect(horizonMs).toBeLessThan(600_000);
    const start = { config: await exampleConfig(), state: host.snapshot() };
    const same = await runStudy({ ...order, engine: 'curves', horizonMs, start });
    expect(alternatives).toEqual(same.alternatives);
  });

  it('tells what is wrong with its order', async () => {
    const bad: StudyOrder = {
      ...order,
      alternatives: [{ name: 'x', changes: [{ kind: 'weight', guestId: 9, value: 1 }] }],
    };
    await expect(studies().run({ ...job, order: bad })).rejects.toMatchObject({ code: 'bad-study' });
    const [first, ...others] = job.config.guests;
    const lost = { ...job.config, guests: [{ ...first, traceFile: '/nowhere.gz' }, ...others] } as StudyJob['config'];
    await expect(studies().run({ ...job, config: lost })).rejects.toMatchObject({ code: 'bad-trace' });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
