import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleRing, type SeriesKey } from '#renderer/stores/sample-ring.ts';
import { write } from '../samples.ts';

const weight: SeriesKey = { guestId: 2, column: 'weight' };

describe('the ring of samples', () => {
  it('gives each second back and nothing for seconds it never had', () => {
    const ring = new SampleRing([1, 2], 8);
    write(ring, 5, { fallowPages: 7 }, { weight: 100 }, { weight: 200 });
    expect(ring.newest).toBe(5);
    expect(ring.at(weight, 5)).toBe(200);
    expect(ring.at({ guestId: null, column: 'fallowPages' }, 5)).toBe(7);
    expect(ring.at(weight, 4)).toBeNaN();
    expect(ring.at(weight, 6)).toBeNaN();
    expect(ring.at({ guestId: 3, column: 'weight' }, 5)).toBeNaN();
    expect(ring.at(weight, -3)).toBeNaN();
  });

  it('turns seconds that were jumped over into gaps, also where older samples lay', () => {
    const ring = new SampleRing([2], 8);
    for (let s = 0; s < 8; s++) write(ring, s, {}, { weight: s });
    write(ring, 11, {}, { weight: 11 });
    expect([4, 5, 6, 7, 8, 9, 10, 11].map((s) => ring.at(weight, s))).toEqual([4, 5, 6, 7, NaN, NaN, NaN, 11]);
    expect(ring.at(weight, 3)).toBeNaN();
  });

  it('fills a missed second from the history, and never over a live sample', () => {
    const ring = new SampleRing([2], 8);
    write(ring, 1, {}, { weight: 1 });
    write(ring, 3, {}, { weight: 3 });
    ring.fill(weight, 2, 22);
    ring.fill(weight, 3, 33);
    ring.fill(weight, 9, 99);
    expect([1, 2, 3].map((s) => ring.at(weight, s))).toEqual([1, 22, 3]);
    expect(ring.newest).toBe(3);
  });

  it('names the missing stretch until the history was asked three times', () => {
    const ring = new SampleRing([2], 16);
    write(ring, 3, {}, { weight: 1 });
    write(ring, 6, {}, { weight: 1 });
    expect(ring.missing(0)).toEqual({ fromS: 0, toS: 5 });
    expect(ring.missing(3)).toEqual({ fromS: 4, toS: 5 });
    for (let i = 0; i < 3; i++) ring.asked({ fromS: 0, toS: 4 });
    expect(ring.missing(0)).toEqual({ fromS: 5, toS: 5 });
    ring.fill({ guestId: null, column: 'totalPages' }, 5, 1);
    expect(ring.missing(0)).toBeNull();
  });

  it('agrees with a plain map whatever order seconds come in', () => {
    const seconds = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 80 });
    fc.assert(
      fc.property(seconds, (order) => {
        const ring = new SampleRing([2], 16);
        const plain = new Map<number, number>();
        let newest = -1;
        for (const [value, second] of order.entries()) {
          write(ring, second, {}, { weight: value });
          newest = Math.max(newest, second);
          plain.set(second, value);
          for (const kept of plain.keys()) if (kept <= newest - 16) plain.delete(kept);
        }
        for (let s = 0; s <= 60; s++) expect(ring.at(weight, s)).toBe(plain.get(s) ?? NaN);
      }),
      { numRuns: 200 },
    );
  });
});
