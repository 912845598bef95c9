import { ref, shallowRef } from 'vue';
import { describe, expect, it } from 'vitest';
import { evictionBursts } from '#renderer/charts/bursts.ts';
import { useSelection } from '#renderer/charts/useSelection.ts';
import type { WindowSeries } from '#renderer/charts/window-series.ts';

function windowOf(values: readonly number[], bucketS = 1): WindowSeries {
  const value = Float64Array.from(values);
  return {
    fromS: 0,
    toS: values.length * bucketS - 1,
    bucketS,
    axisS: Float64Array.from(values, (_, at) => at * bucketS),
    series: new Map([['host evictions', { value, minimum: value, maximum: value }]]),
  };
}

describe('bursts of evictions', () => {
  it('are stretches far above the median, with their greatest second', () => {
    const values = [10, 12, 90, 300, 120, 11, 10, NaN, 10, 9];
    expect(evictionBursts(windowOf(values))).toEqual([{ fromS: 2, toS: 5, peakS: 3, perSecond: 300 }]);
  });

  it('are none in a steady stream, however strong, nor among a few pages', () => {
    expect(evictionBursts(windowOf([500, 520, 480, 700, 510]))).toEqual([]);
    expect(evictionBursts(windowOf([0, 0, 0, 40, 0, 0]))).toEqual([]);
    expect(evictionBursts(windowOf([]))).toEqual([]);
  });

  it('are at most the four greatest, in order of time', () => {
    const values = Array.from({ length: 60 }, (_, at) => (at % 10 === 5 ? 100 + at : 1));
    expect(evictionBursts(windowOf(values)).map(({ peakS }) => peakS)).toEqual([25, 35, 45, 55]);
  });

  it('span whole buckets', () => {
    expect(evictionBursts(windowOf([1, 1, 900, 1, 1], 60))).toMatchObject([{ fromS: 120, toS: 180 }]);
  });
});

describe('a selection in a chart', () => {
  const area = shallowRef({ left: 50, right: 150, top: 0, bottom: 100, fromS: 0, toS: 100 });

  function selecting() {
    const shown: { fromS: number; toS: number }[] = [];
    return { shown, selection: useSelection(area, (range) => shown.push(range)) };
  }

  it('is drawn while the pointer is dragged, and shown when it is let go, in either direction', () => {
    const { shown, selection } = selecting();
    selection.press(120, 70);
    expect(selection.drag(118, 68)).toBe(false);
    expect(selection.drag(80, 30)).toBe(true);
    expect(selection.band.value).toEqual({ left: 80, right: 120 });
    selection.release();
    expect(shown).toEqual([{ fromS: 30, toS: 70 }]);
    expect(selection.band.value).toBeNull();
  });

  it('is not made by a click, nor after it was given up', () => {
    const { shown, selection } = selecting();
    selection.press(120, 70);
    selection.release();
    selection.press(120, 70);
    selection.drag(80, 30);
    selection.clear();
    selection.release();
    expect(shown).toEqual([]);
  });

  it('is made by the keyboard too', () => {
    const { shown, selection } = selecting();
    selection.extend(50, 40);
    selection.extend(40, 30);
    expect(selection.apply()).toBe(true);
    expect(shown).toEqual([{ fromS: 30, toS: 50 }]);
    expect(selection.apply()).toBe(false);
  });

  it('is nothing where the page has no time to choose', () => {
    const selection = useSelection(ref(area.value), null);
    selection.press(120, 70);
    expect(selection.drag(80, 30)).toBe(false);
    selection.extend(50, 40);
    expect(selection.band.value).toBeNull();
  });
});
