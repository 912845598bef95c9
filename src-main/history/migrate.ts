import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { ConsoleError } from '#contract/errors.ts';
import type { Connection } from './connection.ts';
import { APPLICATION_ID, openForReading } from './connection.ts';
import { MIGRATIONS, SCHEMA_VERSION } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

/** Places in the header of an SQLite file (sqlite.org/fileformat2.html, section 1.3). */
const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
const USER_VERSION_AT = 60;
const APPLICATION_ID_AT = 68;

/**
 * Looks at a file before anything is opened for writing, so that what is not ours stays as it is.
 * @throws ConsoleError `history-newer` for a database of a newer version, `history-damaged` for a file that is no
 * history.
 */
export function probeFile(file: string): void {
  if (!existsSync(file) || statSync(file).size === 0) return;
  const header = Buffer.alloc(HEADER_BYTES);
  const handle = openSync(file, 'r');
  let read: number;
  try {
    read = readSync(handle, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(handle);
  }
  if (read < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw notAHistory(file, 'its first bytes are not those of an SQLite database');
  }
  const version = header.readUInt32BE(USER_VERSION_AT);
  refuseNewer(file, version);
  const walFile = `${file}-wal`;
  const hasLog = existsSync(walFile) && statSync(walFile).size > 0;
  if (version > 0 && !hasLog) {
    refuseForeign(file, header.readUInt32BE(APPLICATION_ID_AT));
    return;
  }
  // The header alone does not tell: ask SQLite, over a connection that can change nothing.
  const connection = openForReading(file);
  try {
    check(file, connection);
  } finally {
    connection.close();
  }
}

/**
 * Brings an open database to this program's schema, one transaction a step.
 * @throws ConsoleError `history-newer` or `history-damaged`, before anything is written.
 */
export function migrate(
  connection: Connection,
  file: string,
  { steps = MIGRATIONS, nowMs, appVersion }: { steps?: readonly Migration[]; nowMs: number; appVersion: string },
): void {
  check(file, connection);
  steps.forEach((step, at) => {
    if (step.version !== at + 1) throw new Error(`Migration ${step.name} stands at place ${at + 1}.`);
  });
  const missing = steps.slice(versionOf(connection));
  for (const step of missing) {
    connection
      .transaction(() => {
        connection.exec(step.sql);
        step.fill?.(connection);
        if (step.version === 1) {
          connection.pragma(`application_id = ${APPLICATION_ID}`);
          const put = connection.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
          put.run('databaseId', randomUUID());
          put.run('createdAtMs', String(nowMs));
          put.run('createdBy', appVersion);
        }
        connection.pragma(`user_version = ${step.version}`);
      })
      .immediate();
  }
  // The header shows the version to whoever looks at the file alone, without its log.
  if (missing.length > 0) connection.pragma('wal_checkpoint(TRUNCATE)');
}

/**
 * Checks that an open database is a history of a version this program knows, or empty.
 * @throws ConsoleError `history-newer` or `history-damaged`.
 */
export function check(file: string, connection: Connection): void {
  const version = versionOf(connection);
  refuseNewer(file, version);
  if (version === 0) {
    // A file that never got its first schema: the process died before the first commit.
    if (connection.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0) return;
    throw notAHistory(file, 'it is a database of another program');
  }
  refuseForeign(file, Number(connection.pragma('application_id', { simple: true })));
}

/** The schema version of an open database; 0 = none yet. */
export function versionOf(connection: Connection): number {
  return Number(connection.pragma('user_version', { simple: true }));
}

function refuseNewer(file: string, version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw new ConsoleError(
    'history-newer',
    `The history ${file} was written by a newer version of Tmem Console (schema ${version}; this one knows up to ${SCHEMA_VERSION}). It was not touched.`,
    'Start the newer version, or choose another folder for this one.',
  );
}

function refuseForeign(file: string, applicationId: number): void {
  if (applicationId !== APPLICATION_ID) throw notAHistory(file, 'it is a database of another program');
}

function notAHistory(file: string, why: string): ConsoleError {
  return new ConsoleError(
    'history-damaged',
    `The file ${file} is not a history of Tmem Console: ${why}. It was not touched.`,
    'Set the file aside (keep it) and start again: a new history begins. Or put a backup in its place.',
  );
}
