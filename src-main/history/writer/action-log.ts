import type { Statement } from 'better-sqlite3';
import type { Action } from '#contract/model.ts';
import { firstHash, rowHash } from '../audit/chain.ts';
import { actionOf, contentOf } from '../audit/content.ts';
import type { Connection } from '../connection.ts';

/** An action as its maker knows it; number, run, name and wall time are the history's. */
export type NewAction = Pick<Action, 'hostMs' | 'kind' | 'guestId' | 'before' | 'after' | 'source'>;

/** The audit's rows and what became of them. */
export class ActionLog {
  private readonly connection: Connection;
  private readonly insert: Statement;
  private readonly outcome: Statement;
  private readonly head: Statement;
  private readonly pendingRows: Statement;
  private readonly rowsAfter: Statement;
  private readonly guestName: Statement;
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
          const { hostMs, kind, guestId, before, after, source } = item;
          const guestName = this.guestName.get(runId, guestId) as string | undefined;
          if (guestName === undefined) throw new Error(`Run ${runId} has no guest ${guestId}.`);
          const id = firstId + place;
          const action: Action = { id, runId, hostMs, wallMs, kind, guestId, guestName, before, after, source };
          const content = contentOf(action, firstId);
          const hash = rowHash(previousHash, id, content);
          this.insert.run(id, content, previousHash, hash);
          previousHash = hash;
          return action;
        });
      })
      .immediate();
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
