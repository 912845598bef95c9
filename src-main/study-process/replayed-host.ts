import { ConsoleError } from '#contract/errors.ts';
import type { Action } from '#contract/model.ts';
import { Host } from '../host/host.ts';
import type { HostConfig } from '../host/host-config.ts';
import type { SampleBatch } from '../host/sample-batch.ts';
import type { Connection } from '../history/connection.ts';
import { configDigestOf, stateOfCheckpoint } from '../history/checkpoint-state.ts';
import type { RecordedMoment } from '../history/studies/moment.ts';
import { readStoredSeconds } from '../history/writer/stored-seconds.ts';
import { applyCommand } from '../what-if/changes.ts';
import type { Slices } from '../what-if/slices.ts';
import type { AdminChange, TimedCommand } from '../what-if/study.ts';

/** Host ms run between two looks at the clock. */
const STEP_MS = 100;

/** An action of the audit as a study repeats it. */
export function commandOf(action: Action): TimedCommand {
  return { hostMs: action.hostMs, change: changeOf(action) };
}

function changeOf(action: Action): AdminChange {
  switch (action.kind) {
    case 'weight':
      return { kind: action.kind, guestId: action.guestId, value: action.after };
    case 'balloon-target':
      return { kind: action.kind, guestId: action.guestId, pages: action.after };
    case 'precache-cap':
      return { kind: action.kind, guestId: action.guestId, pages: action.after ?? Infinity };
    case 'policy':
      return { kind: action.kind, policy: action.after };
    case 'idle-tax':
      return { kind: action.kind, permille: action.after };
    case 'pool-limit':
      return { kind: action.kind, pages: action.after ?? Infinity };
    case 'host-size':
      return { kind: action.kind, pages: action.after };
    case 'remove-guest':
    case 'flush-precache':
      return { kind: action.kind, guestId: action.guestId };
  }
}

/**
 * A host at a moment of a recorded run: its checkpoint, then the recorded commands at their times. Every second computed on
 * the way must equal the stored one.
 * @throws ConsoleError `bad-study` where the record cannot be repeated exactly
 */
export async function replayedHost(
  connection: Connection,
  config: HostConfig,
  { run, atMs, checkpoint, actions }: RecordedMoment,
  slices: Slices,
): Promise<Host> {
  const host = new Host(config);
  try {
    host.restore(await stateOfCheckpoint(checkpoint, configDigestOf(config)));
  } catch (error) {
    throw new ConsoleError(
      'bad-study',
      `The checkpoint at host time ${checkpoint.hostMs} ms of run ${run.id} cannot be used. ${error instanceof Error ? error.message : String(error)}`,
      'Give the scenario that was recorded, or study a newer run.',
      { cause: error },
    );
  }
  const runTo = async (ms: number): Promise<void> => {
    while (host.hostMs < ms) {
      host.runTo(Math.min(ms, host.hostMs + STEP_MS));
      if (slices.isDue()) await slices.turn((host.hostMs - checkpoint.hostMs) / (atMs - checkpoint.hostMs));
    }
  };
  for (const action of actions) {
    if (action.hostMs > atMs) break;
    await runTo(action.hostMs);
    applyCommand(host, commandOf(action));
  }
  await runTo(atMs);
  compare(host.takeSamples(), connection, run.id);
  return host;
}

/** @throws ConsoleError `bad-study` where what was computed is not what was stored, as far as it is stored still */
function compare(computed: SampleBatch, connection: Connection, runId: number): void {
  const { firstSecond, seconds } = computed;
  const stored = readStoredSeconds(connection, runId, firstSecond, firstSecond + seconds);
  for (const kind of ['host', 'guests'] as const) {
    // Older seconds may have been removed by retention.
    const missing = computed[kind].length - stored[kind].length;
    const differs = stored[kind].findIndex((value, at) => value !== computed[kind][missing + at]);
    if (differs < 0) continue;
    const second = firstSecond + Math.floor(((missing + differs) * seconds) / computed[kind].length);
    throw new ConsoleError(
      'bad-study',
      `What was computed again for host second ${second} of run ${runId} differs from what was recorded.`,
      'A record that does not repeat cannot be studied; start from a newer run.',
    );
  }
}
