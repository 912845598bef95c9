import type { ByteSourceOptions } from './byte-source.ts';
import { readBytes } from './byte-source.ts';
import { BadRecord, TraceError } from './trace-error.ts';
import { linesTo, ListingReader } from './xen-listing.ts';
import type { XenListing } from './xen-listing-records.ts';

/** One listing of a log. */
export interface LoggedListing {
  readonly listing: XenListing;
  /** The line at which it begins, from 1. */
  readonly line: number;
  /** What a line before it says of its time, in ms since 1970; null: there is none. */
  readonly wallMs: number | null;
}

/** A line that says when the listing below it was made: what `date +%s` or `date -Iseconds` prints. */
const SECONDS = /^\d{9,11}(?:\.\d+)?$/;
const DATE = /^\d{4}-\d\d-\d\dT[\d:.]{5,}(?:Z|[+-]\d\d:?\d\d)?$/;
const MS_PER_S = 1_000;

/**
 * Reads a file of listings as they follow each other, one or many, plain or compressed: what
 * `while sleep 10; do date +%s; xl tmem-list -l -a; done` prints. Each begins with its global record or with a line that
 * tells its time.
 * @throws TraceError with the file, the line and the reason when something else is among them, or `signal` cancels.
 */
export async function readXenListings(file: string, options: ByteSourceOptions = {}): Promise<LoggedListing[]> {
  const log = new LogReader();
  try {
    await readBytes(file, (bytes) => log.lines.push(bytes), options);
    return log.end();
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    throw new TraceError(error.code, `${file}: ${error.message}`, error.remedy, { cause: error });
  }
}

/** Whether a file looks like a listing, or many of them, by its first record. */
export async function isXenListing(file: string): Promise<boolean> {
  let first = '';
  let times = 0;
  const seen = new Error('Enough was seen.');
  const lines = linesTo((line) => {
    if (line === '' || (timeOf(line) !== null && ++times === 1)) return;
    first = line;
    throw seen;
  });
  try {
    await readBytes(file, (bytes) => lines.push(bytes), {});
    lines.end();
  } catch (error) {
    if (error !== seen && !(error instanceof TraceError)) throw error;
  }
  return /^[GC]=[A-Z][A-Za-z]:\d/.test(first);
}

class LogReader {
  readonly lines = linesTo((line) => this.take(line));
  private readonly done: LoggedListing[] = [];
  private reading = new ListingReader();
  private begunAt = 1;
  private wallMs: number | null = null;
  private line = 0;

  end(): LoggedListing[] {
    this.lines.end();
    if (this.reading.isBegun || this.done.length === 0) this.finish();
    return this.done;
  }

  private take(line: string): void {
    this.line++;
    const wallMs = timeOf(line);
    if (this.reading.isBegun && (wallMs !== null || line.startsWith('G='))) this.finish();
    if (wallMs !== null) {
      if (this.wallMs !== null)
        throw new BadRecord('the time before it has no listing', 'Remove one of the two lines.');
      this.wallMs = wallMs;
      return;
    }
    if (!this.reading.isBegun) this.begunAt = this.line;
    this.reading.take(line);
  }

  private finish(): void {
    this.done.push({ listing: this.reading.end(), line: this.begunAt, wallMs: this.wallMs });
    this.reading = new ListingReader();
    this.wallMs = null;
  }
}

function timeOf(line: string): number | null {
  const wallMs = SECONDS.test(line) ? Number(line) * MS_PER_S : DATE.test(line) ? Date.parse(line) : NaN;
  return Number.isFinite(wallMs) ? Math.round(wallMs) : null;
}
