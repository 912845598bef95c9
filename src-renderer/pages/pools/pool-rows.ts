import type { PoolReading } from '#contract/requests.ts';
import { AGE_CLASSES } from '#contract/samples.ts';
import { count, mib, percent, plural } from '../../format.ts';

/** One pool of one guest as the table shows it. */
export interface PoolRow {
  readonly key: string;
  readonly reading: PoolReading;
  /** Part of all pages in pools of its kind at the end of the range; NaN where there are none. */
  readonly share: number;
  /** Gets that found their page; NaN where none was asked. */
  readonly hitRatio: number;
}

export const poolKey = ({ guestId, guest, pool }: Pick<PoolReading, 'guestId' | 'guest' | 'pool'>): string =>
  `${pool} ${guestId} ${guest}`;

/** Whether a pool held or did anything in the range. */
function isUsed({ pages, puts, putsFailed, gets, flushes }: PoolReading): boolean {
  return pages.max > 0 || puts + putsFailed + gets + flushes > 0;
}

/** Precache pools first, in the order of the guests; pools that nobody uses are left out. */
export function poolRows(readings: readonly PoolReading[]): PoolRow[] {
  const held = { precache: 0, preswap: 0 };
  for (const { pool, pages } of readings) held[pool] += pages.last;
  return readings
    .filter(isUsed)
    .map((reading) => ({
      key: poolKey(reading),
      reading,
      share: held[reading.pool] === 0 ? NaN : reading.pages.last / held[reading.pool],
      hitRatio: reading.gets === 0 ? NaN : reading.hits / reading.gets,
    }))
    .sort((a, b) => a.reading.pool.localeCompare(b.reading.pool) || a.reading.guestId - b.reading.guestId);
}

/** The age class that the middle one of some evicted pages belongs to; null where none has an age. */
export function medianAge(ages: readonly number[]): (typeof AGE_CLASSES)[number] | null {
  const all = ages.reduce((sum, pages) => sum + pages, 0);
  let seen = 0;
  for (const [at, pages] of ages.entries()) {
    seen += pages;
    if (all > 0 && seen * 2 >= all) return AGE_CLASSES[at] ?? null;
  }
  return null;
}

/** The table in two sentences, for who looks for the gist, and who cannot see it. */
export function poolSummary(rows: readonly PoolRow[], phrase: string): string {
  const greatest = [...rows].sort((a, b) => b.reading.pages.last - a.reading.pages.last)[0];
  if (greatest === undefined) return '';
  const { guest, pool, pages } = greatest.reading;
  const refused = rows.reduce((sum, { reading }) => sum + reading.putsFailed, 0);
  const hits = rows.reduce((sum, { reading }) => sum + reading.hits, 0);
  const gets = rows.reduce((sum, { reading }) => sum + reading.gets, 0);
  const ratio =
    gets === 0 ? 'No page was asked for' : `${percent(hits / gets)} of ${plural(gets, 'get')} found their page`;
  return (
    `${plural(rows.length, 'pool')} in use. ${guest}'s ${pool} is the largest: ${mib(pages.last)}, ` +
    `${percent(greatest.share)} of all ${pool}. ${ratio} in ${phrase}; ${count(refused)} puts were refused.`
  );
}
