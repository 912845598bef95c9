import { useIntervalFn } from '@vueuse/core';
import { computed, ref, shallowRef, watch } from 'vue';
import { windowOfRing } from '../../charts/window-series.ts';
import { useEdits } from '../../stores/edits.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import { usePresentSettings } from '../../stores/present-settings.ts';
import { useStaged } from '../../stores/staged.ts';
import { guestRows, nextSort, poolPages, sortedIds, type GuestRow, type Sort, type SortKey } from './guest-rows.ts';

/** Host seconds of the sparklines, and their points. */
export const SPARK_SECONDS = 120;
const SPARK_POINTS = 60;
/** Wall ms between two sortings by a figure that moves; never while somebody is in the table. */
const RESORT_MS = 5_000;

/** The guests' table: its lines, their order, and which guest is chosen. */
export function useGuestTable() {
  const host = useHost();
  const live = useLive();
  const edits = useEdits();
  const present = usePresentSettings();
  const tray = useStaged();
  const sort = shallowRef<Sort | null>(null);
  const order = shallowRef<readonly number[]>([]);
  const inTable = ref(false);
  const chosen = ref<number | null>(null);

  const rows = computed<GuestRow[]>(() => {
    return guestRows(live.now.ring, host.guests, (id) => ({
      // A guest that was removed or has not started has no part in the pool, whatever its weight.
      weight: present.isRemoved(id) || present.isWaiting(id) ? 0 : present.setting('weight', id),
      targetPages: present.setting('balloon-target', id),
    }));
  });
  const sparks = computed(() => {
    const ring = live.now.ring;
    const range = { fromS: ring.newest - SPARK_SECONDS + 1, toS: ring.newest };
    return host.guests.map(({ id }) => {
      const window = windowOfRing(ring, [{ guestId: id, column: 'ephemeralPages' }], range, SPARK_POINTS);
      return [...window.series.values()][0]?.value ?? new Float64Array();
    });
  });
  const pool = computed(() => {
    return poolPages(live.now.ring);
  });

  function resort(): void {
    order.value = sortedIds(rows.value, sort.value);
  }
  watch([sort, () => host.guests], resort, { immediate: true });
  useIntervalFn(() => {
    const isEdited = edits.edits.size > 0 || tray.staged.size > 0;
    if (sort.value !== null && !inTable.value && !isEdited) resort();
  }, RESORT_MS);

  const lines = computed(() => {
    const byId = new Map(
      rows.value.map((row, at) => [row.guest.id, { row, spark: sparks.value[at] ?? new Float64Array() }]),
    );
    return order.value.flatMap((id) => {
      const line = byId.get(id);
      if (line === undefined) return [];
      // What a weight would do depends on what else is staged.
      const others = rows.value
        .filter(({ guest }) => guest.id !== id)
        .map(({ guest }) => (tray.isLeaving(guest.id) ? 0 : tray.wanted('weight', guest.id)));
      return [{ ...line, others }];
    });
  });
  const selected = computed(() => rows.value.find(({ guest }) => guest.id === chosen.value) ?? rows.value[0] ?? null);

  function sortBy(key: SortKey): void {
    sort.value = nextSort(sort.value, key);
  }

  return { lines, rows, sort, sortBy, inTable, chosen, selected, pool };
}
