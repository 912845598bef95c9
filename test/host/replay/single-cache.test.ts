import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheAlgorithm } from '#main/host/replay/single-cache.ts';
import { replaySingleCache } from '#main/host/replay/single-cache.ts';
import { compactTrace } from './compact.ts';

/** One cache as a list, newest last. */
function plainMisses(algorithm: CacheAlgorithm, pages: readonly number[], size: number): number {
  const cache: number[] = [];
  let misses = 0;
  for (const page of pages) {
    const at = cache.indexOf(page);
    if (at >= 0) {
      if (algorithm === 'lru') cache.push(...cache.splice(at, 1));
      continue;
    }
    misses++;
    cache.push(page);
    if (cache.length > size) cache.shift();
  }
  return misses;
}

describe.each(['fifo', 'lru'] as const)('a %s cache', (algorithm) => {
  const misses = (pages: readonly number[], sizes: readonly number[]): number[] => {
    const trace = compactTrace(pages);
    return replaySingleCache(algorithm, trace.pages, trace.distinctPages, sizes);
  };

  it('misses each page once when all fit, and every access when it has no page', () => {
    expect(misses([1, 2, 3, 1, 2, 3], [3, 0, 1e12])).toEqual([3, 6, 3]);
  });

  it('drops the page that is due', () => {
    // FIFO forgets that 1 was used again; LRU does not.
    expect(misses([1, 2, 1, 3, 1], [2])).toEqual([algorithm === 'fifo' ? 4 : 3]);
  });

  it('answers an empty trace and an empty list of sizes', () => {
    expect(misses([], [0, 5])).toEqual([0, 0]);
    expect(misses([1, 2], [])).toEqual([]);
  });

  it('gives each size the misses of a plain cache, however many share the pass', () => {
    const runs = fc.array(fc.tuple(fc.nat(20), fc.array(fc.nat(9), { maxLength: 30 })), { maxLength: 10 });
    fc.assert(
      fc.property(runs, fc.array(fc.nat(35), { minLength: 1, maxLength: 8 }), (parts, sizes) => {
        const pages = parts.flatMap(([base, steps]) => steps.map((step) => base + step));
        expect(misses(pages, sizes)).toEqual(sizes.map((size) => plainMisses(algorithm, pages, size)));
      }),
      { numRuns: 500 },
    );
  });
});
