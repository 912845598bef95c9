import Database from 'better-sqlite3';
import type { ErrorCode } from '#contract/errors.ts';
import { ConsoleError } from '#contract/errors.ts';

export type Connection = Database.Database;

/** Stands in the header of every history file ("TMEM"): tells it from other SQLite databases. */
export const APPLICATION_ID = 0x544d_454d;

/** Ms that a connection waits for a lock of another process before it gives up. */
const BUSY_TIMEOUT_MS = 2_000;

/**
 * Opens a connection that may write. `synchronous` is NORMAL for samples (a power cut may cost the last seconds, never
 * the file) and FULL for admin actions (a commit returns when the write-ahead log is flushed).
 */
export function openForWriting(file: string, synchronous: 'NORMAL' | 'FULL'): Connection {
  const connection = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Only of effect while the file is empty: lets retention give space back in small steps later.
    connection.pragma('auto_vacuum = INCREMENTAL');
    connection.pragma('journal_mode = WAL');
    connection.pragma(`synchronous = ${synchronous}`);
    connection.pragma('foreign_keys = ON');
    // Pages of the log before it is moved into the file: hot pages are moved once for many commits.
    connection.pragma('wal_autocheckpoint = 4000');
    connection.pragma('journal_size_limit = 67108864');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Opens a connection that can only read. Any process may have one, whoever owns the file. */
export function openForReading(file: string): Connection {
  const connection = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  connection.pragma('query_only = ON');
  return connection;
}

interface Explanation {
  readonly code: ErrorCode;
  readonly what: string;
  readonly remedy: string;
}

const DAMAGED: Explanation = {
  code: 'history-damaged',
  what: 'is damaged',
  remedy: 'Set the file aside (keep it) and start again: a new history begins. Or put a backup in its place.',
};
const UNWRITABLE: Explanation = {
  code: 'history-unwritable',
  what: 'cannot be written',
  remedy: 'Free some space, or give the folder and the file write permission, or choose another folder.',
};
const LOCKED: Explanation = {
  code: 'history-locked',
  what: 'is locked by another process',
  remedy: 'Close the other process that uses it, or work on a copy.',
};

/** SQLite's primary result codes and the codes of the file system that have a defined outcome for a person. */
const EXPLANATIONS: readonly (readonly [RegExp, Explanation])[] = [
  [/^SQLITE_(CORRUPT|NOTADB|FORMAT)/, DAMAGED],
  [/^SQLITE_(BUSY|LOCKED)/, LOCKED],
  [/^SQLITE_(FULL|READONLY|CANTOPEN|IOERR|PERM)/, UNWRITABLE],
  [/^(EACCES|EPERM|EROFS|ENOSPC|EDQUOT|ENOTDIR|EISDIR|ENOENT|EEXIST|EIO|EFBIG)$/, UNWRITABLE],
];

function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/**
 * What SQLite or the file system threw, as the error a person is told: `history-damaged`, `history-unwritable` or
 * `history-locked`, with the file and the original sentence. Anything else becomes `internal`; a `ConsoleError` stays.
 */
export function historyError(thrown: unknown, file: string): ConsoleError {
  if (thrown instanceof ConsoleError) return thrown;
  const code = codeOf(thrown);
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const explanation = code === undefined ? undefined : EXPLANATIONS.find(([pattern]) => pattern.test(code))?.[1];
  const cause = { cause: thrown };
  if (explanation === undefined) {
    return new ConsoleError('internal', `The history ${file} failed: ${reason}`, undefined, cause);
  }
  const message = `The history ${file} ${explanation.what}: ${reason} (${code ?? 'no code'}).`;
  return new ConsoleError(explanation.code, message, explanation.remedy, cause);
}
