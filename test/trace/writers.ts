import { createHash } from 'node:crypto';

/** A block request as a plain list has it. */
export interface BlockRequest {
  readonly timeUs: number;
  readonly volume: number;
  readonly sector: number;
  readonly sectors: number;
  readonly write: boolean;
  /** What each of its sectors holds. */
  readonly content: number;
}

/** A block format: how it is written, and what of a request it keeps. */
export interface BlockWriter {
  readonly format: string;
  readonly write: (requests: readonly BlockRequest[]) => Buffer;
  readonly fileName: (volume: number) => string;
  /** µs of the finest time that it tells. */
  readonly tickUs: number;
  readonly tenantPerVolume: boolean;
  /** Whether it has volumes; if not all requests must be of one. */
  readonly hasVolumes: boolean;
}

const START_S = 1_538_323_200;
const lines =
  (line: (request: BlockRequest) => string) =>
  (requests: readonly BlockRequest[]): Buffer =>
    Buffer.from(requests.map((request) => `${line(request)}\n`).join(''));
const seconds = (timeUs: number): string => (timeUs / 1e6).toFixed(6);

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** The digests of each so many sectors of a request: a page's is that of its content and the place within the request. */
function digests({ sector, sectors, content }: BlockRequest, each: number): string {
  return Array.from({ length: Math.ceil(sectors / each) }, (_, at) =>
    md5(`${content} ${(sector + at * each) % 3}`),
  ).join(' ');
}

export const vscsiRecord = (
  version: number,
  { timeUs, sector, length, command }: { timeUs: number; sector: number; length: number; command: number },
): Buffer => {
  const bytes = Buffer.alloc(version === 1 ? 32 : 40);
  bytes.writeUInt32LE(77, version === 1 ? 0 : 4);
  bytes.writeUInt32LE(length, version === 1 ? 4 : 8);
  bytes.writeUInt32LE(1, version === 1 ? 8 : 12);
  bytes.writeUInt16LE(command, version === 1 ? 12 : 0);
  bytes.writeUInt16LE(version << 8, version === 1 ? 14 : 2);
  bytes.writeBigUInt64LE(BigInt(sector), 16);
  bytes.writeBigUInt64LE(BigInt(timeUs), 24);
  return bytes;
};

const vscsi =
  (version: number, unitBytes: number) =>
  (requests: readonly BlockRequest[]): Buffer =>
    Buffer.concat(
      requests.map(({ timeUs, sector, sectors, write }) => {
        const length = (sectors * 512) / unitBytes;
        return vscsiRecord(version, { timeUs: 5e12 + timeUs, sector, length, command: write ? 0x2a : 0x28 });
      }),
    );

const inCloud = { tenantPerVolume: true, hasVolumes: true };
const inHost = { tenantPerVolume: false, hasVolumes: true };
const disk = { tenantPerVolume: false, hasVolumes: false, fileName: () => 'disk', tickUs: 1, format: 'vscsi' };

/** Every block format with volumes or without, by a name for the test. */
export const BLOCK_WRITERS: Readonly<Record<string, BlockWriter>> = {
  'vscsi 1, bytes': { ...disk, write: vscsi(1, 1) },
  'vscsi 2, bytes': { ...disk, write: vscsi(2, 1) },
  'vscsi 1, sectors': { ...disk, write: vscsi(1, 512) },
  'vscsi 2, sectors': { ...disk, write: vscsi(2, 512) },
  alibaba: {
    ...inCloud,
    format: 'alibaba',
    fileName: (volume) => `device ${volume}`,
    tickUs: 1,
    write: lines(
      ({ timeUs, volume, sector, sectors, write }) =>
        `${volume},${write ? 'W' : 'R'},${sector * 512},${sectors * 512},${START_S * 1e6 + timeUs}`,
    ),
  },
  'tencent, sectors': {
    ...inCloud,
    format: 'tencent',
    fileName: (volume) => `volume ${volume}`,
    tickUs: 1e6,
    write: lines(
      ({ timeUs, volume, sector, sectors, write }) =>
        `${START_S + Math.floor(timeUs / 1e6)},${sector},${sectors},${write ? 1 : 0},${volume}`,
    ),
  },
  'tencent, offsets in bytes': {
    ...inCloud,
    format: 'tencent',
    fileName: (volume) => `volume ${volume}`,
    tickUs: 1e6,
    write: lines(
      ({ timeUs, volume, sector, sectors, write }) =>
        `${START_S + Math.floor(timeUs / 1e6)},${sector * 512},${sectors},${write ? 1 : 0},${volume}`,
    ),
  },
  fiu: {
    ...inHost,
    format: 'fiu',
    fileName: (volume) => `dev 8:${volume}`,
    tickUs: 1,
    write: lines(
      (request) =>
        `${89_968_195_792_000 + request.timeUs * 1000} 4892 kjournald ${request.sector} ${request.sectors} ${request.write ? 'W' : 'R'} ` +
        `8 ${request.volume} ${digests(request, 8)}`,
    ),
  },
  'fiu, digests of sectors': {
    ...inHost,
    format: 'fiu',
    fileName: (volume) => `dev 8:${volume}`,
    tickUs: 1,
    write: lines(
      (request) =>
        `${request.timeUs * 1000} 4892 npm install ${request.sector} ${request.sectors} ${request.write ? 'W' : 'R'} ` +
        `8 ${request.volume} ${digests(request, 1)}`,
    ),
  },
  spc: {
    ...inHost,
    format: 'spc',
    fileName: (volume) => `ASU ${volume}`,
    tickUs: 1,
    write: lines(
      ({ timeUs, volume, sector, sectors, write }) =>
        `${volume},${sector},${sectors * 512},${write ? 'w' : 'R'},${seconds(timeUs)}`,
    ),
  },
  msr: {
    ...inHost,
    format: 'msr',
    fileName: (volume) => `usr disk ${volume}`,
    tickUs: 1,
    write: lines(
      ({ timeUs, volume, sector, sectors, write }) =>
        `${128_166_372_003_061_620n + BigInt(timeUs) * 10n},usr,${volume},${write ? 'Write' : 'Read'},${sector * 512},${sectors * 512},9`,
    ),
  },
};

/** A record of libCacheSim's object formats. */
export interface ObjectRecord {
  readonly time: number;
  readonly object: bigint;
  readonly size: number;
  readonly op: number;
  readonly tenant: number;
}

const MAGIC = 0x1234_5678_9abc_def0n;

/** An lcs trace of a version, with a header of 1,024 or 8,192 bytes. */
export function lcsBytes(
  version: number,
  headerBytes: number,
  records: readonly ObjectRecord[],
  requests = records.length,
): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeBigUInt64LE(MAGIC, 0);
  header.writeBigUInt64LE(BigInt(version), 8);
  header.writeBigInt64LE(1n, 16);
  header.writeBigInt64LE(BigInt(requests), 24);
  header.writeBigUInt64LE(MAGIC, headerBytes - 8);
  const body = records.map(({ time, object, size, op, tenant }) => {
    const hasOperation = version >= 2;
    const isWide = version >= 3;
    const bytes = Buffer.alloc([0, 24, 28, 36, 40, 44, 52, 68, 100][version] ?? 0);
    bytes.writeUInt32LE(time, 0);
    bytes.writeBigUInt64LE(object, 4);
    if (isWide) bytes.writeBigInt64LE(BigInt(size), 12);
    else bytes.writeUInt32LE(size, 12);
    if (hasOperation) bytes.writeUInt32LE(op + tenant * 256, isWide ? 20 : 16);
    const nextAt = isWide ? 28 : hasOperation ? 20 : 16;
    bytes.writeBigInt64LE(-1n, nextAt);
    bytes.fill(0x5a, nextAt + 8); // Features.
    return bytes;
  });
  return Buffer.concat([header, ...body]);
}

/** A self-describing lcs trace whose records hold tenant (u16), time (f64), operation (u8), object (i64), a float and size (u32). */
export function describedLcsBytes(records: readonly ObjectRecord[], requests = records.length): Buffer {
  const header = Buffer.alloc(1024);
  header.writeBigUInt64LE(MAGIC, 0);
  header.write('<HdBqfI', 8);
  // Object, size, time, last access, next access, operation, time to live, tenant, content type.
  header.set([4, 6, 2, 0, 0, 3, 0, 1, 200], 248);
  header.writeBigInt64LE(BigInt(requests), 488);
  header.writeUInt32LE(6, 1000);
  header.writeUInt32LE(27, 1004);
  header.writeBigUInt64LE(MAGIC, 1016);
  const body = records.map(({ time, object, size, op, tenant }) => {
    const bytes = Buffer.alloc(27);
    bytes.writeUInt16LE(tenant, 0);
    bytes.writeDoubleLE(time, 2);
    bytes.writeUInt8(op, 10);
    bytes.writeBigInt64LE(BigInt.asIntN(64, object), 11);
    bytes.writeFloatLE(1.5, 19);
    bytes.writeUInt32LE(size, 23);
    return bytes;
  });
  return Buffer.concat([header, ...body]);
}
