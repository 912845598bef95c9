import { computed } from 'vue';
import type { GuestColumn } from '#contract/samples.ts';
import { pagesToMib } from '#contract/units.ts';
import type { ChartModel, ChartSeries } from '../../charts/chart-model.ts';
import { seriesOf, sumOf, type BucketSeries, type WindowSeries } from '../../charts/window-series.ts';
import { axisTime } from '../../stores/axis.ts';
import { useEvents } from '../../stores/events.ts';
import { useHost, type ShownGuest } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import { usePreferences } from '../../stores/preferences.ts';
import type { SeriesKey } from '../../stores/sample-ring.ts';
import { windowPhrase } from '../../stores/time-windows.ts';
import { chartMarkers } from './chart-markers.ts';
import { FIGURE_COLUMNS, keyFigures } from './key-figures.ts';
import { ramSegments } from './ram-segments.ts';
import { useWindowSeries } from './useWindowSeries.ts';

const CHART_COLUMNS: readonly GuestColumn[] = ['ephemeralPages', 'evictedBySelf', 'evictedByOthers'];

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

  function modelOf(read: (window: WindowSeries, guest: ShownGuest) => BucketSeries): ChartModel | null {
    const window = series.value;
    if (window === null || host.guests.length === 0) return null;
    const all: ChartSeries[] = host.guests.map((guest) => ({
      id: guest.id,
      label: guest.name,
      colour: guest.colour,
      dash: guest.dash,
      ...read(window, guest),
    }));
    const { fromS, toS, bucketS, axisS } = window;
    return { fromS, toS, bucketS, axisS, series: all };
  }

  const occupancy = computed(() =>
    modelOf((window, { id }) => inMib(seriesOf(window, { guestId: id, column: 'ephemeralPages' }))),
  );
  const evictions = computed(() =>
    modelOf((window, { id }) =>
      sumOf(
        [
          seriesOf(window, { guestId: id, column: 'evictedBySelf' }),
          seriesOf(window, { guestId: id, column: 'evictedByOthers' }),
        ],
        window.axisS.length,
      ),
    ),
  );
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
