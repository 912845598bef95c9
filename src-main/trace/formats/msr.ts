import type { Decoded, DecodeOptions, Decoder, TraceFormatReader } from '../format.ts';
import { NameTable } from '../name-table.ts';
import { ObjectPages } from '../object-pages.ts';
import { Operations } from '../operations.ts';
import { TextFields, isBlankOrComment, printable } from '../text-fields.ts';
import { TextLines } from '../text-lines.ts';
import { BadRecord, TraceError } from '../trace-error.ts';
import { TraceBuilder } from '../trace-builder.ts';

/**
 * MSR Cambridge (SNIA IOTTA 388), CSV without header:
 *
 *     timestamp (100 ns since 1601), host, disk, Read|Write, offset in bytes, size in bytes, response time
 *
 * A host is a tenant; each of its disks is a volume. A request references each aligned 4 KiB page that it covers; one of no bytes references
 * none. With the unit "object" a request references the object that begins at its offset.
 */
export const msr: TraceFormatReader = {
  name: 'msr',
  title: 'MSR Cambridge CSV',

  likeness(head) {
    const text = new TextDecoder('latin1').decode(head);
    return /^(?:\uFEFF|ï»¿)?\s*(?:timestamp,.*\s+)?\d{1,20},[^,\n]*,\d+,(?:read|write),\d+,\d+,\d+\s/i.test(`${text}\n`)
      ? 0.98
      : 0;
  },

  decoder: (options) => new MsrDecoder(options),
};

const COMMA = 44;
const FIELDS = 7;
const PAGE_BYTES = 4096;
const MAX_TENANTS = 65_536;
const TWO_32 = 2 ** 32;

class MsrDecoder implements Decoder {
  private readonly lines = new TextLines((bytes, start, end) => this.read(bytes, start, end));
  private readonly fields = new TextFields();
  private readonly types = new Operations(isWrite);
  private readonly builder: TraceBuilder;
  private readonly hosts = new NameTable();
  /** Volumes by "host,disk" as written, and the tenant and file of each. */
  private readonly volumes = new NameTable();
  private readonly tenantOf: number[] = [];
  private readonly fileOf: number[] = [];
  private readonly objects: ObjectPages;
  private readonly perObject: boolean;
  private ignored = 0;
  private firstHigh = -1;
  private firstLow = 0;

  constructor(options: DecodeOptions) {
    this.perObject = options.unit === 'object';
    this.builder = new TraceBuilder(0, !options.withoutTimes);
    this.objects = new ObjectPages(this.builder, (volume) => this.fileOf[volume]);
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

  private read(bytes: Uint8Array, start: number, end: number): void {
    if (isBlankOrComment(bytes, start, end)) return;
    const { fields, builder } = this;
    fields.split(bytes, start, end, COMMA);
    if (fields.count !== FIELDS)
      throw new BadRecord(`the line has ${fields.count} fields, not the ${FIELDS} of MSR Cambridge`);
    const timeUs = this.time();
    if (timeUs < 0 && this.firstHigh < 0) return; // A header that somebody put above the first request.
    const volume = this.volume();
    const write = this.types.write(fields, 3);
    const offset = fields.whole(4, 'offset');
    const size = fields.whole(5, 'size');
    const tenant = this.tenantOf[volume];
    if (this.perObject) {
      this.objects.reference(volume, Math.floor(offset / TWO_32), offset % TWO_32, 1, timeUs, write, tenant);
    } else if (size === 0) {
      this.ignored++;
    } else {
      const first = Math.floor(offset / PAGE_BYTES);
      const last = Math.floor((offset + size - 1) / PAGE_BYTES);
      builder.range(this.fileOf[volume], first, last, timeUs, write, tenant);
    }
  }

  /** The time in µs since the first request; −1 when the field is no number and the file may still be at its header. */
  private time(): number {
    const { fields } = this;
    if (!fields.u64(0)) {
      if (this.firstHigh < 0 && this.ignored === 0 && /^\W*timestamp$/i.test(fields.text(0))) {
        this.ignored++;
        return -1;
      }
      throw new BadRecord(`the timestamp "${fields.shown(0)}" is not a whole number below 2^64`);
    }
    if (this.firstHigh < 0) {
      this.firstHigh = fields.high;
      this.firstLow = fields.low;
    }
    return Math.floor(((fields.high - this.firstHigh) * TWO_32 + (fields.low - this.firstLow)) / 10);
  }

  private volume(): number {
    const { fields, volumes } = this;
    const volume = fields.take(1, (bytes, start) => fields.take(2, (_, __, end) => volumes.intern(bytes, start, end)));
    if (volume === this.fileOf.length) {
      fields.whole(2, 'disk');
      const tenant = fields.take(1, (bytes, start, end) => this.hosts.intern(bytes, start, end));
      if (tenant >= MAX_TENANTS) throw new BadRecord(`there are more than ${MAX_TENANTS} hosts`);
      this.tenantOf.push(tenant);
      this.fileOf.push(this.builder.namedFile(`${fields.text(1)} disk ${fields.text(2)}`));
    }
    return volume;
  }
}

function isWrite(type: string): boolean {
  const lower = type.toLowerCase();
  if (lower !== 'read' && lower !== 'write')
    throw new BadRecord(`the type "${printable(type)}" is neither Read nor Write`);
  return lower === 'write';
}
