import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedFifo } from '#main/host/replay/keyed-fifo.ts';
import { replaySingleCache } from '#main/host/replay/single-cache.ts';
import { compactTrace } from './compact.ts';

/** Both words of a key are far from those of its neighbours; number 0 has the key 0. */
const highOf = (number: number): number => Math.imul(number, 0x9e37_79b1) | 0;
const lowOf = (number: number): number => Math.imul(number, 0x85eb_ca6b) ^ (number << 20);

function keyed(numbers: readonly number[], size: number, together: number): number[] {
  const fifo = new KeyedFifo(size);
  for (let from = 0; from < numbers.length; from += together) {
    const some = numbers.slice(from, from + together);
    fifo.take(Int32Array.from(some, highOf), Int32Array.from(some, lowOf), some.length);
  }
  return [fifo.requests, fifo.distinct(), fifo.misses];
}

function numbered(numbers: readonly number[], size: number): number[] {
  const { pages, distinctPages } = compactTrace(numbers);
  return [pages.length, distinctPages, ...replaySingleCache('fifo', pages, distinctPages, [size])];
}

describe('a FIFO cache over keys', () => {
  it('counts what the replay of the numbered trace counts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 40 }), { maxLength: 400 }),
        fc.nat({ max: 45 }),
        fc.integer({ min: 1, max: 200 }),
        (numbers, size, together) => {
          expect(keyed(numbers, size, together)).toEqual(numbered(numbers, size));
        },
      ),
    );
  });

  it.each([0, 1, 3_000, 20_000, 1e12])('keeps count through many tables, with %d pages', (size) => {
    // Slowly moving on, so that keys go and some come back after their slots were given to others.
    const numbers = Array.from({ length: 200_000 }, (_, at) => (at >> 3) + ((at * at * 7_919) % 9_973));
    expect(keyed(numbers, size, 1024)).toEqual(numbered(numbers, size));
  });

  it('tells keys apart that differ in one word only', () => {
    const fifo = new KeyedFifo(10);
    fifo.take(Int32Array.of(0, 0, 1, -1, 0), Int32Array.of(0, 1, 0, 0, 0), 5);
    expect([fifo.misses, fifo.distinct()]).toEqual([4, 4]);
  });
});
