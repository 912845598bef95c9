import { computed } from 'vue';
import type { GuestColumn } from '#contract/samples.ts';
import { pagesToMib } from '#contract/units.ts';
import { EVICTED_COLUMNS, evictedOf, guestModel } from '../../charts/guest-model.ts';
import { seriesOf, type BucketSeries, type WindowSeries } from '../../charts/window-series.ts';
import { axisTime } from '../../stores/axis.ts';
import { useEvents } from '../../stores/events.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import { usePreferences } from '../../stores/preferences.ts';
import type { SeriesKey } from '../../stores/sample-ring.ts';
import { windowPhrase } from '../../stores/time-windows.ts';
import { chartMarkers } from './chart-markers.ts';
import { FIGURE_COLUMNS, keyFigures } from './key-figures.ts';
import { ramSegments } from './ram-segments.ts';
import { useWindowSeries } from './useWindowSeries.ts';

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
  const preferences = usePreferences();
  const timeWindow = computed({
    get: () => preferences.preferences.timeWindow,
    set: (window) => {
      preferences.preferences.timeWindow = window;
    },
  });
  const keys = computed<SeriesKey[]>(() =>
    host.guests.flatMap(({ id }) => [...CHART_COLUMNS, ...FIGURE_COLUMNS].map((column) => ({ guestId: id, column }))),
  );
  const { series, failure, retry } = useWindowSeries(timeWindow, keys);

  function modelOf(rest: 'sum' | 'none', read: (window: WindowSeries, guestId: number) => BucketSeries) {
    if (series.value === null || host.guests.length === 0) return null;
    return guestModel(series.value, host.guests, read, rest);
  }
  const occupancy = computed(() =>
    modelOf('sum', (window, guestId) => inMib(seriesOf(window, { guestId, column: 'ephemeralPages' }))),
  );
  const evictions = computed(() => modelOf('none', evictedOf));
  const markers = computed(() => chartMarkers(events.actions, events.clockEvents, host.runs, host.description));
  const figures = computed(() => {
    return keyFigures(live.now.ring, host.guests, series.value, windowPhrase(timeWindow.value));
  });
  const ram = computed(() => {
    return ramSegments(live.now.ring, host.guests);
  });
  const nothingYet = computed(() => live.filled && live.now.ring.newest < 0);
  const timeOf = (second: number): string => axisTime(second, host.runs, host.description);

  return { timeWindow, series, failure, retry, occupancy, evictions, markers, figures, ram, nothingYet, timeOf };
}
