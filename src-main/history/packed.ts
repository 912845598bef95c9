/**
 * Columns of numbers as one run of bytes, small where the numbers are: what the tiers are stored as. A chart reads the few
 * columns it shows and none of the others, which rows of a table with a hundred columns do not allow.
 *
 *   length u32, then for each array: code u8, values little-endian:
 *   0 = all are zero (no bytes), 1, 2, 4 = unsigned integers of so many bytes, 8 = doubles, 9 = all are the one double
 */
const ZERO = 0;
const DOUBLE = 8;
const CONSTANT = 9;

/** Packs arrays of the same length: whole numbers from 0 to 2^53, or any doubles at eight bytes each. */
export function pack(arrays: readonly Float64Array[], length: number): Uint8Array {
  const codes = arrays.map((values) => codeOf(values, length));
  const bytes = new Uint8Array(4 + codes.reduce((sum, code) => sum + 1 + sizeOf(code, length), 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  let at = 4;
  arrays.forEach((values, place) => {
    const code = codes[place] ?? ZERO;
    view.setUint8(at++, code);
    const count = code === CONSTANT ? 1 : code === ZERO ? 0 : length;
    for (let i = 0; i < count; i++) at = put(view, at, code, values[i] ?? NaN);
  });
  return bytes;
}

/**
 * The first `count` arrays of a packed block.
 * @param used arrays of an earlier call that are of no use any more: filled anew where they are as long
 * @throws RangeError when the block is cut off
 */
export function unpack(bytes: Uint8Array, count: number, used: readonly Float64Array[] = []): Float64Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  if (length > bytes.byteLength * 8_192) throw new RangeError('A packed block claims more than it can hold.');
  let at = 4;
  return Array.from({ length: count }, (_, place) => {
    const former = used[place];
    const values = former?.length === length ? former : new Float64Array(length);
    const code = view.getUint8(at++);
    take(view, at, code, values);
    at += sizeOf(code, length);
    return values;
  });
}

function codeOf(values: Float64Array, length: number): number {
  let max = 0;
  let isWhole = true;
  let isConstant = true;
  const first = values[0] ?? 0;
  for (let i = 0; i < length; i++) {
    const value = values[i] ?? NaN;
    if (value !== first) isConstant = false;
    if (value > max) max = value;
    if (!(value >= 0) || value > 0xffff_ffff || value !== Math.floor(value)) isWhole = false;
  }
  if (isConstant) return first === 0 ? ZERO : CONSTANT;
  if (!isWhole) return DOUBLE;
  return max < 0x100 ? 1 : max < 0x1_0000 ? 2 : 4;
}

function sizeOf(code: number, length: number): number {
  return code === CONSTANT ? 8 : code * length;
}

function put(view: DataView, at: number, code: number, value: number): number {
  if (code === 1) view.setUint8(at, value);
  else if (code === 2) view.setUint16(at, value, true);
  else if (code === 4) view.setUint32(at, value, true);
  else view.setFloat64(at, value, true);
  return at + (code === CONSTANT ? 8 : code);
}

function take(view: DataView, at: number, code: number, values: Float64Array): void {
  const { length } = values;
  if (code === ZERO) values.fill(0);
  else if (code === 1) for (let i = 0; i < length; i++) values[i] = view.getUint8(at + i);
  else if (code === 2) for (let i = 0; i < length; i++) values[i] = view.getUint16(at + i * 2, true);
  else if (code === 4) for (let i = 0; i < length; i++) values[i] = view.getUint32(at + i * 4, true);
  else if (code === DOUBLE) for (let i = 0; i < length; i++) values[i] = view.getFloat64(at + i * 8, true);
  else if (code === CONSTANT) values.fill(view.getFloat64(at, true));
}
