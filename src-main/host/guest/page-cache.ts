import type { StateReader, StateWriter } from '../state.ts';

/** No page. */
export const NO_PAGE = -1;

/**
 * A guest's page cache with plain least-recently-used order, over dense page numbers.
 * Layout: two links a page in one `Int32Array` (previous, next), −1 at the ends; a page that is not cached has the
 * previous link {@link ABSENT}. Nothing is allocated per reference.
 */
export class PageCache {
  private readonly links: Int32Array;
  private readonly distinctPages: number;
  /** Most and least recently used page. */
  private newest = NO_PAGE;
  private oldest = NO_PAGE;
  /** Pages cached now. */
  size = 0;

  /** @param distinctPages how many page numbers there are; references are 0 … distinctPages − 1. */
  constructor(distinctPages: number) {
    this.distinctPages = distinctPages;
    this.links = new Int32Array(distinctPages * 2).fill(ABSENT);
  }

  /** Whether the page is cached. */
  has(page: number): boolean {
    return this.links[page * 2] !== ABSENT;
  }

  /** Makes a cached page the most recently used. */
  touch(page: number): void {
    if (page === this.newest) return;
    this.unlink(page);
    this.linkNewest(page);
  }

  /** Caches a page that is not cached, as the most recently used. */
  insert(page: number): void {
    this.linkNewest(page);
    this.size++;
  }

  /** Removes the least recently used page and returns it, or {@link NO_PAGE} when the cache is empty. */
  removeOldest(): number {
    const page = this.oldest;
    if (page !== NO_PAGE) this.remove(page);
    return page;
  }

  /** Removes a cached page. */
  remove(page: number): void {
    this.unlink(page);
    this.links[page * 2] = ABSENT;
    this.size--;
  }

  private linkNewest(page: number): void {
    this.links[page * 2] = NO_PAGE;
    this.links[page * 2 + 1] = this.newest;
    if (this.newest === NO_PAGE) this.oldest = page;
    else this.links[this.newest * 2] = page;
    this.newest = page;
  }

  private unlink(page: number): void {
    const previous = this.links[page * 2];
    const next = this.links[page * 2 + 1];
    if (previous === NO_PAGE) this.newest = next;
    else this.links[previous * 2 + 1] = next;
    if (next === NO_PAGE) this.oldest = previous;
    else this.links[next * 2] = previous;
  }

  save(to: StateWriter): void {
    to.array('page cache', this.links);
    to.numbers('page cache ends', this.distinctPages, this.newest, this.oldest, this.size);
  }

  restore(from: StateReader): void {
    this.links.set(from.array('page cache', Int32Array));
    const [, newest, oldest, size] = from.numbers('page cache ends');
    this.newest = newest;
    this.oldest = oldest;
    this.size = size;
  }
}

/** Previous link of a page that is not cached. */
const ABSENT = -2;
