import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { Host } from '../host/host.ts';
import { MODEL_VERSION } from '../host/model-version.ts';
import { digestOf } from '../host/state.ts';
import { encodeSnapshot } from '../host/state-codec.ts';
import { stateOfCheckpoint } from '../history/checkpoint-state.ts';

const deflated = promisify(deflate);
/** Fastest: the state of a running host is mostly links and random page numbers. */
const COMPRESSION_LEVEL = 1;

/** A whole host at one moment, as the history keeps it. */
export interface Checkpoint {
  readonly hostMs: number;
  /** The last action that was in force; those that follow it in the audit come after this state. 0 = none yet. */
  readonly lastActionId: number;
  readonly modelVersion: number;
  /** What the host was made from; only a host of the same config can go on from it. */
  readonly configDigest: string;
  readonly stateDigest: string;
  /** The encoded snapshot, deflated. */
  readonly data: Uint8Array;
}

/** Takes a checkpoint of a host: the copy at once, the compression beside the model. */
export async function takeCheckpoint(host: Host, configDigest: string, lastActionId: number): Promise<Checkpoint> {
  const entries = host.snapshot();
  const { hostMs } = host;
  const stateDigest = digestOf(entries);
  const data = await deflated(encodeSnapshot(entries), { level: COMPRESSION_LEVEL });
  return { hostMs, lastActionId, modelVersion: MODEL_VERSION, configDigest, stateDigest, data };
}

/**
 * Puts a host into the state of a checkpoint.
 * @throws Error with a sentence when the checkpoint is of another model or config, or damaged; the host is then unusable.
 */
export async function restoreCheckpoint(host: Host, checkpoint: Checkpoint, configDigest: string): Promise<void> {
  host.restore(await stateOfCheckpoint(checkpoint, configDigest));
}
