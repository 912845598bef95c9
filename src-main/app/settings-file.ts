import { accessSync, constants, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import type { Settings } from '#contract/settings.ts';
import { DEFAULT_SETTINGS, SettingsSchema } from '#contract/settings.ts';
import { copyError, flushFolder, writeFlushed } from '../history/backup/files.ts';

const FileSchema = v.strictObject({ version: v.literal(1), settings: SettingsSchema });

/** What the person has set, in a file of its own: it holds without a history too, and survives a restoration. */
export class SettingsFile {
  private readonly file: string;
  private current: Settings = DEFAULT_SETTINGS;
  /** Set where the file could not be read: a sentence for the person. */
  notice: string | null = null;

  constructor(file: string) {
    this.file = file;
    this.read();
  }

  get settings(): Settings {
    return this.current;
  }

  /**
   * Keeps the settings, whole or not at all.
   * @throws ConsoleError `bad-setting` where the folder of the backups cannot be used, `file-unwritable`.
   */
  save(settings: Settings): void {
    const { folder } = settings.backups;
    if (folder !== null && folder !== this.current.backups.folder) checkFolder(folder);
    const content: v.InferInput<typeof FileSchema> = { version: 1, settings };
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      writeFlushed(`${this.file}.new`, `${JSON.stringify(content, null, 2)}\n`);
      renameSync(`${this.file}.new`, this.file);
      flushFolder(dirname(this.file));
    } catch (error) {
      throw copyError(error, `The settings can't be kept in ${this.file}`);
    }
    this.current = settings;
    this.notice = null;
  }

  private read(): void {
    let text: string;
    try {
      text = readFileSync(this.file, 'utf8');
    } catch (error) {
      // None yet.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      this.notice = `The settings in ${this.file} cannot be read: ${String(error)}. The defaults hold until you save others.`;
      return;
    }
    const read = v.safeParse(v.pipe(v.string(), v.parseJson(), FileSchema), text);
    if (read.success) {
      this.current = read.output.settings;
      return;
    }
    this.notice = `The settings in ${this.file} are damaged${this.keepDamaged()}. The defaults hold until you save others.`;
  }

  /** Keeps what cannot be read beside the file; it may be of a newer version, or edited by hand. */
  private keepDamaged(): string {
    const kept = `${this.file}.damaged`;
    try {
      renameSync(this.file, kept);
      return ` and were kept as ${kept}`;
    } catch {
      return '';
    }
  }
}

/** @throws ConsoleError `bad-setting` with the reason. */
function checkFolder(folder: string): void {
  const refuse = (why: string, remedy: string, cause?: unknown): never => {
    throw new ConsoleError('bad-setting', `The folder ${folder} can't hold backups: ${why}`, remedy, { cause });
  };
  if (!isAbsolute(folder)) refuse('it is not a whole path.', 'Give the path from its beginning, or choose the folder.');
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const reason = copyError(error, 'it cannot be written');
    const { message, remedy } = ConsoleError.failureOf(reason);
    refuse(message, remedy ?? 'Choose another folder.', error);
  }
}
