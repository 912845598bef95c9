const FNV_PRIME = 0x0100_0193;
const FNV_START = 0x811c_9dc5;

/**
 * Gives each byte string (a guest, a volume, an object that is no number) a dense number from 0 in order of first appearance, without making
 * a JavaScript string of it: open addressing over the numbers, the bytes themselves one after another.
 */
export class NameTable {
  private slots = new Int32Array(64); // Number + 1, 0 = free.
  private hashes = new Int32Array(32);
  private starts = new Float64Array(33);
  private bytes = new Uint8Array(512);
  private used = 0;

  /** How many different names there are: the number that the next new name gets. */
  get count(): number {
    return this.used;
  }

  /** The number of the name in `bytes[start … end − 1]`. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    let hash = FNV_START;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], FNV_PRIME);
    hash ^= hash >>> 15;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let known = this.slots[slot]; known !== 0; known = this.slots[slot]) {
      if (this.hashes[known - 1] === hash && this.isName(known - 1, bytes, start, end)) return known - 1;
      slot = (slot + 1) & mask;
    }
    return this.add(slot, hash, bytes.subarray(start, end));
  }

  /** The name with this number, as text. */
  name(number: number): string {
    return new TextDecoder().decode(this.bytes.subarray(this.starts[number], this.starts[number + 1]));
  }

  private isName(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.starts[number];
    if (this.starts[number + 1] - from !== end - start) return false;
    for (let i = 0; i < end - start; i++) if (this.bytes[from + i] !== bytes[start + i]) return false;
    return true;
  }

  private add(slot: number, hash: number, name: Uint8Array): number {
    const number = this.used++;
    const start = this.starts[number];
    while (start + name.length > this.bytes.length) this.bytes = doubled(this.bytes, Uint8Array);
    this.bytes.set(name, start);
    this.hashes[number] = hash;
    this.starts[number + 1] = start + name.length;
    this.slots[slot] = number + 1;
    if (this.used === this.hashes.length) this.grow();
    return number;
  }

  private grow(): void {
    this.hashes = doubled(this.hashes, Int32Array);
    const starts = new Float64Array(this.hashes.length + 1);
    starts.set(this.starts);
    this.starts = starts;
    const slots = new Int32Array(this.slots.length * 2);
    for (let number = 0; number < this.used; number++) {
      let slot = this.hashes[number] & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = number + 1;
    }
    this.slots = slots;
  }
}

function doubled<A extends Int32Array | Uint8Array>(from: A, type: new (length: number) => A): A {
  const to = new type(from.length * 2);
  to.set(from);
  return to;
}
