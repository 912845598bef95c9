import { useDocumentVisibility, useIntervalFn } from '@vueuse/core';
import { computed, shallowRef, watch, type Ref } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import { windowOfRing, type WindowSeries } from '../../charts/window-series.ts';
import { consoleErrorOf, useConnection } from '../../stores/connection.ts';
import { useLive } from '../../stores/live.ts';
import type { TimeWindow } from '../../stores/preferences.ts';
import { askSeries } from '../../stores/history-series.ts';
import type { Range, SeriesKey } from '../../stores/sample-ring.ts';
import { isLiveWindow, windowRange } from '../../stores/time-windows.ts';

/** Most buckets over a chart's width, about one for two or three pixels; the contract would allow 1,500. */
const LIVE_POINTS = 240;
const HISTORY_POINTS = 240;
/** Wall ms after which a window of the history is asked again. */
const ASK_EVERY_MS = 4_000;
/** Wall ms between two drawings of a window with buckets of several seconds. */
const REDRAW_MS = 1_000;

/**
 * Series over the page's time window: short windows from the ring with every frame, long ones from the history, asked
 * again every few seconds while host time moves and the window is visible.
 */
export function useWindowSeries(window: Ref<TimeWindow>, keys: Ref<readonly SeriesKey[]>) {
  const live = useLive();
  const connection = useConnection();
  const visibility = useDocumentVisibility();
  const asked = shallowRef<WindowSeries | null>(null);
  const drawn = shallowRef<WindowSeries | null>(null);
  const failure = shallowRef<ConsoleError | null>(null);
  let turn = 0;
  let drawnAt = 0;

  /** The window and the second before it: where the drawing begins. */
  function drawnRange(): Range {
    const { fromS, toS } = windowRange(window.value, live.now.ring.newest);
    return { fromS: window.value === 'all' ? fromS : fromS - 1, toS };
  }

  async function ask(): Promise<void> {
    const mine = ++turn;
    const range = drawnRange();
    try {
      const found = await askSeries(connection.request, range, [...keys.value], HISTORY_POINTS);
      if (mine !== turn) return;
      failure.value = null;
      asked.value = found;
    } catch (thrown) {
      if (mine === turn) failure.value = consoleErrorOf(thrown);
    }
  }

  /** Asks again where the window is one of the history and something new can be there. */
  function refresh(): void {
    if (isLiveWindow(window.value) || visibility.value === 'hidden') return;
    if (asked.value?.toS !== live.now.ring.newest) void ask();
  }

  watch([window, keys], () => {
    turn++;
    asked.value = null;
    failure.value = null;
    refresh();
  });
  // The first frame, and a window that comes to the front again, need not wait for the next round.
  watch([() => live.filled, visibility], refresh, { immediate: true });
  useIntervalFn(refresh, ASK_EVERY_MS);

  /** Draws a short window anew; one with long buckets not more often than it can be seen to change. */
  function draw(): void {
    const ring = live.now.ring;
    if (!isLiveWindow(window.value) || (ring.newest < 0 && !live.filled)) return;
    const wall = performance.now();
    if ((drawn.value?.bucketS ?? 1) > 1 && wall - drawnAt < REDRAW_MS) return;
    drawnAt = wall;
    drawn.value = windowOfRing(ring, keys.value, drawnRange(), LIVE_POINTS);
  }
  watch(
    [window, keys],
    () => {
      drawn.value = null;
      draw();
    },
    { immediate: true },
  );
  watch([() => live.now, () => live.filled], draw);

  const series = computed(() => (isLiveWindow(window.value) ? drawn.value : asked.value));

  function retry(): void {
    failure.value = null;
    void ask();
  }

  return { series, failure, retry };
}
