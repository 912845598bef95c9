import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { ConsoleError } from '#contract/errors.ts';

/** Writes a file that appears under its name only when it is whole. @throws ConsoleError `file-unwritable` */
export async function keepWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, text, { flush: true });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new ConsoleError(
      'file-unwritable',
      `The file ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      'Make room on the disk or see to the permissions of the folder.',
      { cause: error },
    );
  }
}
