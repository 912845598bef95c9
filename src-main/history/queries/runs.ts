import type { RequestAnswer } from '#contract/requests.ts';
import type { Connection } from '../connection.ts';
import type { RunRow } from '../run-rows.ts';
import { RUN_COLUMNS, runOf } from '../run-rows.ts';

/** `history.runs`: all runs, oldest first. */
export function runsQuery(connection: Connection): () => RequestAnswer<'history.runs'> {
  const all = connection.prepare(`SELECT ${RUN_COLUMNS} FROM runs ORDER BY id`);
  return () => ({ runs: (all.all() as RunRow[]).map(runOf) });
}
