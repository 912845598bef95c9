import type { StateReader, StateWriter } from '../state.ts';

/** Words of an entry: low and high word of the content, pages that hold it, sum of their owners' numbers. */
const WIDTH = 4;
const C_COUNT = 2;
const C_OWNERS = 3;
const LEAST = 64;

/**
 * Which contents are stored, how often, and by whom: of a content that is stored once, the owner is the sum of its owners.
 * Open addressing over one array; gaps are closed on removal, so that what is stored now is all there is.
 */
export class ContentTable {
  private entries = new Uint32Array(WIDTH * LEAST);
  private size = 0;
  /** Of the last change: pages with the content after it, and the owner of the only one where that is 1. */
  count = 0;
  soleOwner = 0;

  /** A page of this content comes. @returns the owner of the only one that was there, where there was one */
  add(lo: number, hi: number, owner: number): number {
    if (this.size * 2 * WIDTH >= this.entries.length) this.grow();
    const at = this.find(lo, hi);
    const { entries } = this;
    if (entries[at + C_COUNT] === 0) {
      this.size++;
      entries[at] = lo;
      entries[at + 1] = hi;
    }
    const before = entries[at + C_OWNERS];
    entries[at + C_COUNT]++;
    entries[at + C_OWNERS] += owner;
    this.tell(at);
    return before;
  }

  /** A page of this content, which is there, goes. */
  remove(lo: number, hi: number, owner: number): void {
    const at = this.find(lo, hi);
    this.entries[at + C_COUNT]--;
    this.entries[at + C_OWNERS] -= owner;
    this.tell(at);
    if (this.count === 0) this.close(at);
  }

  private tell(at: number): void {
    this.count = this.entries[at + C_COUNT];
    this.soleOwner = this.entries[at + C_OWNERS];
  }

  private find(lo: number, hi: number): number {
    const { entries } = this;
    let at = this.homeOf(lo, hi);
    while (entries[at + C_COUNT] !== 0 && (entries[at] !== lo >>> 0 || entries[at + 1] !== hi >>> 0)) {
      at = this.after(at);
    }
    return at;
  }

  private close(gap: number): void {
    const { entries } = this;
    this.size--;
    for (let at = this.after(gap); entries[at + C_COUNT] !== 0; at = this.after(at)) {
      // An entry may move back if its home does not lie behind the gap.
      const home = this.homeOf(entries[at], entries[at + 1]);
      if (this.distance(home, at) < this.distance(gap, at)) continue;
      entries.copyWithin(gap, at, at + WIDTH);
      gap = at;
    }
    entries.fill(0, gap, gap + WIDTH);
  }

  private after(at: number): number {
    return at + WIDTH === this.entries.length ? 0 : at + WIDTH;
  }

  private distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.entries.length;
  }

  /** The finaliser of MurmurHash3 over both words; the number of entries is a power of two. */
  private homeOf(lo: number, hi: number): number {
    let hash = Math.imul(lo, 0x9e3779b1) ^ Math.imul(hi, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return WIDTH * ((hash ^ (hash >>> 13)) & (this.entries.length / WIDTH - 1));
  }

  private grow(): void {
    const old = this.entries;
    this.entries = new Uint32Array(old.length * 2);
    for (let from = 0; from < old.length; from += WIDTH) {
      if (old[from + C_COUNT] === 0) continue;
      this.entries.set(old.subarray(from, from + WIDTH), this.find(old[from], old[from + 1]));
    }
  }

  save(to: StateWriter): void {
    to.array('content table', this.entries);
    to.numbers('content table size', this.size);
  }

  restore(from: StateReader): void {
    this.entries = from.array('content table', Uint32Array).slice();
    [this.size] = from.numbers('content table size');
  }
}
