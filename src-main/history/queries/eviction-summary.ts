import type { Statement } from 'better-sqlite3';
import type { EvictionFilter, RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type { Connection } from '../connection.ts';
import type { Coverage } from '../tiers.ts';
import { MINUTE_S } from '../tiers.ts';
import type { Piece } from './axis.ts';
import { Axis } from './axis.ts';
import { conditionOf } from './eviction-filter.ts';
import { Names } from './names.ts';

type Answer = RequestAnswer<'history.evictionSummary'>;

/**
 * `history.evictionSummary`: pages per victim and beneficiary under a filter. Whole minutes are read as such, the rest of
 * the range second by second. A guest bears the name of its last run in the range.
 */
export function evictionSummaryQuery(
  connection: Connection,
): (argument: RequestArgument<'history.evictionSummary'>) => Answer {
  const axis = new Axis(connection);
  const names = new Names(connection);
  const coverageOf = connection.prepare(
    'SELECT tierS, fromSecond, toSecond FROM coverage WHERE runId = ? AND tierS = ?',
  );

  return ({ filter }) => {
    const sum = new Summary(connection, filter);
    const latestRun = new Map<number, number>();
    for (const piece of axis.pieces(filter.range)) {
      sum.runId = piece.runId;
      for (const span of spansOf(piece, coverageOf.get(piece.runId, MINUTE_S) as Coverage | undefined)) {
        if (span.minutes) sum.addMinutes(span.fromS, span.toS);
        else sum.addSeconds(span.fromS - piece.axisStartS, span.toS - piece.axisStartS);
      }
      for (const guestId of sum.takeSeen()) latestRun.set(guestId, piece.runId);
    }
    const name = (guestId: number): string => names.of(latestRun.get(guestId) ?? 0, guestId);
    const cells = [...sum.cells].flatMap(([victimId, row]) =>
      [...row].map(([beneficiaryId, pages]) => ({
        victimId,
        victim: name(victimId),
        beneficiaryId,
        beneficiary: name(beneficiaryId),
        pages,
      })),
    );
    return { cells, pages: cells.reduce((total, { pages }) => total + pages, 0), seconds: sum.seconds };
  };
}

/** A stretch of the axis, its end not included, that is read by the minute or by the second. */
interface Span {
  readonly minutes: boolean;
  readonly fromS: number;
  readonly toS: number;
}

/** The part of a piece whose minutes are complete, and what is before and after it. */
function spansOf({ axisStartS, fromSecond, toSecond }: Piece, coverage: Coverage | undefined): Span[] {
  const fromS = axisStartS + fromSecond;
  const toS = axisStartS + toSecond + 1;
  const reachS = axisStartS + (coverage?.toSecond ?? 0);
  // The run's own first and last minutes may be partial and are whole all the same.
  const firstS = fromSecond === 0 ? fromS : Math.ceil(fromS / MINUTE_S) * MINUTE_S;
  const endS = toS >= reachS ? reachS : Math.floor(toS / MINUTE_S) * MINUTE_S;
  if (endS <= firstS) return [{ minutes: false, fromS, toS }];
  return [
    { minutes: false, fromS, toS: firstS },
    { minutes: true, fromS: firstS - (firstS % MINUTE_S), toS: endS },
    { minutes: false, fromS: endS, toS },
  ].filter((span) => span.toS > span.fromS);
}

/** Sums up evictions that pass a filter. */
class Summary {
  /** Pages by victim and beneficiary. */
  readonly cells = new Map<number, Map<number, number>>();
  /** Host seconds in which there were any. */
  seconds = 0;
  runId = 0;
  private readonly seen = new Set<number>();
  private readonly pairsOfSeconds: Statement;
  private readonly pairsOfMinutes: Statement;
  private readonly countSeconds: Statement;
  private readonly minuteBits: Statement;

  constructor(connection: Connection, filter: EvictionFilter) {
    const condition = conditionOf(filter);
    const from = (table: string, time: string): string =>
      `FROM ${table} WHERE runId = ? AND ${time} >= ? AND ${time} < ?${condition}`;
    const pairs = (source: string): Statement =>
      connection.prepare(`SELECT victimId, beneficiaryId, sum(pages) ${source} GROUP BY victimId, beneficiaryId`).raw();
    this.pairsOfSeconds = pairs(from('evictions', 'second'));
    this.pairsOfMinutes = pairs(from('evictionMinutes', 'axisS'));
    this.countSeconds = connection
      .prepare(`SELECT count(*) FROM (SELECT DISTINCT second ${from('evictions', 'second')})`)
      .pluck();
    this.minuteBits = connection
      .prepare(`SELECT axisS, earlySeconds, lateSeconds ${from('evictionMinutes', 'axisS')} ORDER BY axisS`)
      .raw();
  }

  /** Adds seconds of the run, the end not included. */
  addSeconds(fromSecond: number, toSecond: number): void {
    this.addPairs(this.pairsOfSeconds, fromSecond, toSecond);
    this.seconds += this.countSeconds.get(this.runId, fromSecond, toSecond) as number;
  }

  /** Adds minutes of the axis, the end not included. */
  addMinutes(fromS: number, toS: number): void {
    this.addPairs(this.pairsOfMinutes, fromS, toS);
    let minute = -1;
    let early = 0;
    let late = 0;
    const rows = this.minuteBits.iterate(this.runId, fromS, toS) as Iterable<[number, number, number]>;
    for (const [axisS, earlySeconds, lateSeconds] of rows) {
      if (axisS !== minute) {
        this.seconds += bitsIn(early) + bitsIn(late);
        [minute, early, late] = [axisS, 0, 0];
      }
      early |= earlySeconds;
      late |= lateSeconds;
    }
    this.seconds += bitsIn(early) + bitsIn(late);
  }

  /** The guests met since the last call. */
  takeSeen(): number[] {
    const guests = [...this.seen];
    this.seen.clear();
    return guests;
  }

  private addPairs(pairs: Statement, from: number, to: number): void {
    const rows = pairs.all(this.runId, from, to) as [number, number, number][];
    for (const [victimId, beneficiaryId, pages] of rows) {
      let row = this.cells.get(victimId);
      if (row === undefined) this.cells.set(victimId, (row = new Map<number, number>()));
      row.set(beneficiaryId, (row.get(beneficiaryId) ?? 0) + pages);
      this.seen.add(victimId).add(beneficiaryId);
    }
  }
}

/** Number of ones in a word of at most 30 bits (Wegner). */
function bitsIn(word: number): number {
  let ones = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) ones++;
  return ones;
}
