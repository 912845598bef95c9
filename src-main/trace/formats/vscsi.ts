import { BinaryRecords } from '../binary-records.ts';
import { BlockRequests } from '../block-requests.ts';
import { BYTES_OF, SECTOR_BYTES, inBytes, unitNote, unitOf } from '../block-units.ts';
import type { BlockUnit, Decoded, DecodeOptions, Decoder, TraceFormatReader } from '../format.ts';
import { BadRecord, TraceError } from '../trace-error.ts';

/**
 * vscsi traces (VMware's vscsiStats; CloudPhysics), little-endian, packed. Version 1:
 *
 *     u32 serial @0, u32 length @4, u32 scatter-gather entries @8, u16 command @12, u16 version @14, u64 lbn @16, u64 time in µs @24
 *
 * and version 2, with the response time behind:
 *
 *     u16 command @0, u16 version @2, u32 serial @4, u32 length @8, u32 entries @12, u64 lbn @16, u64 time in µs @24, u64 response @32
 *
 * The upper byte of the version field is the version: a file whose first two records say so in version 2's place is of version 2. The block
 * number counts sectors of 512 bytes. Sources disagree about the length: unless its unit is given, it is bytes when the lengths of all reads
 * and writes at the beginning of the file are multiples of 512. Commands that neither read nor write are no references.
 */
interface Layout {
  readonly version: number;
  readonly recordBytes: number;
  readonly lengthAt: number;
  readonly commandAt: number;
  readonly versionAt: number;
}

const LAYOUTS: readonly Layout[] = [
  { version: 2, recordBytes: 40, lengthAt: 8, commandAt: 0, versionAt: 2 },
  { version: 1, recordBytes: 32, lengthAt: 4, commandAt: 12, versionAt: 14 },
];
const LBN_AT = 16;
const TIME_AT = 24;
const TWO_32 = 2 ** 32;
/** SCSI READ and WRITE of 6, 10, 16 and 12 bytes. */
const READS = [0x08, 0x28, 0x88, 0xa8];
const WRITES = [0x0a, 0x2a, 0x8a, 0xaa];
const OTHER = 2;
/** By command: 0 a read, 1 a write, 2 another. */
const KIND = new Uint8Array(65_536).fill(OTHER);
for (const command of READS) KIND[command] = 0;
for (const command of WRITES) KIND[command] = 1;
const TOLD_BY_RECORDS = 2;

export const vscsi: TraceFormatReader = {
  name: 'vscsi',
  title: 'VMware vscsiStats (CloudPhysics), versions 1 and 2',
  unclear: ['size'],

  likeness: (head) => (layoutOf(head) ? 0.97 : 0),

  decoder: (options, head) => new VscsiDecoder(options, head),
};

class VscsiDecoder implements Decoder {
  private readonly layout: Layout;
  private readonly sizeUnit: BlockUnit;
  private readonly givenUnit: BlockUnit | undefined;
  private readonly requests: BlockRequests;
  private readonly records: BinaryRecords;
  private readonly file: number;
  private firstHigh = -1;
  private firstLow = 0;

  constructor(options: DecodeOptions, head: Uint8Array) {
    this.layout = layoutOf(head) ?? unknownVersion();
    this.givenUnit = options.sizeUnit;
    this.sizeUnit = options.sizeUnit ?? unitOf(lengthsOf(head, this.layout), 1);
    this.requests = new BlockRequests(options, (options.expectedBytes ?? 0) / this.layout.recordBytes);
    this.records = new BinaryRecords(this.layout.recordBytes, (view, at, count) => this.read(view, at, count));
    this.file = this.requests.builder.namedFile('disk');
  }

  push(chunk: Uint8Array): void {
    this.records.push(chunk);
  }

  end(): Decoded {
    this.records.end();
    return { ...this.requests.finish(), postCache: true, notes: unitNote('size', this.sizeUnit, this.givenUnit) };
  }

  private read(view: DataView, from: number, count: number): void {
    const { layout, requests, records, file } = this;
    const { recordBytes, lengthAt, commandAt, versionAt, version } = layout;
    const unitBytes = BYTES_OF[this.sizeUnit];
    const to = from + count * recordBytes;
    for (let at = from; at < to; at += recordBytes) {
      if (view.getUint8(at + versionAt + 1) !== version) {
        const other = view.getUint16(at + versionAt, true);
        throw new BadRecord(`the record is of version ${other >> 8}, those before it are of version ${version}`);
      }
      const timeUs = this.time(view, at + TIME_AT);
      const kind = KIND[view.getUint16(at + commandAt, true)];
      if (kind === OTHER) requests.ignored++;
      else {
        const lbn = view.getUint32(at + LBN_AT + 4, true) * TWO_32 + view.getUint32(at + LBN_AT, true);
        const offset = inBytes(lbn, SECTOR_BYTES, 'block number');
        requests.request(file, offset, view.getUint32(at + lengthAt, true) * unitBytes, timeUs, kind, 0);
      }
      records.done();
    }
  }

  /** The time in µs since the first record. */
  private time(view: DataView, at: number): number {
    const low = view.getUint32(at, true);
    const high = view.getUint32(at + 4, true);
    if (this.firstHigh < 0) {
      this.firstHigh = high;
      this.firstLow = low;
    }
    return (high - this.firstHigh) * TWO_32 + (low - this.firstLow);
  }
}

/** The layout by whose version field the first two records (or the only one) are of its version, or null. */
function layoutOf(head: Uint8Array): Layout | null {
  const isOf = ({ version, recordBytes, versionAt, commandAt }: Layout): boolean => {
    const count = Math.min(TOLD_BY_RECORDS, Math.floor(head.length / recordBytes));
    for (let record = 0; record < count; record++) {
      const at = record * recordBytes;
      // A SCSI command is one byte.
      if (head[at + versionAt + 1] !== version || head[at + commandAt + 1] !== 0) return false;
    }
    return count > 0;
  };
  return LAYOUTS.find(isOf) ?? null;
}

/** The lengths of the reads and writes in the first bytes of a file. */
function* lengthsOf(head: Uint8Array, { recordBytes, lengthAt, commandAt }: Layout): Generator<number> {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (let at = 0; at + recordBytes <= head.length; at += recordBytes) {
    if (KIND[view.getUint16(at + commandAt, true)] !== OTHER) yield view.getUint32(at + lengthAt, true);
  }
}

function unknownVersion(): never {
  throw new TraceError(
    'bad-trace',
    'byte 0: its first two records are of neither version 1 nor version 2 of vscsi.',
    'Check that it is a vscsi trace, and whole from its beginning.',
  );
}
