import type { Statement } from 'better-sqlite3';
import type { Connection } from '../connection.ts';

/**
 * Rows per statement, largest first. Several rows in one VALUES list save most of the cost of a call; more than these
 * gained nothing.
 */
const ROWS_PER_STATEMENT = [32, 8, 1] as const;
const ROWS_MAX = ROWS_PER_STATEMENT[0];

/**
 * Inserts many rows of numbers into one table by multi-row VALUES, prepared once. Call it inside a transaction: `add`
 * each row, then `flush`.
 */
export class BulkInsert {
  private readonly width: number;
  private readonly statements: readonly (readonly [number, Statement])[];
  private values: number[] = [];

  constructor(connection: Connection, table: string, columns: readonly string[]) {
    this.width = columns.length;
    const row = `(${columns.map(() => '?').join(', ')})`;
    this.statements = ROWS_PER_STATEMENT.map((rows) => {
      const list = Array.from({ length: rows }, () => row).join(', ');
      return [rows, connection.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${list}`)];
    });
  }

  /** Adds a row: the values of `key`, then `count` values of `source` from `from` on. */
  add(key: readonly number[], source: ArrayLike<number>, from: number, count: number): void {
    const { values } = this;
    for (const part of key) values.push(part);
    for (let at = from; at < from + count; at++) values.push(source[at] ?? NaN);
    if (values.length === ROWS_MAX * this.width) this.flush();
  }

  /** Writes the rows that were added since the last time. */
  flush(): void {
    let at = 0;
    for (const [rows, statement] of this.statements) {
      const size = rows * this.width;
      for (; this.values.length - at >= size; at += size) {
        statement.run(at === 0 && this.values.length === size ? this.values : this.values.slice(at, at + size));
      }
    }
    this.values = [];
  }

  /** Forgets rows that were added and not written: after a transaction that failed. */
  discard(): void {
    this.values = [];
  }
}
