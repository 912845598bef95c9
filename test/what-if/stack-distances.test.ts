import { describe, expect, it } from 'vitest';
import { replaySingleCache } from '#main/host/replay/single-cache.ts';
import { Random } from '#main/host/random.ts';
import { COLD, DistanceStack } from '#main/what-if/stack-distances.ts';

/** Depth in a list that is kept in order of use: what the stack must say. */
class PlainStack {
  private readonly pages: number[] = [];
  use(page: number): number {
    const at = this.pages.indexOf(page);
    if (at >= 0) this.pages.splice(at, 1);
    this.pages.unshift(page);
    return at < 0 ? COLD : at + 1;
  }
}

/** References that are often near, sometimes far, sometimes sequential. */
function references(seed: number, count: number, distinct: number): number[] {
  const random = new Random(seed, 7);
  const pages: number[] = [];
  while (pages.length < count) {
    const kind = random.below(3);
    const first = kind === 0 ? random.below(Math.min(20, distinct)) : random.below(distinct);
    for (let i = 0; i < (kind === 2 ? 30 : 1); i++) pages.push((first + i) % distinct);
  }
  return pages;
}

describe('the distance stack', () => {
  it.each([1, 2, 3, 5, 33, 200, 700])('says how deep in LRU order a page lies, %i pages', (distinct) => {
    const stack = new DistanceStack(distinct);
    const plain = new PlainStack();
    for (const page of references(distinct, 6_000, distinct)) expect(stack.use(page)).toBe(plain.use(page));
    expect(stack.depth).toBeLessThanOrEqual(distinct);
  });

  it('gives the misses of an LRU cache of any size', () => {
    const pages = references(9, 40_000, 900);
    const stack = new DistanceStack(900);
    const distances = pages.map((page) => stack.use(page));
    const sizes = [0, 1, 2, 50, 333, 640, 899, 900, 5_000];
    const misses = replaySingleCache('lru', Int32Array.from(pages), 900, sizes);
    expect(sizes.map((size) => distances.filter((distance) => distance > size).length)).toEqual(misses);
  });
});
