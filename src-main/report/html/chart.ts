import type { Markup } from './markup.ts';
import { html } from './markup.ts';

/** Size of the drawing and of its margins, in its own units. */
const WIDTH = 1080;
const HEIGHT = 220;
const LEFT = 56;
const RIGHT = 12;
const TOP = 8;
const BOTTOM = 22;
/** The console has that many guest colours and dashes. */
const COLOURS = 8;

export interface Chart {
  readonly axisS: Float64Array;
  readonly bucketS: number;
  /** One per guest, NaN where nothing was recorded. */
  readonly lines: readonly Float64Array[];
  readonly stacked: boolean;
  /** Axis seconds of admin actions. */
  readonly marks: readonly number[];
  readonly value: (value: number) => string;
  readonly time: (axisS: number) => string;
  /** Said to who cannot see it. */
  readonly label: string;
}

/** Colour and dash of a guest by its place, from 1, as the console gives them. */
export function looksOf(place: number): { colour: number; dash: number } {
  return { colour: (place % COLOURS) + 1, dash: ((place + Math.floor(place / COLOURS)) % COLOURS) + 1 };
}

/** A chart as inline SVG: areas on each other for what adds up, lines for what doesn't. */
export function chart({ axisS, bucketS, lines, stacked, marks, value, time, label }: Chart): Markup {
  const shown = stacked ? onEachOther(lines) : lines;
  const most = Math.max(0, ...shown.map((line) => line.reduce((max, one) => (one > max ? one : max), 0)));
  const step = tickStep(most);
  const top = Math.max(step, Math.ceil(most / step) * step);
  const fromS = axisS[0] ?? 0;
  const spanS = Math.max(1, (axisS.at(-1) ?? 0) + bucketS - fromS);
  const x = (second: number): number => round(LEFT + ((second - fromS) / spanS) * (WIDTH - LEFT - RIGHT));
  const y = (amount: number): number => round(HEIGHT - BOTTOM - (amount / top) * (HEIGHT - TOP - BOTTOM));
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, place) => place * step);
  const middleOf = (at: number): number => (axisS[at] ?? 0) + bucketS / 2;
  const shapes = shown.map((line, place) => {
    const { colour, dash } = looksOf(place);
    const below = stacked ? shown[place - 1] : undefined;
    const path = runsOf(line)
      .map(([first, last]) => {
        const points = indices(first, last).map((at) => `${x(middleOf(at))} ${y(line[at] ?? 0)}`);
        if (!stacked) return points.length === 1 ? `M${points[0] ?? ''}h1` : `M${points.join('L')}`;
        const back = indices(first, last).reverse();
        return `M${[...points, ...back.map((at) => `${x(middleOf(at))} ${y(below?.[at] ?? 0)}`)].join('L')}Z`;
      })
      .join('');
    return stacked
      ? html`<path class="f${colour}" d="${path}" />`
      : html`<path class="line s${colour} d${dash}" d="${path}" />`;
  });
  const times = Array.from({ length: 6 }, (_, place) => fromS + (spanS * place) / 5);
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
    ${ticks.map(
      (tick) =>
        html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}" /><text
            x="${LEFT - 6}"
            y="${y(tick) + 3.5}"
            text-anchor="end"
            >${value(tick)}</text
          >`,
    )}
    ${shapes}
    ${marks.map((second) => html`<line class="mark" x1="${x(second)}" x2="${x(second)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" />`)}
    ${times.map((second, place) => html`<text x="${x(second)}" y="${HEIGHT - 6}" text-anchor="${['start', 'middle', 'end'][place === 0 ? 0 : place === 5 ? 2 : 1] ?? ''}">${time(Math.min(second, fromS + spanS - 1))}</text>`)}
  </svg>`;
}

/** Sums from the first line up; a gap stays a gap. */
function onEachOther(lines: readonly Float64Array[]): Float64Array[] {
  const sums: Float64Array[] = [];
  for (const line of lines) {
    const below = sums.at(-1);
    sums.push(line.map((one, at) => one + (below?.[at] ?? 0)));
  }
  return sums;
}

/** First and last places of each stretch without a gap. */
function runsOf(line: Float64Array): [number, number][] {
  const runs: [number, number][] = [];
  line.forEach((value, at) => {
    if (Number.isNaN(value)) return;
    const last = runs.at(-1);
    if (last?.[1] === at - 1) last[1] = at;
    else runs.push([at, at]);
  });
  return runs;
}

function indices(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, place) => first + place);
}

/** 1, 2 or 5 times a power of ten, so that some four lines cross the chart. */
function tickStep(most: number): number {
  const rough = Math.max(most, 1e-3) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((times) => times * power >= rough) ?? 10) * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
