/**
 * Gives each 64-bit key (two u32 words) a dense number from 0 in order of first appearance. Open addressing with linear probing; a slot holds
 * only a number, and the keys lie in order of their numbers: the table stays small, and the keys of what is referenced often, which tends to
 * appear early, lie close together.
 */
export class Interner {
  /** Number + 1, 0 = free. */
  private slots: Int32Array;
  private mask: number;
  /** High and low word of each key, by number. */
  private keys: Int32Array;
  private used = 0;
  /** Keeps the compiler from leaving out the touching in {@link internAll}. */
  protected touched = 0;

  /** Room for `expected` keys before the table grows for the first time. */
  constructor(expected = 1024) {
    let capacity = 16;
    while (capacity < expected * 2) capacity *= 2;
    this.slots = new Int32Array(capacity);
    this.mask = capacity - 1;
    this.keys = new Int32Array(capacity);
  }

  /** How many different keys there are: the number that the next new key gets. */
  get count(): number {
    return this.used;
  }

  /** The number of the key; both words are taken modulo 2^32. */
  intern(high: number, low: number): number {
    if (this.used * 2 >= this.mask) this.grow();
    const hi = high | 0;
    const lo = low | 0;
    const { slots, mask, keys } = this;
    let slot = mix(hi, lo) & mask;
    for (let number = slots[slot]; number !== 0; number = slots[slot]) {
      if (keys[number * 2 - 1] === lo && keys[number * 2 - 2] === hi) return number - 1;
      slot = (slot + 1) & mask;
    }
    keys[this.used * 2] = hi;
    keys[this.used * 2 + 1] = lo;
    slots[slot] = ++this.used;
    return this.used - 1;
  }

  /**
   * Numbers the first `count` keys at once, as {@link intern} would one after another. All slots, then the keys that they lead to, are touched
   * before any is compared, so that the memory of a table larger than the processor's caches is waited for together.
   */
  internAll(high: Int32Array, low: Int32Array, numbers: Int32Array, count: number): void {
    while ((this.used + count) * 2 >= this.mask) this.grow();
    const { slots, mask, keys } = this;
    let touched = 0;
    for (let i = 0; i < count; i++) numbers[i] = slots[mix(high[i], low[i]) & mask];
    for (let i = 0; i < count; i++) touched ^= keys[numbers[i] * 2];
    this.touched = touched;
    let { used } = this;
    for (let i = 0; i < count; i++) {
      const hi = high[i];
      const lo = low[i];
      let number = numbers[i];
      // What the first look found is mostly right; what was free then may have been taken since.
      if (number === 0 || keys[number * 2 - 1] !== lo || keys[number * 2 - 2] !== hi) {
        let slot = mix(hi, lo) & mask;
        number = slots[slot];
        while (number !== 0 && (keys[number * 2 - 1] !== lo || keys[number * 2 - 2] !== hi)) {
          slot = (slot + 1) & mask;
          number = slots[slot];
        }
        if (number === 0) {
          keys[used * 2] = hi;
          keys[used * 2 + 1] = lo;
          number = ++used;
          slots[slot] = number;
        }
      }
      numbers[i] = number - 1;
    }
    this.used = used;
  }

  private grow(): void {
    const capacity = (this.mask + 1) * 2;
    const mask = capacity - 1;
    const slots = new Int32Array(capacity);
    const keys = new Int32Array(capacity);
    keys.set(this.keys.subarray(0, this.used * 2));
    for (let number = 1; number <= this.used; number++) {
      let slot = mix(keys[number * 2 - 2], keys[number * 2 - 1]) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
    this.slots = slots;
    this.keys = keys;
    this.mask = mask;
  }
}

/** MurmurHash3's finaliser over both words: neighbouring pages and multiples of a power of two spread well. */
function mix(hi: number, lo: number): number {
  let hash = lo ^ Math.imul(hi, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
