/**
 * A process that runs the example host as fast as it can with its history, and changes its settings now and then, until it is
 * killed. It says on stdout, one JSON line each: that it runs, what was acknowledged, and how far it has come by its own clock.
 * Arguments: the file, a folder for decoded traces, the seed.
 */
import { writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Change, HostSettings } from '#contract/model.ts';
import { Random } from '../../../src-main/host/random.ts';
import { startHost } from '../../../src-main/host-thread/start-host.ts';

const [databaseFile = '', cacheFolder = '', seed = '0'] = process.argv.slice(2);
const random = new Random(Number(seed), 0);
const say = (what: unknown): void => void writeSync(1, `${JSON.stringify(what)}\n`);

/** As the newest frame has them. */
let guestSettings: HostSettings['guestSettings'] | null = null;
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
    emit: ({ hostMs, historyFailure, settings }) => {
      guestSettings = settings.guestSettings;
      say({ hostMs, wallMs: Date.now(), historyFailure });
    },
    onProgress: () => undefined,
  },
);
say({ run: description.run, notice: description.notice });
loop.setSpeed('max');

const POLICIES = ['fifo', 'xen-shipped', 'xen-documented', 'max-over-share'] as const;
const { totalPages } = description;
const pages = (): number => random.below(totalPages);

/** A change of any kind; a guest that was removed gets none. */
function randomChange(): Change {
  const there = (guestSettings ?? description.guestSettings).flatMap(({ guestId, presence }) =>
    presence === 'removed' ? [] : [guestId],
  );
  const chosen = there[random.below(there.length)];
  const guest = description.guests.find(({ id }) => id === chosen);
  if (guest === undefined) throw new Error('There is no guest.');
  const { id: guestId, minPages, maxPages } = guest;
  switch (random.below(9)) {
    case 0:
      return { kind: 'precache-cap', guestId, valuePages: random.below(3) === 0 ? null : pages() };
    case 1:
      return { kind: 'policy', value: POLICIES[random.below(POLICIES.length)] ?? 'fifo' };
    case 2:
      return { kind: 'idle-tax', valuePermille: random.below(1_000) };
    case 3:
      return { kind: 'pool-limit', valuePages: random.below(3) === 0 ? null : pages() };
    case 4:
      return { kind: 'host-size', valuePages: totalPages + random.below(10_000) };
    case 5:
      return { kind: 'flush-precache', guestId };
    case 6:
    case 7:
      return { kind: 'weight', guestId, value: random.below(1_000) };
  }
  return { kind: 'balloon-target', guestId, valuePages: minPages + random.below(maxPages - minPages + 1) };
}

function turn(): void {
  loop.slice();
  if (random.below(8) === 0) {
    const changes = Array.from({ length: 1 + random.below(3) }, randomChange);
    // Now and then the first guest goes, once and for all.
    const isThere = (guestSettings ?? description.guestSettings)[0]?.presence === 'present';
    if (isThere && random.below(40) === 0) changes.push({ kind: 'remove-guest', guestId: 1 });
    const { actions } = loop.applyChanges(changes, { reason: 'a try' });
    say({ actions });
  }
  setImmediate(turn);
}
turn();
