/**
 * Which number a 64-bit key (two words) has, found by hash: for keys that lie anywhere. Open addressing with linear probing; a slot holds only
 * a number, and the keys lie in order of their numbers, with whoever owns this: the table stays small, and the keys of what is referenced
 * often, which tends to appear early, lie close together.
 */
export class HashIndex {
  /** Number + 1, 0 = free. */
  private slots: Int32Array;
  private mask: number;
  /** Keeps the compiler from leaving out the touching in {@link findAll}. */
  protected touched = 0;

  /** @param keys high and low word of the `used` keys that there are, by number. */
  constructor(keys: Int32Array, used: number) {
    this.slots = new Int32Array(16);
    this.mask = 15;
    this.rebuild(keys, used, used);
  }

  /** Makes room for `more` keys beside the `used` that there are. */
  reserve(keys: Int32Array, used: number, more: number): void {
    if ((used + more) * 2 >= this.mask) this.rebuild(keys, used, used + more);
  }

  private rebuild(keys: Int32Array, used: number, expected: number): void {
    let capacity = this.mask + 1;
    while (expected * 2 >= capacity - 1) capacity *= 2;
    this.slots = new Int32Array(capacity);
    this.mask = capacity - 1;
    const { slots, mask } = this;
    for (let number = 1; number <= used; number++) {
      let slot = mix(keys[number * 2 - 2], keys[number * 2 - 1]) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
  }

  /** The number of a key; one that is not there gets `used`, and the caller keeps it. Room must be {@link reserve}d. */
  find(keys: Int32Array, used: number, hi: number, lo: number): number {
    const { slots, mask } = this;
    let slot = mix(hi, lo) & mask;
    for (let number = slots[slot]; number !== 0; number = slots[slot]) {
      if (keys[number * 2 - 1] === lo && keys[number * 2 - 2] === hi) return number - 1;
      slot = (slot + 1) & mask;
    }
    slots[slot] = used + 1;
    return used;
  }

  /**
   * As {@link find} for the first `count` keys, one after another; new keys are written behind the others. All slots, then the keys that they
   * lead to, are touched before any is compared, so that the memory of a table larger than the processor's caches is waited for together.
   * @returns how many keys there are now.
   */
  findAll(
    keys: Int32Array,
    used: number,
    high: Int32Array,
    low: Int32Array,
    numbers: Int32Array,
    count: number,
  ): number {
    const { slots, mask } = this;
    let touched = 0;
    for (let i = 0; i < count; i++) numbers[i] = slots[mix(high[i], low[i]) & mask];
    for (let i = 0; i < count; i++) touched ^= keys[numbers[i] * 2];
    this.touched = touched;
    let all = used;
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
          keys[all * 2] = hi;
          keys[all * 2 + 1] = lo;
          number = ++all;
          slots[slot] = number;
        }
      }
      numbers[i] = number - 1;
    }
    return all;
  }
}

/** MurmurHash3's finaliser over both words: neighbouring pages and multiples of a power of two spread well. */
function mix(hi: number, lo: number): number {
  let hash = lo ^ Math.imul(hi, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
