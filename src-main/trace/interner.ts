const WORDS = 4;

/**
 * Gives each 64-bit key (two u32 words) a dense number from 0 in order of first appearance. Open addressing with linear
 * probing over one interleaved typed array: high word, low word, number + 1 (0 = free slot), unused.
 */
export class Interner {
  private slots: Int32Array;
  private mask: number;
  private used = 0;
  /** Keeps the compiler from leaving out the touching in {@link internAll}. */
  protected touched = 0;

  /** Room for `expected` keys before the table grows for the first time. */
  constructor(expected = 1024) {
    let capacity = 16;
    while (capacity < expected * 2) capacity *= 2;
    this.slots = new Int32Array(capacity * WORDS);
    this.mask = capacity - 1;
  }

  /** How many different keys there are: the number that the next new key gets. */
  get count(): number {
    return this.used;
  }

  /** The number of the key; both words are taken modulo 2^32. */
  intern(high: number, low: number): number {
    const hi = high | 0;
    const lo = low | 0;
    const { slots, mask } = this;
    let slot = mix(hi, lo) & mask;
    for (;;) {
      const at = slot * WORDS;
      const numberPlusOne = slots[at + 2];
      if (numberPlusOne === 0) break;
      if (slots[at + 1] === lo && slots[at] === hi) return numberPlusOne - 1;
      slot = (slot + 1) & mask;
    }
    const at = slot * WORDS;
    slots[at] = hi;
    slots[at + 1] = lo;
    slots[at + 2] = ++this.used;
    if (this.used * 2 > mask) this.grow();
    return this.used - 1;
  }

  /**
   * Numbers `count` keys at once, as {@link intern} would one after another. All slots are touched before any is searched, so that the
   * memory of a table larger than the processor's caches is waited for together.
   */
  internAll(high: Int32Array, low: Int32Array, numbers: Int32Array, count: number): void {
    while ((this.used + count) * 2 > this.mask) this.grow();
    const { slots, mask } = this;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      const slot = mix(high[i], low[i]) & mask;
      numbers[i] = slot;
      touched ^= slots[slot * WORDS + 2];
    }
    this.touched = touched;
    let { used } = this;
    for (let i = 0; i < count; i++) {
      const hi = high[i];
      const lo = low[i];
      let at = numbers[i] * WORDS;
      while (slots[at + 2] !== 0 && (slots[at + 1] !== lo || slots[at] !== hi)) at = (at + WORDS) & (mask * WORDS + 3);
      if (slots[at + 2] === 0) {
        slots[at] = hi;
        slots[at + 1] = lo;
        slots[at + 2] = ++used;
      }
      numbers[i] = slots[at + 2] - 1;
    }
    this.used = used;
  }

  private grow(): void {
    const old = this.slots;
    const capacity = (this.mask + 1) * 2;
    const mask = capacity - 1;
    const slots = new Int32Array(capacity * WORDS);
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + 2] === 0) continue;
      let slot = mix(old[from], old[from + 1]) & mask;
      while (slots[slot * WORDS + 2] !== 0) slot = (slot + 1) & mask;
      const at = slot * WORDS;
      slots[at] = old[from];
      slots[at + 1] = old[from + 1];
      slots[at + 2] = old[from + 2];
    }
    this.slots = slots;
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
