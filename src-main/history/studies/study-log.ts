import type { Statement } from 'better-sqlite3';
import { ConsoleError } from '#contract/errors.ts';
import type { NewStudy } from '#contract/saved-studies.ts';
import type { Connection } from '../connection.ts';
import { encodeStudyResult } from './study-codec.ts';

/** Keeps saved studies; its callers bring the transactions. */
export class StudyLog {
  private readonly insert: Statement;
  private readonly apply: Statement;
  private readonly remove: Statement;

  constructor(connection: Connection) {
    this.insert = connection.prepare(
      `INSERT INTO studies (name, savedAtMs, kind, runId, fromMs, horizonMs, asked, found)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.apply = connection.prepare('UPDATE studies SET appliedAlternative = ?, appliedActionId = ? WHERE id = ?');
    this.remove = connection.prepare('DELETE FROM studies WHERE id = ?');
  }

  /** @returns the number of the study */
  add({ name, kind, runId, order, result }: NewStudy, wallMs: number): number {
    const { fromMs, horizonMs } = result;
    const asked = JSON.stringify(order);
    const found = encodeStudyResult(result);
    return Number(this.insert.run(name, wallMs, kind, runId, fromMs, horizonMs, asked, found).lastInsertRowid);
  }

  /** Notes that an alternative was applied. @param actionId the first action of the set that did it */
  markApplied(id: number, alternative: string, actionId: number): void {
    if (this.apply.run(alternative, actionId, id).changes === 0) throw noStudy(id);
  }

  delete(id: number): void {
    if (this.remove.run(id).changes === 0) throw noStudy(id);
  }
}

export function noStudy(id: number): ConsoleError {
  return new ConsoleError('bad-study', `There is no saved study ${id}.`, 'It may have been deleted.');
}
