import type { Statement } from 'better-sqlite3';
import type { Connection } from '../connection.ts';

/** A stretch of one run that lies in a range of the axis of all runs. */
export interface Piece {
  readonly runId: number;
  /** Axis second of the run's second 0. */
  readonly axisStartS: number;
  /** Seconds of the run, both ends included. */
  readonly fromSecond: number;
  readonly toSecond: number;
}

/** A range on the axis of all runs, both ends included. */
export interface AxisRange {
  readonly fromS: number;
  readonly toS: number;
}

/** Later than any second of any run (35,000 years), and still a safe integer when counted in ms. */
const FOREVER_S = 2 ** 40;

/** Finds which seconds of which runs a range of the axis covers. */
export class Axis {
  private readonly inRange: Statement;

  constructor(connection: Connection) {
    // The second after a run's last belongs to it too: what happened in its unfinished second, and the gap. A run that is
    // going on is ahead of its stored seconds: its actions are committed before the samples of their second.
    const lastSecond = `CASE endState WHEN 'running' THEN ${FOREVER_S} ELSE seconds END`;
    this.inRange = connection.prepare(
      `SELECT id AS runId, axisStartS, max(0, ? - axisStartS) AS fromSecond,
         min(${lastSecond}, ? - axisStartS) AS toSecond
       FROM runs WHERE axisStartS <= ? AND axisStartS + ${lastSecond} >= ? ORDER BY axisStartS`,
    );
  }

  /** Pieces in a range (all runs where it is null), oldest first. */
  pieces(range: AxisRange | null): Piece[] {
    const fromS = range?.fromS ?? 0;
    const toS = range?.toS ?? FOREVER_S;
    return this.inRange.all(fromS, toS, toS, fromS) as Piece[];
  }
}
