import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';

/** Characters collected before they are written. */
const CHUNK_CHARACTERS = 1 << 18;

/** Told how many bytes have been written so far. */
type Tell = (bytes: number) => void;

/**
 * Writes a file whole or not at all: into a temporary file beside it, flushed to the disk, then renamed. A file that is
 * there is replaced. Returns its bytes.
 *
 * @throws ConsoleError `file-unwritable` with the reason and what to do; nothing is left then.
 */
export function writeFileWhole(file: string, parts: Iterable<string>, tell: Tell = () => undefined): number {
  if (existsSync(file) && statSync(file).isDirectory()) {
    const sentence = `The report can't be written to ${file}: there is a folder of this name.`;
    throw new ConsoleError('file-unwritable', sentence, 'Choose another name.');
  }
  return whole(file, (temporary) => writeFlushed(temporary, parts, tell));
}

/**
 * Writes a new folder of files whole or not at all, likewise. Returns the bytes of all.
 *
 * @throws ConsoleError `file-unwritable`, also where something of this name is there: it may hold what is not ours.
 */
export function writeFolderWhole(
  folder: string,
  files: ReadonlyMap<string, Iterable<string>>,
  tell: Tell = () => undefined,
): number {
  if (existsSync(folder)) {
    const sentence = `The report can't be written to ${folder}: there is something of this name.`;
    throw new ConsoleError('file-unwritable', sentence, 'Choose another name, or remove it.');
  }
  return whole(folder, (temporary) => {
    mkdirSync(temporary);
    let bytes = 0;
    for (const [name, parts] of files) {
      const before = bytes;
      bytes += writeFlushed(join(temporary, name), parts, (written) => tell(before + written));
    }
    flush(temporary);
    return bytes;
  });
}

function whole(target: string, write: (temporary: string) => number): number {
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.part`);
  try {
    const bytes = write(temporary);
    renameSync(temporary, target);
    flush(dirname(target));
    return bytes;
  } catch (error) {
    try {
      rmSync(temporary, { recursive: true, force: true });
    } catch {
      // Where even that fails (the disk is gone) the first failure is the one to tell.
    }
    throw unwritable(target, error);
  }
}

function writeFlushed(file: string, parts: Iterable<string>, tell: Tell): number {
  const handle = openSync(file, 'wx');
  try {
    let written = 0;
    let text = '';
    const put = (): void => {
      const bytes = Buffer.from(text, 'utf8');
      // One call may write less than it was given.
      for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
      written += bytes.length;
      text = '';
      tell(written);
    };
    for (const part of parts) {
      text += part;
      if (text.length >= CHUNK_CHARACTERS) put();
    }
    put();
    fsyncSync(handle);
    return written;
  } finally {
    closeSync(handle);
  }
}

/** Flushes a folder's entries, so that the name survives a power cut too. Windows knows no such thing and needs none. */
function flush(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const REASONS: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['the disk is full', 'Free some space, or choose a place on another disk.'],
  EDQUOT: ['your share of the disk is used up', 'Free some space, or choose a place on another disk.'],
  EACCES: ['you may not write there', 'Choose a folder of your own, or ask for write permission.'],
  EPERM: ['you may not write there', 'Choose a folder of your own, or ask for write permission.'],
  EROFS: ['the disk is read-only', 'Choose a place on another disk.'],
  ENOENT: ['there is no such folder', 'Create the folder first, or choose another.'],
  ENOTDIR: ['a part of the path is no folder', 'Choose another folder.'],
  ENAMETOOLONG: ['the name is too long', 'Choose a shorter name.'],
};

function unwritable(target: string, error: unknown): ConsoleError {
  if (error instanceof ConsoleError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = REASONS[code];
  const own = error instanceof Error ? error.message : String(error);
  // An error without a code is a mistake of ours, no matter of the disk.
  if (code === '') return new ConsoleError('internal', `The report failed: ${own}`, undefined, { cause: error });
  const [reason, remedy] = known ?? [own, 'Choose another place.'];
  return new ConsoleError('file-unwritable', `The report can't be written to ${target}: ${reason} (${code}).`, remedy, {
    cause: error,
  });
}
