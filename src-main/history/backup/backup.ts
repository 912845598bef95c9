import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import type { Anchor } from '../audit/anchor.ts';
import { AnchorSchema, anchorOf } from '../audit/anchor.ts';
import { historyError } from '../connection.ts';
import { notYet } from '../open-history.ts';
import { OwnerLock } from '../owner-lock.ts';
import type { CopyProgress } from './copy.ts';
import { copyDatabase, openSource, withCopy, wrongsOf } from './copy.ts';
import { copyError, flushFile, flushFolder, removeDatabase, writeFlushed } from './files.ts';
import type { Backup } from './names.ts';
import { freeBackupName, listBackups, strayAnchors, unfinishedBackup } from './names.ts';
import { expired } from './rotation.ts';

export interface BackupOptions {
  /** Wall time in ms since 1970. */
  readonly nowMs?: number;
  /** Told of each few MiB that were copied. */
  readonly onProgress?: CopyProgress;
}

export interface MadeBackup extends Backup {
  readonly bytes: number;
  /** The audit as the backup has it. */
  readonly anchor: Anchor;
  /** Older backups that the rotation removed. */
  readonly removed: readonly string[];
}

/**
 * Makes a backup of a history while its owner goes on writing: copied as of one moment into a temporary file, checked by
 * `quick_check`, flushed and only then named as a backup, with the anchor of its audit beside it. Older backups of the same
 * history go by the rotation (three of today, one a day, ten in all). What a killed backup left is removed by the next one.
 * Copying lets the event loop go on; the check does not: on a thread that has to answer quickly, call it elsewhere.
 *
 * @throws ConsoleError `file-unwritable` (disk full, no permission; nothing is left then), `history-damaged` (the history
 * did not pass the check; there is no backup then), `history-newer`, `host-not-ready` (there is no history), `history-locked` (another backup into this folder is
 * under way).
 */
export async function backupHistory(
  file: string,
  folder: string,
  { nowMs = Date.now(), onProgress }: BackupOptions = {},
): Promise<MadeBackup> {
  const what = `The backup of ${file} can't be written to ${folder}`;
  if (!existsSync(file)) throw notYet(file);
  const lock = lockFolder(file, folder, nowMs, what);
  try {
    const temporary = unfinishedBackup(file, folder);
    removeLeftovers(file, folder);
    try {
      await copyTo(temporary, file, onProgress, what);
      const anchor = checked(temporary, file, nowMs);
      const backup = freeBackupName(file, folder, nowMs);
      // The anchor first: what bears the name of a backup has one.
      writeFlushed(backup.anchorFile, `${JSON.stringify(anchor)}\n`);
      flushFile(temporary);
      renameSync(temporary, backup.file);
      flushFolder(folder);
      return { ...backup, bytes: statSync(backup.file).size, anchor, removed: rotate(file, folder, backup, anchor) };
    } catch (error) {
      removeLeftovers(file, folder);
      throw copyError(error, what);
    }
  } catch (error) {
    throw historyError(error, file);
  } finally {
    lock.release();
  }
}

/** The anchor beside a backup, or null where there is none that can be read. */
export function anchorBeside(anchorFile: string): Anchor | null {
  try {
    const read = v.safeParse(AnchorSchema, JSON.parse(readFileSync(anchorFile, 'utf8')));
    return read.success ? read.output : null;
  } catch {
    return null;
  }
}

/** Only one process at a time makes backups of one name in one folder: so what is unfinished there is nobody's. */
function lockFolder(file: string, folder: string, nowMs: number, what: string): OwnerLock {
  try {
    mkdirSync(folder, { recursive: true });
    const lockName = join(realpathSync(folder), `${basename(file)}.backups`);
    return OwnerLock.acquire(lockName, { appVersion: 'backup', nowMs });
  } catch (error) {
    if (error instanceof ConsoleError && error.code === 'history-locked') {
      const sentence = `Another backup of ${file} into ${folder} is under way.`;
      throw new ConsoleError('history-locked', sentence, 'Wait until it is done.', { cause: error });
    }
    throw historyError(copyError(error, what), file);
  }
}

async function copyTo(temporary: string, file: string, onProgress: CopyProgress | undefined, what: string) {
  let source;
  try {
    source = openSource(file);
  } catch (error) {
    throw historyError(error, file);
  }
  try {
    await copyDatabase(source, temporary, onProgress);
  } catch (error) {
    throw historyError(copyError(error, what), file);
  } finally {
    source.close();
  }
}

/** The anchor of a copy that is sound. */
function checked(temporary: string, file: string, nowMs: number): Anchor {
  try {
    return withCopy(temporary, (connection) => {
      const wrongs = wrongsOf(connection, 'quick_check');
      if (wrongs.length > 0) throw new ConsoleError('history-damaged', wrongs.join('; '));
      return anchorOf(connection, nowMs);
    });
  } catch (error) {
    const { code, message } = historyError(error, temporary);
    if (code !== 'history-damaged') throw error;
    throw new ConsoleError(
      'history-damaged',
      `The history ${file} is damaged, so no backup was made of it: ${message}.`,
      'Close the console and put an earlier backup in its place; the damaged file is kept.',
      { cause: error },
    );
  }
}

function removeLeftovers(file: string, folder: string): void {
  removeDatabase(unfinishedBackup(file, folder));
  for (const stray of strayAnchors(file, folder)) rmSync(stray, { force: true });
}

/** Removes what the rotation does not keep of this history's backups; those of another one of the same name stay. */
function rotate(file: string, folder: string, made: Backup, { databaseId }: Anchor): string[] {
  const own = listBackups(file, folder).filter(({ anchorFile }) => anchorBeside(anchorFile)?.databaseId === databaseId);
  const times = new Set(
    expired(
      own.map(({ madeAtMs }) => madeAtMs),
      made.madeAtMs,
    ),
  );
  const old = own.filter(({ madeAtMs }) => times.has(madeAtMs));
  for (const backup of old) {
    try {
      // The backup first: what bears the name of a backup has an anchor.
      rmSync(backup.file, { force: true });
      rmSync(backup.anchorFile, { force: true });
    } catch (error) {
      const own = error instanceof Error ? error.message : String(error);
      const sentence = `The backup ${made.file} was made, but the old one ${backup.file} can't be removed: ${own}.`;
      throw new ConsoleError('file-unwritable', sentence, 'Remove it yourself.', { cause: error });
    }
  }
  return old.map((backup) => backup.file);
}
