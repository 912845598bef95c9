import type { StateReader, StateWriter } from '../state.ts';

/** Bits of a file page's state. Both may be set: it was written to again while it was on its way to the disk. */
const DIRTY = 1;
const UNDER_WRITEBACK = 2;
const NONE = -1;

/**
 * Which file pages of a guest are dirty, in the order in which they became so, and which are being written to the disk.
 * Struct of arrays over dense page numbers: a state, two links and the second of becoming dirty. The arrays are made at
 * the first write, so that guests that only read do without.
 */
export class FilePageStates {
  /** Dirty pages, and pages being written. */
  dirtyPages = 0;
  writebackPages = 0;
  private readonly pages: number;
  private states = new Uint8Array(0);
  private links = new Int32Array(0);
  private since = new Int32Array(0);
  private oldest = NONE;
  private newest = NONE;

  constructor(pages: number) {
    this.pages = pages;
  }

  /** Whether a page was ever written. */
  get inUse(): boolean {
    return this.states.length > 0;
  }

  /** Whether a page may not be dropped. */
  isBusy(page: number): boolean {
    return this.inUse && this.states[page] !== 0;
  }

  isDirty(page: number): boolean {
    return this.inUse && (this.states[page] & DIRTY) !== 0;
  }

  isUnderWriteback(page: number): boolean {
    return this.inUse && (this.states[page] & UNDER_WRITEBACK) !== 0;
  }

  /** The page that has been dirty for longest, or −1, and the host second in which it became so. */
  get oldestDirty(): number {
    return this.oldest;
  }
  sinceOf(page: number): number {
    return this.since[page];
  }

  /** The next younger dirty page, or −1. */
  after(page: number): number {
    return this.links[page * 2 + 1];
  }

  /** A page was written to. One that is dirty already keeps its place. */
  markDirty(page: number, second: number): void {
    if (!this.inUse) this.allocate();
    if ((this.states[page] & DIRTY) !== 0) return;
    this.states[page] |= DIRTY;
    this.since[page] = second;
    this.dirtyPages++;
    this.links[page * 2] = this.newest;
    this.links[page * 2 + 1] = NONE;
    if (this.newest === NONE) this.oldest = page;
    else this.links[this.newest * 2 + 1] = page;
    this.newest = page;
  }

  /** A dirty page is not any more: it is truncated, or its writing begins. */
  clearDirty(page: number): void {
    this.states[page] &= ~DIRTY;
    this.dirtyPages--;
    const before = this.links[page * 2];
    const after = this.links[page * 2 + 1];
    if (before === NONE) this.oldest = after;
    else this.links[before * 2 + 1] = after;
    if (after === NONE) this.newest = before;
    else this.links[after * 2] = before;
  }

  beginWriteback(page: number): void {
    this.clearDirty(page);
    this.states[page] |= UNDER_WRITEBACK;
    this.writebackPages++;
  }

  endWriteback(page: number): void {
    this.states[page] &= ~UNDER_WRITEBACK;
    this.writebackPages--;
  }

  private allocate(): void {
    this.states = new Uint8Array(this.pages);
    this.links = new Int32Array(this.pages * 2);
    this.since = new Int32Array(this.pages);
  }

  save(to: StateWriter): void {
    to.numbers('file pages', this.dirtyPages, this.writebackPages, this.oldest, this.newest);
    to.array('file page states', this.states);
    to.array('file page links', this.links);
    to.array('file page seconds', this.since);
  }

  restore(from: StateReader): void {
    [this.dirtyPages, this.writebackPages, this.oldest, this.newest] = from.numbers('file pages');
    this.states = from.array('file page states', Uint8Array).slice();
    this.links = from.array('file page links', Int32Array).slice();
    this.since = from.array('file page seconds', Int32Array).slice();
  }
}
