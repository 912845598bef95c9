import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import type { HostConfig } from '../host/host-config.ts';
import { MODEL_VERSION } from '../host/model-version.ts';
import { digestOf, type StateEntry } from '../host/state.ts';
import { decodeSnapshot } from '../host/state-codec.ts';
import type { StoredCheckpoint } from './writer/checkpoint-log.ts';

const inflated = promisify(inflate);

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
    const { pages, fileOfPage, indexOfPage, writes, contents, contentHashes } = trace;
    for (const values of [pages, fileOfPage, indexOfPage, writes, contents, contentHashes]) {
      if (values) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
  return hash.digest('hex');
}

/**
 * The state that a checkpoint holds, for a host of this config.
 * @throws Error with a sentence when the checkpoint is of another model or config, or damaged
 */
export async function stateOfCheckpoint(checkpoint: StoredCheckpoint, configDigest: string): Promise<StateEntry[]> {
  if (checkpoint.modelVersion !== MODEL_VERSION) {
    throw new Error(
      `It was made by version ${checkpoint.modelVersion} of the model; this is version ${MODEL_VERSION}.`,
    );
  }
  if (checkpoint.configDigest !== configDigest) throw new Error('The scenario, its seed or its traces have changed.');
  const entries = decodeSnapshot(await inflated(checkpoint.data));
  if (digestOf(entries) !== checkpoint.stateDigest) throw new Error('The checkpoint is damaged: its digest differs.');
  return entries;
}
