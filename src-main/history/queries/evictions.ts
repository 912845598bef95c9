import type { Statement } from 'better-sqlite3';
import type {
  EvictionFilter,
  EvictionRow,
  RequestAnswer,
  RequestArgument,
  SampledEviction,
} from '#contract/requests.ts';
import { AGE_CLASSES, EVICTION_REASONS, POOL_KINDS } from '#contract/samples.ts';
import type { Connection } from '../connection.ts';
import { EvictionBlocks } from '../eviction-blocks.ts';
import type { Coverage } from '../tiers.ts';
import { EVICTION_COLUMNS, EVICTION_SAMPLE_COLUMNS } from '../writer/second-log.ts';
import type { Piece } from './axis.ts';
import { Axis } from './axis.ts';
import { PieceFilter } from './eviction-filter.ts';
import { stretchesWithRows } from './eviction-search.ts';
import { Names } from './names.ts';
import { WallClock } from './wall-clock.ts';

type Asked = RequestArgument<'history.evictions'>;

/** A row of one of the tables as it is stored: second and row, then its columns. */
type Stored = readonly number[];

/**
 * Reads a table of evictions newest first, a page at a time. A page goes on below the cursor in the key of the table, so rows
 * that are added meanwhile neither repeat nor hide any.
 */
class Pager {
  private readonly connection: Connection;
  private readonly table: string;
  private readonly columns: readonly string[];
  private readonly axis: Axis;
  private readonly names: Names;
  private readonly blocks: EvictionBlocks;
  private readonly coverageOf: Statement;

  constructor(connection: Connection, table: string, columns: readonly string[], names: Names) {
    this.connection = connection;
    this.table = table;
    this.columns = columns;
    this.axis = new Axis(connection);
    this.names = names;
    this.blocks = new EvictionBlocks(connection);
    this.coverageOf = connection.prepare('SELECT tierS, fromSecond, toSecond FROM coverage WHERE runId = ?');
  }

  /** At most `wanted` rows, each with its piece. */
  read({ filter, after }: Pick<Asked, 'filter' | 'after'>, wanted: number): [Piece, Stored][] {
    const found: [Piece, Stored][] = [];
    for (const piece of this.axis.pieces(filter.range).reverse()) {
      if (found.length === wanted) break;
      if (after !== null && piece.runId > after.runId) continue;
      const below =
        after?.runId === piece.runId && after.second <= piece.toSecond
          ? { second: after.second, row: after.row }
          : { second: piece.toSecond + 1, row: 0 };
      const within = { ...piece, toSecond: Math.min(piece.toSecond, below.second) };
      for (const row of this.rowsOf(within, filter, below, wanted - found.length)) found.push([piece, row]);
    }
    return found;
  }

  private rowsOf(
    piece: Piece,
    filter: EvictionFilter,
    below: { readonly second: number; readonly row: number },
    wanted: number,
  ): Stored[] {
    const { runId, axisStartS } = piece;
    const here = new PieceFilter(filter, this.names, runId);
    const select = this.connection
      .prepare(
        `SELECT second, row, ${this.columns.join(', ')} FROM ${this.table}
         WHERE runId = ? AND second >= ? AND second < ? AND (second, row) < (?, ?)${here.sql}
         ORDER BY second DESC, row DESC LIMIT ?`,
      )
      .raw();
    const found: Stored[] = [];
    const coverage = this.coverageOf.all(runId) as Coverage[];
    for (const { fromS, toS } of stretchesWithRows(this.blocks, piece, coverage, here)) {
      const span = [fromS - axisStartS, toS - axisStartS, below.second, below.row] as const;
      found.push(...(select.all(runId, ...span, wanted - found.length) as Stored[]));
      if (found.length === wanted) break;
    }
    return found;
  }
}

/** One page of at most `limit`; one more row than that tells whether there are more. */
function page<R>(rows: readonly R[], limit: number): { rows: R[]; more: boolean } {
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

/** `history.evictions`: the eviction history by the second, newest first. */
export function evictionsQuery(connection: Connection): (argument: Asked) => RequestAnswer<'history.evictions'> {
  const names = new Names(connection);
  const wallClock = new WallClock(connection);
  const pager = new Pager(connection, 'evictions', EVICTION_COLUMNS, names);
  return ({ limit, ...asked }) => {
    const rows = pager.read(asked, limit + 1).map(([{ runId, axisStartS }, stored]): EvictionRow => {
      const [second = 0, row = 0, victimId = 0, beneficiaryId = 0, reason = 0, pages = 0, poolKind = 0, ...ages] =
        stored;
      return {
        runId,
        second,
        axisS: axisStartS + second,
        wallMs: wallClock.at(runId, second * 1000),
        victimId,
        victim: names.of(runId, victimId),
        beneficiaryId,
        beneficiary: names.of(runId, beneficiaryId),
        reason: EVICTION_REASONS[reason] ?? 'put',
        pool: POOL_KINDS[poolKind] ?? 'precache',
        pages,
        ages: knownAges(ages),
        cursor: { runId, second, row },
      };
    });
    return page(rows, limit);
  };
}

/** Pages of each age class; null where they were not recorded. */
function knownAges(ages: readonly number[]): number[] | null {
  return ages.length === AGE_CLASSES.length && ages.some((pages) => pages > 0) ? [...ages] : null;
}

/** `history.evictionSamples`: single evictions, newest first. */
export function evictionSamplesQuery(
  connection: Connection,
): (argument: RequestArgument<'history.evictionSamples'>) => RequestAnswer<'history.evictionSamples'> {
  const names = new Names(connection);
  const wallClock = new WallClock(connection);
  const pager = new Pager(connection, 'evictionSamples', EVICTION_SAMPLE_COLUMNS, names);
  return ({ limit, ...asked }) => {
    const rows = pager.read(asked, limit + 1).map(([{ runId }, stored]): SampledEviction => {
      const [second = 0, row = 0, everyNth = 1, atMs = 0, victimId = 0, beneficiaryId = 0, poolKind = 0, ...rest] =
        stored;
      const [reason = 0, object = 0, index = 0, ageMs = 0] = rest;
      return {
        runId,
        hostMs: second * 1000 + atMs,
        wallMs: wallClock.at(runId, second * 1000 + atMs),
        victimId,
        victim: names.of(runId, victimId),
        beneficiaryId,
        beneficiary: names.of(runId, beneficiaryId),
        reason: EVICTION_REASONS[reason] ?? 'put',
        pool: POOL_KINDS[poolKind] ?? 'precache',
        object,
        index,
        ageMs,
        everyNth,
        cursor: { runId, second, row },
      };
    });
    return page(rows, limit);
  };
}
