/** How a single cache chooses what to drop: the page that came first, or the page used longest ago. */
export type CacheAlgorithm = 'fifo' | 'lru';

/**
 * The misses of one cache of each given size on a trace of dense page numbers, all sizes in one pass. Exact.
 * @param pages the reference string; numbers from 0 to `distinctPages − 1`, at most 2^30 references.
 * @param cachePages sizes in pages: whole numbers from 0, in any order, repeats allowed.
 * @returns the misses in the order of the sizes.
 */
export function replaySingleCache(
  algorithm: CacheAlgorithm,
  pages: Int32Array,
  distinctPages: number,
  cachePages: readonly number[],
): number[] {
  const replay = algorithm === 'fifo' ? replayFifo : replayLru;
  // Larger sizes than there are pages behave alike, and stay within Int32.
  return replay(
    pages,
    distinctPages,
    cachePages.map((size) => Math.min(size, distinctPages)),
  );
}

/**
 * FIFO without a queue: a page is in the cache iff fewer than `size` misses came after the one that brought it, so one number a page
 * (the count of misses when it came) is all there is. The numbers of all sizes for a page lie side by side.
 */
function replayFifo(pages: Int32Array, distinctPages: number, sizes: readonly number[]): number[] {
  if (sizes.length === 1) return sizes.map((only) => replayOneFifo(pages, distinctPages, only));
  const count = sizes.length;
  const size = Int32Array.from(sizes);
  const clock = Int32Array.from(sizes);
  const cameAt = new Int32Array(distinctPages * count);
  for (let i = 0; i < pages.length; i++) {
    const at = pages[i] * count;
    for (let s = 0; s < count; s++) {
      if (clock[s] - cameAt[at + s] >= size[s]) cameAt[at + s] = ++clock[s];
    }
  }
  return sizes.map((start, s) => clock[s] - start);
}

/** The clock begins at `size`, so that a page that never came (0) counts as gone. */
function replayOneFifo(pages: Int32Array, distinctPages: number, size: number): number {
  const cameAt = new Int32Array(distinctPages);
  let clock = size;
  for (let i = 0; i < pages.length; i++) {
    const page = pages[i];
    if (clock - cameAt[page] >= size) cameAt[page] = ++clock;
  }
  return clock - size;
}

/**
 * LRU without lists: the pages of a cache are those whose last use lies at or after a cursor into the trace, and dropping the oldest
 * moves the cursor past references that are no longer the last of their page. All sizes share the table of last uses; a larger cache
 * has its cursor further back (inclusion), so the sizes up to the first hit are those that miss.
 */
function replayLru(pages: Int32Array, distinctPages: number, sizes: readonly number[]): number[] {
  const ascending = [...new Set(sizes)].sort((a, b) => a - b);
  const count = ascending.length;
  const free = Int32Array.from(ascending);
  const cursor = new Int32Array(count);
  const misses = new Float64Array(count);
  const lastUse = new Int32Array(distinctPages); // Position + 1 of the page's last use; 0 = never used.
  for (let i = 0; i < pages.length; i++) {
    const page = pages[i];
    const used = lastUse[page];
    lastUse[page] = i + 1;
    for (let s = 0; s < count && used <= cursor[s]; s++) {
      misses[s]++;
      if (free[s] > 0) {
        free[s]--;
        continue;
      }
      let at = cursor[s];
      while (lastUse[pages[at]] !== at + 1) at++;
      cursor[s] = at + 1;
    }
  }
  return sizes.map((size) => misses[ascending.indexOf(size)]);
}
