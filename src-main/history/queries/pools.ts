import type { Statement } from 'better-sqlite3';
import type { PoolReading, RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type { GuestColumn } from '#contract/samples.ts';
import { guestColumnIndex } from '#contract/samples.ts';
import type { Connection } from '../connection.ts';
import type { Coverage } from '../tiers.ts';
import { Axis } from './axis.ts';
import { Names } from './names.ts';
import { samplePlan } from './reading-plan.ts';
import { SampleSums } from './sample-sums.ts';

/**
 * Where a pool's figures stand. Each guest has at most one precache and one preswap pool, so the samples of the guest hold
 * them in columns of their own, and pools need no samples apart.
 */
interface PoolColumns {
  readonly pages: GuestColumn;
  readonly puts: GuestColumn;
  readonly putsFailed: GuestColumn;
  readonly gets: GuestColumn;
  readonly hits: GuestColumn;
  readonly flushes: GuestColumn;
  /** Columns whose sum is the number of pages evicted. */
  readonly evicted: readonly GuestColumn[];
}

const POOLS: Readonly<Record<PoolReading['pool'], PoolColumns>> = {
  precache: {
    pages: 'ephemeralPages',
    puts: 'precachePuts',
    putsFailed: 'precachePutsFailed',
    gets: 'precacheGets',
    hits: 'precacheHits',
    flushes: 'flushes',
    evicted: ['evictedBySelf', 'evictedByOthers'],
  },
  preswap: {
    pages: 'persistentPages',
    puts: 'preswapPuts',
    putsFailed: 'preswapPutsFailed',
    gets: 'preswapGets',
    hits: 'preswapGets',
    flushes: 'preswapFlushes',
    evicted: [],
  },
};

/** Figures of one guest over the range so far. */
interface Figures {
  guestId: number;
  seconds: number;
  readonly sum: Map<GuestColumn, number>;
  readonly min: Map<GuestColumn, number>;
  readonly max: Map<GuestColumn, number>;
  readonly last: Map<GuestColumn, number>;
}

const COLUMNS = [
  ...new Set(Object.values(POOLS).flatMap(({ evicted, ...columns }) => [...Object.values(columns), ...evicted])),
];

/** `history.pools`: what each guest's pools did over a range. */
export function poolsQuery(
  connection: Connection,
): (argument: RequestArgument<'history.pools'>) => RequestAnswer<'history.pools'> {
  const axis = new Axis(connection);
  const names = new Names(connection);
  const sums = new SampleSums(connection);
  const coverageOf: Statement = connection.prepare('SELECT tierS, fromSecond, toSecond FROM coverage WHERE runId = ?');
  return ({ range }) => {
    const byName = new Map<string, Figures>();
    let hostSeconds = 0;
    for (const piece of axis.pieces(range)) {
      const figuresOf = (guestId: number): Figures => {
        const name = names.of(piece.runId, guestId);
        let figures = byName.get(name);
        if (figures === undefined) byName.set(name, (figures = emptyFigures(guestId)));
        figures.guestId = guestId;
        return figures;
      };
      for (const stretch of samplePlan(piece, coverageOf.all(piece.runId) as Coverage[])) {
        sums.read(piece, stretch, {
          sums: (owner, seconds, values, at) => {
            if (owner === 0) hostSeconds += seconds;
            else addSums(figuresOf(owner), seconds, values, at);
          },
          last: (owner, values, at) => {
            if (owner === 0) return;
            const { last } = figuresOf(owner);
            for (const column of COLUMNS) last.set(column, values[at + guestColumnIndex(column)] ?? 0);
          },
          read: () => undefined,
        });
      }
    }
    const pools = [...byName].flatMap(([guest, figures]) => [
      readingOf(guest, 'precache', figures),
      readingOf(guest, 'preswap', figures),
    ]);
    return { pools, hostSeconds };
  };
}

function emptyFigures(guestId: number): Figures {
  return { guestId, seconds: 0, sum: new Map(), min: new Map(), max: new Map(), last: new Map() };
}

function addSums(figures: Figures, seconds: number, values: ArrayLike<number>, at: number): void {
  figures.seconds += seconds;
  for (const column of COLUMNS) {
    const place = at + guestColumnIndex(column) * 3;
    const [sum = 0, min = 0, max = 0] = [values[place], values[place + 1], values[place + 2]];
    figures.sum.set(column, (figures.sum.get(column) ?? 0) + sum);
    figures.min.set(column, Math.min(figures.min.get(column) ?? min, min));
    figures.max.set(column, Math.max(figures.max.get(column) ?? max, max));
  }
}

function readingOf(guest: string, pool: PoolReading['pool'], figures: Figures): PoolReading {
  const columns = POOLS[pool];
  const total = (column: GuestColumn): number => figures.sum.get(column) ?? 0;
  const { pages } = columns;
  return {
    guestId: figures.guestId,
    guest,
    pool,
    pages: {
      last: figures.last.get(pages) ?? 0,
      min: figures.min.get(pages) ?? 0,
      mean: figures.seconds === 0 ? 0 : total(pages) / figures.seconds,
      max: figures.max.get(pages) ?? 0,
    },
    puts: total(columns.puts),
    putsFailed: total(columns.putsFailed),
    gets: total(columns.gets),
    hits: total(columns.hits),
    flushes: total(columns.flushes),
    evicted: columns.evicted.reduce((sum, column) => sum + total(column), 0),
  };
}
