import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { ConsoleError } from '#contract/errors.ts';
import { COMPANIONS } from './names.ts';

/** Flushes a file's bytes to the disk. */
export function flushFile(file: string): void {
  flush(file, 'r+');
}

/** Flushes a folder's entries, so that a name survives a power cut too. Windows knows no such thing and needs none. */
export function flushFolder(folder: string): void {
  if (process.platform !== 'win32') flush(folder, 'r');
}

function flush(path: string, flags: string): void {
  const handle = openSync(path, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Writes a small text that is on the disk when this returns. */
export function writeFlushed(file: string, text: string): void {
  writeFileSync(file, text);
  flushFile(file);
}

/** Removes a database of ours that nobody has seen yet, with what SQLite put beside it. */
export function removeDatabase(file: string): void {
  for (const suffix of ['', ...COMPANIONS]) rmSync(file + suffix, { force: true });
}

const OTHER_DISK = 'Free some space, or choose a folder on another disk.';
const OWN_FOLDER = 'Choose a folder of your own, or ask for write permission.';

/** Codes of SQLite and of the file system, with the reason and the remedy. */
const REASONS: readonly (readonly [RegExp, string, string])[] = [
  [/^(SQLITE_FULL|ENOSPC)/, 'the disk is full', OTHER_DISK],
  [/^EDQUOT$/, 'your share of the disk is used up', OTHER_DISK],
  [/^(EACCES|EPERM|SQLITE_CANTOPEN|SQLITE_READONLY|SQLITE_PERM)/, 'you may not write there', OWN_FOLDER],
  [/^EROFS$/, 'the disk is read-only', 'Choose a folder on another disk.'],
  [/^(ENOTDIR|EEXIST)$/, 'a part of the path is no folder', 'Choose another folder.'],
  [/^(SQLITE_IOERR|EIO|ENOENT|EFBIG|EBUSY)/, 'the disk refuses it', 'Look after the disk, or choose another folder.'],
];

/**
 * What went wrong with writing a copy of a database, as a person is told: `file-unwritable` with the reason and what to
 * do. What has nothing to do with the target stays as it is.
 *
 * @param what - Begins the sentence: "The backup can't be written to /x".
 */
export function copyError(thrown: unknown, what: string): unknown {
  if (thrown instanceof ConsoleError || !(thrown instanceof Error) || !('code' in thrown)) return thrown;
  const code = String(thrown.code);
  const known = REASONS.find(([pattern]) => pattern.test(code));
  if (known === undefined) return thrown;
  const [, reason, remedy] = known;
  return new ConsoleError('file-unwritable', `${what}: ${reason} (${code}).`, remedy, { cause: thrown });
}
