import { DistinctKeys } from './distinct-keys.ts';
import { keyHash } from './key-hash.ts';

/** What a slot holds: the two words of a key, and the number of the miss that brought it last (0 = the slot is free). */
const WORDS = 4;
const LOW = 1;
const CAME = 2;
const FIRST_CAPACITY = 4096;
/** The part of the slots that may be taken before those of keys that are gone are given back. */
const FULL = 0.7;
/** Keys whose slots are touched together, so that their memory is waited for together. */
const BATCH = 64;

/**
 * One FIFO cache over 64-bit keys as they come, without giving them numbers first: a key is in the cache iff fewer than `size` misses came
 * after the one that brought it, so a table of keys and those misses is all there is. Keys that are gone stay in it until it is full; only
 * misses are looked at for whether they are new. Exact: the counts are those of {@link replaySingleCache} over the numbered trace. Memory:
 * 128 to 256 bytes for each key that the cache holds (two tables), and {@link DistinctKeys}.
 */
export class KeyedFifo {
  /** References so far, at most 2^30. */
  requests = 0;
  misses = 0;
  private readonly size: number;
  private readonly keys = new DistinctKeys();
  private slots = new Int32Array(FIRST_CAPACITY * WORDS);
  /** The table that was in use before this one: new memory costs more than cleared. */
  private spare = this.slots;
  private mask = FIRST_CAPACITY - 1;
  private used = 0;
  private readonly hashes = new Int32Array(BATCH);
  /** Keeps the compiler from leaving out the touching in {@link take}. */
  protected touched = 0;

  /** @param size how many keys the cache holds, a whole number from 0. */
  constructor(size: number) {
    this.size = size;
  }

  /** How many different keys there were so far. */
  distinct(): number {
    return this.keys.count();
  }

  /** References the keys with these high and low words, signed, the first `count` of them one after another. */
  take(high: Int32Array, low: Int32Array, count: number): void {
    this.requests += count;
    for (let from = 0; from < count; from += BATCH) this.takeSome(high, low, from, Math.min(count, from + BATCH));
  }

  private takeSome(high: Int32Array, low: Int32Array, from: number, to: number): void {
    if (this.used + BATCH > (this.mask + 1) * FULL) this.makeRoom();
    const { slots, mask, keys, size, hashes } = this;
    let touched = 0;
    for (let i = from; i < to; i++) {
      const hash = keyHash(high[i], low[i]);
      hashes[i - from] = hash;
      touched ^= slots[(hash & mask) * WORDS];
    }
    this.touched = touched;
    let { misses, used } = this;
    for (let i = from; i < to; i++) {
      const hi = high[i];
      const lo = low[i];
      const hash = hashes[i - from];
      let at = (hash & mask) * WORDS;
      let came = slots[at + CAME];
      while (came !== 0 && (slots[at + LOW] !== lo || slots[at] !== hi)) {
        at = (at + WORDS) & (mask * WORDS);
        came = slots[at + CAME];
      }
      if (came !== 0 && misses - came < size) continue;
      if (came === 0) {
        slots[at] = hi;
        slots[at + LOW] = lo;
        used++;
        keys.add(hi, lo, hash);
      }
      slots[at + CAME] = ++misses;
    }
    this.misses = misses;
    this.used = used;
  }

  /** Makes the table anew with those keys alone that are in the cache, larger where they need it. */
  private makeRoom(): void {
    const before = this.slots;
    const { misses, size } = this;
    let stay = 0;
    for (let at = 0; at < before.length; at += WORDS) {
      if (before[at + CAME] !== 0 && misses - before[at + CAME] < size) stay++;
    }
    while (stay * 4 + BATCH > this.mask) this.mask = this.mask * 2 + 1;
    const length = (this.mask + 1) * WORDS;
    const slots = this.spare !== before && this.spare.length === length ? this.spare.fill(0) : new Int32Array(length);
    const end = this.mask * WORDS;
    for (let from = 0; from < before.length; from += WORDS) {
      const came = before[from + CAME];
      if (came === 0 || misses - came >= size) continue;
      let at = (keyHash(before[from], before[from + LOW]) * WORDS) & end;
      while (slots[at + CAME] !== 0) at = (at + WORDS) & end;
      slots[at] = before[from];
      slots[at + LOW] = before[from + LOW];
      slots[at + CAME] = came;
    }
    this.spare = before;
    this.slots = slots;
    this.used = stay;
  }
}
