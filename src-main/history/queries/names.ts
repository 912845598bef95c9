import type { Statement } from 'better-sqlite3';
import type { Connection } from '../connection.ts';

/** What a page shows where a guest's pages went to the host itself. */
const HOST_NAME = 'host';

/**
 * Names of guests, which belong to a run: the same number may be another guest in another run. What runs have in common is
 * the name. Guest 0 is the host, in all of them.
 */
export class Names {
  private readonly ofRun: Statement;
  private readonly newestRun: Statement;
  private readonly known = new Map<number, ReadonlyMap<number, string>>();

  constructor(connection: Connection) {
    this.ofRun = connection.prepare('SELECT guestId, name FROM guests WHERE runId = ?').raw();
    this.newestRun = connection.prepare('SELECT max(id) FROM runs').pluck();
  }

  of(runId: number, guestId: number): string {
    if (guestId === 0) return HOST_NAME;
    return this.namesOf(runId).get(guestId) ?? `guest ${guestId}`;
  }

  /** The newest run of the history: the one whose numbers a page uses unless it says otherwise. 0 = none. */
  lastRun(): number {
    return (this.newestRun.get() as number | null) ?? 0;
  }

  /** The number in a run of the guest that bears `guestId` in run `ofRun`; null where the run has no guest of its name. */
  translate(guestId: number, ofRun: number, runId: number): number | null {
    if (guestId === 0 || runId === ofRun) return guestId;
    const name = this.namesOf(ofRun).get(guestId);
    for (const [number, other] of this.namesOf(runId)) if (other === name) return number;
    return null;
  }

  private namesOf(runId: number): ReadonlyMap<number, string> {
    let names = this.known.get(runId);
    if (names === undefined) {
      names = new Map(this.ofRun.all(runId) as [number, string][]);
      if (names.size > 0) this.known.set(runId, names);
    }
    return names;
  }
}
