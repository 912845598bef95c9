import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { StudyOrder } from '#contract/studies.ts';
import { HostThreadClient } from '#main/host-thread/client.ts';
import { encodeSnapshot } from '#main/host/state-codec.ts';
import { readScenario } from '#main/scenario/read-scenario.ts';
import { forkStudy } from '#main/study-process/fork-study.ts';
import type { JobStart, JobStretch } from '#main/study-process/job.ts';
import { Studies } from '#main/study-process/studies.ts';
import { exampleConfig } from '../host/example-config.ts';
import { recordRun } from '../what-if/recorded-host.ts';

/**
 * How soon a person has numbers: from the asking of a study of the example host to its first answer, which is approximate, and to its
 * last, which is exact; and from a cancellation to the end of the process. Through processes, as the window has it, but without the window.
 */
const RECORDED_S = 700;
const CHECKPOINT_EVERY_S = 30;
const HORIZON_MS = 300_000;
const ROUNDS = 3;
const ENDLESS_MS = 80_000_000;
const LAG_WATCHED_MS = 15_000;
const processFile = resolve('src-main/study-process/process.ts');

interface Answers {
  readonly firstMs: number;
  readonly firstOfS: number;
  readonly lastMs: number;
}

export async function benchAnswers(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tmem-bench-'));
  try {
    const databaseFile = join(folder, 'history.db');
    const config = await exampleConfig();
    const checkpointsMs = Array.from(
      { length: RECORDED_S / CHECKPOINT_EVERY_S + 1 },
      (_, at) => Math.min(RECORDED_S, at * CHECKPOINT_EVERY_S) * 1_000,
    );
    const host = await recordRun(databaseFile, config, { seconds: RECORDED_S, commands: [], checkpointsMs });
    const { guests: declared } = await readScenario('resources/scenarios/three-real-traces.json');
    const { guests, ...rest } = config;
    const common = {
      config: {
        ...rest,
        guests: guests.map(({ trace: _, ...guest }, at) => ({
          ...guest,
          traceFile: resolve('resources/traces', declared[at]?.trace ?? ''),
        })),
      },
      cacheFolder: folder,
      memoryMiB: 2_048,
    };
    const nowMs = RECORDED_S * 1_000;
    const starts = {
      replay: { kind: 'history', databaseFile, runId: 1, atMs: null, nowMs },
      forecast: { kind: 'live', databaseFile, runId: 1, state: encodeSnapshot(host.snapshot()), nowMs },
    } satisfies Record<string, JobStart>;
    for (const [what, start] of Object.entries(starts)) {
      for (const horizonMs of [HORIZON_MS, 600_000]) {
        const stretch: JobStretch = { ...common, start, horizonMs };
        const named = `${what} of ${horizonMs / 60_000} min`;
        if (horizonMs === HORIZON_MS) {
          await report(`${named}, no process there`, stretch, () => Promise.resolve());
          await report(`${named}, a process with the traces`, stretch, (studies) =>
            studies.prepare({ ...stretch, horizonMs: 1_000, start: { kind: 'scenario', atMs: 0 } }),
          );
        }
        await report(`${named}, prepared by the page`, stretch, (studies) => studies.prepare(stretch));
      }
    }
    await benchLag(folder, { ...common, start: { kind: 'scenario', atMs: 0 }, horizonMs: ENDLESS_MS });
    await benchCancel({ ...common, start: starts.replay, horizonMs: HORIZON_MS });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function orderOf(horizonMs: number, engine: StudyOrder['engine']): StudyOrder {
  return {
    horizonMs,
    engine,
    alternatives: [
      { name: 'as it is', changes: [] },
      { name: 'favour db', changes: [{ kind: 'weight', guestId: 3, value: 400 }] },
    ],
  };
}

async function report(
  what: string,
  stretch: JobStretch,
  makeReady: (studies: Studies) => Promise<void>,
): Promise<void> {
  const rounds: Answers[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const studies = new Studies(() => forkStudy(processFile));
    await makeReady(studies);
    rounds.push(await answersOf(studies, stretch));
    studies.cool();
  }
  const median = (pick: (answers: Answers) => number): number =>
    rounds.map(pick).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? NaN;
  const worst = Math.max(...rounds.map(({ firstMs }) => firstMs));
  console.log(
    `  ${what.padEnd(50)} first answer ${median(({ firstMs }) => firstMs)
      .toFixed(0)
      .padStart(
        5,
      )} ms (worst ${worst.toFixed(0)}), of ${median(({ firstOfS }) => firstOfS)} s; exact ${median(({ lastMs }) => lastMs).toFixed(0)} ms`,
  );
}

async function answersOf(studies: Studies, { horizonMs, ...stretch }: JobStretch): Promise<Answers> {
  const from = performance.now();
  const firsts: Pick<Answers, 'firstMs' | 'firstOfS'>[] = [];
  await studies.run(
    { ...stretch, order: orderOf(horizonMs, 'auto'), isExplored: true },
    {
      onEstimate: (result) => {
        firsts.push({ firstMs: performance.now() - from, firstOfS: result.horizonMs / 1_000 });
      },
    },
  );
  return { firstMs: NaN, firstOfS: NaN, ...firsts[0], lastMs: performance.now() - from };
}

/** From a cancellation to its being told, and to the end of the process. */
async function benchCancel({ horizonMs, ...stretch }: JobStretch): Promise<void> {
  const told: number[] = [];
  const gone: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const studies = new Studies(() => forkStudy(processFile));
    const cancel = new AbortController();
    let pid = 0;
    let at = NaN;
    await studies
      .run(
        { ...stretch, order: { ...orderOf(horizonMs, 'full'), horizonMs } },
        {
          signal: cancel.signal,
          onStart: (started) => (pid = started ?? 0),
          onProgress: (part) => {
            if (part < 0.3 || cancel.signal.aborted) return;
            at = performance.now();
            cancel.abort();
          },
        },
      )
      .catch(() => told.push(performance.now() - at));
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 1));
    gone.push(performance.now() - at);
  }
  console.log(
    `  cancelled: told within ${Math.max(...told).toFixed(1)} ms, the process gone within ${Math.max(...gone).toFixed(1)} ms (worst of ${ROUNDS})`,
  );
}

/** How far the live host lags at 1×, in host ms, while two studies run. */
async function benchLag(folder: string, { horizonMs, ...stretch }: JobStretch): Promise<void> {
  const client = new HostThreadClient({
    threadFile: new URL('../../src-main/host-thread/thread.ts', import.meta.url),
    databaseFile: join(folder, 'live.db'),
    tracesFolder: resolve('resources/traces'),
    cacheFolder: folder,
    scenarioFile: resolve('resources/scenarios/three-real-traces.json'),
    seed: 7,
    versions: { app: 'bench' },
  });
  await client.start();
  const cancel = new AbortController();
  const studies = new Studies(() => forkStudy(processFile));
  const job = { ...stretch, order: { ...orderOf(horizonMs, 'full'), horizonMs } };
  const running = [1, 2].map(() => studies.run(job, { signal: cancel.signal }).catch(() => null));
  const lags: number[] = [];
  await new Promise<void>((done) => {
    const off = client.onFrame(({ hostMs, lagMs }) => {
      lags.push(lagMs);
      if (hostMs < LAG_WATCHED_MS) return;
      off();
      done();
    });
  });
  cancel.abort();
  await Promise.all(running);
  await client.stop();
  console.log(
    `  the live host at 1× beside two studies: at most ${Math.max(...lags).toFixed(0)} ms late over ${LAG_WATCHED_MS / 1_000} host seconds (${lags.length} frames)`,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
