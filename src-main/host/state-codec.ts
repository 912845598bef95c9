import type { StateEntry } from './state.ts';

/**
 * A snapshot as one run of bytes: what a checkpoint stores. Little-endian, as all machines that Node and Electron run on.
 *
 *   magic u32, entries u32, then for each entry: type u8, name length u8, name (ASCII), 0 to 7 bytes of padding so that the
 *   values begin at a multiple of 8, length u32 (in values), 4 bytes of zero, the values, padding to a multiple of 8
 */
const MAGIC = 0x31_50_4e_53;
const TYPES = [Int32Array, Uint32Array, Float64Array, Uint8Array, Uint16Array] as const;

/** A snapshot that is cut off or garbled. */
export class SnapshotFormatError extends Error {
  override readonly name = 'SnapshotFormatError';
}

const aligned = (at: number): number => (at + 7) & ~7;

/** The snapshot as bytes. Entry names are ASCII, at most 255 characters. */
export function encodeSnapshot(entries: readonly StateEntry[]): Uint8Array<ArrayBuffer> {
  let size = 8;
  for (const { name, values } of entries) size = aligned(aligned(size + 2 + name.length) + 8 + values.byteLength);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, entries.length, true);
  let at = 8;
  for (const { name, values } of entries) {
    bytes[at] = TYPES.findIndex((type) => values instanceof type);
    bytes[at + 1] = name.length;
    for (let i = 0; i < name.length; i++) bytes[at + 2 + i] = name.charCodeAt(i);
    at = aligned(at + 2 + name.length);
    view.setUint32(at, values.length, true);
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at + 8);
    at = aligned(at + 8 + values.byteLength);
  }
  return bytes;
}

/**
 * The snapshot out of its bytes. The arrays are copies. Never takes more memory than the bytes given.
 * @throws SnapshotFormatError with the offset where the bytes are no snapshot.
 */
export function decodeSnapshot(bytes: Uint8Array): StateEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength;
  const refuse = (at: number, why: string): never => {
    throw new SnapshotFormatError(`The snapshot is damaged at byte ${at}: ${why}.`);
  };
  if (end < 8 || view.getUint32(0, true) !== MAGIC) refuse(0, 'it does not begin as one');
  const count = view.getUint32(4, true);
  const entries: StateEntry[] = [];
  let at = 8;
  for (let entry = 0; entry < count; entry++) {
    if (at + 2 > end) refuse(at, 'it ends too early');
    const type = TYPES[bytes[at]] as (typeof TYPES)[number] | undefined;
    const nameLength = bytes[at + 1];
    const head = aligned(at + 2 + nameLength);
    if (type === undefined) return refuse(at, 'an unknown type of array');
    if (head + 8 > end) refuse(at, 'it ends too early');
    let name = '';
    for (let i = 0; i < nameLength; i++) name += String.fromCharCode(bytes[at + 2 + i]);
    const length = view.getUint32(head, true);
    const byteLength = length * type.BYTES_PER_ELEMENT;
    if (head + 8 + byteLength > end) refuse(head, `it claims ${length} values, more than there are`);
    // Not slice(): a Buffer's would be a view into its pool.
    const copy = new Uint8Array(bytes.subarray(head + 8, head + 8 + byteLength)).buffer;
    entries.push({ name, values: new type(copy) });
    at = aligned(head + 8 + byteLength);
  }
  if (at !== end) refuse(at, 'there is more behind its end');
  return entries;
}
