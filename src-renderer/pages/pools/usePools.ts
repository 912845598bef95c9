import { useDocumentVisibility, useIntervalFn } from '@vueuse/core';
import { computed, shallowRef, watch } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { PoolReading } from '#contract/requests.ts';
import type { AGE_CLASSES, GuestColumn } from '#contract/samples.ts';
import { pagesToMib } from '#contract/units.ts';
import { guestModel } from '../../charts/guest-model.ts';
import { useViewSeries } from '../../charts/useViewSeries.ts';
import { seriesOf } from '../../charts/window-series.ts';
import { axisTime } from '../../stores/axis.ts';
import { consoleErrorOf, useConnection } from '../../stores/connection.ts';
import { useEvents } from '../../stores/events.ts';
import { useHistoryLinks } from '../../stores/history-links.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import type { Range, SeriesKey } from '../../stores/sample-ring.ts';
import { isAnswered, useTimeView } from '../../stores/time-views.ts';
import { chartMarkers } from '../overview/chart-markers.ts';
import { medianAge, poolKey, poolRows } from './pool-rows.ts';

const ASK_EVERY_MS = 4_000;
/** Most pools whose ages are asked for, each by a question of its own. */
const AGED_MAX = 24;
/** Longest time over which they are: a week. */
const AGED_SECONDS_MAX = 604_800;

/** What the pools of all guests hold and did over the page's time. */
export function usePools() {
  const connection = useConnection();
  const host = useHost();
  const live = useLive();
  const events = useEvents();
  const links = useHistoryLinks();
  const visibility = useDocumentVisibility();
  const view = useTimeView('pools');
  const readings = shallowRef<readonly PoolReading[] | null>(null);
  const hostSeconds = shallowRef(0);
  /** Class of the median age of the pages that each pool lost, by the pool's key. */
  const ages = shallowRef<ReadonlyMap<string, (typeof AGE_CLASSES)[number] | null>>(new Map());
  const failure = shallowRef<ConsoleError | null>(null);
  let turn = 0;
  let answered: Range | null = null;

  async function ask(): Promise<void> {
    const { newest } = live.now.ring;
    if (newest < 0 && live.filled) readings.value ??= [];
    const { fromS, toS } = view.rangeAt(newest);
    if (newest < 0 || visibility.value === 'hidden' || isAnswered({ fromS, toS }, answered)) return;
    answered = { fromS, toS };
    const mine = ++turn;
    const range = { fromS: Math.max(0, fromS), toS };
    try {
      const found = await connection.request('history.pools', { range });
      if (mine !== turn) return;
      readings.value = found.pools;
      hostSeconds.value = found.hostSeconds;
      failure.value = null;
      const aged = await agesOf(found.pools, range);
      if (mine === turn) ages.value = aged;
    } catch (thrown) {
      if (mine !== turn) return;
      failure.value = consoleErrorOf(thrown);
      answered = null;
    }
  }

  /** Only what is evicted has an age then. */
  async function agesOf(pools: readonly PoolReading[], range: Range) {
    if (range.toS - range.fromS > AGED_SECONDS_MAX) return new Map<string, null>();
    const losers = pools.filter(({ evicted }) => evicted > 0).slice(0, AGED_MAX);
    const found = await Promise.all(
      losers.map(async (reading) => {
        const filter = { range, victims: [reading.guestId], beneficiaries: [], reasons: [], pools: [reading.pool] };
        const summary = await connection.request('history.evictionSummary', { filter });
        return [poolKey(reading), medianAge(summary.ages)] as const;
      }),
    );
    return new Map(found);
  }

  watch([view.window, view.fixed, visibility, () => live.filled], () => void ask(), { immediate: true });
  useIntervalFn(() => void ask(), ASK_EVERY_MS);

  const keys = computed<SeriesKey[]>(() =>
    host.guests.flatMap(({ id }) =>
      (['ephemeralPages', 'persistentPages'] as const).map((column) => ({ guestId: id, column })),
    ),
  );
  const charts = useViewSeries(view, keys);
  const modelOf = (column: GuestColumn) =>
    computed(() => {
      if (charts.series.value === null || host.guests.length === 0) return null;
      return guestModel(
        charts.series.value,
        host.guests,
        (window, guestId) => {
          const { value, minimum, maximum } = seriesOf(window, { guestId, column });
          return { value: value.map(pagesToMib), minimum: minimum.map(pagesToMib), maximum: maximum.map(pagesToMib) };
        },
        'sum',
      );
    });

  function retry(): void {
    answered = null;
    void ask();
  }

  return {
    view,
    rows: computed(() => (readings.value === null ? null : poolRows(readings.value))),
    ages,
    hostSeconds,
    failure,
    retry,
    precache: modelOf('ephemeralPages'),
    preswap: modelOf('persistentPages'),
    chartFailure: charts.failure,
    retryCharts: charts.retry,
    markers: computed(() =>
      chartMarkers(events.actions, events.clockEvents, host.runs, host.description, links.openAction),
    ),
    timeOf: (second: number): string => axisTime(Math.max(0, second), host.runs, host.description),
  };
}
