import type { Statement } from 'better-sqlite3';
import type { Connection } from '../connection.ts';

/** What a page shows where a guest's pages went to the host itself. */
const HOST_NAME = 'host';

/** Names of guests, which belong to a run. Guest 0 is the host. */
export class Names {
  private readonly ofRun: Statement;
  private readonly known = new Map<number, ReadonlyMap<number, string>>();

  constructor(connection: Connection) {
    this.ofRun = connection.prepare('SELECT guestId, name FROM guests WHERE runId = ?').raw();
  }

  of(runId: number, guestId: number): string {
    if (guestId === 0) return HOST_NAME;
    let names = this.known.get(runId);
    if (names === undefined) {
      names = new Map(this.ofRun.all(runId) as [number, string][]);
      if (names.size > 0) this.known.set(runId, names);
    }
    return names.get(guestId) ?? `guest ${guestId}`;
  }
}
