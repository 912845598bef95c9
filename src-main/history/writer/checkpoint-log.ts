import type { Statement } from 'better-sqlite3';
import type { Connection } from '../connection.ts';

/** A whole state of the model at one moment of a run. */
export interface StoredCheckpoint {
  readonly hostMs: number;
  /** The last action that was in force; 0 = none yet. */
  readonly lastActionId: number;
  readonly modelVersion: number;
  readonly configDigest: string;
  readonly stateDigest: string;
  readonly data: Uint8Array;
}

/** What all checkpoints together may take; the oldest go first, the newest always stays. */
const BYTES_MAX = 2 ** 30;

/** Keeps checkpoints; its callers bring the transactions. */
export class CheckpointLog {
  private readonly insert: Statement;
  private readonly total: Statement;
  private readonly removeOldest: Statement;
  private readonly newestOf: Statement;
  private readonly oldestMs: Statement;
  private readonly bytesMax: number;

  constructor(connection: Connection, bytesMax = BYTES_MAX) {
    this.bytesMax = bytesMax;
    this.insert = connection.prepare(
      `INSERT INTO checkpoints (runId, hostMs, wallMs, lastActionId, modelVersion, configDigest, stateDigest, bytes, data)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.total = connection.prepare('SELECT coalesce(sum(bytes), 0) FROM checkpoints').pluck();
    this.removeOldest = connection.prepare('DELETE FROM checkpoints WHERE id = (SELECT min(id) FROM checkpoints)');
    this.newestOf = connection.prepare(
      `SELECT hostMs, lastActionId, modelVersion, configDigest, stateDigest, data
       FROM checkpoints WHERE runId = ? ORDER BY id DESC LIMIT 1`,
    );
    this.oldestMs = connection.prepare('SELECT min(hostMs) FROM checkpoints WHERE runId = ?').pluck();
  }

  add(runId: number, checkpoint: StoredCheckpoint, wallMs: number): void {
    const { hostMs, lastActionId, modelVersion, configDigest, stateDigest, data } = checkpoint;
    while ((this.total.get() as number) + data.byteLength > this.bytesMax) {
      if (this.removeOldest.run().changes === 0) break;
    }
    this.insert.run(
      runId,
      hostMs,
      wallMs,
      lastActionId,
      modelVersion,
      configDigest,
      stateDigest,
      data.byteLength,
      data,
    );
  }

  /** The newest checkpoint of a run, or null. */
  newest(runId: number): StoredCheckpoint | null {
    return (this.newestOf.get(runId) as StoredCheckpoint | undefined) ?? null;
  }

  /** Host time of the oldest checkpoint of a run: from there on everything can be computed again; null = from nowhere. */
  replayableFromMs(runId: number): number | null {
    return this.oldestMs.get(runId) as number | null;
  }
}
