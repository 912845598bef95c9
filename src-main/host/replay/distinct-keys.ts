import { keyHash } from './key-hash.ts';

const PARTS = 64;
const PART_SHIFT = 26;
/** Keys of a part that wait until they are looked up together: 4 MiB for all parts. */
const WAITING = 8192;
const FIRST_CAPACITY = 1024;

/**
 * Counts how many different 64-bit keys there are. Keys are dealt to parts by their hash and looked up some thousands at a time, so that
 * the table of a part, not that of all keys, has to stay in the processor's caches. Exact; 16 to 32 bytes for each different key.
 */
export class DistinctKeys {
  private readonly waiting = new Int32Array(PARTS * WAITING * 2);
  private readonly waits = new Int32Array(PARTS);
  private readonly parts = Array.from({ length: PARTS }, () => new KeySet());

  /** @param hash {@link keyHash} of the two words. */
  add(high: number, low: number, hash: number): void {
    const part = hash >>> PART_SHIFT;
    const at = this.waits[part]++;
    const place = (part * WAITING + at) * 2;
    this.waiting[place] = high;
    this.waiting[place + 1] = low;
    if (at === WAITING - 1) this.lookUp(part);
  }

  /** How many different keys have been added. */
  count(): number {
    let count = 0;
    for (let part = 0; part < PARTS; part++) {
      this.lookUp(part);
      count += this.parts[part].count;
    }
    return count;
  }

  private lookUp(part: number): void {
    const from = part * WAITING * 2;
    this.parts[part].addAll(this.waiting.subarray(from, from + this.waits[part] * 2));
    this.waits[part] = 0;
  }
}

/** Open addressing with linear probing; the keys lie in the slots. */
class KeySet {
  count = 0;
  private slots = new Int32Array(FIRST_CAPACITY * 2);
  private mask = FIRST_CAPACITY - 1;
  private used = 0;
  /** The key 0 is what a free slot holds. */
  private hasZero = false;

  /** @param keys high and low word of each. */
  addAll(keys: Int32Array): void {
    while ((this.used + keys.length / 2) * 2 > this.mask) this.grow();
    const { slots, mask } = this;
    let { used } = this;
    for (let at = 0; at < keys.length; at += 2) {
      const high = keys[at];
      const low = keys[at + 1];
      if ((high | low) === 0) {
        this.hasZero = true;
        continue;
      }
      let slot = (keyHash(high, low) & mask) * 2;
      while ((slots[slot] | slots[slot + 1]) !== 0 && (slots[slot + 1] !== low || slots[slot] !== high)) {
        slot = (slot + 2) & (mask * 2);
      }
      if ((slots[slot] | slots[slot + 1]) === 0) {
        slots[slot] = high;
        slots[slot + 1] = low;
        used++;
      }
    }
    this.used = used;
    this.count = used + Number(this.hasZero);
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Int32Array(before.length * 2);
    this.mask = this.mask * 2 + 1;
    const { slots, mask } = this;
    for (let at = 0; at < before.length; at += 2) {
      if ((before[at] | before[at + 1]) === 0) continue;
      let slot = (keyHash(before[at], before[at + 1]) & mask) * 2;
      while ((slots[slot] | slots[slot + 1]) !== 0) slot = (slot + 2) & (mask * 2);
      slots[slot] = before[at];
      slots[slot + 1] = before[at + 1];
    }
  }
}
