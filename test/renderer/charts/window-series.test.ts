import { describe, expect, it } from 'vitest';
import {
  keyName,
  meanOf,
  newestMean,
  newestValue,
  seriesOf,
  sumOf,
  windowOfRing,
} from '#renderer/charts/window-series.ts';
import { SampleRing, type SeriesKey } from '#renderer/stores/sample-ring.ts';
import { write } from '../samples.ts';

const reads: SeriesKey = { guestId: 1, column: 'diskReads' };
const ram: SeriesKey = { guestId: 1, column: 'ramPages' };

function ringOf(values: readonly number[], from = 0): SampleRing {
  const ring = new SampleRing([1], 128);
  for (const [at, value] of values.entries()) {
    if (!Number.isNaN(value)) write(ring, from + at, {}, { diskReads: value, ramPages: value });
  }
  return ring;
}

describe('a window of the ring', () => {
  it('has one bucket a second while they fit, with gaps as NaN', () => {
    const window = windowOfRing(ringOf([1, 2, NaN, 4]), [reads], { fromS: -1, toS: 3 }, 10);
    expect(window.bucketS).toBe(1);
    expect([...window.axisS]).toEqual([-1, 0, 1, 2, 3]);
    expect([...seriesOf(window, reads).value]).toEqual([NaN, 1, 2, NaN, 4]);
  });

  it('never has more buckets than asked, keeps the least and the greatest, a count as mean, a gauge as last', () => {
    const window = windowOfRing(ringOf([1, 9, 5, 3, 0, 2]), [reads, ram], { fromS: 0, toS: 5 }, 2);
    expect(window.bucketS).toBe(3);
    expect([...window.axisS]).toEqual([0, 3]);
    expect(seriesOf(window, reads)).toEqual({
      value: Float64Array.of(5, 5 / 3),
      minimum: Float64Array.of(1, 0),
      maximum: Float64Array.of(9, 3),
    });
    expect([...seriesOf(window, ram).value]).toEqual([5, 2]);
  });

  it('keeps its buckets in place while the window moves on', () => {
    const ring = ringOf(Array.from({ length: 40 }, (_, at) => at));
    const first = windowOfRing(ring, [reads], { fromS: 10, toS: 29 }, 8);
    const next = windowOfRing(ring, [reads], { fromS: 11, toS: 30 }, 8);
    expect(first.bucketS).toBe(3);
    expect([...next.axisS].filter((second) => first.axisS.includes(second)).length).toBe(first.axisS.length);
  });

  it('gives an empty series for what was not asked', () => {
    const window = windowOfRing(ringOf([1]), [], { fromS: 0, toS: 0 }, 8);
    expect([...seriesOf(window, reads).value]).toEqual([NaN]);
    expect(window.series.has(keyName(reads))).toBe(false);
  });
});

describe('figures of series', () => {
  it('leaves gaps out of means and newest values', () => {
    const ring = ringOf([10, 20, NaN, 40, NaN]);
    ring.advance(4);
    expect(newestMean(ring, reads, 4)).toBe(30);
    expect(newestMean(ring, reads, 1)).toBeNaN();
    expect(newestValue(ring, ram)).toBe(40);
    expect(meanOf(seriesOf(windowOfRing(ring, [reads], { fromS: 0, toS: 4 }, 9), reads))).toBeCloseTo(70 / 3);
  });

  it('adds series bucket by bucket; a gap in one is a gap in the sum', () => {
    const flat = (...values: number[]) => {
      const value = Float64Array.of(...values);
      return { value, minimum: value, maximum: value };
    };
    expect([...sumOf([flat(1, 2, NaN), flat(10, 20, 30)], 3).value]).toEqual([11, 22, NaN]);
  });
});
