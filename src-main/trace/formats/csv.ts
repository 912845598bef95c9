import type { CsvLayout, CsvOptions, CsvTimeUnit } from '../csv-layout.ts';
import { delimiterOf, layoutOf, namesColumns } from '../csv-layout.ts';
import type { Decoded, DecodeOptions, Decoder, TraceFormatReader } from '../format.ts';
import { Interner } from '../interner.ts';
import { NameTable } from '../name-table.ts';
import { ObjectPages } from '../object-pages.ts';
import { Operations } from '../operations.ts';
import { TextFields, isBlankOrComment, printable } from '../text-fields.ts';
import { TextLines } from '../text-lines.ts';
import { BadRecord, TraceError } from '../trace-error.ts';
import { TraceBuilder } from '../trace-builder.ts';

/**
 * Any delimited text with a line for each request; columns by name or number (`csv-layout.ts`):
 *
 *     time, guest, volume, object, offset in bytes, size in bytes, operation
 *
 * With an offset, the request references each aligned 4 KiB page of `offset … offset + size − 1` of its guest's volume or object; without, the
 * ⌈size / 4096⌉ pages of its object. Without a size it references one page. Blank lines and lines that begin with "#" do not count.
 */
export const csv: TraceFormatReader = {
  name: 'csv',
  title: 'CSV with a header, or with the columns given',

  likeness(head) {
    const text = new TextDecoder().decode(head);
    if (text.includes('\0')) return 0;
    const first = text.split('\n').find((line) => /^\s*[^\s#]/.test(line));
    return first !== undefined && namesColumns(first) ? 0.6 : 0;
  },

  decoder: (options) => new CsvDecoder(options),
};

const PAGE_BYTES = 4096;
const MAX_TENANTS = 65_536;
const TWO_32 = 2 ** 32;
/** By unit: µs in one, and billionths of one in a µs. */
const UNITS: Readonly<Record<CsvTimeUnit, readonly [number, number]>> = {
  s: [1e6, 1e3],
  ms: [1e3, 1e6],
  us: [1, 1e9],
  ns: [1e-3, Infinity],
};
const READ = /^(?:r|rs|read|get|gets|load|0)$/i;
const WRITE = /^(?:w|ws|write|set|put|add|cas|replace|append|prepend|incr|decr|update|delete|store|1)$/i;

class CsvDecoder implements Decoder {
  private readonly lines = new TextLines((bytes, start, end) => this.readLine(bytes, start, end));
  private readonly fields = new TextFields();
  private readonly operations = new Operations(isWrite);
  private readonly builder: TraceBuilder;
  private readonly options: CsvOptions;
  private readonly perObject: boolean;
  private layout: CsvLayout | null = null;
  private delimiter = 0;

  private readonly guests = new NameTable();
  private readonly volumes = new NameTable();
  private readonly texts = new NameTable();
  private readonly pairs = new Interner();
  private readonly guestOfPair: number[] = [];
  private readonly volumeOfPair: number[] = [];
  private readonly objects: ObjectPages;
  private readonly nameOf = (space: number, high: number, low: number): string => this.fileName(space, high, low);
  private ignored = 0;
  private hasFirst = false;
  private firstHigh = 0;
  private firstLow = 0;
  private firstBillionths = 0;

  constructor(options: DecodeOptions) {
    this.options = options.csv ?? {};
    this.perObject = options.unit === 'object';
    this.builder = new TraceBuilder(0, !options.withoutTimes);
    this.objects = new ObjectPages(this.builder, (space) => this.fileOfSpace(space));
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): Decoded {
    this.lines.end();
    this.objects.flush();
    if (this.builder.references === 0) throw new TraceError('bad-trace', 'it has no request of any bytes.');
    const { ignored } = this;
    return { trace: this.builder.finish(), records: this.builder.records, ignored, postCache: true, notes: [] };
  }

  private readLine(bytes: Uint8Array, start: number, end: number): void {
    if (isBlankOrComment(bytes, start, end)) return;
    if (this.layout) {
      this.fields.split(bytes, start, end, this.delimiter);
      this.readRecord(this.layout);
      return;
    }
    const delimiter = this.options.delimiter ?? delimiterOf(new TextDecoder().decode(bytes.subarray(start, end)));
    this.delimiter = delimiter.charCodeAt(0);
    this.fields.split(bytes, start, end, this.delimiter);
    this.layout = layoutOf(this.fields, this.options);
    if (this.layout.hasHeader) this.ignored++;
    else this.readRecord(this.layout);
  }

  private readRecord(layout: CsvLayout): void {
    const { fields, builder } = this;
    const { guest, volume, object, offset, size, op } = layout.fields;
    if (fields.count < layout.needed) {
      throw new BadRecord(`the line has ${fields.count} fields, not ${layout.needed} or more`);
    }
    const timeUs = this.time(layout);
    const write = op < 0 ? 0 : this.operations.write(fields, op);
    const tenant = guest < 0 ? 0 : fields.take(guest, (bytes, from, to) => this.guests.intern(bytes, from, to));
    if (tenant >= MAX_TENANTS) throw new BadRecord(`there are more than ${MAX_TENANTS} guests`);
    const pair = this.pair(tenant, volume);
    const bytes = size < 0 ? PAGE_BYTES : fields.whole(size, 'size');
    const at = offset < 0 ? 0 : fields.whole(offset, 'offset');
    if (bytes === 0 && !this.perObject) {
      this.ignored++;
      return;
    }
    const space = this.readObject(object, pair);
    if (offset < 0) {
      const pages = this.perObject ? 1 : Math.ceil(bytes / PAGE_BYTES);
      this.objects.reference(space, fields.high, fields.low, pages, timeUs, write, tenant);
      return;
    }
    const file = builder.file(space, fields.high, fields.low, this.nameOf);
    if (this.perObject) {
      this.objects.reference(file, Math.floor(at / TWO_32), at % TWO_32, 1, timeUs, write, tenant);
      return;
    }
    const first = Math.floor(at / PAGE_BYTES);
    // Without a size the request is the page that its offset lies in.
    const end = size < 0 ? first : Math.floor((at + bytes - 1) / PAGE_BYTES);
    builder.range(file, first, end, timeUs, write, tenant);
  }

  private time({ fields: { time }, timeUnit }: CsvLayout): number {
    if (time < 0) return NaN;
    const { fields } = this;
    const billionths = fields.decimal(time, 'time');
    if (!this.hasFirst) {
      this.hasFirst = true;
      this.firstHigh = fields.high;
      this.firstLow = fields.low;
      this.firstBillionths = billionths;
    }
    const whole = (fields.high - this.firstHigh) * TWO_32 + (fields.low - this.firstLow);
    const [usAUnit, billionthsAUs] = UNITS[timeUnit];
    const wholeUs = timeUnit === 'ns' ? Math.floor(whole / 1000) : whole * usAUnit;
    return wholeUs + Math.floor((billionths - this.firstBillionths) / billionthsAUs);
  }

  /** The number of the pair of guest and volume. */
  private pair(tenant: number, column: number): number {
    const volume = column < 0 ? 0 : this.fields.take(column, (bytes, from, to) => this.volumes.intern(bytes, from, to));
    const pair = this.pairs.intern(tenant, volume);
    if (pair === this.guestOfPair.length) {
      this.guestOfPair.push(tenant);
      this.volumeOfPair.push(volume);
    }
    return pair;
  }

  /** Leaves the object's two words in the fields, and returns its space: numbers and texts of one pair are two. */
  private readObject(column: number, pair: number): number {
    const { fields } = this;
    if (column < 0) {
      fields.high = 0;
      fields.low = 0;
      return pair * 2;
    }
    if (fields.u64(column)) return pair * 2;
    if (fields.isEmpty(column)) throw new BadRecord('the object is empty');
    fields.high = 0;
    fields.low = fields.take(column, (bytes, from, to) => this.texts.intern(bytes, from, to));
    return pair * 2 + 1;
  }

  private fileOfSpace(space: number): number {
    const hasOffset = (this.layout?.fields.offset ?? -1) >= 0;
    return hasOffset ? space : this.builder.namedFile(`${this.placeName(space)}objects`);
  }

  private fileName(space: number, high: number, low: number): string {
    const place = this.placeName(space);
    if ((this.layout?.fields.object ?? -1) < 0) return place.trim() || 'volume';
    const object = space % 2 === 1 ? this.texts.name(low) : decimalText(high, low);
    return `${place}object ${object}`;
  }

  private placeName(space: number): string {
    const pair = Math.floor(space / 2);
    const guest = this.guests.count > 0 ? `guest ${this.guests.name(this.guestOfPair[pair])} ` : '';
    const volume = this.volumes.count > 0 ? `volume ${this.volumes.name(this.volumeOfPair[pair])} ` : '';
    return guest + volume;
  }
}

function isWrite(operation: string): boolean {
  if (READ.test(operation)) return false;
  if (WRITE.test(operation)) return true;
  throw new BadRecord(`the operation "${printable(operation)}" is neither a read nor a write`);
}

function decimalText(high: number, low: number): string {
  return high < 2 ** 21 ? String(high * TWO_32 + low) : `0x${high.toString(16)}${low.toString(16).padStart(8, '0')}`;
}
