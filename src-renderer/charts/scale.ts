import { beforeNow } from '../format.ts';

/** A value axis from 0: its end, and the distance of its grid lines. */
export interface ValueScale {
  readonly max: number;
  readonly step: number;
}

const STEPS = [1, 2, 2.5, 5, 10];
const GRID_LINES = 4;

/** The smallest round scale from 0 that holds `highest` with at most four parts. */
export function niceScale(highest: number, whole: boolean): ValueScale {
  const needed = Number.isFinite(highest) && highest > 0 ? highest : 1;
  const raw = needed / GRID_LINES;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = STEPS.map((factor) => factor * power).find((candidate) => candidate >= raw - 1e-12) ?? raw;
  const rounded = whole ? Math.max(1, Math.ceil(step)) : step;
  return { max: rounded * Math.ceil(needed / rounded - 1e-9), step: rounded };
}

/** Keeps the former scale while it still fits well, so that the axis does not jump with every sample. */
export function steadyScale(former: ValueScale | null, highest: number, whole: boolean): ValueScale {
  const fits = former !== null && highest <= former.max && highest > former.max * 0.45;
  return fits ? former : niceScale(highest, whole);
}

const TIME_STEPS_S = [
  1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
];

export interface TimeTick {
  readonly second: number;
  readonly label: string;
}

function timeStep(fromS: number, toS: number, most: number): number {
  const raw = Math.max(1, toS - fromS) / Math.max(1, most);
  return TIME_STEPS_S.find((candidate) => candidate >= raw) ?? Math.ceil(raw / 604_800) * 604_800;
}

/** Round times from an origin, oldest first, at most `most` parts. */
export function clockTicks(
  { fromS, toS }: { fromS: number; toS: number },
  most: number,
  { origin, text }: { origin: number; text: (second: number) => string },
): TimeTick[] {
  const step = timeStep(fromS, toS, most);
  const ticks: TimeTick[] = [];
  for (let second = origin + Math.ceil((fromS - origin) / step) * step; second <= toS; second += step) {
    ticks.push({ second, label: text(second) });
  }
  return ticks;
}

/** Round distances back from the end of a time axis, oldest first, at most `most` parts. */
export function timeTicks(fromS: number, toS: number, most: number): TimeTick[] {
  const span = Math.max(1, toS - fromS);
  const step = timeStep(fromS, toS, most);
  const ticks: TimeTick[] = [];
  for (let back = Math.floor(span / step) * step; back >= 0; back -= step) {
    ticks.push({ second: toS - back, label: beforeNow(back) });
  }
  return ticks;
}
