import { bytesOf, hexDigit, indexOf, startsWith } from '../ascii.ts';
import type { Decoded, DecodeOptions, Decoder, TraceFormatReader } from '../format.ts';
import { printable } from '../text-fields.ts';
import { TextLines } from '../text-lines.ts';
import { BadRecord, TraceError } from '../trace-error.ts';
import { TraceBuilder } from '../trace-builder.ts';

/**
 * Linux ftrace `filemap` events (include/trace/events/filemap.h) as `trace_pipe`, `trace-cmd report` and `perf script` print them:
 *
 *     COMM-PID [CPU] FLAGS SECONDS: mm_filemap_get_pages: dev=254:0 ino=3f808 ofs=0-4095
 *
 * `get_pages`, `map_pages` and `fault` are the references of the page cache: each page of each is one access, in file order.
 * `add_to_page_cache` (a miss) and `delete_from_page_cache` are recognised and no accesses; older kernels print only these two: then
 * each added page is an access, and the trace is one of a cache's misses (post-cache). With the unit "object" an event is one access
 * to the object that begins at its first page.
 */
export const ftrace: TraceFormatReader = {
  name: 'ftrace',
  title: 'Linux ftrace filemap events',

  likeness(head) {
    const text = new TextDecoder('latin1').decode(head);
    return /(?:^|\n)[^\n]*\d: +(?:filemap:)?mm_filemap_\w+: +dev[= ]/.test(text) ? 1 : 0;
  },

  decoder: (options) => new FtraceDecoder(options),
};

const PREFIX = bytesOf('mm_filemap_');
const ACCESS = ['get_pages', 'map_pages', 'fault'].map(bytesOf);
const ADD = bytesOf('add_to_page_cache');
const DELETE = bytesOf('delete_from_page_cache');
const DEV = bytesOf('dev');
const INO = bytesOf('ino');
const OFS = bytesOf('ofs');
const ORDER = bytesOf('order=');

const MINORS = 2 ** 20;
const MAJORS = 2 ** 12;
const PAGE_BYTES = 4096;
/** The kernel's largest folio is far below this: 2^18 pages are 1 GiB. */
const MAX_ORDER = 18;
const FORMAT_REMEDY = 'Check that the file is the text that trace_pipe, trace-cmd report or perf script prints.';

/** Lines of the tools' own that are no events: headers, per-CPU remarks, stack traces. */
const REMARK = /^\s*(?:CPU[ :]?\s*\d+|cpus=|version =|=>|trailer|TRACE|\.\.\.)/;
/** Any event of another kind: a process, its CPU, a time stamp and an event name. */
const OTHER_EVENT = /\d\s.*\[\d+\].*\s\d+(?:\.\d+)?:\s+[\w:.-]+:?/;
const LOST = /\[(?:LOST )?(\d+) EVENTS(?: DROPPED)?\]/;

class FtraceDecoder implements Decoder {
  private readonly lines = new TextLines((bytes, start, end) => this.readLine(bytes, start, end));
  private readonly builder: TraceBuilder;
  /** The pages that were added, until the first access shows that the kernel records accesses too. */
  private added: TraceBuilder | null;
  private readonly object: boolean;
  private ignored = 0;
  private lost = 0;
  /** The first event's time in whole seconds and ns. */
  private firstSeconds = -1;
  private firstNs = 0;

  // Where the reading of the current line stands.
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end_ = 0;
  private inoHigh = 0;
  private inoLow = 0;

  constructor(options: DecodeOptions) {
    this.object = options.unit === 'object';
    this.builder = new TraceBuilder(0, !options.withoutTimes);
    this.added = new TraceBuilder(0, !options.withoutTimes);
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): Decoded {
    this.lines.end();
    const misses = this.added;
    const builder = misses ?? this.builder;
    if (builder.references === 0) {
      throw new TraceError(
        'bad-trace',
        'no page-cache event: none of its lines is a mm_filemap event with pages.',
        'Record with the filemap events of ftrace switched on (events/filemap/enable).',
      );
    }
    const notes: string[] = [];
    if (misses) {
      notes.push(
        'The kernel recorded only pages added to its page cache: the references are the misses of that cache.',
      );
    }
    if (this.lost > 0) notes.push(`The recorder lost ${this.lost.toLocaleString('en')} events.`);
    return {
      trace: builder.finish(),
      records: builder.records,
      ignored: this.ignored,
      postCache: misses !== null,
      notes,
    };
  }

  private readLine(bytes: Uint8Array, start: number, end: number): void {
    const event = findEvent(bytes, start, end);
    if (event < 0) {
      this.readOtherLine(bytes, start, end);
      return;
    }
    this.bytes = bytes;
    this.end_ = end;
    this.at = event;
    const timeUs = this.timeBefore(start, event);
    this.at = event + PREFIX.length;
    if (ACCESS.some((name) => this.skipName(name))) {
      this.added = null;
      const file = this.readFile(this.builder);
      const first = this.readOffset();
      const last = this.skip('-') ? this.readNumber('the last byte of the range') : first;
      if (last < first - 1) throw new BadRecord('the range ends before it begins');
      this.expectEnd();
      const page = Math.floor(first / PAGE_BYTES);
      this.builder.range(file, page, this.object ? page : lastPage(first, last), timeUs, 0, 0);
    } else if (this.skipName(ADD)) {
      this.ignored++;
      if (this.added) this.readAdd(this.added, timeUs);
    } else if (this.skipName(DELETE)) {
      this.ignored++;
    } else {
      this.ignored++; // A filemap event of a newer kernel.
    }
  }

  private readAdd(added: TraceBuilder, timeUs: number): void {
    const file = this.readFile(added);
    const first = Math.floor(this.readOffset() / PAGE_BYTES);
    let order = 0;
    const at = indexOf(this.bytes, ORDER, this.at, this.end_);
    if (at >= 0) {
      this.at = at + ORDER.length;
      order = this.readNumber('the order');
      if (order > MAX_ORDER) throw new BadRecord(`the order ${order} is larger than that of any folio (${MAX_ORDER})`);
    }
    added.range(file, first, this.object ? first : first + 2 ** order - 1, timeUs, 0, 0);
  }

  /** A line without a filemap event: blank, a comment, a remark of the tool or another event; anything else is damage. */
  private readOtherLine(bytes: Uint8Array, start: number, end: number): void {
    let first = start;
    while (first < end && bytes[first] <= 32) first++;
    if (first === end || bytes[first] === 35 /* # */) return;
    const line = new TextDecoder('latin1').decode(bytes.subarray(first, end));
    const lost = LOST.exec(line);
    if (lost) this.lost += Number(lost[1]);
    else if (!REMARK.test(line) && !OTHER_EVENT.test(line)) {
      throw new BadRecord(`"${printable(line)}" is neither an event nor a comment of ftrace`, FORMAT_REMEDY);
    }
    this.ignored++;
  }

  /** The time stamp that ends before the event's name, in µs since the first event. */
  private timeBefore(start: number, event: number): number {
    const { bytes } = this;
    let at = event - 1;
    if (bytes[at] === 58 /* perf's "filemap:" */) while (at > start && bytes[at] !== 32 && bytes[at] !== 9) at--;
    while (at > start && (bytes[at] === 32 || bytes[at] === 9)) at--;
    const colon = at;
    while (at > start && isTime(bytes[at - 1])) at--;
    this.at = at;
    const seconds = bytes[colon] === 58 && at < colon ? this.readNumber('the time stamp') : -1;
    if (seconds < 0 || (at > start && bytes[at - 1] > 32)) {
      throw new BadRecord('there is no time stamp "SECONDS:" before the event', FORMAT_REMEDY);
    }
    let ns = 0;
    if (this.skip('.')) {
      const digits = this.at;
      const fraction = this.readNumber('the time stamp');
      const places = this.at - digits;
      if (places > 9) throw new BadRecord('the time stamp has more than nine decimal places');
      ns = fraction * 10 ** (9 - places);
    }
    if (this.at !== colon) throw new BadRecord('the time stamp is not a number', FORMAT_REMEDY);
    if (this.firstSeconds < 0) {
      this.firstSeconds = seconds;
      this.firstNs = ns;
    }
    return (seconds - this.firstSeconds) * 1e6 + Math.floor((ns - this.firstNs) / 1000);
  }

  /** Whether the event's name is this one; then the position is after its colon and blanks. */
  private skipName(name: Uint8Array): boolean {
    const { bytes, at } = this;
    if (!startsWith(bytes, name, at, this.end_) || bytes[at + name.length] !== 58) return false;
    this.at = at + name.length + 1;
    this.skipBlanks();
    return true;
  }

  private readFile(builder: TraceBuilder): number {
    this.expectKey(DEV);
    const major = this.readNumber('the major device number');
    if (!this.skip(':')) throw new BadRecord('the device is not MAJOR:MINOR');
    const minor = this.readNumber('the minor device number');
    if (major >= MAJORS || minor >= MINORS) throw new BadRecord(`there is no device ${major}:${minor}`);
    this.skipBlanks();
    this.expectKey(INO);
    this.readHex();
    return builder.file(major * MINORS + minor, this.inoHigh, this.inoLow, nameOf);
  }

  private readOffset(): number {
    const at = indexOf(this.bytes, OFS, this.at, this.end_);
    if (at < 0) throw new BadRecord('the event has no "ofs"');
    this.at = at;
    this.expectKey(OFS);
    return this.readNumber('the offset');
  }

  /** `key=` or `key ` (as the two event families print their fields). */
  private expectKey(key: Uint8Array): void {
    const { bytes, at } = this;
    const next = bytes[at + key.length];
    if (!startsWith(bytes, key, at, this.end_) || (next !== 61 && next !== 32)) {
      throw new BadRecord(`the event has no "${String.fromCharCode(...key)}" where it should`, FORMAT_REMEDY);
    }
    this.at = at + key.length + 1;
  }

  private readNumber(what: string): number {
    const { bytes, end_ } = this;
    const start = this.at;
    let value = 0;
    let at = start;
    for (; at < end_; at++) {
      const digit = bytes[at] - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.at = at;
    if (at === start) throw new BadRecord(`${what} is not a number`);
    if (value > Number.MAX_SAFE_INTEGER) throw new BadRecord(`${what} is larger than 2^53 − 1`);
    return value;
  }

  /** A hexadecimal inode number of up to 64 bits, into its two words. */
  private readHex(): void {
    const { bytes, end_ } = this;
    if (bytes[this.at] === 48 && (bytes[this.at + 1] | 32) === 120) this.at += 2;
    const start = this.at;
    let high = 0;
    let low = 0;
    let at = start;
    for (; at < end_; at++) {
      const digit = hexDigit(bytes[at]);
      if (digit < 0) break;
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | digit;
    }
    this.at = at;
    if (at === start || at - start > 16 || (at < end_ && bytes[at] !== 32)) {
      throw new BadRecord('the inode is not a hexadecimal number of up to 16 digits');
    }
    this.skipBlanks();
    this.inoHigh = high >>> 0;
    this.inoLow = low >>> 0;
  }

  private skip(character: string): boolean {
    if (this.at >= this.end_ || this.bytes[this.at] !== character.charCodeAt(0)) return false;
    this.at++;
    return true;
  }

  private skipBlanks(): void {
    while (this.at < this.end_ && this.bytes[this.at] === 32) this.at++;
  }

  private expectEnd(): void {
    while (this.at < this.end_ && this.bytes[this.at] <= 32) this.at++;
    if (this.at < this.end_) throw new BadRecord('something follows the offset', FORMAT_REMEDY);
  }
}

function nameOf(device: number, high: number, low: number): string {
  const inode = high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, '0');
  return `dev ${Math.floor(device / MINORS)}:${device % MINORS} inode ${inode}`;
}

/** The page of the last byte; the page before the first when the range is empty. */
function lastPage(first: number, last: number): number {
  return last < first ? Math.floor(first / PAGE_BYTES) - 1 : Math.floor(last / PAGE_BYTES);
}

/** Where `mm_filemap_NAME:` begins in the line, or −1. COMM may hold blanks and even a part of it, so the colon must be there. */
function findEvent(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end - PREFIX.length; at++) {
    if (bytes[at] !== 109 || bytes[at + 1] !== 109 || bytes[at + 2] !== 95) continue;
    const before = bytes[at - 1];
    if ((before !== 32 && before !== 58 && before !== 9) || !startsWith(bytes, PREFIX, at, end)) continue;
    let after = at + PREFIX.length;
    while (after < end && (bytes[after] === 95 || (bytes[after] >= 97 && bytes[after] <= 122))) after++;
    if (bytes[after] === 58 && after < end) return at;
  }
  return -1;
}

function isTime(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || byte === 46;
}
