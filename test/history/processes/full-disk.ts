/**
 * A process that runs the example host on a small disk of its own until it is full, then makes room and goes on; prints what
 * came of it as JSON. Arguments: the folder of that disk, which has a ballast of 6 MiB on it; a folder for decoded traces.
 */
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';
import type { Frame } from '#contract/stream.ts';
import { startHost } from '../../../src-main/host-thread/start-host.ts';

const [folder = '', cacheFolder = ''] = process.argv.slice(2);
const ballast = join(folder, 'ballast');
writeFileSync(ballast, Buffer.alloc(6 * 2 ** 20, 1));
const clock = { ms: 0 };
let frame: Frame | undefined;
const host = await startHost(
  {
    databaseFile: join(folder, 'history.db'),
    cacheFolder,
    tracesFolder: resolve('resources/traces'),
    scenarioFile: resolve('resources/scenarios/three-real-traces.json'),
    seed: null,
    versions: { app: 'full-disk' },
  },
  {
    now: () => clock.ms,
    wallMs: () => 1_700_000_000_000 + clock.ms,
    emit: (now) => (frame = now),
    onProgress: () => undefined,
  },
);
const { loop } = host;
loop.setSpeed('10x');

/** Lets wall time pass until this holds, or too much of it has passed. */
async function passUntil(holds: () => boolean): Promise<boolean> {
  for (const end = clock.ms + 600_000; clock.ms < end && !holds(); clock.ms += 20) {
    loop.slice();
    // Checkpoints are compressed beside the model.
    await new Promise(setImmediate);
  }
  return holds();
}

const hasFailed = await passUntil(() => (frame?.historyFailure ?? null) !== null);
const failure = frame?.historyFailure;
let refused: unknown = null;
try {
  // Room for a row might be left in the log: many rows are not.
  for (let round = 0; round < 2_000; round++) loop.applyChanges([{ kind: 'weight', guestId: 1, value: round }]);
} catch (error) {
  refused = ConsoleError.failureOf(error);
}
const failedAtMs = frame?.hostMs ?? 0;
const stillRuns = await passUntil(() => (frame?.hostMs ?? 0) > failedAtMs + 5_000);
const { bsize, bfree } = statfsSync(folder);
rmSync(ballast);
const hasRecovered = await passUntil(() => frame?.historyFailure === null);
await loop.end();
host.close();
process.stdout.write(
  JSON.stringify({
    hasFailed,
    failure,
    refused,
    stillRuns,
    freeBytes: bsize * bfree,
    hasRecovered,
    hostMs: frame?.hostMs,
  }),
);
