import Database from 'better-sqlite3';
import { hostname } from 'node:os';
import { ConsoleError } from '#contract/errors.ts';
import type { Connection } from './connection.ts';

/** Suffix of the small SQLite file beside the history whose lock means ownership. */
const LOCK_SUFFIX = '-owner';
const ATTEMPTS = 5;

interface Owner {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  readonly sinceMs: number;
  readonly appVersion: string;
}

/**
 * Ownership of one history: a write lock, held for as long as the process lives, on a small SQLite file beside it. The
 * lock is the operating system's, so the death of the process, `kill -9` included, releases it; nothing has to be
 * cleaned up and no process number is trusted. The file also says who the owner is, for the sentence others get.
 */
export class OwnerLock {
  private readonly connection: Connection;

  private constructor(connection: Connection) {
    this.connection = connection;
  }

  /**
   * Takes the lock of the history `file`.
   * @throws ConsoleError `history-locked` while another connection, of this process or another, holds it.
   */
  static acquire(file: string, owner: { appVersion: string; nowMs: number }): OwnerLock {
    const lockFile = file + LOCK_SUFFIX;
    const connection = new Database(lockFile, { timeout: 0 });
    try {
      const self: Owner = {
        token: `${process.pid}-${owner.nowMs}-${Math.random()}`,
        pid: process.pid,
        host: hostname(),
        sinceMs: owner.nowMs,
        appVersion: owner.appVersion,
      };
      // The name must be committed to be read by others, and a commit ends the lock: another process may step in
      // between. Whoever holds the lock in the end must also find its own name, or it tries again.
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (!begin(connection)) break;
        connection.exec('CREATE TABLE IF NOT EXISTS owner (json TEXT NOT NULL) STRICT; DELETE FROM owner');
        connection.prepare('INSERT INTO owner (json) VALUES (?)').run(JSON.stringify(self));
        connection.exec('COMMIT');
        if (!begin(connection)) break;
        if (readOwner(connection)?.token === self.token) return new OwnerLock(connection);
        connection.exec('ROLLBACK');
      }
      throw lockedError(file, readOwner(connection));
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  release(): void {
    if (!this.connection.open) return;
    this.connection.exec('ROLLBACK');
    this.connection.close();
  }
}

/** Begins a write transaction; false while somebody else has one. */
function begin(connection: Connection): boolean {
  try {
    connection.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return false;
    throw error;
  }
}

function readOwner(connection: Connection): Owner | undefined {
  try {
    const text: unknown = connection.prepare('SELECT json FROM owner').pluck().get();
    // Written by this class alone; if it is not, the worst is a sentence without a name.
    return typeof text === 'string' ? (JSON.parse(text) as Owner) : undefined;
  } catch {
    return undefined;
  }
}

function lockedError(file: string, owner: Owner | undefined): ConsoleError {
  const who =
    owner === undefined
      ? 'another process'
      : `process ${owner.pid} on ${owner.host} (Tmem Console ${owner.appVersion}, since ${new Date(owner.sinceMs).toISOString()})`;
  return new ConsoleError(
    'history-locked',
    `The history ${file} is owned by ${who}: only its owner may write to it.`,
    'Use that window, or close it first. Reading is possible at any time, and a copy can always be used.',
  );
}
