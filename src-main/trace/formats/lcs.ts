import { BinaryRecords } from '../binary-records.ts';
import type { Decoded, DecodeOptions, Decoder, TraceFormatReader } from '../format.ts';
import { Interner } from '../interner.ts';
import type { LcsField, LcsHeader } from '../lcs-header.ts';
import { isLcs, readLcsHeader } from '../lcs-header.ts';
import { isWriteOperation } from '../libcachesim-operations.ts';
import { ObjectPages } from '../object-pages.ts';
import { BadRecord, TraceError } from '../trace-error.ts';
import { TraceBuilder } from '../trace-builder.ts';

/**
 * lcs (libCacheSim): a header (`lcs-header.ts`), then packed little-endian records of a time, an object, its size, and in some versions an
 * operation and a tenant. As in oracleGeneral an object has no place on a volume: it covers ⌈size / 4096⌉ pages of its own, one where the
 * trace has no sizes. Records of no bytes are no references, as in libCacheSim; with the unit "object" they are.
 */
export const lcs: TraceFormatReader = {
  name: 'lcs',
  title: 'libCacheSim lcs, all versions',
  likeness: (head) => (isLcs(head) ? 1 : 0),
  decoder: (options, head) => new LcsDecoder(options, readLcsHeader(head)),
};

const PAGE_BYTES = 4096;
const MAX_TENANTS = 65_536;
const TWO_32 = 2 ** 32;

class LcsDecoder implements Decoder {
  private readonly header: LcsHeader;
  private readonly perObject: boolean;
  private readonly builder: TraceBuilder;
  private readonly objects: ObjectPages;
  private readonly records: BinaryRecords;
  /** Tenants have up to 32 bits: they are numbered in order of first appearance. */
  private readonly tenants = new Interner(16);
  private readonly tenantNames: number[] = [];
  private toSkip: number;
  private ignored = 0;
  private firstTime = NaN;

  constructor(options: DecodeOptions, header: LcsHeader) {
    this.header = header;
    this.toSkip = header.headerBytes;
    this.perObject = options.unit === 'object';
    this.builder = new TraceBuilder((options.expectedBytes ?? 0) / header.recordBytes, !options.withoutTimes);
    this.objects = new ObjectPages(this.builder, (tenant) =>
      this.builder.namedFile(header.tenant ? `objects of tenant ${this.tenantNames[tenant]}` : 'objects'),
    );
    const onRecords = (view: DataView, at: number, count: number): void => this.read(view, at, count);
    this.records = new BinaryRecords(header.recordBytes, onRecords, header.headerBytes);
  }

  push(chunk: Uint8Array): void {
    const skipped = Math.min(this.toSkip, chunk.length);
    this.toSkip -= skipped;
    this.records.push(chunk.subarray(skipped));
  }

  end(): Decoded {
    this.records.end();
    this.objects.flush();
    const { builder, ignored, header, records } = this;
    if (records.count < header.requests) {
      const offset = header.headerBytes + records.count * header.recordBytes;
      const [there, all] = [records.count, header.requests].map((number) => number.toLocaleString('en'));
      throw new TraceError(
        'bad-trace',
        `byte ${offset.toLocaleString('en')}: the trace ends after ${there} of the ${all} records that its header counts.`,
        'Copy the file again; it is not whole.',
      );
    }
    if (builder.references === 0) throw new TraceError('bad-trace', 'it has no request of any bytes.');
    return { trace: builder.finish(), records: builder.records, ignored, postCache: true, notes: [] };
  }

  private read(view: DataView, from: number, count: number): void {
    const { records, perObject, objects, header } = this;
    const { recordBytes, object, size, operation } = header;
    const to = from + count * recordBytes;
    for (let at = from; at < to; at += recordBytes) {
      const timeUs = this.time(view, at);
      const bytes = size === null ? PAGE_BYTES : valueOf(view, at, size);
      if (!(bytes >= 0)) throw new BadRecord(`the size is ${bytes}`);
      if (bytes > 0 || perObject) {
        const pages = perObject ? 1 : Math.ceil(bytes / PAGE_BYTES);
        const tenant = this.tenant(view, at);
        const write = operation !== null && isWriteOperation(valueOf(view, at, operation)) ? 1 : 0;
        objects.reference(tenant, highOf(view, at, object), lowOf(view, at, object), pages, timeUs, write, tenant);
      } else {
        this.ignored++;
      }
      records.done();
    }
  }

  /** The time in µs since the first record. */
  private time(view: DataView, at: number): number {
    const { time, usAUnitOfTime } = this.header;
    if (time === null) return NaN;
    const value = valueOf(view, at, time);
    if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) throw new BadRecord(`the time is ${value}`);
    if (Number.isNaN(this.firstTime)) this.firstTime = value;
    return Math.floor((value - this.firstTime) * usAUnitOfTime);
  }

  private tenant(view: DataView, at: number): number {
    const { tenant } = this.header;
    if (tenant === null) return 0;
    const name = valueOf(view, at, tenant);
    const number = this.tenants.intern(Math.floor(name / TWO_32), name);
    if (number === this.tenantNames.length) {
      if (number === MAX_TENANTS)
        throw new BadRecord(`there are more than ${MAX_TENANTS.toLocaleString('en')} tenants`);
      this.tenantNames.push(name);
    }
    return number;
  }
}

function valueOf(view: DataView, record: number, { at: field, type }: LcsField): number {
  const at = record + field;
  switch (type) {
    case 'I':
    case 'L':
      return view.getUint32(at, true);
    case 'q':
      return view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true);
    case 'Q':
      return view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true);
    case 'T':
      return view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;
    case 'B':
    case 'c':
      return view.getUint8(at);
    case 'H':
      return view.getUint16(at, true);
    case 'b':
      return view.getInt8(at);
    case 'h':
      return view.getInt16(at, true);
    case 'f':
      return view.getFloat32(at, true);
    case 'd':
      return view.getFloat64(at, true);
    default: // i and l
      return view.getInt32(at, true);
  }
}

/** The lower 32 bits of a whole number. */
function lowOf(view: DataView, record: number, field: LcsField): number {
  return field.type === 'q' || field.type === 'Q'
    ? view.getInt32(record + field.at, true)
    : valueOf(view, record, field) | 0;
}

/** What is above them. */
function highOf(view: DataView, record: number, field: LcsField): number {
  if (field.type === 'q' || field.type === 'Q') return view.getInt32(record + field.at + 4, true);
  return valueOf(view, record, field) < 0 ? -1 : 0;
}
