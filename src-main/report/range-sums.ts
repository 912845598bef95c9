import { ConsoleError } from '#contract/errors.ts';
import type { GuestFigures, PoolFigures, Report, ReportRead } from '#contract/reports.ts';
import { GUEST_COUNTS, GUEST_GAUGES, HOST_COUNTS, HOST_GAUGES } from '#contract/reports.ts';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { Statement } from 'better-sqlite3';
import type { Connection } from '#main/history/connection.ts';
import { IMPORTED_COLUMNS, importedQuery } from '#main/history/imported-columns.ts';
import type { Piece } from '#main/history/queries/axis.ts';
import { Names } from '#main/history/queries/names.ts';
import { samplePlan } from '#main/history/queries/reading-plan.ts';
import { SampleSums } from '#main/history/queries/sample-sums.ts';
import type { Coverage } from '#main/history/tiers.ts';
import { EvictionSums } from './eviction-sums.ts';
import { Tally } from './tally.ts';

interface GuestRow {
  readonly guestId: number;
  readonly name: string;
  readonly workload: string;
}

interface GuestTally {
  guestId: number;
  workload: string;
  readonly runIds: Set<number>;
  readonly tally: Tally;
}

/** Sums of guests, pool and evictions over pieces of runs. A guest is known by its name: numbers belong to a run. */
export class RangeSums {
  private readonly names: Names;
  private readonly samples: SampleSums;
  private readonly evictions: EvictionSums;
  private readonly guestRows: Statement;
  private readonly coverageOf: Statement;
  private readonly isImported: (runId: number) => boolean;
  private readonly pool = new Tally(HOST_COLUMNS);
  private readonly byName = new Map<string, GuestTally>();
  private readonly known = new Set<string>();
  private readonly samplesRead: ReportRead[] = [];
  private readonly wanted: readonly string[];
  private readonly rawSecondsMax: number | undefined;

  /** @param guests names of the guests wanted; none: all */
  constructor(connection: Connection, guests: readonly string[], rawSecondsMax?: number) {
    this.names = new Names(connection);
    this.samples = new SampleSums(connection);
    this.evictions = new EvictionSums(connection);
    this.guestRows = connection.prepare('SELECT guestId, name, workload FROM guests WHERE runId = ?');
    this.coverageOf = connection.prepare('SELECT tierS, fromSecond, toSecond FROM coverage WHERE runId = ?');
    this.isImported = importedQuery(connection);
    this.wanted = guests;
    this.rawSecondsMax = rawSecondsMax;
  }

  /** Adds a piece, oldest first. Returns its recorded seconds; `tell` is told of each stretch of seconds read. */
  add(piece: Piece, tell: (seconds: number) => void): number {
    const { runId } = piece;
    const { pool } = this;
    const coverage = this.coverageOf.all(runId) as Coverage[];
    const ofRun = this.guestsOf(runId);
    const before = pool.seconds;
    if (this.isImported(runId)) {
      for (const { tally } of [{ tally: pool }, ...ofRun.values()]) tally.knowsOnly(IMPORTED_COLUMNS);
    }
    for (const stretch of samplePlan(piece, coverage, this.rawSecondsMax)) {
      this.samplesRead.push({
        runId,
        resolutionSeconds: stretch.tierS,
        fromAxisSecond: stretch.fromS,
        toAxisSecond: stretch.toS,
      });
      this.samples.read(piece, stretch, {
        sums: (owner, seconds, values, at) => {
          const guest = ofRun.get(owner);
          guest?.runIds.add(runId);
          (owner === 0 ? pool : guest?.tally)?.add(seconds, values, at);
        },
        last: (owner, values, at) => (owner === 0 ? pool : ofRun.get(owner)?.tally)?.setLast(values, at),
        read: tell,
      });
    }
    this.evictions.add(piece, (guestId) => this.names.of(runId, guestId));
    return pool.seconds - before;
  }

  /**
   * What came together.
   * @throws ConsoleError `unknown-guest` for a name that none of the runs has.
   */
  take(): Pick<Report, 'samplesRead' | 'evictionsRead' | 'pool' | 'guests' | 'evictions'> {
    const unknown = this.wanted.find((name) => !this.known.has(name));
    if (unknown !== undefined) {
      const there = [...this.known].sort().join(', ');
      throw new ConsoleError('unknown-guest', `No run of this range has a guest ${unknown}.`, `There are: ${there}.`);
    }
    return {
      samplesRead: this.samplesRead,
      evictionsRead: this.evictions.read,
      pool: poolOf(this.pool),
      guests: [...this.byName].flatMap(([name, guest]) => guestOf(name, guest, this.pool)),
      evictions: this.evictions.take(this.wanted),
    };
  }

  /** The wanted guests of a run by their numbers in it. */
  private guestsOf(runId: number): Map<number, GuestTally> {
    const ofRun = new Map<number, GuestTally>();
    for (const { guestId, name, workload } of this.guestRows.all(runId) as GuestRow[]) {
      this.known.add(name);
      if (this.wanted.length > 0 && !this.wanted.includes(name)) continue;
      const guest = this.byName.get(name) ?? { guestId, workload, runIds: new Set(), tally: new Tally(GUEST_COLUMNS) };
      guest.guestId = guestId;
      guest.workload = workload;
      this.byName.set(name, guest);
      ofRun.set(guestId, guest);
    }
    return ofRun;
  }
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
