import { watchDebounced } from '@vueuse/core';
import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { EvictionFilter, EvictionRow, RequestAnswer } from '#contract/requests.ts';
import { consoleErrorOf, useConnection } from '../../stores/connection.ts';
import { evictionMatrix } from '../../stores/eviction-matrix.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import { usePreferences } from '../../stores/preferences.ts';
import { useEvictionChart } from './useEvictionChart.ts';
import { matchingRows, readFilter, type FilterReading } from './eviction-filter.ts';

const PAGE_ROWS = 200;
/** Wall ms after the last change of the filter until the history is asked. */
const SETTLE_MS = 250;

/** The eviction history under the kept filter: rows page by page, the summary, and how many came since. */
export function useEvictionHistory() {
  const connection = useConnection();
  const host = useHost();
  const live = useLive();
  const { preferences } = usePreferences();
  const chart = useEvictionChart();
  const rows = shallowRef<readonly EvictionRow[] | null>(null);
  const more = ref(false);
  const loadingMore = ref(false);
  const failure = shallowRef<ConsoleError | null>(null);
  const moreFailure = shallowRef<ConsoleError | null>(null);
  const summary = shallowRef<RequestAnswer<'history.evictionSummary'> | null>(null);
  const summaryFailure = shallowRef<ConsoleError | null>(null);
  /** Matching rows of the stream since the list was read; with frames dropped there are more. */
  const fresh = ref(0);
  const freshAtLeast = ref(false);
  let shown: { filter: EvictionFilter; open: boolean } | null = null;
  let nextSecond = -1;
  let turn = 0;

  const read = (): FilterReading =>
    readFilter(preferences.evictions, {
      runs: host.runs,
      description: host.description,
      newest: live.now.ring.newest,
    });
  const reading = computed(read);

  async function reload(): Promise<void> {
    const wanted = read();
    if (!wanted.ok || host.description === null) return;
    const mine = ++turn;
    shown = { filter: wanted.filter, open: wanted.open };
    fresh.value = 0;
    freshAtLeast.value = false;
    nextSecond = -1;
    const { filter } = wanted;
    void chart.load(filter);
    const list = connection.request('history.evictions', { filter, after: null, limit: PAGE_ROWS });
    const sums = connection.request('history.evictionSummary', { filter });
    // Each of the two regions shows its own failure.
    const [listed, summed] = await Promise.allSettled([list, sums]);
    if (mine !== turn) return;
    if (listed.status === 'fulfilled') {
      rows.value = listed.value.rows;
      more.value = listed.value.more;
    }
    failure.value = listed.status === 'rejected' ? consoleErrorOf(listed.reason) : null;
    moreFailure.value = null;
    if (summed.status === 'fulfilled') summary.value = summed.value;
    summaryFailure.value = summed.status === 'rejected' ? consoleErrorOf(summed.reason) : null;
  }

  async function loadMore(): Promise<void> {
    const last = rows.value?.at(-1);
    if (last === undefined || shown === null || !more.value || loadingMore.value) return;
    const mine = turn;
    loadingMore.value = true;
    moreFailure.value = null;
    try {
      const argument = { filter: shown.filter, after: last.cursor, limit: PAGE_ROWS };
      const found = await connection.request('history.evictions', argument);
      if (mine !== turn) return;
      rows.value = [...(rows.value ?? []), ...found.rows];
      more.value = found.more;
    } catch (thrown) {
      if (mine === turn) moreFailure.value = consoleErrorOf(thrown);
    } finally {
      loadingMore.value = false;
    }
  }

  const stopFrames = live.onFrame((frame) => {
    if (shown === null || !shown.open || frame.seconds === 0) return;
    if (nextSecond >= 0 && frame.firstSecond > nextSecond) freshAtLeast.value = true;
    nextSecond = frame.firstSecond + frame.seconds;
    fresh.value += matchingRows(frame, shown.filter);
  });
  onBeforeUnmount(stopFrames);

  // Only then the end of the axis is known; a host that starts anew fills anew.
  watch(
    () => live.filled,
    (filled) => {
      if (filled) void reload();
    },
    { immediate: true },
  );
  watchDebounced(() => preferences.evictions, reload, { deep: true, debounce: SETTLE_MS });

  const matrix = computed(() => (summary.value === null ? null : evictionMatrix(summary.value, host.guests)));

  return {
    reading,
    chart,
    rows,
    more,
    loadingMore,
    failure,
    moreFailure,
    summary,
    summaryFailure,
    matrix,
    fresh,
    freshAtLeast,
    reload,
    loadMore,
  };
}
