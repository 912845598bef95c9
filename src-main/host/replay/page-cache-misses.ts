import type { CompactTrace } from '../workload/compact-trace.ts';

/** What a guest's page cache lets through to the pool, in the order of its trace: each miss gets a page, and most put one. */
export interface PageCacheMisses {
  readonly hits: number;
  /** How many misses put nothing because the cache is still filling. They are the first ones; each later miss puts its cache's oldest page. */
  readonly filling: number;
  /** For each miss: the place of its access in the trace. */
  readonly accesses: Int32Array;
  /** For each miss: which of the guest's puts (from 0) was the last of the page that it gets, −1 when there was none. */
  readonly putBefore: Int32Array;
}

/**
 * Runs a trace through a plain LRU page cache of `ramPages` pages: a miss inserts its page, and if the cache then holds more than it
 * may, its oldest page is put. With no RAM each access misses and puts its own page.
 *
 * Without lists: the cached pages are those whose last use is noted, and the oldest is found by moving a cursor past references that
 * are no longer the last of their page.
 */
export function pageCacheMisses({ pages, distinctPages }: CompactTrace, ramPages: number): PageCacheMisses {
  if (ramPages === 0) return everyAccess(pages, distinctPages);
  // For each page, side by side: place + 1 of its last use, 0 when it is not cached; number + 1 of its last put.
  const state = new Int32Array(distinctPages * 2);
  const accesses = new Int32Array(pages.length);
  const putBefore = new Int32Array(pages.length);
  let misses = 0;
  let filling = 0;
  let cursor = 0;
  for (let i = 0; i < pages.length; i++) {
    const at = pages[i] * 2;
    const cached = state[at] !== 0;
    state[at] = i + 1;
    if (cached) continue;
    accesses[misses] = i;
    putBefore[misses++] = state[at + 1] - 1;
    if (filling < ramPages) {
      filling++;
      continue;
    }
    while (state[pages[cursor] * 2] !== cursor + 1) cursor++;
    const oldest = pages[cursor++] * 2;
    state[oldest] = 0;
    state[oldest + 1] = misses - filling;
  }
  return {
    hits: pages.length - misses,
    filling,
    accesses: accesses.subarray(0, misses),
    putBefore: putBefore.subarray(0, misses),
  };
}

function everyAccess(pages: Int32Array, distinctPages: number): PageCacheMisses {
  const lastUse = new Int32Array(distinctPages);
  const accesses = new Int32Array(pages.length);
  const putBefore = new Int32Array(pages.length);
  for (let i = 0; i < pages.length; i++) {
    const page = pages[i];
    accesses[i] = i;
    putBefore[i] = lastUse[page] - 1;
    lastUse[page] = i + 1;
  }
  return { hits: 0, filling: 0, accesses, putBefore };
}
