import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import type { Host } from '../host/host.ts';
import type { HostConfig } from '../host/host-config.ts';
import { MODEL_VERSION } from '../host/model-version.ts';
import { digestOf } from '../host/state.ts';
import { decodeSnapshot, encodeSnapshot } from '../host/state-codec.ts';

const deflated = promisify(deflate);
const inflated = promisify(inflate);
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

/** Digest of all that a run depends on besides its commands: settings, seed and every reference of the traces. */
export function configDigestOf(config: HostConfig): string {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify({
      ...config,
      guests: config.guests.map(({ trace, ...guest }) => ({ ...guest, references: trace.pages.length })),
    }),
  );
  for (const { trace } of config.guests) {
    for (const values of [trace.pages, trace.fileOfPage, trace.indexOfPage]) {
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
  return hash.digest('hex');
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
  if (checkpoint.modelVersion !== MODEL_VERSION) {
    throw new Error(
      `It was made by version ${checkpoint.modelVersion} of the model; this is version ${MODEL_VERSION}.`,
    );
  }
  if (checkpoint.configDigest !== configDigest) throw new Error('The scenario, its seed or its traces have changed.');
  const entries = decodeSnapshot(await inflated(checkpoint.data));
  if (digestOf(entries) !== checkpoint.stateDigest) throw new Error('The checkpoint is damaged: its digest differs.');
  host.restore(entries);
}
