import { describe, expect, it } from 'vitest';
import { bucketAt, hasData, highestOf, type ChartKind, type ChartModel } from '#renderer/charts/chart-model.ts';
import { lineDatasets, stackedDatasets } from '#renderer/charts/datasets.ts';
import { placeMarkers } from '#renderer/charts/marker-layout.ts';
import { clockTicks, niceScale, steadyScale, timeTicks } from '#renderer/charts/scale.ts';
import { chartSummary, cursorText } from '#renderer/charts/summary.ts';
import type { ChartTheme } from '#renderer/charts/theme.ts';

const theme: ChartTheme = {
  text: '#000000',
  dim: '#555555',
  grid: '#dddddd',
  font: 'sans-serif',
  axisPx: 10.5,
  guest: (colour) => `guest ${colour}`,
  area: (colour) => `area ${colour}`,
  band: (colour) => `band ${colour}`,
  dash: (dash) => (dash === 1 ? [] : [6, 3]),
};
const kind: ChartKind = { stacked: true, whole: false, unit: 'MiB', number: (value) => value.toFixed(1) };

function modelOf(series: readonly number[][], bucketS = 1): ChartModel {
  const length = series[0]?.length ?? 0;
  return {
    fromS: 0,
    toS: length * bucketS - 1,
    bucketS,
    axisS: Float64Array.from({ length }, (_, at) => at * bucketS),
    series: series.map((values, at) => {
      const value = Float64Array.from(values);
      return {
        id: at + 1,
        label: `g${at + 1}`,
        colour: at + 1,
        dash: at + 1,
        value,
        minimum: value.map((one) => one - 1),
        maximum: value.map((one) => one + 1),
      };
    }),
  };
}

describe('stacked areas', () => {
  it('draw each guest at the sum of itself and those below, and a gap where nobody has a sample', () => {
    const drawn = stackedDatasets(modelOf([[1, NaN, 3], [10, NaN, NaN], [100, NaN, 300]]), theme); // prettier-ignore
    expect(drawn.map(({ data }) => data.map(({ y }) => y))).toEqual([
      [1, NaN, 3],
      [11, NaN, 3],
      [111, NaN, 303],
    ]);
    expect(drawn.map(({ fill }) => fill)).toEqual(['origin', '-1', '-1']);
    expect(drawn.every(({ spanGaps }) => spanGaps === false)).toBe(true);
  });

  it('reach as high as the sum', () => {
    expect(highestOf(modelOf([[1, 5], [2, 2]]), true)).toBe(7); // prettier-ignore
  });
});

describe('lines', () => {
  it('carry the colour and dash of their guest', () => {
    const [first, second] = lineDatasets(modelOf([[1], [2]]), theme);
    expect([first?.borderColor, first?.borderDash]).toEqual(['guest 1', []]);
    expect([second?.borderColor, second?.borderDash]).toEqual(['guest 2', [6, 3]]);
  });

  it('have a band from least to greatest where a bucket holds several seconds', () => {
    const drawn = lineDatasets(modelOf([[4, 8]], 5), theme);
    expect(drawn.map(({ data }) => data.map(({ x, y }) => [x, y]))).toEqual([
      [[4, 3], [9, 7]],
      [[4, 5], [9, 9]],
      [[4, 4], [9, 8]],
    ]); // prettier-ignore
    expect(highestOf(modelOf([[4, 8]], 5), false)).toBe(9);
  });
});

describe('scales', () => {
  it('are round, hold the highest value and have at most four parts', () => {
    for (const highest of [0.003, 0.7, 1, 7, 56.2, 99, 100, 101, 1440, 65_535]) {
      const { max, step } = niceScale(highest, false);
      expect(max, String(highest)).toBeGreaterThanOrEqual(highest);
      expect(Math.round(max / step), String(highest)).toBeLessThanOrEqual(4);
      expect(max).toBeLessThan(highest * 2.1);
    }
  });

  it('have no fractions where values are whole, and a scale where there is nothing', () => {
    expect(niceScale(1.5, true)).toEqual({ max: 2, step: 1 });
    expect(niceScale(0, true)).toEqual({ max: 1, step: 1 });
    expect(niceScale(NaN, false).max).toBe(1);
  });

  it('stay while the data still fit, and change when they do not', () => {
    const former = { max: 100, step: 25 };
    expect(steadyScale(former, 60, false)).toBe(former);
    expect(steadyScale(former, 101, false).max).toBeGreaterThan(101);
    expect(steadyScale(former, 20, false).max).toBeLessThan(50);
  });

  it('mark host time at round times from where the run began', () => {
    const ticks = clockTicks({ fromS: 1040, toS: 1400 }, 4, { origin: 1001, text: (second) => String(second - 1001) });
    expect(ticks.map(({ second, label }) => [second, label])).toEqual([
      [1121, '120'],
      [1241, '240'],
      [1361, '360'],
    ]);
  });

  it('mark time at round distances back from its end', () => {
    expect(timeTicks(880, 1000, 4).map(({ label }) => label.replaceAll('\u00a0', ' '))).toEqual(['−2 min', '−1:30', '−1 min', '−0:30', 'now']); // prettier-ignore
    expect(timeTicks(0, 3600, 5).map(({ second }) => second)).toEqual([0, 900, 1800, 2700, 3600]);
    expect(timeTicks(0, 86_400 * 400, 5).length).toBeLessThanOrEqual(7);
  });
});

describe('markers', () => {
  const area = { left: 50, right: 650, top: 0, bottom: 100, fromS: 0, toS: 600 };
  const action = (second: number, text: string) => ({ key: text, second, kind: 'action' as const, text, time: '' });

  it('stand at their second; those outside the window are left out', () => {
    const placed = placeMarkers([action(300, 'a'), action(-5, 'old'), action(601, 'later')], area);
    expect(placed.map(({ key, x }) => [key, x])).toEqual([['a', 350]]);
  });

  it('turn their flag to where there is room, and fold it where there is none', () => {
    const placed = placeMarkers(
      [action(590, 'build weight 100 → 400'), action(585, 'db weight 100 → 50'), action(580, 'db weight 50 → 20')],
      area,
    );
    expect(placed.map(({ flag }) => flag)).toEqual(['left', 'none', 'none']);
    expect(placeMarkers([action(10, 'build weight')], area)[0]?.flag).toBe('right');
  });

  it('keep clock events quiet', () => {
    expect(placeMarkers([{ ...action(5, 'Paused'), kind: 'clock' }], area)[0]?.flag).toBe('none');
  });
});

describe('a chart in words', () => {
  it('says where each series began, is, and went between', () => {
    const text = chartSummary('Pool occupancy', modelOf([[1, 5, NaN]]), kind).replaceAll('\u00a0', ' ');
    expect(text).toBe('Pool occupancy, last 2 s: g1 from 1.0 MiB to 5.0 MiB, between 0.0 MiB and 6.0 MiB.');
    expect(chartSummary('Pool occupancy', modelOf([[NaN]]), kind)).toContain('nothing recorded');
  });

  it('reads the values under the cursor', () => {
    const text = cursorText('00:00:01', 1, modelOf([[1, 5], [2, NaN]]), kind).replaceAll('\u00a0', ' '); // prettier-ignore
    expect(text).toBe('00:00:01: g1 5.0 MiB, g2 nothing');
    expect(cursorText('00:00:09', -1, modelOf([[1]]), kind)).toBe('00:00:09: nothing recorded');
  });

  it('finds the bucket of a second', () => {
    const model = modelOf([[1, 2, 3]], 5);
    expect([-1, 0, 4, 5, 14, 15].map((second) => bucketAt(model, second))).toEqual([-1, 0, 0, 1, 2, -1]);
    expect(hasData(model)).toBe(true);
  });
});
