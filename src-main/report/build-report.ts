import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { SourceSchema } from '#contract/model.ts';
import type { GuestFigures, PoolFigures, Report, ReportPlace, ReportRead, ReportRun, ReportSubject } from '#contract/reports.ts'; // prettier-ignore
import { GUEST_COUNTS, GUEST_GAUGES, HOST_COUNTS, HOST_GAUGES } from '#contract/reports.ts';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { PAGE_BYTES } from '#contract/units.ts';
import { anchorOf } from '#main/history/audit/anchor.ts';
import type { Connection } from '#main/history/connection.ts';
import { versionOf } from '#main/history/migrate.ts';
import type { Piece } from '#main/history/queries/axis.ts';
import { Axis } from '#main/history/queries/axis.ts';
import { Names } from '#main/history/queries/names.ts';
import { WallClock } from '#main/history/queries/wall-clock.ts';
import type { Coverage } from '#main/history/tiers.ts';
import { EvictionSums } from './eviction-sums.ts';
import { SAMPLE_TIERS_S, readingPlan } from './reading-plan.ts';
import { reportLists } from './report-lists.ts';
import { SampleSums } from './sample-sums.ts';
import { Tally } from './tally.ts';

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

interface GuestTally {
  guestId: number;
  workload: string;
  readonly runIds: Set<number>;
  readonly tally: Tally;
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
  const { range, guests, nowMs } = options;
  const runRow = connection.prepare('SELECT * FROM runs WHERE id = ?');
  const guestRows = connection.prepare('SELECT guestId, name, workload FROM guests WHERE runId = ?');
  const coverageOf = connection.prepare('SELECT tierS, fromSecond, toSecond FROM coverage WHERE runId = ?');
  const pieces = new Axis(connection).pieces(range);
  const runs = pieces.map(({ runId }) => runRow.get(runId) as RunRow);
  const recorded = pieces.map((piece, at) => recordedPart(piece, runs[at]?.seconds ?? 0));
  const ends = recorded.filter(({ fromSecond, toSecond }) => fromSecond <= toSecond);
  const [first, last] = [ends[0] ?? recorded[0], ends.at(-1) ?? recorded.at(-1)];
  if (first === undefined || last === undefined) {
    throw new ConsoleError(
      'bad-range',
      'The history has no run in this range.',
      'Choose a range that has been recorded.',
    );
  }

  const names = new Names(connection);
  const sums = new SampleSums(connection);
  const evictions = new EvictionSums(connection);
  const pool = new Tally(HOST_COLUMNS);
  const byName = new Map<string, GuestTally>();
  const samplesRead: ReportRead[] = [];
  const runSeconds: number[] = [];
  const known = new Set<string>();
  const secondsInAll = recorded.reduce(
    (sum, { fromSecond, toSecond }) => sum + Math.max(0, toSecond - fromSecond + 1),
    0,
  );
  let secondsRead = 0;
  for (const piece of recorded) {
    const { runId } = piece;
    const coverage = coverageOf.all(runId) as Coverage[];
    const ofRun = new Map<number, GuestTally>();
    for (const { guestId, name, workload } of guestRows.all(runId) as {
      guestId: number;
      name: string;
      workload: string;
    }[]) {
      known.add(name);
      if (guests.length > 0 && !guests.includes(name)) continue;
      const guest = byName.get(name) ?? { guestId, workload, runIds: new Set(), tally: new Tally(GUEST_COLUMNS) };
      guest.guestId = guestId;
      guest.workload = workload;
      byName.set(name, guest);
      ofRun.set(guestId, guest);
    }
    const before = pool.seconds;
    for (const stretch of readingPlan(piece, coverage, SAMPLE_TIERS_S, options.rawSecondsMax)) {
      samplesRead.push({
        runId,
        resolutionSeconds: stretch.tierS as ReportRead['resolutionSeconds'],
        fromAxisSecond: stretch.fromS,
        toAxisSecond: stretch.toS,
      });
      sums.read(piece, stretch, {
        sums: (owner, seconds, values, at) => {
          if (owner === 0) pool.add(seconds, values, at);
          const guest = ofRun.get(owner);
          guest?.tally.add(seconds, values, at);
          guest?.runIds.add(runId);
        },
        last: (owner, values, at) => (owner === 0 ? pool : ofRun.get(owner)?.tally)?.setLast(values, at),
        read: (seconds) => {
          secondsRead += seconds;
          options.onProgress?.(Math.min(1, secondsRead / Math.max(1, secondsInAll)));
        },
      });
    }
    runSeconds.push(pool.seconds - before);
    evictions.add(piece, coverage, (guestId) => names.of(runId, guestId));
  }
  const unknown = guests.find((name) => !known.has(name));
  if (unknown !== undefined) {
    const there = [...known].sort().join(', ');
    throw new ConsoleError('unknown-guest', `No run of this range has a guest ${unknown}.`, `There are: ${there}.`);
  }
  const { rows, headHash, databaseId } = anchorOf(connection, nowMs);
  const place = placer(connection);
  return {
    format: 'tmem-console report 1',
    madeAtWallMs: nowMs,
    historyId: databaseId,
    range: { from: place(first, first.fromSecond), to: place(last, Math.max(last.fromSecond, last.toSecond)) },
    guestsAskedFor: [...guests],
    pageBytes: PAGE_BYTES,
    recordedSeconds: pool.seconds,
    missingSeconds: Math.max(0, secondsInAll - pool.seconds),
    samplesRead,
    evictionsRead: evictions.read,
    runs: runs.map((run, at) => runOf(run, runSeconds[at] ?? 0)),
    pool: poolOf(pool),
    guests: [...byName].flatMap(([name, guest]) => guestOf(name, guest, pool)),
    evictions: evictions.take(guests),
    audit: { rows, headHash },
    versions: {
      ...options.versions,
      schema: String(versionOf(connection)),
      sqlite: String(connection.prepare('SELECT sqlite_version()').pluck().get()),
    },
    ...reportLists(connection, pieces, guests),
  };
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

function poolOf(tally: Tally): PoolFigures | null {
  if (tally.seconds === 0) return null;
  return { recordedSeconds: tally.seconds, gauges: tally.gauges(HOST_GAUGES), counts: tally.counts(HOST_COUNTS) };
}

/** No guest where no second of it was recorded. */
function guestOf(name: string, { guestId, workload, runIds, tally }: GuestTally, pool: Tally): GuestFigures[] {
  if (tally.seconds === 0) return [];
  const held = pool.seconds === 0 ? 0 : pool.total('ephemeralPages') / pool.seconds;
  const gets = tally.total('precacheGets');
  // Over the same seconds as the pool: while it was not there it held nothing.
  const mine = pool.seconds === 0 ? 0 : tally.total('ephemeralPages') / pool.seconds;
  return [
    {
      guestId,
      name,
      workload,
      runIds: [...runIds],
      recordedSeconds: tally.seconds,
      ephemeralSharePart: held === 0 ? null : Math.min(1, mine / held),
      precacheHitPart: gets === 0 ? null : Math.min(1, tally.total('precacheHits') / gets),
      gauges: tally.gauges(GUEST_GAUGES),
      counts: tally.counts(GUEST_COUNTS),
    },
  ];
}
