import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, type StateEntry } from '#main/host/state.ts';
import { decodeSnapshot, encodeSnapshot, SnapshotFormatError } from '#main/host/state-codec.ts';

const entry: fc.Arbitrary<StateEntry> = fc.record({
  name: fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
  values: fc.oneof(
    fc.int32Array({ maxLength: 9 }),
    fc.uint32Array({ maxLength: 9 }),
    fc.float64Array({ maxLength: 9 }),
    fc.uint8Array({ maxLength: 9 }),
    fc.uint16Array({ maxLength: 9 }),
  ),
});

describe('a snapshot as bytes', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
        const back = decodeSnapshot(encodeSnapshot(entries));
        expect(back).toEqual(entries);
        expect(decodeSnapshot(Buffer.from(encodeSnapshot(entries)))).toEqual(entries);
        expect(digestOf(back)).toBe(digestOf(entries));
      }),
    );
  });

  it('is refused with the place when it is cut off, garbled or claims too much, and never crashes', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (entries, place, flip) => {
          const bytes = encodeSnapshot(entries);
          expect(() => decodeSnapshot(bytes.slice(0, place % bytes.length))).toThrow(SnapshotFormatError);
          const garbled = bytes.slice();
          garbled[place % bytes.length] = (garbled[place % bytes.length] ?? 0) ^ flip;
          try {
            decodeSnapshot(garbled);
          } catch (error) {
            expect(error).toBeInstanceOf(SnapshotFormatError);
          }
        },
      ),
    );
    const claims = encodeSnapshot([{ name: 'x', values: new Int32Array(4) }]);
    new DataView(claims.buffer).setUint32(16, 0xffff_ffff, true);
    expect(() => decodeSnapshot(claims)).toThrow(/byte 16.*more than there are/);
  });
});
