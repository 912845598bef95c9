import { describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import { applyCommand } from '#main/what-if/changes.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import type { TimedCommand } from '#main/what-if/study.ts';
import { smallConfig } from '../host/small-config.ts';
import { takeDiskReads } from './disk-reads.ts';

const HORIZON_MS = 8_000;
const COMMANDS: readonly TimedCommand[] = [
  { hostMs: 1_000, change: { kind: 'policy', policy: 'fifo' } },
  { hostMs: 1_500, change: { kind: 'idle-tax', permille: 200 } },
  { hostMs: 2_000, change: { kind: 'precache-cap', guestId: 1, pages: 5 } },
  { hostMs: 2_500, change: { kind: 'pool-limit', pages: 30 } },
  { hostMs: 3_000, change: { kind: 'flush-precache', guestId: 2 } },
  { hostMs: 3_500, change: { kind: 'host-size', pages: smallConfig().totalPages + 20 } },
  { hostMs: 4_000, change: { kind: 'pool-limit', pages: Infinity } },
  { hostMs: 5_000, change: { kind: 'remove-guest', guestId: 1 } },
];

/** Disk reads of each guest of a host that was given commands. */
function readsWith(commands: readonly TimedCommand[]): number[] {
  const host = new Host(smallConfig());
  for (const command of commands) {
    host.runTo(command.hostMs);
    applyCommand(host, command);
  }
  host.runTo(HORIZON_MS);
  return takeDiskReads(host);
}

async function study(changes: Parameters<PreparedStudy['settingOf']>[0]['changes']) {
  const { alternatives } = await runStudy({
    start: { config: smallConfig(), state: null, commands: COMMANDS },
    kind: 'replay',
    horizonMs: HORIZON_MS,
    alternatives: [{ name: 'one', changes }],
    engine: 'auto',
  } as Parameters<typeof runStudy>[0]);
  return { engine: alternatives[0]?.engine, reads: alternatives[0]?.guests.map(({ diskReads }) => diskReads) };
}

describe('a replay over recorded changes of every kind', () => {
  it('is a full run that repeats them exactly', async () => {
    expect(await study([])).toEqual({ engine: 'full', reads: readsWith(COMMANDS) });
    expect(readsWith(COMMANDS)).not.toEqual(readsWith([]));
  });

  it('leaves out those of a knob that the alternative sets, and of a guest that it removes', async () => {
    const withoutPolicy = COMMANDS.filter(({ change }) => change.kind !== 'policy');
    const { policy } = smallConfig();
    expect((await study([{ kind: 'policy', policy }])).reads).toEqual(readsWith(withoutPolicy));
    const withoutSecond = COMMANDS.filter(({ change }) => !('guestId' in change && change.guestId === 2));
    const removed: TimedCommand = { hostMs: 0, change: { kind: 'remove-guest', guestId: 2 } };
    expect((await study([{ kind: 'remove-guest', guestId: 2 }])).reads).toEqual(readsWith([removed, ...withoutSecond]));
  });

  it('is not estimated where a guest has a cap already', () => {
    const host = new Host(smallConfig());
    host.setCap(1, 5);
    const capped = new PreparedStudy({ config: smallConfig(), state: host.snapshot() }, HORIZON_MS);
    host.setCap(1, Infinity);
    const free = new PreparedStudy({ config: smallConfig(), state: host.snapshot() }, HORIZON_MS);
    expect([capped.parts.isEstimable, free.parts.isEstimable]).toEqual([false, true]);
  });
});
