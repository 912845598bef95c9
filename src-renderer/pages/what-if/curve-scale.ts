import { niceScale } from '../../charts/scale.ts';

/** A line of a curve chart. */
export interface CurveSeries {
  readonly id: number;
  readonly label: string;
  readonly colour: number;
  readonly dash: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** A point on a curve that is marked: "RAM", "RAM + share", or where the knob is today. */
export interface CurveMark {
  readonly x: number;
  /** NaN: a line over the whole height. */
  readonly y: number;
  readonly label: string;
  readonly colour: number;
}

/** Where the drawing lies in a picture of 1,000 × 300, and how values come into it. */
export interface CurvePlane {
  readonly place: (x: number, y: number) => { readonly x: number; readonly y: number };
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  readonly xs: readonly number[];
}

const X_TICKS = 5;

/** The plane of some lines, in parts of one: x from left, y from below; the axis of values begins at 0. */
export function curvePlane(series: readonly CurveSeries[], isLog: boolean): CurvePlane | null {
  const xs = [...new Set(series.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const from = xs[0];
  const to = xs.at(-1);
  if (from === undefined || to === undefined || to <= from) return null;
  const highest = Math.max(...series.flatMap(({ y }) => y.filter(Number.isFinite)), 0);
  const { max, step } = niceScale(highest, false);
  const along = (x: number): number =>
    isLog ? Math.log(Math.max(1, x) / Math.max(1, from)) / Math.log(to / Math.max(1, from)) : (x - from) / (to - from);
  const yTicks: number[] = [];
  for (let y = 0; y <= max + step / 2; y += step) yTicks.push(y);
  return { place: (x, y) => ({ x: along(x), y: y / max }), xTicks: xTicksOf(xs, isLog), yTicks, xs };
}

/** Some of the values themselves where they double, else round ones. */
function xTicksOf(xs: readonly number[], isLog: boolean): number[] {
  const from = xs[0] ?? 0;
  const to = xs.at(-1) ?? 1;
  if (isLog) {
    const every = Math.max(1, Math.ceil((xs.length - 1) / (X_TICKS + 1)));
    return xs.filter((_, at) => at % every === 0);
  }
  const { step } = niceScale(to - from, false);
  const ticks: number[] = [];
  for (let x = Math.ceil(from / step) * step; x <= to; x += step) ticks.push(x);
  return ticks;
}

/** The value of a line at a place: of the nearest point at or before it. */
export function valueAt({ x, y }: CurveSeries, at: number): number {
  let found = NaN;
  for (let place = 0; place < x.length && (x[place] ?? Infinity) <= at; place++) found = y[place] ?? NaN;
  return found;
}
