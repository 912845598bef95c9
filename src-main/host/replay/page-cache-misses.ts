import type { CompactTrace } from '../workload/compact-trace.ts';

/** What a guest's page cache lets through, in the order of its trace. */
export interface PageCacheMisses {
  readonly hits: number;
  /** For each miss: the page, which is got from the pool or read from the disk. */
  readonly gets: Int32Array;
  /** For each miss: the page that is put because the cache holds more than it may, or −1 while it fills. */
  readonly puts: Int32Array;
  /** For each miss: the place of its access in the trace. */
  readonly accesses: Int32Array;
  /** Misses that put nothing: the pages that the cache holds at the end. */
  readonly held: number;
}

/**
 * Runs a trace through a plain LRU page cache of `ramPages` pages: a miss inserts its page, and if the cache then holds more than it
 * may, its oldest page is put. With no RAM each access misses and puts its own page.
 *
 * Without lists: the cached pages are those whose last use is noted, and the oldest is found by moving a cursor past references that
 * are no longer the last of their page.
 */
export function pageCacheMisses({ pages, distinctPages }: CompactTrace, ramPages: number): PageCacheMisses {
  const lastUse = new Int32Array(distinctPages); // Position + 1 of the page's last use; 0 = not cached.
  const gets = new Int32Array(pages.length);
  const puts = new Int32Array(pages.length);
  const accesses = new Int32Array(pages.length);
  let misses = 0;
  let held = 0;
  let cursor = 0;
  for (let i = 0; i < pages.length; i++) {
    const page = pages[i];
    const cached = lastUse[page] !== 0;
    lastUse[page] = i + 1;
    if (cached) continue;
    let oldest = -1;
    if (held < ramPages) held++;
    else {
      while (lastUse[pages[cursor]] !== cursor + 1) cursor++;
      oldest = pages[cursor++];
      lastUse[oldest] = 0;
    }
    gets[misses] = page;
    puts[misses] = oldest;
    accesses[misses++] = i;
  }
  return {
    hits: pages.length - misses,
    gets: gets.subarray(0, misses),
    puts: puts.subarray(0, misses),
    accesses: accesses.subarray(0, misses),
    held,
  };
}
