import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PAGE, PageCache } from '#main/host/guest/page-cache.ts';
import { StateReader, StateWriter } from '#main/host/state.ts';

const PAGES = 12;
const step = fc.oneof(
  fc.record({ kind: fc.constant('reference' as const), page: fc.nat(PAGES - 1) }),
  fc.record({ kind: fc.constant('remove' as const), page: fc.nat(PAGES - 1) }),
  fc.record({ kind: fc.constant('reclaim' as const), page: fc.constant(0) }),
);

/** The same cache as a list, newest first. */
function applyToList(list: number[], kind: string, page: number): number[] {
  if (kind === 'reference') return [page, ...list.filter((other) => other !== page)];
  if (kind === 'remove') return list.filter((other) => other !== page);
  return list.slice(0, -1);
}

function contents(cache: PageCache): number[] {
  const pages: number[] = [];
  for (let page = cache.removeOldest(); page !== NO_PAGE; page = cache.removeOldest()) pages.unshift(page);
  return pages;
}

describe('the page cache of a guest', () => {
  it('keeps least-recently-used order through any references, removals and reclaims', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const cache = new PageCache(PAGES);
        let list: number[] = [];
        for (const { kind, page } of steps) {
          if (kind === 'reference') {
            if (cache.has(page)) cache.touch(page);
            else cache.insert(page);
          } else if (kind === 'remove') {
            if (cache.has(page)) cache.remove(page);
          } else {
            expect(cache.removeOldest()).toBe(list.at(-1) ?? NO_PAGE);
          }
          list = applyToList(list, kind, page);
          expect(cache.size).toBe(list.length);
          expect(Array.from({ length: PAGES }, (_, p) => p).filter((p) => cache.has(p))).toEqual(
            [...list].sort((a, b) => a - b),
          );
        }
        expect(contents(cache)).toEqual(list);
      }),
      { numRuns: 300 },
    );
  });

  it('comes back from a snapshot with the same order', () => {
    const cache = new PageCache(PAGES);
    for (const page of [3, 1, 4, 5, 9]) cache.insert(page);
    cache.touch(4);
    const writer = new StateWriter();
    cache.save(writer);
    const copy = new PageCache(PAGES);
    copy.restore(new StateReader(writer.entries));
    cache.removeOldest();
    expect(contents(copy)).toEqual([4, 9, 5, 1, 3]);
  });
});
