import { startsWith } from './ascii.ts';
import { BadRecord, TraceError } from './trace-error.ts';

/** No text format has longer lines; without a limit a file of no line feeds would be collected whole. */
const MAX_LINE_BYTES = 65_536;
const LINE_FEED = 10;
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

/**
 * Cuts a stream of bytes into lines and adds the line number to whatever is wrong with one.
 * A line reaches `onLine` as the bytes `start … end − 1` of `bytes`, without its line feed; they are only valid during the call.
 */
export class TextLines {
  private rest = new Uint8Array(0);
  private line = 0;
  private onLine: (bytes: Uint8Array, start: number, end: number) => void;

  constructor(onLine: (bytes: Uint8Array, start: number, end: number) => void) {
    // The first line only: it may begin with a byte order mark.
    this.onLine = (bytes, start, end) => {
      this.onLine = onLine;
      onLine(bytes, startsWith(bytes, BYTE_ORDER_MARK, start, end) ? start + BYTE_ORDER_MARK.length : start, end);
    };
  }

  push(chunk: Uint8Array): void {
    try {
      let start = 0;
      if (this.rest.length > 0) {
        const feed = chunk.indexOf(LINE_FEED);
        if (feed < 0) {
          this.keep(chunk, 0);
          return;
        }
        this.keep(chunk, 0, feed);
        this.line++;
        const whole = this.rest;
        this.rest = new Uint8Array(0);
        this.onLine(whole, 0, whole.length);
        start = feed + 1;
      }
      for (let feed = chunk.indexOf(LINE_FEED, start); feed >= 0; feed = chunk.indexOf(LINE_FEED, start)) {
        this.line++;
        if (feed - start > MAX_LINE_BYTES) throw tooLong();
        this.onLine(chunk, start, feed);
        start = feed + 1;
      }
      this.keep(chunk, start);
    } catch (error) {
      throw this.located(error);
    }
  }

  /** Hands out the last line when no line feed ended it. */
  end(): void {
    if (this.rest.length === 0) return;
    this.line++;
    try {
      this.onLine(this.rest, 0, this.rest.length);
    } catch (error) {
      throw this.located(error);
    }
    this.rest = new Uint8Array(0);
  }

  private keep(chunk: Uint8Array, start: number, end = chunk.length): void {
    const kept = this.rest.length;
    if (kept + end - start > MAX_LINE_BYTES) {
      this.line++;
      throw tooLong();
    }
    const rest = new Uint8Array(kept + end - start);
    rest.set(this.rest);
    rest.set(chunk.subarray(start, end), kept);
    this.rest = rest;
  }

  private located(error: unknown): unknown {
    if (!(error instanceof BadRecord)) return error;
    return new TraceError('bad-trace', `line ${this.line}: ${error.message}.`, error.remedy);
  }
}

function tooLong(): BadRecord {
  return new BadRecord(
    `the line is longer than ${MAX_LINE_BYTES.toLocaleString('en')} bytes`,
    'Check that the file is a text trace.',
  );
}
