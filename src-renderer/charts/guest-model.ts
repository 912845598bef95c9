import type { ShownGuest } from '../stores/host.ts';
import type { ChartModel, ChartSeries } from './chart-model.ts';
import { seriesOf, sumOf, type BucketSeries, type WindowSeries } from './window-series.ts';

/** Most guests that a chart shows: more could not be told apart. */
const SHOWN_MAX = 12;

/** What becomes of the guests that a chart has no room for: they are added up, or left out. */
type Rest = 'sum' | 'none';

const total = (series: BucketSeries): number =>
  series.value.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), 0);

/**
 * A chart with one series a guest, in the guest's colour and dash. Of many guests it shows those with the greatest values
 * in the window, in the guests' order, and the sum of the others where they add up.
 */
export function guestModel(
  window: WindowSeries,
  guests: readonly ShownGuest[],
  read: (window: WindowSeries, guestId: number) => BucketSeries,
  rest: Rest,
): ChartModel {
  const { fromS, toS, bucketS, axisS } = window;
  const all: ChartSeries[] = guests.map(({ id, name, colour, dash }) => ({
    id,
    label: name,
    colour,
    dash,
    ...read(window, id),
  }));
  if (all.length <= SHOWN_MAX) return { fromS, toS, bucketS, axisS, series: all, guests: all.length };
  const ranked = [...all].sort((a, b) => total(b) - total(a));
  const shown = new Set(ranked.slice(0, SHOWN_MAX));
  const others = ranked.slice(SHOWN_MAX);
  const series = all.filter((one) => shown.has(one));
  if (rest === 'sum') {
    const sum = sumOf(others, axisS.length);
    series.push({ id: 0, label: `${others.length} others`, colour: 0, dash: 1, ...sum });
  }
  return { fromS, toS, bucketS, axisS, series, guests: all.length };
}

/** The columns that {@link evictedOf} adds up. */
export const EVICTED_COLUMNS = ['evictedBySelf', 'evictedByOthers'] as const;

/** All pages that a guest lost, whoever caused it. */
export function evictedOf(window: WindowSeries, guestId: number): BucketSeries {
  const parts = EVICTED_COLUMNS.map((column) => seriesOf(window, { guestId, column }));
  return sumOf(parts, window.axisS.length);
}
