import { constants, copyFileSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { flushFile, flushFolder } from './files.ts';
import { COMPANIONS } from './names.ts';

/**
 * Gives a database, with its log, a second name, under which it stays when another file takes its place. Nothing is removed:
 * until then both names stand for the same bytes.
 */
export function keepAside(file: string, aside: string): void {
  // The database last: what bears the name is complete.
  for (const suffix of ['-journal', '-wal', '']) {
    if (existsSync(file + suffix)) keepAs(file + suffix, aside + suffix);
  }
  flushFolder(dirname(file));
}

/**
 * Removes what SQLite put beside a database that has just been kept under another name: with these a file that takes its
 * place would be read as if they were its own.
 */
export function dropCompanions(file: string): void {
  for (const suffix of COMPANIONS) rmSync(file + suffix, { force: true });
}

function keepAs(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch {
    // A file system without second names (FAT, some shares): a copy, named when it is whole. Its error is the one to tell.
    const unfinished = `${name}.unfinished`;
    copyFileSync(file, unfinished, constants.COPYFILE_FICLONE);
    flushFile(unfinished);
    renameSync(unfinished, name);
  }
}
