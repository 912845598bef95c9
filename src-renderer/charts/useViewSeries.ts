import { useDocumentVisibility, useIntervalFn } from '@vueuse/core';
import { computed, shallowRef, watch, type Ref } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import { consoleErrorOf, useConnection } from '../stores/connection.ts';
import { askSeries } from '../stores/history-series.ts';
import { useLive } from '../stores/live.ts';
import type { Range, SampleRing, SeriesKey } from '../stores/sample-ring.ts';
import type { TimeView } from '../stores/time-views.ts';
import { isLiveWindow, LIVE_SECONDS_MAX } from '../stores/time-windows.ts';
import { windowOfRing, type WindowSeries } from './window-series.ts';

/** Most buckets over a chart's width, about one for two or three pixels; the contract would allow 1,500. */
const POINTS = 240;
/** Wall ms after which a window of the history is asked again. */
const ASK_EVERY_MS = 4_000;
/** Wall ms between two drawings of a window with buckets of several seconds. */
const REDRAW_MS = 1_000;

/**
 * Series over the time of a page: short stretches from the ring, while they move with every frame; long or past ones from
 * the history, those that move asked again every few seconds while host time does and the window is visible.
 */
export function useViewSeries(view: TimeView, keys: Ref<readonly SeriesKey[]>) {
  const live = useLive();
  const connection = useConnection();
  const visibility = useDocumentVisibility();
  const asked = shallowRef<WindowSeries | null>(null);
  const drawn = shallowRef<WindowSeries | null>(null);
  const failure = shallowRef<ConsoleError | null>(null);
  let turn = 1;
  /** The turn whose answer is awaited; 0: none. */
  let awaited = 0;
  let drawnAt = 0;

  const isMoving = (): boolean => view.fixed.value === null;
  const fromRing = computed(() =>
    view.fixed.value === null ? isLiveWindow(view.window.value) : isInRing(live.now.ring, view.fixed.value),
  );

  /** What is shown; of a moving window the second before it too, where the drawing begins. */
  function drawnRange(): Range {
    const { fromS, toS } = view.rangeAt(live.now.ring.newest);
    return { fromS: view.fixed.value !== null || view.window.value === 'all' ? fromS : fromS - 1, toS };
  }

  async function ask(): Promise<void> {
    const mine = ++turn;
    awaited = mine;
    try {
      const found = await askSeries(connection.request, drawnRange(), [...keys.value], POINTS);
      if (mine !== turn) return;
      failure.value = null;
      asked.value = found;
    } catch (thrown) {
      if (mine === turn) failure.value = consoleErrorOf(thrown);
    } finally {
      if (awaited === mine) awaited = 0;
    }
  }

  /** Asks again where the series come from the history and something new can be there. */
  function refresh(): void {
    const isDrawn = !isMoving() && drawn.value !== null;
    if (fromRing.value || isDrawn || awaited === turn || visibility.value === 'hidden') return;
    // Half a bucket further on is the least that could be seen.
    const { toS = -1, bucketS = 1 } = asked.value ?? {};
    if (asked.value === null || (isMoving() && live.now.ring.newest - toS >= bucketS / 2)) void ask();
  }

  /** Draws out of the ring anew; a window with long buckets not more often than it can be seen to change. */
  function draw(): void {
    const ring = live.now.ring;
    if (!fromRing.value || (ring.newest < 0 && !live.filled)) return;
    const wall = performance.now();
    if (isMoving() && (drawn.value?.bucketS ?? 1) > 1 && wall - drawnAt < REDRAW_MS) return;
    // What is fixed changes no more once it is all there.
    if (!isMoving() && drawn.value !== null && live.filled) return;
    drawnAt = wall;
    drawn.value = windowOfRing(ring, keys.value, drawnRange(), POINTS);
  }

  watch(
    [view.window, view.fixed, keys],
    () => {
      turn++;
      asked.value = null;
      drawn.value = null;
      failure.value = null;
      refresh();
      draw();
    },
    { immediate: true },
  );
  // The first frame, and a window that comes to the front again, need not wait for the next round.
  watch([() => live.filled, visibility, fromRing], refresh);
  useIntervalFn(refresh, ASK_EVERY_MS);
  watch([() => live.now, () => live.filled], draw);

  /** What is fixed stays drawn out of the ring also when the ring has moved on. */
  const series = computed(() =>
    isMoving() ? (fromRing.value ? drawn.value : asked.value) : (drawn.value ?? asked.value),
  );

  function retry(): void {
    failure.value = null;
    void ask();
  }

  return { series, failure, retry };
}

/** Whether the ring holds a stretch from one end to the other. */
function isInRing(ring: SampleRing, { fromS, toS }: Range): boolean {
  return toS - fromS <= LIVE_SECONDS_MAX && fromS >= ring.oldest && ring.has(fromS) && ring.has(toS);
}
