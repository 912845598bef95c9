import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GUEST } from '#main/host/sample-columns.ts';
import { ANON_FREE, ANON_READ, ANON_WRITE, FILE_DROP, FILE_READ } from '#main/host/workload/workload.ts';
import { hostOf, observe, scripted } from '../scripted-host.ts';
import type { Step } from '../scripted-workload.ts';
import { ReferenceKernel } from './reference-kernel.ts';
import { ReferenceLru, ReferenceTwoLists } from './reference-lists.ts';

const FILE_PAGES = 96;
const ANON_PAGES = 64;

/** Mostly a few pages again and again, so that lists have something to protect. */
const pageOf = (pages: number): fc.Arbitrary<number> => fc.oneof(fc.nat(pages - 1), fc.nat(Math.floor(pages / 6)));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: pageOf(FILE_PAGES).map((page): Step => [FILE_READ, page]) },
  { weight: 5, arbitrary: pageOf(ANON_PAGES).map((page): Step => [ANON_WRITE, page]) },
  { weight: 5, arbitrary: pageOf(ANON_PAGES).map((page): Step => [ANON_READ, page]) },
  { weight: 1, arbitrary: fc.nat(ANON_PAGES - 9).map((page): Step => [ANON_FREE, page, 8]) },
  { weight: 1, arbitrary: fc.nat(2).map((place): Step => [FILE_DROP, place * 32, 32]) },
);
const sizes = fc.record({
  ramPages: fc.integer({ min: 1, max: 60 }),
  spare: fc.nat(40),
  tmemPages: fc.nat(60),
  swapPages: fc.constantFrom(0, 5, 20, 100),
  groupLog2: fc.constantFrom(0, 1, 3),
});

describe.each(['lru', 'two-list'] as const)('a guest kernel with %s', (cache) => {
  it('does what the plain one does, event for event', () => {
    fc.assert(
      fc.property(sizes, fc.array(step, { minLength: 1, maxLength: 700, size: 'max' }), (about, steps) => {
        const { ramPages, spare, tmemPages, swapPages, groupLog2 } = about;
        const maxPages = ramPages + spare;
        const guest = scripted(1, steps, {
          ...{ filePages: FILE_PAGES, anonPages: ANON_PAGES, gapNs: 1_000, ramPages, maxPages },
          kernel: { cache, swapPages, swapClusterLog2: groupLog2 },
        });
        const seen = observe(hostOf([guest], tmemPages), 1_000);
        const reference = new ReferenceKernel(
          { ramPages, maxPages, tmemPages, swapPages, group: 1 << groupLog2 },
          cache === 'lru' ? new ReferenceLru() : new ReferenceTwoLists(60),
        );
        for (const one of steps) reference.run(one);
        const expected = { ...reference.counts, ...reference.gauges };
        const columns = Object.keys(expected) as (keyof typeof GUEST)[];
        expect(Object.fromEntries(columns.map((column) => [column, seen.sum(column)]))).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });
});
