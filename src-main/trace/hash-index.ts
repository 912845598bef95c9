/** Words of a slot: a number + 1 (0 = free), the low and the high word of its key, and one that keeps a slot in one line of the caches. */
const WORDS = 4;
/** What a table is filled to at most, in quarters. */
const FULL = 3;

/**
 * Which number a 64-bit key (two words) has, found by hash: for keys that lie anywhere. Open addressing with linear probing; a slot holds its
 * key beside its number, so that a look at a table larger than the processor's caches waits for memory once.
 */
export class HashIndex {
  private slots: Int32Array;
  /** Of numbers of slots, a power of two - 1. */
  private mask: number;
  private used: number;

  /** @param keys high and low word of the `used` keys that there are, by number. */
  constructor(keys: Int32Array, used: number) {
    this.mask = capacityFor(used) - 1;
    this.slots = new Int32Array((this.mask + 1) * WORDS);
    this.used = used;
    for (let number = 0; number < used; number++) {
      place(this.slots, this.mask, number + 1, keys[number * 2], keys[number * 2 + 1]);
    }
  }

  /** How many keys there are: the number that the next new key gets. */
  get count(): number {
    return this.used;
  }

  /**
   * Numbers the first `count` keys, one after another: a key that is not there gets the next number.
   * @param high and `low`: their words; all 32 bits count.
   * @param numbers where the numbers are written, from 0.
   */
  findAll(high: Int32Array, low: Int32Array, numbers: Int32Array, count: number): void {
    this.reserve(count);
    const { slots, mask } = this;
    let used = this.used;
    for (let i = 0; i < count; i++) {
      const hi = high[i];
      const lo = low[i];
      let slot = mix(hi, lo) & mask;
      let at = slot * WORDS;
      let number = slots[at];
      while (number !== 0 && (slots[at + 1] !== lo || slots[at + 2] !== hi)) {
        slot = (slot + 1) & mask;
        at = slot * WORDS;
        number = slots[at];
      }
      if (number === 0) {
        number = ++used;
        slots[at] = number;
        slots[at + 1] = lo;
        slots[at + 2] = hi;
      }
      numbers[i] = number - 1;
    }
    this.used = used;
  }

  /** Makes room for `more` keys beside those that there are. */
  private reserve(more: number): void {
    const { slots, mask, used } = this;
    if (fits(used + more, mask + 1)) return;
    const capacity = capacityFor(used + more);
    const larger = new Int32Array(capacity * WORDS);
    for (let at = 0; at < slots.length; at += WORDS) {
      if (slots[at] !== 0) place(larger, capacity - 1, slots[at], slots[at + 2], slots[at + 1]);
    }
    this.slots = larger;
    this.mask = capacity - 1;
  }
}

/** Slots for so many keys: a power of two. */
function capacityFor(keys: number): number {
  let capacity = 16;
  while (!fits(keys, capacity)) capacity *= 2;
  return capacity;
}

function fits(keys: number, slots: number): boolean {
  return keys * 4 <= slots * FULL;
}

/** Writes a key that is not there into the first free slot from its own on. */
function place(slots: Int32Array, mask: number, number: number, hi: number, lo: number): void {
  let slot = mix(hi, lo) & mask;
  while (slots[slot * WORDS] !== 0) slot = (slot + 1) & mask;
  slots[slot * WORDS] = number;
  slots[slot * WORDS + 1] = lo;
  slots[slot * WORDS + 2] = hi;
}

/** MurmurHash3's finaliser over both words: neighbouring pages and multiples of a power of two spread well. */
function mix(hi: number, lo: number): number {
  let hash = lo ^ Math.imul(hi, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
