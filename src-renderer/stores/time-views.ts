import { defineStore } from 'pinia';
import { computed, reactive, type ComputedRef, type WritableComputedRef } from 'vue';
import { axisTime } from './axis.ts';
import { useHost } from './host.ts';
import { usePreferences, type TimeWindow } from './preferences.ts';
import type { Range } from './sample-ring.ts';
import { windowPhrase, windowRange } from './time-windows.ts';

/** A stretch of the axis that does not move with the host. */
export interface FixedRange extends Range {
  /** It is the window as it was when the person held it, not one that was chosen. */
  readonly held: boolean;
}

/** Shortest stretch that a chart is drawn over, in host seconds. */
const SHORTEST_S = 10;

/** Part of a moving window that it must move on to be asked for again: less could not be seen in a chart. */
const SEEN_PART = 1 / 480;

/** Whether what was asked for a stretch still stands for another one: it is the same, or has hardly moved on. */
export function isAnswered({ fromS, toS }: Range, answered: Range | null): boolean {
  if (answered === null) return false;
  const moved = toS - answered.toS;
  if (moved === 0) return fromS === answered.fromS;
  const isSameLength = toS - fromS === answered.toS - answered.fromS || fromS === answered.fromS;
  return isSameLength && moved > 0 && moved < (toS - fromS) * SEEN_PART;
}

/** The time of one page, shared by all its charts: the newest stretch of some length, or a fixed one. */
export interface TimeView {
  /** Length of the moving window; choosing one goes back to live. */
  readonly window: WritableComputedRef<TimeWindow>;
  /** The fixed stretch that is shown instead, or null. */
  readonly fixed: ComputedRef<FixedRange | null>;
  /** In words: "2 min", "00:10:00 to 00:12:00". */
  readonly phrase: ComputedRef<string>;
  /** The stretch of the axis when `newest` is now; it may begin before the first recorded second. */
  rangeAt(newest: number): Range;
  /** Shows a stretch, in any order of its ends. */
  show(range: Range): void;
  /** Keeps what is shown as it is, while the host goes on. */
  hold(newest: number): void;
  /** Twice the time, around the middle. */
  zoomOut(newest: number): void;
  backToLive(): void;
}

/** The fixed stretches of the pages, by page: they outlive a visit of another page. */
const useFixedRanges = defineStore('fixed ranges', () => ({ byPage: reactive(new Map<string, FixedRange>()) }));

export function useTimeView(page: string): TimeView {
  const preferences = usePreferences();
  const host = useHost();
  const { byPage } = useFixedRanges();
  const fixed = computed(() => byPage.get(page) ?? null);
  const window = computed<TimeWindow>({
    get: () => preferences.preferences.timeWindow,
    set: (value) => {
      byPage.delete(page);
      preferences.preferences.timeWindow = value;
    },
  });
  const phrase = computed(() => {
    if (fixed.value === null) return windowPhrase(window.value);
    const time = (second: number): string => axisTime(Math.max(0, second), host.runs, host.description);
    return `${time(fixed.value.fromS)} to ${time(fixed.value.toS)}`;
  });
  const rangeAt = (newest: number): Range => fixed.value ?? windowRange(window.value, newest);

  function show(range: Range): void {
    const [least, greatest] = range.fromS <= range.toS ? [range.fromS, range.toS] : [range.toS, range.fromS];
    const missing = Math.max(0, SHORTEST_S - (greatest - least));
    const fromS = Math.max(0, Math.round(least - missing / 2));
    byPage.set(page, { fromS, toS: Math.max(fromS + SHORTEST_S, Math.round(greatest + missing / 2)), held: false });
  }

  function hold(newest: number): void {
    const { fromS, toS } = rangeAt(newest);
    byPage.set(page, { fromS, toS, held: true });
  }

  function zoomOut(newest: number): void {
    const { fromS, toS } = rangeAt(newest);
    const half = Math.ceil((toS - fromS) / 2);
    show({ fromS: fromS - half, toS: Math.min(toS + half, Math.max(toS, newest)) });
  }

  return { window, fixed, phrase, rangeAt, show, hold, zoomOut, backToLive: () => void byPage.delete(page) };
}
