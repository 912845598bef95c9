import { existsSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';
import { historyError, openForReading } from '../connection.ts';
import { probeFile } from '../migrate.ts';
import { OwnerLock } from '../owner-lock.ts';
import { openSource, wrongsOf } from './copy.ts';
import { copyError, flushFolder } from './files.ts';
import type { Backup } from './names.ts';
import { backupFolderOf, freeSetAsideName, listBackups } from './names.ts';
import { dropCompanions, keepAside } from './set-aside.ts';

/** The newest backup of a history that can be read and passes `quick_check`, or null. It may look through many. */
export function newestGoodBackup(file: string, folder = backupFolderOf(file)): Backup | null {
  return listBackups(file, folder).find(({ file: backup }) => isGood(backup)) ?? null;
}

/** The error of a damaged history, with the newest good backup in its remedy where there is one; others as they are. */
export function withBackupInRemedy(error: ConsoleError, file: string): ConsoleError {
  if (error.code !== 'history-damaged') return error;
  const backup = newestGoodBackup(file);
  if (backup === null) return error;
  const made = new Date(backup.madeAtMs).toISOString();
  const remedy = `The newest good backup is ${backup.file} (of ${made}). "tmem-console restore --db ${file} --from ${backup.file}" puts it in place and keeps the damaged file. Or set the file aside and start again: a new history begins.`;
  return new ConsoleError('history-damaged', error.message, remedy.length <= 2_000 ? remedy : error.remedy, {
    cause: error,
  });
}

/**
 * Sets a damaged history aside, so that a new one can begin in its place: it gets a name with the time beside it, with its
 * log, and is never deleted. A history that shows no damage when it is opened stays where it is.
 *
 * @returns Where it is now.
 * @throws ConsoleError `history-locked` (somebody owns it), `bad-argument` (it is not damaged), `file-unwritable`.
 */
export function setAsideDamaged(file: string, nowMs = Date.now()): string {
  let lock: OwnerLock | undefined;
  try {
    const target = join(realpathSync(dirname(file)), basename(file));
    lock = OwnerLock.acquire(target, { appVersion: 'set aside', nowMs });
    if (!isDamaged(target)) {
      throw new ConsoleError('bad-argument', `The history ${file} is not damaged: it was left where it is.`);
    }
    const aside = freeSetAsideName(target, nowMs);
    keepAside(target, aside);
    // The database first: a log is of no use without it, but it must not be without its log.
    rmSync(target);
    dropCompanions(target);
    flushFolder(dirname(target));
    return aside;
  } catch (error) {
    throw historyError(copyError(error, `The damaged history ${file} can't be set aside`), file);
  } finally {
    lock?.release();
  }
}

function isDamaged(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    probeFile(file);
    const connection = openForReading(file);
    try {
      return wrongsOf(connection, 'quick_check').length > 0;
    } finally {
      connection.close();
    }
  } catch (error) {
    const failure = historyError(error, file);
    if (failure.code === 'history-damaged') return true;
    throw failure;
  }
}

function isGood(backup: string): boolean {
  try {
    const connection = openSource(backup);
    try {
      return wrongsOf(connection, 'quick_check').length === 0;
    } finally {
      connection.close();
    }
  } catch {
    // Whatever keeps it from being read: it is not one to offer.
    return false;
  }
}
