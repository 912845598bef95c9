import { HashIndex } from './hash-index.ts';
import { SegmentIndex } from './segment-index.ts';

/**
 * Gives each 64-bit key (two u32 words) a dense number from 0 in order of first appearance. Keys that lie close together, as most do, are found
 * by a table of their places; the first that show that they do not, by hash from then on.
 */
export class Interner {
  /** High and low word of each key, by number; none once they lie in {@link hash}. */
  private keys: Int32Array;
  private used = 0;
  private segments: SegmentIndex | null = null;
  private hash: HashIndex | null = null;
  private readonly oneHigh = new Int32Array(1);
  private readonly oneLow = new Int32Array(1);
  private readonly oneNumber = new Int32Array(1);

  /** Room for `expected` keys before what is held grows for the first time. */
  constructor(expected = 1024) {
    this.keys = new Int32Array(Math.max(1, expected) * 2);
  }

  /** How many different keys there are: the number that the next new key gets. */
  get count(): number {
    return this.used;
  }

  /** The number of the key; both words are taken modulo 2^32. */
  intern(high: number, low: number): number {
    if (this.segments !== null) {
      this.reserveKeys(1);
      const { keys, used } = this;
      const number = this.segments.find(used, high | 0, low | 0);
      if (number >= 0) {
        if (number === used) {
          keys[used * 2] = high;
          keys[used * 2 + 1] = low;
          this.used = used + 1;
        }
        return number;
      }
    }
    this.oneHigh[0] = high;
    this.oneLow[0] = low;
    this.internAll(this.oneHigh, this.oneLow, this.oneNumber, 1);
    return this.oneNumber[0];
  }

  /** Numbers the first `count` keys at once, as {@link intern} would one after another; sooner, where there are many. */
  internAll(high: Int32Array, low: Int32Array, numbers: Int32Array, count: number): void {
    if (count === 0) return;
    while (this.hash === null) {
      this.reserveKeys(count);
      this.segments ??= new SegmentIndex(low, count);
      const now = this.segments.findAll(this.keys, this.used, high, low, numbers, count);
      if (now >= 0) {
        this.used = now;
        return;
      }
      this.renew(low, count);
    }
    this.hash.findAll(high, low, numbers, count);
    this.used = this.hash.count;
  }

  /** Makes an index that suits the keys there are and those to come; they are in none yet. */
  private renew(low: Int32Array, count: number): void {
    const { keys, used, segments } = this;
    const lows = new Int32Array(used + count);
    const highs = new Int32Array(used);
    for (let number = 0; number < used; number++) {
      highs[number] = keys[number * 2];
      lows[number] = keys[number * 2 + 1];
    }
    lows.set(low.subarray(0, count), used);
    const finer = new SegmentIndex(lows, lows.length);
    // What they have in common can only become less, so this ends; too many empty places do not become fewer.
    if (segments !== null && finer.sharedBits < segments.sharedBits) {
      if (finer.findAll(keys, 0, highs, lows, new Int32Array(used), used) === used) {
        this.segments = finer;
        return;
      }
    }
    this.segments = null;
    this.hash = new HashIndex(keys, used);
    this.keys = new Int32Array(0);
  }

  private reserveKeys(more: number): void {
    const needed = (this.used + more) * 2;
    if (needed <= this.keys.length) return;
    let length = this.keys.length * 2;
    while (length < needed) length *= 2;
    const keys = new Int32Array(length);
    keys.set(this.keys.subarray(0, this.used * 2));
    this.keys = keys;
  }
}
