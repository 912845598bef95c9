import { computed, type Ref } from 'vue';
import { pagesToMib } from '#contract/units.ts';
import type { ChartModel } from '../../charts/chart-model.ts';
import { seriesOf, windowOfRing } from '../../charts/window-series.ts';
import { useEvents } from '../../stores/events.ts';
import { useHistoryLinks } from '../../stores/history-links.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import type { SeriesKey } from '../../stores/sample-ring.ts';
import { axisTime } from '../../stores/axis.ts';
import { chartMarkers } from '../overview/chart-markers.ts';
import type { GuestRow } from './guest-rows.ts';
import { weightShare } from './share.ts';
import { SPARK_SECONDS } from './useGuestTable.ts';

/** Last changes of a guest that are listed. */
const CHANGES = 4;

/** What the chosen guest holds against what its weight gives it, over the last 2 minutes, and its last changes. */
export function useGuestDetail(row: Ref<GuestRow | null>) {
  const host = useHost();
  const live = useLive();
  const events = useEvents();
  const links = useHistoryLinks();

  const model = computed<ChartModel | null>(() => {
    const guest = row.value?.guest;
    const ring = live.now.ring;
    if (guest === undefined || (ring.newest < 0 && !live.filled)) return null;
    const hostColumns = (['ephemeralPages', 'fallowPages'] as const).map((column) => ({ guestId: null, column }));
    const weightKeys = host.guests.map(({ id }): SeriesKey => ({ guestId: id, column: 'weight' }));
    const ramKeys = host.guests.map(({ id }): SeriesKey => ({ guestId: id, column: 'ramPages' }));
    const held: SeriesKey = { guestId: guest.id, column: 'ephemeralPages' };
    const range = { fromS: ring.newest - SPARK_SECONDS, toS: ring.newest };
    const window = windowOfRing(ring, [...hostColumns, ...weightKeys, ...ramKeys, held], range, SPARK_SECONDS + 1);
    const rams = ramKeys.map((key) => seriesOf(window, key).value);
    // A guest without RAM has not started yet, or was removed: it has no part in the pool, whatever its weight.
    const weights = weightKeys.map((key, place) =>
      seriesOf(window, key).value.map((weight, at) => (rams[place]?.[at] === 0 ? 0 : weight)),
    );
    const own = weights[host.guests.findIndex(({ id }) => id === guest.id)] ?? new Float64Array();
    const [ephemeral, fallow] = hostColumns.map((key) => seriesOf(window, key).value);
    const share = own.map((weight, at) => {
      const all = weights.map((values) => values[at] ?? NaN);
      return pagesToMib(weightShare(weight, all) * ((ephemeral?.[at] ?? NaN) + (fallow?.[at] ?? NaN)));
    });
    const holds = seriesOf(window, held).value.map(pagesToMib);
    const flat = (value: Float64Array) => ({ value, minimum: value, maximum: value });
    return {
      fromS: window.fromS,
      toS: window.toS,
      bucketS: window.bucketS,
      axisS: window.axisS,
      series: [
        { id: 1, label: 'holds', colour: guest.colour, dash: 1, ...flat(holds) },
        { id: 2, label: 'weighted share', colour: 0, dash: 2, ...flat(share) },
      ],
    };
  });
  const actions = computed(() =>
    events.actions.filter(
      ({ guestId, runId }) => guestId === row.value?.guest.id && runId === host.description?.run.id,
    ),
  );
  const markers = computed(() =>
    chartMarkers(actions.value, events.clockEvents, host.runs, host.description, links.openAction),
  );
  const changes = computed(() => actions.value.slice(0, CHANGES));
  const timeOf = (second: number): string => axisTime(second, host.runs, host.description);

  return { model, markers, changes, timeOf };
}
