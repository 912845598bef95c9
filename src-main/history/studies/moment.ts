import { ConsoleError } from '#contract/errors.ts';
import type { Action, Run } from '#contract/model.ts';
import { actionOf } from '../audit/content.ts';
import type { Connection } from '../connection.ts';
import { RUN_COLUMNS, runOf, type RunRow } from '../run-rows.ts';
import type { StoredCheckpoint } from '../writer/checkpoint-log.ts';

/** What has to be known to bring a host to a moment of a recorded run. */
export interface RecordedMoment {
  readonly run: Run;
  /** Host ms; whole. */
  readonly atMs: number;
  /** The newest at or before the moment. */
  readonly checkpoint: StoredCheckpoint;
  /** Actions that follow the checkpoint, oldest first: those up to the moment are in force at it, the others come later. */
  readonly actions: readonly Action[];
}

/**
 * A run by its number, or the last one (null).
 * @throws ConsoleError `bad-study` where there is none, or it is not one of the model
 */
export function runToStudy(connection: Connection, runId: number | null): Run {
  const row = connection
    .prepare(`SELECT ${RUN_COLUMNS} FROM runs WHERE ? IS NULL OR id = ? ORDER BY id DESC LIMIT 1`)
    .get(runId, runId) as RunRow | undefined;
  if (row === undefined) {
    throw new ConsoleError(
      'bad-study',
      runId === null ? 'The history has no run yet.' : `The history has no run ${runId}.`,
      runId === null ? 'Record one first.' : 'Name one that it has.',
    );
  }
  const run = runOf(row);
  if (run.source.kind === 'modelled') return run;
  throw new ConsoleError(
    'bad-study',
    `Run ${run.id} was imported: its statistics are there, but not what its guests accessed.`,
    'Study a run of the model, or a trace of the guests.',
  );
}

/** Host ms up to which a run is recorded: its last stored second. */
export function recordedEndMs(run: Run): number {
  return run.seconds * 1000;
}

/** Host ms from which on a run can be computed again exactly, or null: from nowhere. */
export function replayableFrom(connection: Connection, runId: number): number | null {
  const oldest: unknown = connection.prepare('SELECT min(hostMs) FROM checkpoints WHERE runId = ?').pluck().get(runId);
  return typeof oldest === 'number' ? oldest : null;
}

/**
 * What leads to a moment of a run.
 * @param atMs may lie behind what is stored of a run that goes on: its commands are stored before they take effect
 * @throws ConsoleError `bad-study` for a moment before all that can be computed again
 */
export function recordedMoment(connection: Connection, run: Run, atMs: number): RecordedMoment {
  const from = replayableFrom(connection, run.id);
  if (from === null) {
    throw new ConsoleError(
      'bad-study',
      `Run ${run.id} has no checkpoint, so it cannot be computed again.`,
      'Only its statistics are left; study another run.',
    );
  }
  if (!Number.isInteger(atMs) || atMs < from) {
    throw new ConsoleError(
      'bad-study',
      `Host time ${atMs} ms of run ${run.id} cannot be computed again: its oldest checkpoint is at ${from} ms.`,
      'Choose a moment after it.',
    );
  }
  const checkpoint = connection
    .prepare(
      `SELECT hostMs, lastActionId, modelVersion, configDigest, stateDigest, data FROM checkpoints
       WHERE runId = ? AND hostMs <= ? ORDER BY hostMs DESC, id DESC LIMIT 1`,
    )
    .get(run.id, atMs) as StoredCheckpoint;
  const rows = connection
    .prepare('SELECT id, content FROM actions WHERE runId = ? AND id > ? ORDER BY id')
    .all(run.id, checkpoint.lastActionId) as { id: number; content: string }[];
  return { run, atMs, checkpoint, actions: rows.map(({ id, content }) => actionOf(id, content)) };
}
