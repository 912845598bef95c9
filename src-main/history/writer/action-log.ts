import type { Statement } from 'better-sqlite3';
import type { Action } from '#contract/model.ts';
import { firstHash, rowHash } from '../audit/chain.ts';
import { actionOf, contentOf } from '../audit/content.ts';
import type { Connection } from '../connection.ts';

/** An action as its maker knows it; number, run, name and wall time are the history's. */
export type NewAction = Made<Action>;
/** Of each kind by itself, so that a kind keeps its own values. */
type Made<T extends Action> = T extends unknown
  ? Omit<T, 'id' | 'runId' | 'wallMs' | 'guestName' | 'reason' | 'undoes'> & Partial<Pick<T, 'reason' | 'undoes'>>
  : never;

/** The audit's rows and what became of them. */
export class ActionLog {
  private readonly connection: Connection;
  private readonly insert: Statement;
  private readonly outcome: Statement;
  private readonly head: Statement;
  private readonly pendingRows: Statement;
  private readonly rowsAfter: Statement;
  private readonly guestName: Statement;
  private readonly row: Statement;
  private readonly genesis: string;

  constructor(connection: Connection) {
    this.connection = connection;
    this.insert = connection.prepare('INSERT INTO actions (id, content, previousHash, hash) VALUES (?, ?, ?, ?)');
    this.outcome = connection.prepare(
      'INSERT INTO actionOutcomes (actionId, outcome, wallMs) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.head = connection.prepare('SELECT id, hash FROM actions ORDER BY id DESC LIMIT 1');
    this.pendingRows = connection.prepare(
      `SELECT id, content FROM actions WHERE NOT EXISTS (SELECT 1 FROM actionOutcomes WHERE actionId = id) ORDER BY id`,
    );
    this.rowsAfter = connection.prepare('SELECT id, content FROM actions WHERE runId = ? AND id > ? ORDER BY id');
    this.guestName = connection.prepare('SELECT name FROM guests WHERE runId = ? AND guestId = ?').pluck();
    this.row = connection.prepare('SELECT content FROM actions WHERE id = ? AND runId = ?').pluck();
    const databaseId: unknown = connection.prepare(`SELECT value FROM meta WHERE key = 'databaseId'`).pluck().get();
    this.genesis = firstHash(String(databaseId));
  }

  /** Appends one set, in one transaction: all or none. The commit has reached the disk when this returns. */
  commit(runId: number, set: readonly NewAction[], wallMs: number): Action[] {
    return this.connection
      .transaction((): Action[] => {
        const head = this.head.get() as { id: number; hash: string } | undefined;
        const firstId = (head?.id ?? 0) + 1;
        let previousHash = head?.hash ?? this.genesis;
        return set.map((item, place) => {
          const guestName = this.nameOf(runId, item.guestId);
          const id = firstId + place;
          const content = contentOf({ reason: null, undoes: null, ...item, runId, wallMs, guestName }, firstId);
          const action = actionOf(id, content);
          const hash = rowHash(previousHash, id, content);
          this.insert.run(id, content, previousHash, hash);
          previousHash = hash;
          return action;
        });
      })
      .immediate();
  }

  private nameOf(runId: number, guestId: number | null): string | null {
    if (guestId === null) return null;
    const name = this.guestName.get(runId, guestId) as string | undefined;
    if (name === undefined) throw new Error(`Run ${runId} has no guest ${guestId}.`);
    return name;
  }

  /** An action of a run by its number; undefined: the run has none such. */
  find(runId: number, id: number): Action | undefined {
    const content = this.row.get(id, runId) as string | undefined;
    return content === undefined ? undefined : actionOf(id, content);
  }

  /** Notes what became of actions. A note once made stays. */
  mark(ids: readonly number[], outcome: 'applied' | 'not-applied', wallMs: number): void {
    this.connection.transaction(() => ids.forEach((id) => this.outcome.run(id, outcome, wallMs))).immediate();
  }

  /** Number of the last action; 0 = none yet. */
  lastId(): number {
    return (this.head.get() as { id: number } | undefined)?.id ?? 0;
  }

  /** Actions of a run that follow this one, oldest first. */
  after(runId: number, actionId: number): Action[] {
    const rows = this.rowsAfter.all(runId, actionId) as { id: number; content: string }[];
    return rows.map(({ id, content }) => actionOf(id, content));
  }

  /** Actions that were committed and never confirmed, oldest first. */
  pending(): Action[] {
    const rows = this.pendingRows.all() as { id: number; content: string }[];
    return rows.map(({ id, content }) => actionOf(id, content));
  }
}
