import type { ChartDataset } from 'chart.js';
import type { ChartModel, ChartSeries } from './chart-model.ts';
import type { ChartTheme } from './theme.ts';

export interface Point {
  x: number;
  y: number;
}
export type LineDataset = ChartDataset<'line', Point[]>;

/** Points on the buckets, NaN where there is nothing: Chart.js leaves a gap there. A bucket is drawn at its end. */
function points(model: ChartModel, y: (at: number) => number): Point[] {
  return Array.from(model.axisS, (begin, at) => ({ x: Math.min(begin + model.bucketS - 1, model.toS), y: y(at) }));
}

const base = { pointRadius: 0, spanGaps: false, normalized: true, borderJoinStyle: 'round' } as const;

/**
 * Areas that add up: each series is drawn at the sum of itself and those below it, filled down to the one below. Where a
 * guest has no sample (it did not exist in that run) it adds nothing; where none has one, there is a gap.
 */
export function stackedDatasets(model: ChartModel, theme: ChartTheme): LineDataset[] {
  const sums = new Float64Array(model.axisS.length).fill(NaN);
  return model.series.map((series, place) => {
    for (let at = 0; at < sums.length; at++) {
      const value = series.value[at] ?? NaN;
      if (Number.isNaN(value)) continue;
      const below = sums[at] ?? NaN;
      sums[at] = Number.isNaN(below) ? value : below + value;
    }
    const colour = theme.guest(series.colour);
    return {
      ...base,
      label: series.label,
      data: points(model, (at) => sums[at] ?? NaN),
      borderColor: colour,
      borderWidth: 1,
      backgroundColor: theme.area(series.colour),
      fill: place === 0 ? 'origin' : '-1',
      order: place,
    };
  });
}

function band(series: ChartSeries, model: ChartModel, theme: ChartTheme): LineDataset[] {
  const edge = { ...base, label: series.label, borderWidth: 0, backgroundColor: theme.band(series.colour), order: 1 };
  return [
    { ...edge, data: points(model, (at) => series.minimum[at] ?? NaN), fill: false },
    { ...edge, data: points(model, (at) => series.maximum[at] ?? NaN), fill: '-1' },
  ];
}

/** Lines in each guest's colour and dash; where a bucket holds several seconds, with a band from least to greatest. */
export function lineDatasets(model: ChartModel, theme: ChartTheme): LineDataset[] {
  const lines: LineDataset[] = model.series.map((series) => ({
    ...base,
    label: series.label,
    data: points(model, (at) => series.value[at] ?? NaN),
    borderColor: theme.guest(series.colour),
    borderWidth: 1.5,
    borderDash: theme.dash(series.dash),
    fill: false,
    order: 0,
  }));
  return model.bucketS > 1 ? [...model.series.flatMap((series) => band(series, model, theme)), ...lines] : lines;
}
