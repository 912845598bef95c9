import fc from 'fast-check';
import { pack, unpack } from '#main/history/packed.ts';
import { describe, expect, it } from 'vitest';

const number = fc.oneof(
  fc.constant(0),
  fc.nat(255),
  fc.nat(65_535),
  fc.nat(2 ** 32 - 1),
  fc.maxSafeNat(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

describe('packed columns', () => {
  it('come back as they were, all or the first few of them', () => {
    const columns = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 6 }))
      .chain(([length, arrays]) =>
        fc.array(fc.array(number, { minLength: length, maxLength: length }), { minLength: arrays, maxLength: arrays }),
      );
    fc.assert(
      fc.property(columns, fc.nat(5), (values, first) => {
        const arrays = values.map((column) => Float64Array.from(column));
        const bytes = pack(arrays, arrays[0]?.length ?? 0);
        const count = Math.min(first, arrays.length);
        // −0 is stored as 0 among whole numbers: no sample is either.
        const plain = (list: readonly Float64Array[]): number[][] =>
          list.map((one) => [...one].map((value) => value + 0));
        expect(plain(unpack(bytes, count))).toEqual(plain(arrays.slice(0, count)));
      }),
      { seed: Math.floor(Math.random() * 2 ** 31), verbose: fc.VerbosityLevel.Verbose },
    );
  });

  it('take no bytes where all are zero, and one number where all are alike', () => {
    const size = (...columns: number[][]): number =>
      pack(
        columns.map((column) => Float64Array.from(column)),
        30,
      ).length;
    const of = (value: number): number[] => Array.from({ length: 30 }, () => value);
    expect(size(of(0))).toBe(4 + 1);
    expect(size(of(77_000))).toBe(4 + 1 + 8);
    expect(size([...of(0).slice(1), 255])).toBe(4 + 1 + 30);
    expect(size([...of(0).slice(1), 256])).toBe(4 + 1 + 60);
  });

  it('refuse a block that is cut off', () => {
    const bytes = pack([Float64Array.of(1, 2, 3)], 3);
    expect(() => unpack(bytes.subarray(0, 6), 1)).toThrow(RangeError);
    expect(() => unpack(Uint8Array.of(255, 255, 255, 255, 8), 1)).toThrow(RangeError);
  });
});
