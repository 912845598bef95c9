import { TraceError } from './trace-error.ts';

/**
 * The header of an lcs trace (libCacheSim, `traceReader/…/lcs.h`), little-endian. Three are about; all begin and end with the same eight bytes.
 *
 * - Self-describing, 1,024 bytes: a format string as of Python's struct @8 (240 bytes, "<IQIq"), then as one byte each the numbers, from 1, of
 *   the fields object @248, size @249, time @250, … operation @253, … tenant @255; requests i64 @488; u32 number of fields @1000, u32 bytes
 *   of a record @1004, end mark @1016.
 * - Versions 1 and 2, 1,024 bytes: u64 version @8, requests i64 @24, unit of the time i32 @124 (1 s, 2 ms, 3 µs, 4 ns; 0 unknown: s), end mark
 *   @1016.
 * - Versions 1 to 8, 8,192 bytes: u64 version @8, requests i64 @24, end mark @8184. Times are in seconds.
 *
 * The records of a version are packed: u32 time, u64 object, u32 size (i64 from version 3), then from version 2 u8 operation and u24 tenant,
 * from version 3 u32 time to live, i64 next access, and from version 4 1, 2, 4, 8, 16 u32 features.
 */
export interface LcsHeader {
  readonly headerBytes: number;
  readonly recordBytes: number;
  /** How many records there are, as the header claims; 0 where it does not say. */
  readonly requests: number;
  readonly usAUnitOfTime: number;
  readonly object: LcsField;
  readonly time: LcsField | null;
  readonly size: LcsField | null;
  readonly operation: LcsField | null;
  readonly tenant: LcsField | null;
}

/** A field of a record: where it is, and its type as in a format string of Python's struct, or `T`, an unsigned 24-bit number. */
export interface LcsField {
  readonly at: number;
  readonly type: string;
}

const MAGIC = [0xf0, 0xde, 0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12];
const SMALL_BYTES = 1024;
const LARGE_BYTES = 8192;
const VERSION_AT = 8;
const REQUESTS_AT = 24;
const TIME_UNIT_AT = 124;
const LAST_SMALL_VERSION = 2;
const LAST_VERSION = 8;
const US_PER_SECOND = 1_000_000;
/** µs of the units of time by their number. */
const US_A_UNIT = [US_PER_SECOND, US_PER_SECOND, 1000, 1, 0.001];
const TYPE_BYTES: Readonly<Record<string, number>> = {
  c: 1, b: 1, B: 1, h: 2, H: 2, i: 4, I: 4, l: 4, L: 4, q: 8, Q: 8, f: 4, d: 8,
}; // prettier-ignore
const REMEDY = 'Copy the file again, or write it anew with libCacheSim.';

/** Whether the first bytes are the mark of an lcs trace. */
export function isLcs(head: Uint8Array): boolean {
  return isMark(head, 0);
}

/** Reads the header. @throws TraceError with the byte offset of what is wrong with it. */
export function readLcsHeader(head: Uint8Array): LcsHeader {
  if (!isLcs(head)) throw wrong(0, 'there is no mark of an lcs trace');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < SMALL_BYTES) throw cutOff(head, SMALL_BYTES);
  const isSmall = isMark(head, SMALL_BYTES - MAGIC.length);
  const isVersioned = view.getUint32(VERSION_AT + 4, true) === 0 && head[VERSION_AT + 1] === 0;
  if (isSmall && !isVersioned) return selfDescribing(head, view);

  const headerBytes = isSmall ? SMALL_BYTES : LARGE_BYTES;
  if (head.length < headerBytes) throw cutOff(head, headerBytes);
  if (!isMark(head, headerBytes - MAGIC.length)) {
    throw wrong(
      SMALL_BYTES - MAGIC.length,
      `the header has no end mark there, nor at byte ${(8184).toLocaleString('en')}`,
    );
  }
  const version = view.getUint32(VERSION_AT, true);
  const last = isSmall ? LAST_SMALL_VERSION : LAST_VERSION;
  if (!isVersioned || version < 1 || version > last) {
    throw wrong(VERSION_AT, `the header is of version ${view.getBigUint64(VERSION_AT, true)}, not of 1 to ${last}`);
  }
  return {
    ...recordOf(version),
    headerBytes,
    requests: requestsAt(view, REQUESTS_AT),
    usAUnitOfTime: (isSmall ? US_A_UNIT[view.getUint32(TIME_UNIT_AT, true)] : undefined) ?? US_PER_SECOND,
  };
}

type Fields = Pick<LcsHeader, 'recordBytes' | 'object' | 'time' | 'size' | 'operation' | 'tenant'>;

function recordOf(version: number): Fields {
  const features = version < 4 ? 0 : 2 ** (version - 4);
  const afterSize = version < 3 ? 16 : 20;
  const hasOperation = version >= 2;
  return {
    recordBytes: afterSize + (hasOperation ? 4 : 0) + (version < 3 ? 0 : 4) + 8 + features * 4,
    time: { at: 0, type: 'I' },
    object: { at: 4, type: 'Q' },
    size: { at: 12, type: version < 3 ? 'I' : 'q' },
    operation: hasOperation ? { at: afterSize, type: 'B' } : null,
    tenant: hasOperation ? { at: afterSize + 1, type: 'T' } : null,
  };
}

function selfDescribing(head: Uint8Array, view: DataView): LcsHeader {
  const count = view.getUint32(1000, true);
  const format = new TextDecoder('latin1').decode(head.subarray(8, 9 + Math.min(count, 239))).replace(/\0.*$/s, '');
  if (!format.startsWith('<')) throw wrong(8, 'the format of the records is not little-endian ("<…")');
  if (format.length !== count + 1) {
    throw wrong(1000, `the header counts ${count} fields, but its format describes ${format.length - 1}`);
  }
  const fields: LcsField[] = [];
  let at = 0;
  for (const type of format.slice(1)) {
    fields.push({ at, type });
    if (!(type in TYPE_BYTES)) throw wrong(8 + fields.length, 'the format has a letter that is none of cbBhHiIlLqQfd');
    at += TYPE_BYTES[type];
  }
  const recordBytes = view.getUint32(1004, true);
  if (recordBytes !== at) {
    throw wrong(1004, `the header says that a record has ${recordBytes} bytes, but its format describes ${at}`);
  }
  // Headers were written with whatever was in memory where libCacheSim set nothing: a field that is not there counts for none.
  const field = (place: number): LcsField | null => {
    const number = head[place];
    return number >= 1 && number <= count ? fields[number - 1] : null;
  };
  const object = field(248);
  if (!object || /[fd]/.test(object.type))
    throw wrong(248, `the object is said to be field ${head[248]}, which it cannot`);
  return {
    headerBytes: SMALL_BYTES,
    recordBytes,
    requests: requestsAt(view, 488),
    usAUnitOfTime: US_PER_SECOND,
    object,
    size: field(249),
    time: field(250),
    operation: field(253),
    tenant: field(255),
  };
}

function requestsAt(view: DataView, at: number): number {
  const requests = Number(view.getBigInt64(at, true));
  if (requests < 0) throw wrong(at, `the header says that there are ${requests} requests`);
  return requests;
}

function isMark(bytes: Uint8Array, at: number): boolean {
  return MAGIC.every((byte, i) => bytes[at + i] === byte);
}

function cutOff(head: Uint8Array, headerBytes: number): TraceError {
  const [has, all] = [head.length, headerBytes].map((bytes) => bytes.toLocaleString('en'));
  return wrong(0, `the header has ${has} of its ${all} bytes`);
}

function wrong(offset: number, reason: string): TraceError {
  return new TraceError('bad-trace', `byte ${offset.toLocaleString('en')}: ${reason}.`, REMEDY);
}
