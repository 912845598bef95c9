/**
 * The whole state of a host as a flat list of named typed arrays: what a snapshot, a fork, a checkpoint and a digest are
 * made of. Each part of the model writes its arrays in a fixed order and reads them back in the same order.
 */

export type StateArray = Int32Array | Uint32Array | Float64Array | Uint8Array | Uint16Array;
type StateArrayClass<A extends StateArray> = (new (length: number) => A) & { readonly name: string };

/** One named array of a snapshot. */
export interface StateEntry {
  readonly name: string;
  readonly values: StateArray;
}

/** Collects copies of the arrays of a host, in the order they are written. */
export class StateWriter {
  readonly entries: StateEntry[] = [];

  /** Adds a copy of the first `length` values (all where it is not given). */
  array(name: string, values: StateArray, length = values.length): void {
    this.entries.push({ name, values: values.slice(0, length) });
  }

  /** Adds numbers that are not in an array: counters, cursors, settings. */
  numbers(name: string, ...values: number[]): void {
    this.entries.push({ name, values: Float64Array.from(values) });
  }
}

/** Hands the arrays of a snapshot back in the order they were written. */
export class StateReader {
  private readonly entries: readonly StateEntry[];
  private at = 0;

  constructor(entries: readonly StateEntry[]) {
    this.entries = entries;
  }

  /**
   * The next array. It is the snapshot's own: copy it before changing it.
   * @throws Error when the next entry has another name or type: the snapshot is of another model version.
   */
  array<A extends StateArray>(name: string, type: StateArrayClass<A>): A {
    const entry = this.entries.at(this.at++);
    if (entry?.name !== name || !(entry.values instanceof type)) {
      throw new Error(
        `The snapshot has "${entry?.name ?? 'nothing'}" where this version of the model has "${name}" (${type.name}).`,
      );
    }
    return entry.values;
  }

  /** The numbers written by {@link StateWriter.numbers} under this name. */
  numbers(name: string): Float64Array {
    return this.array(name, Float64Array);
  }
}

/**
 * A 64-bit digest of a snapshot as 16 hex digits: equal states give equal digests on every machine (little-endian, as all
 * that Node and Electron run on). Two lanes of MurmurHash3's 32-bit mixing over the words of every array and its name.
 */
export function digestOf(entries: readonly StateEntry[]): string {
  let a = 0x9747b28c;
  let b = 0x3c6ef372;
  const mix = (word: number): void => {
    let k = Math.imul(word, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    a ^= Math.imul(k, 0x1b873593);
    a = (a << 13) | (a >>> 19);
    a = (Math.imul(a, 5) + 0xe6546b64) | 0;
    b ^= Math.imul(k ^ a, 0x85ebca6b);
    b = (b << 11) | (b >>> 21);
    b = (Math.imul(b, 5) + 0x561ccd1b) | 0;
  };
  for (const { name, values } of entries) {
    for (let i = 0; i < name.length; i++) mix(name.charCodeAt(i));
    mix(values.length);
    if (values.BYTES_PER_ELEMENT < 4) {
      for (let i = 0; i < values.length; i++) mix(values[i]);
    } else {
      const words = new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
      for (let i = 0; i < words.length; i++) mix(words[i]);
    }
  }
  const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
  return hex(a) + hex(b);
}
