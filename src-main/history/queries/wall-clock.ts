import type { Statement } from 'better-sqlite3';
import type { Connection } from '../connection.ts';

interface Corner {
  readonly hostMs: number;
  readonly wallMs: number;
}

/** Reads the piecewise map from host to wall time. */
export class WallClock {
  private readonly before: Statement;
  private readonly after: Statement;

  constructor(connection: Connection) {
    this.before = connection.prepare(
      'SELECT hostMs, wallMs FROM timeMap WHERE runId = ? AND hostMs <= ? ORDER BY hostMs DESC, piece DESC LIMIT 1',
    );
    this.after = connection.prepare(
      'SELECT hostMs, wallMs FROM timeMap WHERE runId = ? AND hostMs > ? ORDER BY hostMs, piece LIMIT 1',
    );
  }

  /** Wall time (ms since 1970) of a host time; null outside the recorded map. */
  at(runId: number, hostMs: number): number | null {
    const before = this.before.get(runId, hostMs) as Corner | undefined;
    if (before === undefined) return null;
    if (before.hostMs === hostMs) return before.wallMs;
    const after = this.after.get(runId, hostMs) as Corner | undefined;
    if (after === undefined) return null;
    const share = (hostMs - before.hostMs) / (after.hostMs - before.hostMs);
    return Math.round(before.wallMs + share * (after.wallMs - before.wallMs));
  }
}
