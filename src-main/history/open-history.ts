import { existsSync } from 'node:fs';
import { ConsoleError } from '#contract/errors.ts';
import type { Connection } from './connection.ts';
import { openForReading } from './connection.ts';
import { SCHEMA_VERSION } from './migrations/index.ts';
import { check, probeFile, versionOf } from './migrate.ts';

/**
 * Opens a history to read it, whoever owns it.
 * @throws ConsoleError `host-not-ready` where there is none yet, `history-newer`, `history-damaged`.
 */
export function openHistory(file: string): Connection {
  if (!existsSync(file)) throw notYet(file);
  probeFile(file);
  const connection = openForReading(file);
  try {
    check(file, connection);
    if (versionOf(connection) < SCHEMA_VERSION) throw notYet(file);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The error where there is no history yet. */
export function notYet(file: string): ConsoleError {
  return new ConsoleError(
    'host-not-ready',
    `There is no history of this version at ${file} yet.`,
    'It is created, or brought up to date, when the host starts with it.',
  );
}
