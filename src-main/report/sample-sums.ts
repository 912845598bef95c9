import type { Statement } from 'better-sqlite3';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { Connection } from '#main/history/connection.ts';
import { RAW_S } from '#main/history/tiers.ts';
import type { Stretch } from './reading-plan.ts';

/** Rows of one owner that one query sums up: what SQLite sorts at a time stays small, whatever the range. */
const CHUNK_ROWS = 600;

type Owner = 'guest' | 'host';

interface Statements {
  readonly sums: Statement;
  readonly last: Statement;
}

/** What is told of each chunk of a stretch, and at its end. */
export interface SumsReader {
  /** Sums of a chunk: guest (0: the host), seconds, then sum, minimum and maximum of each column. */
  sums(owner: number, seconds: number, values: readonly number[], at: number): void;
  /** Values of the latest second: guest, then each column. */
  last(owner: number, values: readonly number[], at: number): void;
  /** Seconds of the axis that were read since the last call. */
  read(seconds: number): void;
}

/** Sums of the samples, of guests and host, out of the seconds or a tier; a chunk at a time, by prepared statements. */
export class SampleSums {
  private readonly statements: Readonly<Record<Owner, { raw: Statements; tier: Statements }>>;

  constructor(connection: Connection) {
    this.statements = { guest: statementsOf(connection, 'guest'), host: statementsOf(connection, 'host') };
  }

  /** Reads one stretch of a run, oldest first. */
  read(run: { runId: number; axisStartS: number }, { tierS, fromS, toS }: Stretch, reader: SumsReader): void {
    const step = CHUNK_ROWS * tierS;
    for (let atS = fromS; atS < toS;) {
      const endS = Math.min(toS, atS - (atS % tierS) + step);
      // A run's first bucket may begin before the run does.
      const startS = tierS === RAW_S ? run.axisStartS : 0;
      const bounds = { tierS, runId: run.runId, from: atS - (atS % tierS) - startS, to: endS - startS };
      for (const owner of ['guest', 'host'] as const) {
        const { sums, last } = this.statements[owner][tierS === RAW_S ? 'raw' : 'tier'];
        for (const row of sums.all(bounds) as number[][]) {
          if ((row[1] ?? 0) > 0) reader.sums(row[0] ?? 0, row[1] ?? 0, row, 2);
        }
        for (const row of last.all(bounds) as number[][]) reader.last(row[0] ?? 0, row, 1);
      }
      reader.read(endS - atS);
      atS = endS;
    }
  }
}

function statementsOf(connection: Connection, owner: Owner): { raw: Statements; tier: Statements } {
  const columns: readonly string[] = owner === 'guest' ? GUEST_COLUMNS : HOST_COLUMNS;
  const id = owner === 'guest' ? 'guestId' : '0';
  const group = owner === 'guest' ? ' GROUP BY guestId' : '';
  const prepare = (sql: string): Statement => connection.prepare(sql).raw();
  const make = (table: string, where: string, time: string, names: { count: string; of: (c: string) => string[] }) => {
    const sums = columns.map((column) => {
      const [sum = '', min = '', max = ''] = names.of(column);
      return `coalesce(sum(${sum}), 0), min(${min}), max(${max})`;
    });
    const lasts = columns.map((column) => names.of(column)[3] ?? column);
    return {
      sums: prepare(`SELECT ${id}, ${names.count}, ${sums.join(', ')} FROM ${table} WHERE ${where}${group}`),
      last: prepare(
        `SELECT ${id}, ${lasts.join(', ')} FROM ${table} WHERE ${where}
         AND ${time} = (SELECT max(${time}) FROM ${table} WHERE ${where})`,
      ),
    };
  };
  const rawWhere = 'runId = @runId AND second >= @from AND second < @to';
  // Guest rows of a tier lie guest by guest: with the guests named, SQLite goes straight to each one's stretch.
  const ofGuests = owner === 'guest' ? ' AND guestId IN (SELECT guestId FROM guests WHERE runId = @runId)' : '';
  const tierWhere = `tierS = @tierS AND runId = @runId${ofGuests} AND axisS >= @from AND axisS < @to`;
  return {
    raw: make(`${owner}Samples`, rawWhere, 'second', { count: 'count(*)', of: (c) => [c, c, c, c] }),
    tier: make(`${owner}Tiers`, tierWhere, 'axisS', {
      count: 'coalesce(sum(count), 0)',
      of: (c) => [`${c}Sum`, `${c}Min`, `${c}Max`, `${c}Last`],
    }),
  };
}
