import { computed, shallowRef } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { EvictionFilter } from '#contract/requests.ts';
import { EVICTED_COLUMNS, evictedOf, guestModel } from '../../charts/guest-model.ts';
import type { WindowSeries } from '../../charts/window-series.ts';
import { axisTime } from '../../stores/axis.ts';
import { consoleErrorOf, useConnection } from '../../stores/connection.ts';
import { useEvents } from '../../stores/events.ts';
import { askSeries } from '../../stores/history-series.ts';
import { useHistoryLinks } from '../../stores/history-links.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import type { SeriesKey } from '../../stores/sample-ring.ts';
import { chartMarkers } from '../overview/chart-markers.ts';

const POINTS = 200;

/** Evictions a second over the stretch of time that the list covers, of the victims it covers. */
export function useEvictionChart() {
  const connection = useConnection();
  const host = useHost();
  const live = useLive();
  const events = useEvents();
  const links = useHistoryLinks();
  const shown = shallowRef<{ window: WindowSeries; victims: readonly number[] } | null>(null);
  const failure = shallowRef<ConsoleError | null>(null);
  let turn = 0;

  async function load(filter: EvictionFilter): Promise<void> {
    const mine = ++turn;
    const range = filter.range ?? { fromS: 0, toS: live.now.ring.newest };
    const victims = filter.victims.length > 0 ? filter.victims : host.guests.map(({ id }) => id);
    const keys = victims.flatMap((guestId) => EVICTED_COLUMNS.map((column): SeriesKey => ({ guestId, column })));
    try {
      const window = await askSeries(connection.request, range, keys, POINTS);
      if (mine !== turn) return;
      shown.value = { window, victims };
      failure.value = null;
    } catch (thrown) {
      if (mine === turn) failure.value = consoleErrorOf(thrown);
    }
  }

  const model = computed(() => {
    if (shown.value === null) return null;
    const { window, victims } = shown.value;
    const guests = host.guests.filter(({ id }) => victims.includes(id));
    return guestModel(window, guests, evictedOf, 'none');
  });
  const markers = computed(() =>
    chartMarkers(events.actions, events.clockEvents, host.runs, host.description, links.openAction),
  );
  const timeOf = (second: number): string => axisTime(second, host.runs, host.description);

  const origin = (): number => host.description?.run.axisStartS ?? 0;
  return { model, failure, markers, origin, timeOf, load };
}
