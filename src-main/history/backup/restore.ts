import { existsSync, mkdirSync, realpathSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';
import type { Anchor } from '../audit/anchor.ts';
import { anchorOf } from '../audit/anchor.ts';
import type { Restoration } from '../audit/restorations.ts';
import { recordRestoration } from '../audit/restorations.ts';
import type { Verification } from '../audit/verify.ts';
import { verifyAudit } from '../audit/verify.ts';
import { historyError, openForWriting } from '../connection.ts';
import { check, migrate, probeFile, versionOf } from '../migrate.ts';
import { OwnerLock } from '../owner-lock.ts';
import type { CopyProgress } from './copy.ts';
import { copyDatabase, openSource, withCopy, wrongsOf } from './copy.ts';
import { copyError, flushFile, flushFolder, removeDatabase } from './files.ts';
import { freeSetAsideName } from './names.ts';
import { dropCompanions, keepAside } from './set-aside.ts';

export interface RestoreOptions {
  /** Version of the program, stored with the restoration. */
  readonly appVersion: string;
  /** Wall time in ms since 1970. */
  readonly nowMs?: number;
  readonly onProgress?: CopyProgress;
  /** Told of each step that is done: what a test stops it by. */
  readonly onStep?: (step: 'completed' | 'kept' | 'bared' | 'placed') => void;
}

export interface Restored {
  readonly restoration: Restoration;
  /** The audit of what was put in place; where it is not sound, its findings say why. */
  readonly audit: Verification;
}

/**
 * Puts a backup, or a file that was set aside, in the place of a history. The backup stays as it is: a copy of it is
 * checked by `integrity_check`, brought to this program's schema, gets the record of the restoration, and takes the place in
 * one rename. What stood there, damaged or not, is kept beside it under a name with the time, and can be restored the same
 * way. Killed at any moment, either the old or the new history opens; a kill may leave the old one under both names.
 *
 * Close every reader of the history in this program first ({@link HistoryReader.stop}): it would go on reading the old file.
 *
 * @throws ConsoleError `history-locked` (somebody owns the history, or keeps its log busy by reading), `history-damaged`
 * (the backup is), `history-newer` (the backup, or the history in place, is of a newer version), `file-unwritable` (disk
 * full, no permission), `bad-argument` (there is no such backup, or it is the history itself). The history in place is as it
 * was then.
 */
export async function restoreBackup(file: string, backup: string, options: RestoreOptions): Promise<Restored> {
  const what = `The backup ${backup} can't be put in the place of ${file}`;
  let lock: OwnerLock | undefined;
  try {
    refuseSame(file, backup);
    mkdirSync(dirname(file), { recursive: true });
    // One name for one folder, as the writer has it.
    const target = join(realpathSync(dirname(file)), basename(file));
    lock = OwnerLock.acquire(target, { appVersion: options.appVersion, nowMs: options.nowMs ?? Date.now() });
    return await restore(target, resolve(backup), options);
  } catch (error) {
    throw historyError(copyError(error, what), file);
  } finally {
    lock?.release();
  }
}

async function restore(file: string, backup: string, options: RestoreOptions): Promise<Restored> {
  const { appVersion, nowMs = Date.now(), onProgress, onStep } = options;
  const copy = `${file}.restoring`;
  try {
    removeDatabase(copy);
    await copyOf(backup, copy, onProgress);
    const former = settle(file);
    const setAside = existsSync(file) ? freeSetAsideName(file, nowMs) : null;
    const restored = withCopy(copy, (connection) => {
      migrate(connection, copy, { nowMs, appVersion });
      const restoration = recordRestoration(connection, { wallMs: nowMs, appVersion, backup, setAside, former });
      return { restoration, audit: verifyAudit(connection) };
    });
    flushFile(copy);
    onStep?.('completed');
    if (setAside !== null) keepAside(file, setAside);
    onStep?.('kept');
    dropCompanions(file);
    flushFolder(dirname(file));
    onStep?.('bared');
    renameSync(copy, file);
    // Of a reader that opened the old file in the meantime. The new one keeps no log until its first writer opens it.
    dropCompanions(file);
    flushFolder(dirname(file));
    onStep?.('placed');
    return restored;
  } finally {
    removeDatabase(copy);
  }
}

function refuseSame(file: string, backup: string): void {
  const source = statSync(backup, { throwIfNoEntry: false });
  if (source?.isFile() !== true) {
    throw new ConsoleError('bad-argument', `There is no backup at ${backup}.`);
  }
  const present = statSync(file, { throwIfNoEntry: false });
  if (present?.ino === source.ino && present.dev === source.dev) {
    throw new ConsoleError('bad-argument', `The backup ${backup} is the history itself.`, 'Choose another file.');
  }
}

/** A sound copy of a backup. */
async function copyOf(backup: string, copy: string, onProgress: CopyProgress | undefined): Promise<void> {
  let source;
  try {
    source = openSource(backup);
    await copyDatabase(source, copy, onProgress);
    const wrongs = withCopy(copy, (connection) => wrongsOf(connection, 'integrity_check'));
    if (wrongs.length > 0) throw new ConsoleError('history-damaged', wrongs.join('; '));
  } catch (error) {
    const { code, message } = historyError(error, backup);
    if (code !== 'history-damaged') throw error;
    const sentence = `The backup ${backup} is damaged, so it was not put in place: ${message}`;
    throw new ConsoleError('history-damaged', sentence, 'Choose another backup.', { cause: error });
  } finally {
    source?.close();
  }
}

/**
 * Moves all of the present history's log into its file, and says how far its audit went; null where there is none, or where
 * it cannot be read.
 * @throws ConsoleError `history-newer`, `history-locked`
 */
function settle(file: string): Omit<Anchor, 'format' | 'madeAtMs'> | null {
  if (!existsSync(file)) return null;
  try {
    probeFile(file);
    const connection = openForWriting(file, 'FULL');
    try {
      check(file, connection);
      if (connection.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) !== 0) {
        const sentence = `The history ${file} is being read by another process right now.`;
        throw new ConsoleError('history-locked', sentence, 'Try again when it is done, or close it.');
      }
      if (versionOf(connection) === 0) return null;
      const { databaseId, rows, headHash } = anchorOf(connection, 0);
      return { databaseId, rows, headHash };
    } finally {
      connection.close();
    }
  } catch (error) {
    if (historyError(error, file).code === 'history-damaged') return null;
    throw error;
  }
}
