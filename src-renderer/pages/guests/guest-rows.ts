import type { GuestColumn } from '#contract/samples.ts';
import { newestMean, newestValue } from '../../charts/window-series.ts';
import type { ShownGuest } from '../../stores/host.ts';
import type { SampleRing } from '../../stores/sample-ring.ts';
import { weightShare } from './share.ts';

/** Host seconds over which the table's rates and ratios are taken. */
export const RATE_SECONDS = 10;

/** A guest's line in the table; pages, parts of one, and pages a second. NaN where nothing was recorded. */
export interface GuestRow {
  readonly guest: ShownGuest;
  readonly ramPages: number;
  readonly targetPages: number;
  readonly weight: number;
  /** Part of the pool that the weight gives when everybody wants more, and in pages. */
  readonly share: number;
  readonly sharePages: number;
  readonly ephemeralPages: number;
  readonly hitRatio: number;
  readonly diskReads: number;
  readonly evicted: number;
  readonly caused: number;
}

export interface Settings {
  readonly weight: number;
  readonly targetPages: number;
}

/** Pages that ephemeral pools hold or could hold at once: ephemeral and fallow. */
export function poolPages(ring: SampleRing): number {
  return (
    newestValue(ring, { guestId: null, column: 'ephemeralPages' }) +
    newestValue(ring, { guestId: null, column: 'fallowPages' })
  );
}

/** The table's lines in the guests' order, from the newest samples and the settings as the host has them. */
export function guestRows(
  ring: SampleRing,
  guests: readonly ShownGuest[],
  settingsOf: (guestId: number) => Settings,
): GuestRow[] {
  const settings = guests.map(({ id }) => settingsOf(id));
  const weights = settings.map(({ weight }) => weight);
  const pool = poolPages(ring);
  return guests.map((guest, place) => {
    const { weight, targetPages } = settings[place] ?? { weight: NaN, targetPages: NaN };
    const mean = (column: GuestColumn): number => newestMean(ring, { guestId: guest.id, column }, RATE_SECONDS);
    const gets = mean('precacheGets');
    const share = weightShare(weight, weights);
    return {
      guest,
      ramPages: newestValue(ring, { guestId: guest.id, column: 'ramPages' }),
      targetPages,
      weight,
      share,
      sharePages: share * pool,
      ephemeralPages: newestValue(ring, { guestId: guest.id, column: 'ephemeralPages' }),
      hitRatio: gets > 0 ? mean('precacheHits') / gets : NaN,
      diskReads: mean('diskReads'),
      evicted: mean('evictedBySelf') + mean('evictedByOthers'),
      caused: mean('evictionsCaused'),
    };
  });
}

/** The columns that the table can be sorted by. */
export type SortKey = 'name' | Exclude<keyof GuestRow, 'guest' | 'share'>;
export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** Guest ids in the order of a column; no sort is the host's own order. What has no number comes last. */
export function sortedIds(rows: readonly GuestRow[], sort: Sort | null): number[] {
  if (sort === null) return rows.map(({ guest }) => guest.id);
  const { key, descending } = sort;
  const sign = descending ? -1 : 1;
  const compare = (a: GuestRow, b: GuestRow): number => {
    if (key === 'name') return sign * a.guest.name.localeCompare(b.guest.name, 'en', { numeric: true });
    const [left, right] = [a[key], b[key]];
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return sign * (left - right);
  };
  return [...rows].sort((a, b) => compare(a, b) || a.guest.id - b.guest.id).map(({ guest }) => guest.id);
}

/** What a click on a column's head makes of the sort: numbers first from the greatest, names from A, then off again. */
export function nextSort(sort: Sort | null, key: SortKey): Sort | null {
  const first = key !== 'name';
  if (sort?.key !== key) return { key, descending: first };
  return sort.descending === first ? { key, descending: !first } : null;
}
