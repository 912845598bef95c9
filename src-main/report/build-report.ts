import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { SourceSchema } from '#contract/model.ts';
import type { Report, ReportPlace, ReportRun, ReportSubject } from '#contract/reports.ts';
import { PAGE_BYTES } from '#contract/units.ts';
import { anchorOf } from '#main/history/audit/anchor.ts';
import type { Connection } from '#main/history/connection.ts';
import { versionOf } from '#main/history/migrate.ts';
import type { Piece } from '#main/history/queries/axis.ts';
import { Axis } from '#main/history/queries/axis.ts';
import { WallClock } from '#main/history/queries/wall-clock.ts';
import { RangeSums } from './range-sums.ts';
import { reportLists } from './report-lists.ts';

export interface ReportOptions extends ReportSubject {
  readonly nowMs: number;
  /** Versions of what makes the report: app, node … */
  readonly versions: Readonly<Record<string, string>>;
  /** Told the part of the range that is read, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
  /** Seconds of one stretch that are read one by one; see the reading plan. */
  readonly rawSecondsMax?: number;
}

interface RunRow {
  readonly id: number;
  readonly source: string;
  readonly totalPages: number;
  readonly reservedPages: number;
  readonly policy: ReportRun['policy'];
  readonly idleTaxPermille: number;
  readonly idleTaxWindowS: number;
  readonly axisStartS: number;
  readonly seconds: number;
  readonly startedAtMs: number;
  readonly endState: ReportRun['end'];
  readonly appVersion: string;
}

/**
 * The report over a range of the axis of all runs, out of one consistent look at the history.
 *
 * @throws ConsoleError `bad-range` where no run lies in the range, `unknown-guest` for a name that no run of it has.
 */
export function buildReport(connection: Connection, options: ReportOptions): Report {
  return connection.transaction(() => build(connection, options)).deferred();
}

function build(connection: Connection, options: ReportOptions): Report {
  const { range, guests, nowMs, rawSecondsMax, onProgress } = options;
  const runRow = connection.prepare('SELECT * FROM runs WHERE id = ?');
  const pieces = new Axis(connection).pieces(range);
  const runs = pieces.map(({ runId }) => runRow.get(runId) as RunRow);
  const recorded = pieces.map((piece, at) => recordedPart(piece, runs[at]?.seconds ?? 0));
  const { first, last } = endsOf(recorded);
  const secondsInAll = recorded.reduce((sum, piece) => sum + Math.max(0, piece.toSecond - piece.fromSecond + 1), 0);
  const sums = new RangeSums(connection, guests, rawSecondsMax);
  let secondsRead = 0;
  const runSeconds = recorded.map((piece) =>
    sums.add(piece, (seconds) => {
      secondsRead += seconds;
      onProgress?.(Math.min(1, secondsRead / Math.max(1, secondsInAll)));
    }),
  );
  const { rows, headHash, databaseId } = anchorOf(connection, nowMs);
  const place = placer(connection);
  const figures = sums.take();
  const recordedSeconds = runSeconds.reduce((sum, seconds) => sum + seconds, 0);
  return {
    format: 'tmem-console report 1',
    madeAtWallMs: nowMs,
    historyId: databaseId,
    range: { from: place(first, first.fromSecond), to: place(last, Math.max(last.fromSecond, last.toSecond)) },
    guestsAskedFor: [...guests],
    pageBytes: PAGE_BYTES,
    recordedSeconds,
    missingSeconds: Math.max(0, secondsInAll - recordedSeconds),
    ...figures,
    runs: runs.map((run, at) => runOf(run, runSeconds[at] ?? 0)),
    audit: { rows, headHash },
    versions: {
      ...options.versions,
      schema: String(versionOf(connection)),
      sqlite: String(connection.prepare('SELECT sqlite_version()').pluck().get()),
    },
    ...reportLists(connection, pieces, guests),
  };
}

/** The first and the last piece with anything recorded, or else with a run at all. */
function endsOf(recorded: readonly Piece[]): { first: Piece; last: Piece } {
  const some = recorded.filter(({ fromSecond, toSecond }) => fromSecond <= toSecond);
  const [first, last] = [some[0] ?? recorded[0], some.at(-1) ?? recorded.at(-1)];
  if (first !== undefined && last !== undefined) return { first, last };
  const sentence = 'The history has no run in this range.';
  throw new ConsoleError('bad-range', sentence, 'Choose a range that has been recorded.');
}

/** The part of a piece whose samples are written: a run that goes on is ahead of them. */
function recordedPart(piece: Piece, seconds: number): Piece {
  return { ...piece, toSecond: Math.min(piece.toSecond, seconds - 1) };
}

function placer(connection: Connection): (piece: Piece, second: number) => ReportPlace {
  const clock = new WallClock(connection);
  return ({ runId, axisStartS }, second) => ({
    axisSecond: axisStartS + second,
    runId,
    hostMs: second * 1000,
    wallMs: clock.at(runId, second * 1000),
  });
}

function runOf(row: RunRow, recordedSeconds: number): ReportRun {
  return {
    runId: row.id,
    source: v.parse(SourceSchema, JSON.parse(row.source)),
    policy: row.policy,
    idleTaxPermille: row.idleTaxPermille,
    idleTaxWindowSeconds: row.idleTaxWindowS,
    totalPages: row.totalPages,
    reservedPages: row.reservedPages,
    axisStartSecond: row.axisStartS,
    recordedSeconds,
    startedAtWallMs: row.startedAtMs,
    end: row.endState,
    appVersion: row.appVersion,
  };
}
