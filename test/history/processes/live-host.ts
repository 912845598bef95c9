/**
 * A process that runs the example host as fast as it can with its history, and changes its settings now and then, until it is
 * killed. It says on stdout, one JSON line each: that it runs, what was acknowledged, and how far it has come by its own clock.
 * Arguments: the file, a folder for decoded traces, the seed.
 */
import { writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Change } from '#contract/model.ts';
import { Random } from '../../../src-main/host/random.ts';
import { startHost } from '../../../src-main/host-thread/start-host.ts';

const [databaseFile = '', cacheFolder = '', seed = '0'] = process.argv.slice(2);
const random = new Random(Number(seed), 0);
const say = (what: unknown): void => void writeSync(1, `${JSON.stringify(what)}\n`);

const { loop, description } = await startHost(
  {
    databaseFile,
    cacheFolder,
    tracesFolder: resolve('resources/traces'),
    scenarioFile: resolve('resources/scenarios/three-real-traces.json'),
    seed: null,
    versions: { app: 'live-host' },
  },
  {
    now: () => performance.now(),
    wallMs: () => Date.now(),
    emit: ({ hostMs, historyFailure }) => say({ hostMs, wallMs: Date.now(), historyFailure }),
    onProgress: () => undefined,
  },
);
say({ run: description.run, notice: description.notice });
loop.setSpeed('max');

function randomChange(): Change {
  const guest = description.guests[random.below(description.guests.length)];
  if (guest === undefined) throw new Error('There is no guest.');
  const { id: guestId, minPages, maxPages } = guest;
  if (random.below(2) === 0) return { kind: 'weight', guestId, value: random.below(1_000) };
  return { kind: 'balloon-target', guestId, valuePages: minPages + random.below(maxPages - minPages + 1) };
}

function turn(): void {
  loop.slice();
  if (random.below(8) === 0) {
    const { actions } = loop.applyChanges(Array.from({ length: 1 + random.below(3) }, randomChange));
    say({ actions });
  }
  setImmediate(turn);
}
turn();
