import { computed } from 'vue';
import type { GuestColumn } from '#contract/samples.ts';
import { pagesToMib } from '#contract/units.ts';
import { evictionBursts } from '../../charts/bursts.ts';
import { EVICTED_COLUMNS, evictedOf, guestModel } from '../../charts/guest-model.ts';
import { seriesOf, type BucketSeries, type WindowSeries } from '../../charts/window-series.ts';
import { useViewSeries } from '../../charts/useViewSeries.ts';
import { axisTime } from '../../stores/axis.ts';
import { useEvents } from '../../stores/events.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import { useHistoryLinks } from '../../stores/history-links.ts';
import type { SeriesKey } from '../../stores/sample-ring.ts';
import { useTimeView } from '../../stores/time-views.ts';
import { burstMarkers, chartMarkers } from './chart-markers.ts';
import { FIGURE_COLUMNS, HOST_FIGURE_COLUMNS, keyFigures, rangeFigures } from './key-figures.ts';
import { ramSegments } from './ram-segments.ts';

const CHART_COLUMNS: readonly GuestColumn[] = ['ephemeralPages', ...EVICTED_COLUMNS];

const inMib = (series: BucketSeries): BucketSeries => ({
  value: series.value.map(pagesToMib),
  minimum: series.minimum.map(pagesToMib),
  maximum: series.maximum.map(pagesToMib),
});

/** All that the overview shows, from the stores. */
export function useOverview() {
  const host = useHost();
  const live = useLive();
  const events = useEvents();
  const view = useTimeView('overview');
  const links = useHistoryLinks();
  const keys = computed<SeriesKey[]>(() => [
    ...HOST_FIGURE_COLUMNS.map((column) => ({ guestId: null, column })),
    ...host.guests.flatMap(({ id }) =>
      [...CHART_COLUMNS, ...FIGURE_COLUMNS].map((column) => ({ guestId: id, column })),
    ),
  ]);
  const { series, failure, retry } = useViewSeries(view, keys);

  const timeOf = (second: number): string => axisTime(Math.max(0, second), host.runs, host.description);

  function modelOf(rest: 'sum' | 'none', read: (window: WindowSeries, guestId: number) => BucketSeries) {
    if (series.value === null || host.guests.length === 0) return null;
    return guestModel(series.value, host.guests, read, rest);
  }
  const occupancy = computed(() =>
    modelOf('sum', (window, guestId) => inMib(seriesOf(window, { guestId, column: 'ephemeralPages' }))),
  );
  const evictions = computed(() => modelOf('none', evictedOf));
  const bursts = computed(() => (series.value === null ? [] : evictionBursts(series.value)));
  const markers = computed(() => [
    ...chartMarkers(events.actions, events.clockEvents, host.runs, host.description, links.openAction),
    ...burstMarkers(bursts.value, timeOf, ({ fromS, toS }) => links.openEvictions({ fromS, toS: toS - 1 })),
  ]);
  const figures = computed(() =>
    view.fixed.value === null
      ? keyFigures(live.now.ring, host.guests, series.value, view.phrase.value)
      : rangeFigures(series.value, host.guests, view.phrase.value),
  );
  const ram = computed(() => {
    return ramSegments(live.now.ring, host.guests);
  });
  const nothingYet = computed(() => live.filled && live.now.ring.newest < 0);

  return { view, series, failure, retry, occupancy, evictions, markers, figures, ram, nothingYet, timeOf };
}
