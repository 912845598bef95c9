import Database from 'better-sqlite3';
import { ConsoleError } from '#contract/errors.ts';
import type { Connection } from '../connection.ts';
import { openForReading } from '../connection.ts';
import { check, probeFile, versionOf } from '../migrate.ts';

/** Pages copied between two looks at the event loop: 4 MiB, some ms. */
const STEP_PAGES = 1_024;

/** Told how far a copy is. */
export type CopyProgress = (pages: { readonly done: number; readonly total: number }) => void;

/**
 * Opens a history of any version up to this program's, to copy it.
 * @throws ConsoleError `history-newer`, `history-damaged` (also where it is empty or of another program).
 */
export function openSource(file: string): Connection {
  probeFile(file);
  const connection = openForReading(file);
  try {
    check(file, connection);
    if (versionOf(connection) === 0) {
      throw new ConsoleError('history-damaged', `The file ${file} is empty: there is no history in it.`);
    }
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Copies a database as it is at this moment into a file that is not there yet, by SQLite's online API, while others go on
 * reading and writing it. The copy is one file, without a log beside it.
 */
export async function copyDatabase(source: Connection, target: string, onProgress?: CopyProgress): Promise<void> {
  // One look for the whole copy: without it SQLite would begin anew whenever another process has written something, and
  // never come to an end beside a live host. Meanwhile the write-ahead log grows.
  source.exec('BEGIN');
  try {
    source.prepare('SELECT count(*) FROM sqlite_schema').get();
    await source.backup(target, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress?.({ done: totalPages - remainingPages, total: totalPages });
        return STEP_PAGES;
      },
    });
  } finally {
    source.exec('ROLLBACK');
  }
}

/**
 * Opens a copy that nobody else knows yet, to check or complete it. It keeps no write-ahead log of its own: when this
 * returns it is a single file, which can be read from a folder that cannot be written.
 */
export function withCopy<T>(file: string, use: (connection: Connection) => T): T {
  const connection = new Database(file, { fileMustExist: true });
  try {
    connection.pragma('journal_mode = DELETE');
    connection.pragma('synchronous = FULL');
    return use(connection);
  } finally {
    connection.close();
  }
}

/** What SQLite finds wrong with a database, first things first; nothing where it is sound. */
export function wrongsOf(connection: Connection, look: 'quick_check' | 'integrity_check'): string[] {
  const rows = connection.prepare(`PRAGMA ${look}(5)`).pluck().all().map(String);
  return rows.length === 1 && rows[0] === 'ok' ? [] : rows;
}
