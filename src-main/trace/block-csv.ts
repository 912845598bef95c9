import { BlockRequests } from './block-requests.ts';
import { inBytes } from './block-units.ts';
import type { Decoded, DecodeOptions, Decoder } from './format.ts';
import { NameTable } from './name-table.ts';
import { Operations } from './operations.ts';
import { TextFields, isBlankOrComment, printable } from './text-fields.ts';
import { TextLines } from './text-lines.ts';
import { BadRecord } from './trace-error.ts';

/** What tells one comma-separated block trace from another. Columns are counted from 0. */
export interface BlockCsvLayout {
  /** As messages name the format. */
  readonly title: string;
  /** What the columns hold that every line must have, in their order. */
  readonly columns: readonly string[];
  /** Whether more columns may follow. */
  readonly open: boolean;
  readonly time: number;
  readonly volume: number;
  readonly offset: number;
  readonly size: number;
  readonly op: number;
  /** µs of one unit of the time: 1 or 1,000,000. */
  readonly timeUnitUs: number;
  readonly offsetUnitBytes: number;
  readonly sizeUnitBytes: number;
  /** What the operations are called, in lower case. */
  readonly read: string;
  readonly write: string;
  /** What a volume is called: "device 7". */
  readonly volumeTitle: string;
  /** Whether each volume belongs to a guest of its own, as the disks of a cloud do, or all to one. */
  readonly tenantPerVolume: boolean;
  readonly notes: readonly string[];
}

const COMMA = 44;
const MAX_TENANTS = 65_536;
const TWO_32 = 2 ** 32;

/** The first line of a text that holds anything, without a byte order mark and without `#` comments. */
export function firstLines(head: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(head);
  return `${text.replace(/^(?:ï»¿)?(?:\s*#[^\n]*\n|\s+)*/, '')}\n`;
}

/** Reads a comma-separated block trace line by line. A line above the first request that names the columns does not count. */
export class BlockCsvDecoder implements Decoder {
  private readonly layout: BlockCsvLayout;
  private readonly lines = new TextLines((bytes, start, end) => this.read(bytes, start, end));
  private readonly fields = new TextFields();
  private readonly operations: Operations;
  private readonly requests: BlockRequests;
  private readonly volumes = new NameTable();
  private readonly fileOf: number[] = [];
  private firstHigh = -1;
  private firstLow = 0;
  private firstBillionths = 0;

  constructor(layout: BlockCsvLayout, options: DecodeOptions) {
    this.layout = layout;
    this.requests = new BlockRequests(options);
    this.operations = new Operations((text) => this.isWrite(text));
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): Decoded {
    this.lines.end();
    return { ...this.requests.finish(), postCache: true, notes: this.layout.notes };
  }

  private read(bytes: Uint8Array, start: number, end: number): void {
    if (isBlankOrComment(bytes, start, end)) return;
    const { fields, layout, requests } = this;
    const { columns } = layout;
    fields.split(bytes, start, end, COMMA);
    if (fields.count < columns.length || (fields.count > columns.length && !layout.open)) {
      const all = `${columns.length}${layout.open ? ' or more' : ''}`;
      throw new BadRecord(
        `the line has ${fields.count} fields, not the ${all} of ${layout.title} (${columns.join(', ')})`,
      );
    }
    if (this.firstHigh < 0 && this.isHeader()) {
      requests.ignored++;
      return;
    }
    const timeUs = this.time();
    const volume = this.volume();
    const write = this.operations.write(fields, layout.op);
    const offset = inBytes(fields.whole(layout.offset, 'offset'), layout.offsetUnitBytes, 'offset');
    const size = inBytes(fields.whole(layout.size, 'size'), layout.sizeUnitBytes, 'size');
    requests.request(this.fileOf[volume], offset, size, timeUs, write, layout.tenantPerVolume ? volume : 0);
  }

  private isHeader(): boolean {
    return this.requests.ignored === 0 && /^\W*[a-z_ ]+\W*$/i.test(this.fields.text(this.layout.time));
  }

  /** The time in µs since the first request. */
  private time(): number {
    const { fields, layout } = this;
    const billionths = fields.decimal(layout.time, 'time');
    if (this.firstHigh < 0) {
      this.firstHigh = fields.high;
      this.firstLow = fields.low;
      this.firstBillionths = billionths;
    }
    const whole = (fields.high - this.firstHigh) * TWO_32 + (fields.low - this.firstLow);
    const part = ((billionths - this.firstBillionths) * layout.timeUnitUs) / 1e9;
    return whole * layout.timeUnitUs + Math.floor(part);
  }

  private volume(): number {
    const { fields, layout } = this;
    const volume = fields.take(layout.volume, (bytes, start, end) => this.volumes.intern(bytes, start, end));
    if (volume === this.fileOf.length) {
      const what = layout.columns[layout.volume];
      if (!fields.u64(layout.volume)) {
        throw new BadRecord(`the ${what} "${fields.shown(layout.volume)}" is not a whole number below 2^64`);
      }
      if (layout.tenantPerVolume && volume >= MAX_TENANTS) {
        throw new BadRecord(`there are more than ${MAX_TENANTS.toLocaleString('en')} ${layout.volumeTitle}s`);
      }
      this.fileOf.push(this.requests.builder.namedFile(`${layout.volumeTitle} ${fields.text(layout.volume)}`));
    }
    return volume;
  }

  private isWrite(text: string): boolean {
    const { read, write, columns, op } = this.layout;
    const lower = text.toLowerCase();
    if (lower === read || lower === write) return lower === write;
    const known = `${read.toUpperCase()} nor ${write.toUpperCase()}`;
    throw new BadRecord(`the ${columns[op]} "${printable(text)}" is neither ${known}`);
  }
}
