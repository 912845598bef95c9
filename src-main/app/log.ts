import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A full log file makes place for the next; the last {@link KEPT} full ones are kept as `.1`, `.2` … */
const FILE_BYTES_MAX = 1_048_576;
const KEPT = 3;
/** A page that logs without end must not fill the disk by one line. */
const LINE_CHARS_MAX = 8_000;

/** Told what went wrong, and where. */
export type TellError = (where: string, thrown: unknown) => void;

/** The app's own diary, for the person who has to find out what went wrong. */
export class Log {
  private readonly file: string;
  private bytes: number | null = null;

  constructor(file: string) {
    this.file = file;
  }

  info(text: string): void {
    this.write('info', text);
  }

  error(where: string, thrown: unknown): void {
    const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    this.write('error', `${where}: ${what}`);
  }

  private write(level: string, text: string): void {
    const line = `${new Date().toISOString()} ${level} ${text.slice(0, LINE_CHARS_MAX).replaceAll('\n', '\n    ')}\n`;
    try {
      this.bytes ??= this.openedBytes();
      if (this.bytes + line.length > FILE_BYTES_MAX) this.rotate();
      appendFileSync(this.file, line);
      this.bytes += Buffer.byteLength(line);
    } catch {
      // A full disk or a folder without permission: the terminal is the only place left to say it.
      process.stderr.write(line);
    }
  }

  private openedBytes(): number {
    mkdirSync(dirname(this.file), { recursive: true });
    return statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
  }

  private rotate(): void {
    for (let number = KEPT; number >= 1; number--) {
      const from = number === 1 ? this.file : `${this.file}.${number - 1}`;
      if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${this.file}.${number}`);
    }
    this.bytes = 0;
  }
}
