import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import * as v from 'valibot';
import type { ReadTrace } from './format.ts';
import { TraceError } from './trace-error.ts';

/**
 * The stored form of a decoded trace, little-endian:
 *
 *     @0 "TMEMTRC" 0x1a   @8 u32 version   @12 u32 flags (1 times, 2 writes, 4 tenants, 8 contents)
 *     @16 f64 references  @24 f64 distinct pages  @32 f64 bytes of text  @40 u32 CRC-32 of the body  @44 u32 CRC-32 of bytes 0 … 43
 *     @64 body: times f64[], pages i32[], file of page i32[], index of page u32[], contents i32[], their hashes u32[], tenants u16[], writes u8[], text (JSON: info, file names)
 *
 * The arrays lie in falling order of element size, so that all are aligned and can be used where they were read.
 */
const MAGIC = Uint8Array.of(0x54, 0x4d, 0x45, 0x4d, 0x54, 0x52, 0x43, 0x1a);
/** To be raised when the layout changes, or when a reader decodes some trace differently than before. */
const VERSION = 2;
const HEADER_BYTES = 64;
const CHECKED_BYTES = 44;
const HAS_TIMES = 1;
const HAS_WRITES = 2;
const HAS_TENANTS = 4;
const HAS_CONTENTS = 8;
/** One call of read or write moves at most 2 GiB. */
const STEP_BYTES = 2 ** 30;

const TextSchema = v.object({
  info: v.object({
    format: v.string(),
    unit: v.picklist(['page', 'object']),
    records: v.number(),
    ignored: v.number(),
    postCache: v.boolean(),
    notes: v.array(v.string()),
  }),
  fileNames: v.array(v.string()),
  source: v.string(),
});

/** A trace out of its stored form, and what its writer said it was made from. */
export interface StoredTrace {
  readonly trace: ReadTrace;
  readonly source: string;
}

/**
 * Stores a trace. The file appears under its name only when it is whole: it is written beside it and renamed.
 * @param source what the trace was made from, in the caller's words; given back by {@link readCompact}.
 * @throws the error of the file system when it cannot be written; nothing is left behind then.
 */
export async function writeCompact(file: string, trace: ReadTrace, source = ''): Promise<void> {
  const { timesUs, pages, fileOfPage, indexOfPage, tenants, writes, info, fileNames } = trace;
  const { contents = null, contentHashes = null } = trace;
  const text = new TextEncoder().encode(JSON.stringify({ info, fileNames, source }));
  const parts = [timesUs, pages, fileOfPage, indexOfPage, contents, contentHashes, tenants, writes, text]
    .filter((array) => array !== null)
    .map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  const header = new Uint8Array(HEADER_BYTES);
  const fields = new DataView(header.buffer);
  header.set(MAGIC);
  fields.setUint32(8, VERSION, true);
  const flags =
    (timesUs ? HAS_TIMES : 0) | (writes ? HAS_WRITES : 0) | (tenants ? HAS_TENANTS : 0) | (contents ? HAS_CONTENTS : 0);
  fields.setUint32(12, flags, true);
  fields.setFloat64(16, pages.length, true);
  fields.setFloat64(24, trace.distinctPages, true);
  fields.setFloat64(32, text.length, true);
  fields.setUint32(40, parts.reduce((crc, part) => crc32(part, crc), 0), true); // prettier-ignore
  fields.setUint32(CHECKED_BYTES, crc32(header.subarray(0, CHECKED_BYTES)), true);

  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      for (const part of [header, ...parts]) {
        for (let at = 0; at < part.length;) {
          at += (await handle.write(part, at, Math.min(STEP_BYTES, part.length - at))).bytesWritten;
        }
      }
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Reads a stored trace; its arrays are views of the one buffer that the file was read into.
 * @throws TraceError when the file is of another version, cut off or damaged; the error of the file system when it cannot be read.
 */
export async function readCompact(file: string): Promise<StoredTrace> {
  const damaged = (reason: string): TraceError =>
    new TraceError('bad-trace', `The stored trace ${file} ${reason}.`, 'Delete it; it is made anew from its source.');
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const header = new Uint8Array(HEADER_BYTES);
    const { bytesRead } = await handle.read(header, 0, HEADER_BYTES, 0);
    if (bytesRead < HEADER_BYTES || MAGIC.some((byte, at) => header[at] !== byte)) throw damaged('has no header');
    const fields = new DataView(header.buffer);
    const version = fields.getUint32(8, true);
    if (version !== VERSION) throw damaged(`is of version ${version}; this console reads version ${VERSION}`);
    if (fields.getUint32(CHECKED_BYTES, true) !== crc32(header.subarray(0, CHECKED_BYTES))) {
      throw damaged('has a damaged header');
    }
    const flags = fields.getUint32(12, true);
    const references = fields.getFloat64(16, true);
    const distinctPages = fields.getFloat64(24, true);
    const textBytes = fields.getFloat64(32, true);
    const timesBytes = flags & HAS_TIMES ? references * 8 : 0;
    const tenantsBytes = flags & HAS_TENANTS ? references * 2 : 0;
    const writesBytes = flags & HAS_WRITES ? references : 0;
    const contentsBytes = flags & HAS_CONTENTS ? references * 4 : 0;
    const perReference = timesBytes + references * 4 + contentsBytes + tenantsBytes + writesBytes;
    const knownBytes = perReference + distinctPages * 8 + textBytes;
    // How many contents there are is told by what is left.
    const hashesBytes = flags & HAS_CONTENTS ? Math.max(0, size - HEADER_BYTES - knownBytes) : 0;
    const bodyBytes = knownBytes + hashesBytes;
    // Before anything is allocated: what the header claims must be what the file has.
    if (HEADER_BYTES + bodyBytes !== size || hashesBytes % 8 !== 0 || distinctPages > references)
      throw damaged(`has ${size} bytes, not as many as it says`);

    const body = new Uint8Array(bodyBytes);
    for (let at = 0; at < bodyBytes;) {
      const { bytesRead: more } = await handle.read(body, at, Math.min(STEP_BYTES, bodyBytes - at), HEADER_BYTES + at);
      if (more === 0) throw damaged('was cut off while it was read');
      at += more;
    }
    if (crc32(body) !== fields.getUint32(40, true)) throw damaged('is damaged: its checksum is wrong');

    const { buffer } = body;
    let at = 0;
    const take = (bytes: number): number => (at += bytes) - bytes;
    const timesUs = timesBytes > 0 ? new Float64Array(buffer, take(timesBytes), references) : null;
    const pages = new Int32Array(buffer, take(references * 4), references);
    const fileOfPage = new Int32Array(buffer, take(distinctPages * 4), distinctPages);
    const indexOfPage = new Uint32Array(buffer, take(distinctPages * 4), distinctPages);
    const contents = contentsBytes > 0 && {
      contents: new Int32Array(buffer, take(contentsBytes), references),
      contentHashes: new Uint32Array(buffer, take(hashesBytes), hashesBytes / 4),
    };
    const tenants = tenantsBytes > 0 ? new Uint16Array(buffer, take(tenantsBytes), references) : null;
    const writes = writesBytes > 0 ? new Uint8Array(buffer, take(writesBytes), references) : null;
    const text = v.safeParse(TextSchema, parseJson(new TextDecoder().decode(body.subarray(at))));
    if (!text.success) throw damaged('has a text of another kind');
    const { info, fileNames, source } = text.output;
    if (contents && !allBelow(contents.contents, hashesBytes / 8 + 1)) throw damaged('numbers a content it has not');
    if (!allBelow(pages, distinctPages) || !allBelow(fileOfPage, fileNames.length))
      throw damaged('numbers a page it has not');
    return {
      trace: { pages, timesUs, writes, tenants, distinctPages, fileOfPage, indexOfPage, fileNames, ...contents, info },
      source,
    };
  } finally {
    await handle.close();
  }
}

function allBelow(values: Int32Array, limit: number): boolean {
  for (let at = 0; at < values.length; at++) if (values[at] < 0 || values[at] >= limit) return false;
  return true;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The schema refuses it.
  }
}
