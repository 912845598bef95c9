import type { StateReader, StateWriter } from '../state.ts';

/** How often each content is stored: open addressing over (low word, high word, count), gaps closed on removal. */
export class ContentCounts {
  size = 0;
  private table = new Uint32Array(3 * 64);

  /** How often a content is stored. */
  countOf(lo: number, hi: number): number {
    return this.table[this.placeOf(lo, hi) + 2];
  }

  /** Changes the count of a content. @returns the count then */
  add(lo: number, hi: number, change: 1 | -1): number {
    if (this.size * 2 >= this.table.length / 3) this.grow();
    const { table } = this;
    const at = this.placeOf(lo, hi);
    if (table[at + 2] === 0) {
      this.size++;
      table[at] = lo;
      table[at + 1] = hi;
    }
    const count = (table[at + 2] += change);
    // Closing the gap may move another content here.
    if (count === 0) this.close(at);
    return count;
  }

  save(to: StateWriter): void {
    to.array('content counts', this.table);
    to.numbers('content count', this.size);
  }

  restore(from: StateReader): void {
    this.table = from.array('content counts', Uint32Array).slice();
    [this.size = 0] = from.numbers('content count');
  }

  /** Where a content is, or the gap where it would be. */
  private placeOf(lo: number, hi: number): number {
    const { table } = this;
    let at = this.homeOf(lo, hi);
    while (table[at + 2] !== 0 && (table[at] !== lo >>> 0 || table[at + 1] !== hi >>> 0)) at = this.after(at);
    return at;
  }

  private close(gap: number): void {
    const { table } = this;
    this.size--;
    for (let at = this.after(gap); table[at + 2] !== 0; at = this.after(at)) {
      // An entry may move back if its home does not lie behind the gap.
      const home = this.homeOf(table[at], table[at + 1]);
      if (this.distance(home, at) < this.distance(gap, at)) continue;
      table.copyWithin(gap, at, at + 3);
      gap = at;
    }
    table[gap + 2] = 0;
  }

  private after(at: number): number {
    return at + 3 === this.table.length ? 0 : at + 3;
  }

  private distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.table.length;
  }

  private homeOf(lo: number, hi: number): number {
    let hash = Math.imul(lo, 0x9e3779b1) ^ Math.imul(hi, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return 3 * ((hash ^ (hash >>> 13)) & (this.table.length / 3 - 1));
  }

  private grow(): void {
    const old = this.table;
    this.table = new Uint32Array(old.length * 2);
    for (let from = 0; from < old.length; from += 3) {
      if (old[from + 2] === 0) continue;
      let at = this.homeOf(old[from], old[from + 1]);
      while (this.table[at + 2] !== 0) at = this.after(at);
      this.table.set(old.subarray(from, from + 3), at);
    }
  }
}
