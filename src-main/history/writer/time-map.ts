import type { Statement } from 'better-sqlite3';
import type { Connection } from '../connection.ts';

/** Most ms of wall time by which the stored map may differ from a point that was given to it. */
export const TIME_MAP_TOLERANCE_MS = 50;

interface Corner {
  readonly piece: number;
  readonly hostMs: number;
  readonly wallMs: number;
}

/**
 * The piecewise linear map from host time to wall time of one run. A point that the running piece already explains
 * replaces the piece's end, so hours at one speed are two rows ("swinging door": the slopes that pass all points since
 * the last corner within the tolerance). Where host time stands still (pause) a piece is vertical.
 */
export class TimeMap {
  private readonly insert: Statement;
  private readonly remove: Statement;
  private readonly runId: number;
  private corner: Corner | undefined;
  private end: Corner | undefined;
  private lowest = -Infinity;
  private highest = Infinity;

  /** Goes on after the last stored corner of the run, if it has one. */
  constructor(connection: Connection, runId: number) {
    this.runId = runId;
    const last = connection
      .prepare('SELECT piece, hostMs, wallMs FROM timeMap WHERE runId = ? ORDER BY hostMs DESC, piece DESC LIMIT 1')
      .get(runId) as Corner | undefined;
    if (last !== undefined) this.begin(last);
    this.insert = connection.prepare('INSERT INTO timeMap (runId, piece, hostMs, wallMs) VALUES (?, ?, ?, ?)');
    this.remove = connection.prepare('DELETE FROM timeMap WHERE runId = ? AND hostMs = ? AND piece = ?');
  }

  /** Host time up to which the map reaches. */
  get hostMs(): number {
    return this.end?.hostMs ?? 0;
  }

  /** Adds a point; host time never goes back. Call it inside the transaction of what happened then. */
  add(hostMs: number, wallMs: number): void {
    const { corner, end } = this;
    if (corner === undefined || end === undefined) {
      this.begin(this.store({ piece: 0, hostMs, wallMs }));
      return;
    }
    if (hostMs === end.hostMs && wallMs === end.wallMs) return;
    if (hostMs < end.hostMs) throw new Error(`Host time went back from ${end.hostMs} to ${hostMs} ms.`);
    const passed = hostMs - corner.hostMs;
    const slope = (wallMs - corner.wallMs) / passed;
    if (end !== corner && hostMs > end.hostMs && slope >= this.lowest && slope <= this.highest) {
      this.remove.run(this.runId, end.hostMs, end.piece);
      this.end = this.store({ piece: end.piece, hostMs, wallMs });
    } else {
      this.begin(end);
      this.end = this.store({ piece: end.piece + 1, hostMs, wallMs });
    }
    this.narrow(this.end);
  }

  private begin(corner: Corner): void {
    this.corner = corner;
    this.end = corner;
    this.lowest = -Infinity;
    this.highest = Infinity;
  }

  private narrow({ hostMs, wallMs }: Corner): void {
    if (this.corner === undefined) return;
    const passed = hostMs - this.corner.hostMs;
    const moved = wallMs - this.corner.wallMs;
    if (passed === 0) {
      // A vertical piece explains no later point.
      this.lowest = Infinity;
      return;
    }
    this.lowest = Math.max(this.lowest, (moved - TIME_MAP_TOLERANCE_MS) / passed);
    this.highest = Math.min(this.highest, (moved + TIME_MAP_TOLERANCE_MS) / passed);
  }

  private store(corner: Corner): Corner {
    this.insert.run(this.runId, corner.piece, corner.hostMs, corner.wallMs);
    return corner;
  }
}
