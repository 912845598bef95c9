import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';

/** Between the time at which a file was removed and its name. */
const SEPARATOR = ' ';

/** A folder beside another, where its removed files are kept until a person deletes them, so that each can be put back. */
export class Trash {
  readonly folder: string;
  private readonly from: string;
  private readonly now: () => number;

  /** @param from the folder whose files are removed */
  constructor(from: string, now: () => number = Date.now) {
    this.from = from;
    this.folder = `${from}-removed`;
    this.now = now;
  }

  /** Moves a file there. @returns what it is called there. @throws ConsoleError `file-unwritable` */
  async take(file: string): Promise<string> {
    let ms = this.now();
    // Two removals within a millisecond must not hide one another.
    while (existsSync(join(this.folder, `${ms}${SEPARATOR}${file}`))) ms++;
    const removed = `${ms}${SEPARATOR}${file}`;
    await move(join(this.from, file), this.folder, join(this.folder, removed));
    return removed;
  }

  /**
   * Moves a file back. @returns its name in the folder that it was in
   * @throws ConsoleError `in-use` where another has its name by now, `file-unwritable`
   */
  async putBack(removed: string): Promise<string> {
    const file = removed.slice(removed.indexOf(SEPARATOR) + 1);
    const target = join(this.from, file);
    if (existsSync(target)) {
      throw new ConsoleError(
        'in-use',
        `${file} cannot be put back: there is another file of that name by now.`,
        `The removed one is ${join(this.folder, removed)}.`,
      );
    }
    await move(join(this.folder, removed), this.from, target);
    return file;
  }
}

async function move(from: string, folder: string, to: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await rename(from, to);
  } catch (error) {
    throw new ConsoleError(
      'file-unwritable',
      `The file ${from} cannot be moved to ${folder}: ${error instanceof Error ? error.message : String(error)}`,
      'See whether it is still there, and to the permissions of the folder.',
      { cause: error },
    );
  }
}
