import { BinaryRecords } from '../binary-records.ts';
import type { Decoded, DecodeOptions, Decoder, TraceFormatReader } from '../format.ts';
import { isKnownOperation, isWriteOperation } from '../libcachesim-operations.ts';
import { ObjectPages } from '../object-pages.ts';
import { TraceError } from '../trace-error.ts';
import { TraceBuilder } from '../trace-builder.ts';

/**
 * oracleGeneral and oracleGeneralOpNS (libCacheSim), little-endian, packed:
 *
 *     u32 time in s @0, u64 object @4, u32 size in bytes @12, [u8 operation @16, u16 tenant @17,] i64 next access @16 or @19
 *
 * The next access is the number of the record that references the object again, −1 where none does. An object has no place on a volume: it
 * covers ⌈size / 4096⌉ pages of its own. Records of no bytes are no references, as in libCacheSim; with the unit "object" they are.
 */
interface Layout {
  readonly recordBytes: number;
  readonly hasTenant: boolean;
  readonly nextAt: number;
}

const PLAIN: Layout = { recordBytes: 24, hasTenant: false, nextAt: 16 };
const WITH_TENANT: Layout = { recordBytes: 27, hasTenant: true, nextAt: 19 };

export const oracleGeneral: TraceFormatReader = {
  name: 'oracleGeneral',
  title: 'libCacheSim oracleGeneral',
  likeness: (head, fileName) => likenessOf(PLAIN, head, /oracleGeneral(?!OpNS)/i.test(fileName)),
  decoder: (options) => new OracleDecoder(PLAIN, options),
};

export const oracleGeneralOpNs: TraceFormatReader = {
  name: 'oracleGeneralOpNS',
  title: 'libCacheSim oracleGeneral with operation and tenant',
  likeness: (head, fileName) => likenessOf(WITH_TENANT, head, /oracleGeneralOpNS/i.test(fileName)),
  decoder: (options) => new OracleDecoder(WITH_TENANT, options),
};

const PAGE_BYTES = 4096;
const US_PER_SECOND = 1_000_000;
const CHECKED_RECORDS = 1000;

class OracleDecoder implements Decoder {
  private readonly layout: Layout;
  private readonly perObject: boolean;
  private readonly builder: TraceBuilder;
  private readonly objects: ObjectPages;
  private readonly records: BinaryRecords;
  private ignored = 0;
  private firstSecond = -1;

  constructor(layout: Layout, options: DecodeOptions) {
    this.layout = layout;
    this.perObject = options.unit === 'object';
    this.builder = new TraceBuilder((options.expectedBytes ?? 0) / layout.recordBytes, !options.withoutTimes);
    this.objects = new ObjectPages(this.builder, (tenant) =>
      this.builder.namedFile(layout.hasTenant ? `objects of tenant ${tenant}` : 'objects'),
    );
    this.records = new BinaryRecords(layout.recordBytes, (view, at, count) => this.read(view, at, count));
  }

  push(chunk: Uint8Array): void {
    this.records.push(chunk);
  }

  end(): Decoded {
    this.records.end();
    this.objects.flush();
    if (this.builder.references === 0) {
      throw new TraceError('bad-trace', 'all its records have a size of no bytes.', 'Read it with the unit "object".');
    }
    const { ignored } = this;
    return { trace: this.builder.finish(), records: this.builder.records, ignored, postCache: true, notes: [] };
  }

  private read(view: DataView, from: number, count: number): void {
    const { recordBytes, hasTenant } = this.layout;
    if (this.firstSecond < 0 && count > 0) this.firstSecond = view.getUint32(from, true);
    const to = from + count * recordBytes;
    for (let at = from; at < to; at += recordBytes) {
      if (!hasTenant) at += this.readOnes(view, at, to) * recordBytes;
      if (at < to) this.readOne(view, at);
    }
  }

  /** Reads the records of one page each that come next, as most do, together. @returns how many they are. */
  private readOnes(view: DataView, from: number, to: number): number {
    const { objects, records, perObject, firstSecond } = this;
    const { recordBytes } = this.layout;
    let read = 0;
    for (let at = from; at < to;) {
      const room = objects.room();
      const { idHigh, idLow, timesUs } = room;
      const end = Math.min(to, at + room.count * recordBytes);
      let put = room.at;
      for (; at < end; at += recordBytes, put++) {
        // Of no bytes, or of more than a page.
        if (!perObject && (view.getUint32(at + 12, true) - 1) >>> 0 >= PAGE_BYTES) break;
        idHigh[put] = view.getInt32(at + 8, true);
        idLow[put] = view.getInt32(at + 4, true);
        timesUs[put] = (view.getUint32(at, true) - firstSecond) * US_PER_SECOND;
      }
      objects.wrote(put - room.at);
      records.done(put - room.at);
      read += put - room.at;
      if (at < end) break;
    }
    return read;
  }

  private readOne(view: DataView, at: number): void {
    const { perObject, records, firstSecond } = this;
    const { hasTenant } = this.layout;
    const size = view.getUint32(at + 12, true);
    if (size > 0 || perObject) {
      const timeUs = (view.getUint32(at, true) - firstSecond) * US_PER_SECOND;
      const pages = perObject ? 1 : Math.ceil(size / PAGE_BYTES);
      const tenant = hasTenant ? view.getUint16(at + 17, true) : 0;
      const write = hasTenant && isWriteOperation(view.getUint8(at + 16)) ? 1 : 0;
      const [high, low] = [view.getInt32(at + 8, true), view.getInt32(at + 4, true)];
      this.objects.reference(tenant, high, low, pages, timeUs, write, tenant);
    } else {
      this.ignored++;
    }
    records.done();
  }
}

/** The format has no magic number: times must not fall, operations be known and next accesses lie ahead, or be none, in every record. */
function likenessOf(layout: Layout, head: Uint8Array, named: boolean): number {
  const { recordBytes, hasTenant, nextAt } = layout;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const records = Math.min(CHECKED_RECORDS, Math.floor(head.length / recordBytes));
  if (records === 0) return 0;
  let lastTime = 0;
  let withNext = 0;
  for (let record = 0; record < records; record++) {
    const at = record * recordBytes;
    const time = view.getUint32(at, true);
    if (time < lastTime) return 0;
    lastTime = time;
    if (hasTenant && !isKnownOperation(view.getUint8(at + 16))) return 0;
    const low = view.getUint32(at + nextAt, true);
    const high = view.getInt32(at + nextAt + 4, true);
    const none = (high === -1 && low === 0xffff_ffff) || (high === 0x7fff_ffff && low === 0xffff_ffff);
    const next = high * 2 ** 32 + low;
    const unknown = next === 0;
    if (!none && !unknown && (high < 0 || high > 0xffff || next <= record)) return 0;
    if (!unknown) withNext++;
  }
  // Converters that do not know the next access leave it 0: then only the name tells.
  if (withNext === 0) return named ? 0.3 : 0;
  return named ? 0.95 : 0.9;
}
