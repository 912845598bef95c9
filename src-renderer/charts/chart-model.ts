/** What a time chart shows, without how: the same model feeds the canvas, the table view and the text summary. */
export interface ChartSeries {
  readonly id: number;
  readonly label: string;
  /** Colour and dash of the guest, from 1. */
  readonly colour: number;
  readonly dash: number;
  readonly value: Float64Array;
  readonly minimum: Float64Array;
  readonly maximum: Float64Array;
}

export interface ChartModel {
  readonly fromS: number;
  readonly toS: number;
  readonly bucketS: number;
  readonly axisS: Float64Array;
  readonly series: readonly ChartSeries[];
  /** Of how many guests these series are; a chart with many shows only the greatest. */
  readonly guests?: number;
}

/** How a chart is drawn and its numbers are written. */
export interface ChartKind {
  /** Areas on top of each other for what adds up; lines for what does not. */
  readonly stacked: boolean;
  /** True where values are whole numbers, so that the axis has no fractions. */
  readonly whole: boolean;
  /** Unit written at the top of the value axis and in the table's head: "MiB", "pages/s". */
  readonly unit: string;
  /**
   * Tells times on the axis as host time, round from the origin (an axis second); without it they are told back from now.
   */
  readonly clock?: { readonly origin: () => number; readonly text: (second: number) => string };
  /** A value without its unit. */
  readonly number: (value: number) => string;
}

/** A vertical line on the time axis: an administrator's action or a burst of evictions (with a flag), or an event of the clock (quiet). */
export interface ChartMarker {
  readonly key: string;
  readonly second: number;
  readonly kind: 'action' | 'burst' | 'clock';
  readonly text: string;
  /** Leads to its rows in the history; what is not given leads nowhere. */
  readonly open?: () => void;
  /** Its host time, in words. */
  readonly time: string;
}

/** Highest point of the drawing: of the stack, or of any line (its bucket maximum). */
export function highestOf(model: ChartModel, stacked: boolean): number {
  let highest = 0;
  for (let at = 0; at < model.axisS.length; at++) {
    let sum = 0;
    for (const series of model.series) {
      const value = (stacked ? series.value : series.maximum)[at] ?? NaN;
      if (Number.isNaN(value)) continue;
      sum = stacked ? sum + value : value;
      if (sum > highest) highest = sum;
    }
  }
  return highest;
}

/** Place of the bucket that holds a second, or -1. */
export function bucketAt(model: ChartModel, second: number): number {
  let low = 0;
  let high = model.axisS.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const begin = model.axisS[middle] ?? 0;
    if (second < begin) high = middle - 1;
    else if (second >= begin + model.bucketS) low = middle + 1;
    else return middle;
  }
  return -1;
}

/** True once there is anything to draw. */
export function hasData(model: ChartModel): boolean {
  return model.series.some((series) => series.value.some((value) => !Number.isNaN(value)));
}
