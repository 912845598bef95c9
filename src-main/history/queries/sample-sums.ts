import type { Statement } from 'better-sqlite3';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { Connection } from '../connection.ts';
import { TierReader } from '../tier-reader.ts';
import type { TierS } from '../tiers.ts';
import { floorTo, HOST_OWNER, pageSpanS, RAW_S } from '../tiers.ts';
import type { Stretch } from './reading-plan.ts';

/** Seconds, and pages of a tier, that are read between two words about the progress. */
const CHUNK_S = 600;
const CHUNK_PAGES = 20;
/** Guests have numbers from 1 to this. */
const GUEST_MAX = 65_535;

type OwnerKind = 'guest' | 'host';

interface Statements {
  readonly sums: Statement;
  readonly last: Statement;
}

/** What is told of each chunk of a stretch, and at its end. */
export interface SumsReader {
  /** Sums of a chunk: guest (0: the host), seconds, then sum, minimum and maximum of each column from `at` on. */
  sums(owner: number, seconds: number, values: ArrayLike<number>, at: number): void;
  /** Values of the latest second: guest, then each column from `at` on. */
  last(owner: number, values: ArrayLike<number>, at: number): void;
  /** Seconds of the axis that were read since the last call. */
  read(seconds: number): void;
}

/** What comes together of one owner out of pages. */
interface OwnerSums {
  seconds: number;
  readonly values: Float64Array;
  readonly last: Float64Array;
}

/** Sums of the samples, of guests and host, out of the seconds or a tier; a chunk at a time. */
export class SampleSums {
  private readonly raw: Readonly<Record<OwnerKind, Statements>>;
  private readonly tiers: TierReader;

  constructor(connection: Connection) {
    this.raw = { guest: statementsOf(connection, 'guest'), host: statementsOf(connection, 'host') };
    this.tiers = new TierReader(connection);
  }

  /** Reads one stretch of a run, oldest first. */
  read(
    run: { readonly runId: number; readonly axisStartS: number },
    { tierS, fromS, toS }: Stretch<typeof RAW_S | TierS>,
    reader: SumsReader,
  ): void {
    const step = tierS === RAW_S ? CHUNK_S : CHUNK_PAGES * pageSpanS(tierS);
    for (let atS = fromS; atS < toS;) {
      const endS = Math.min(toS, floorTo(atS, step) + step);
      if (tierS === RAW_S) this.readSeconds(run, atS, endS, reader);
      else this.readPages(run.runId, tierS, atS, endS, reader);
      reader.read(endS - atS);
      atS = endS;
    }
  }

  private readSeconds(
    { runId, axisStartS }: { readonly runId: number; readonly axisStartS: number },
    fromS: number,
    toS: number,
    reader: SumsReader,
  ): void {
    const bounds = { runId, from: fromS - axisStartS, to: toS - axisStartS };
    for (const { sums, last } of [this.raw.guest, this.raw.host]) {
      for (const row of sums.all(bounds) as number[][]) {
        if ((row[1] ?? 0) > 0) reader.sums(row[0] ?? 0, row[1] ?? 0, row, 2);
      }
      for (const row of last.all(bounds) as number[][]) reader.last(row[0] ?? 0, row, 1);
    }
  }

  private readPages(runId: number, tierS: TierS, fromS: number, toS: number, reader: SumsReader): void {
    // A run's first bucket may begin before the run does.
    const range = { fromS: floorTo(fromS, tierS), toS };
    const kinds = [
      { columns: GUEST_COLUMNS.length, lowest: HOST_OWNER + 1, highest: GUEST_MAX },
      { columns: HOST_COLUMNS.length, lowest: HOST_OWNER, highest: HOST_OWNER },
    ];
    for (const { columns, ...owners } of kinds) {
      const found = new Map<number, OwnerSums>();
      for (let column = 0; column < columns; column++) {
        this.tiers.read(tierS, runId, range, column, owners, (page) => {
          let sums = found.get(page.ownerId);
          if (sums === undefined) found.set(page.ownerId, (sums = emptySums(columns)));
          addPage(sums, page, column, tierS, range);
        });
      }
      for (const [owner, sums] of found) {
        if (sums.seconds === 0) continue;
        reader.sums(owner, sums.seconds, sums.values, 0);
        reader.last(owner, sums.last, 0);
      }
    }
  }
}

function emptySums(columns: number): OwnerSums {
  const values = new Float64Array(columns * 3);
  for (let column = 0; column < columns; column++) {
    values[column * 3 + 1] = Infinity;
    values[column * 3 + 2] = -Infinity;
  }
  return { seconds: 0, values, last: new Float64Array(columns) };
}

function addPage(
  sums: OwnerSums,
  { fromS, count, sum, min, max, last }: Parameters<Parameters<TierReader['read']>[5]>[0],
  column: number,
  tierS: number,
  range: { readonly fromS: number; readonly toS: number },
): void {
  const { values } = sums;
  const at = column * 3;
  for (let place = 0; place < count.length; place++) {
    const axisS = fromS + place * tierS;
    if (count[place] === 0 || axisS < range.fromS || axisS >= range.toS) continue;
    if (column === 0) sums.seconds += count[place] ?? 0;
    values[at] = (values[at] ?? 0) + (sum[place] ?? 0);
    values[at + 1] = Math.min(values[at + 1] ?? Infinity, min[place] ?? Infinity);
    values[at + 2] = Math.max(values[at + 2] ?? -Infinity, max[place] ?? -Infinity);
    sums.last[column] = last[place] ?? 0;
  }
}

function statementsOf(connection: Connection, owner: OwnerKind): Statements {
  const columns: readonly string[] = owner === 'guest' ? GUEST_COLUMNS : HOST_COLUMNS;
  const id = owner === 'guest' ? 'guestId' : '0';
  const group = owner === 'guest' ? ' GROUP BY guestId' : '';
  const prepare = (sql: string): Statement => connection.prepare(sql).raw();
  const sums = columns.map((column) => `coalesce(sum(${column}), 0), min(${column}), max(${column})`);
  const table = `${owner}Samples`;
  const where = 'runId = @runId AND second >= @from AND second < @to';
  return {
    sums: prepare(`SELECT ${id}, count(*), ${sums.join(', ')} FROM ${table} WHERE ${where}${group}`),
    last: prepare(
      `SELECT ${id}, ${columns.join(', ')} FROM ${table} WHERE ${where}
       AND second = (SELECT max(second) FROM ${table} WHERE ${where})`,
    ),
  };
}
