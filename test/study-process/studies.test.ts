import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudyOrder } from '#contract/studies.ts';
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

const studies = () => new Studies(() => forkStudy(processFile));

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
