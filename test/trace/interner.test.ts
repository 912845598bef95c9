import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Interner } from '#main/trace/interner.ts';

type Key = readonly [high: number, low: number];

/** Keys as traces have them: close together, multiples of something apart, of few or many files, or lying anywhere. */
const keys = (many: number): fc.Arbitrary<Key[]> =>
  fc.oneof(
    fc
      .tuple(fc.integer({ min: 0, max: 20 }), fc.nat(0xffff_ffff), fc.array(fc.nat(5_000), { maxLength: many }))
      .map(([shift, high, indices]) => indices.map((index): Key => [high, (index << shift) + 0x200 * shift])),
    fc.array(fc.tuple(fc.nat(3_000), fc.nat(3)), { maxLength: many }),
    fc.array(fc.tuple(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff)), { maxLength: many }),
  );

/** The numbers that the definition gives: in order of first appearance. */
function numbered(all: readonly Key[]): number[] {
  const known = new Map<string, number>();
  return all.map(([high, low]) => {
    const key = `${high >>> 0}:${low >>> 0}`;
    const number = known.get(key) ?? known.size;
    known.set(key, number);
    return number;
  });
}

function internAll(interner: Interner, all: readonly Key[]): number[] {
  const numbers = new Int32Array(all.length);
  const high = Int32Array.from(all, ([word]) => word);
  const low = Int32Array.from(all, ([, word]) => word);
  interner.internAll(high, low, numbers, all.length);
  return [...numbers];
}

describe('the interner', () => {
  it('numbers keys in order of first appearance, wherever they lie, one by one or many at once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), keys(200)), { maxLength: 8 }), (batches) => {
        const interner = new Interner(4);
        const given = batches.flatMap(([atOnce, batch]) =>
          atOnce ? internAll(interner, batch) : batch.map(([high, low]) => interner.intern(high, low)),
        );
        const expected = numbered(batches.flatMap(([, batch]) => batch));
        expect(given).toEqual(expected);
        expect(interner.count).toBe(Math.max(-1, ...expected) + 1);
      }),
    );
  });

  it('keeps its numbers when many keys turn out to lie far apart', () => {
    // More files of one page each than there may be segments for, then pages close together, then the first ones again.
    const apart = Array.from({ length: 5_000 }, (_, file): Key => [file * 7, 0]);
    const close = Array.from({ length: 5_000 }, (_, page): Key => [1, page]);
    const interner = new Interner();
    const given = [close, apart, close, apart].flatMap((batch) => internAll(interner, batch));
    expect(given).toEqual(numbered([close, apart, close, apart].flat()));
  });

  it('keeps its numbers when keys that share their lowest bits are followed by keys that do not', () => {
    const pages = Array.from({ length: 3_000 }, (_, page): Key => [0xa00, page << 12]);
    const sectors = Array.from({ length: 3_000 }, (_, sector): Key => [0xa00, sector << 9]);
    const bytes = Array.from({ length: 3_000 }, (_, byte): Key => [0xa00, byte * 3 + 1]);
    const interner = new Interner();
    const given = [pages, sectors, bytes, pages].flatMap((batch) => internAll(interner, batch));
    expect(given).toEqual(numbered([pages, sectors, bytes, pages].flat()));
  });
});
