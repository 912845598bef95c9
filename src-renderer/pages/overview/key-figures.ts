import { keyName, meanOf, newestMean, newestValue, type WindowSeries } from '../../charts/window-series.ts';
import { deltaPoints, mib, NOTHING, percent, rate } from '../../format.ts';
import type { ShownGuest } from '../../stores/host.ts';
import type { SampleRing } from '../../stores/sample-ring.ts';
import type { GuestColumn, HostColumn } from '#contract/samples.ts';

/** Host seconds over which rates and ratios of "now" are taken. */
const NOW_SECONDS = 10;

export interface KeyFigure {
  readonly id: 'hit-ratio' | 'reads-avoided' | 'evictions' | 'fallow';
  readonly label: string;
  /** Over which stretch: "last 10 s", "now". */
  readonly over: string;
  readonly value: string;
  /** What it is compared with. */
  readonly note: string;
  /** Whether the note tells of better or worse. */
  readonly tone: 'good' | 'bad' | 'none';
}

/** Columns of each guest that the figures need over the page's window. */
export const FIGURE_COLUMNS: readonly GuestColumn[] = ['precacheGets', 'precacheHits', 'diskReads'];
/** Columns of the host likewise. */
export const HOST_FIGURE_COLUMNS: readonly HostColumn[] = ['evictions', 'fallowPages', 'totalPages'];

function nowOf(ring: SampleRing, guests: readonly ShownGuest[], column: GuestColumn): number {
  if (guests.length === 0) return NaN;
  return guests.reduce((sum, { id }) => sum + newestMean(ring, { guestId: id, column }, NOW_SECONDS), 0);
}

function windowMean(window: WindowSeries | null, guests: readonly ShownGuest[], column: GuestColumn): number {
  if (window === null) return NaN;
  return guests.reduce((sum, { id }) => {
    const series = window.series.get(keyName({ guestId: id, column }));
    const mean = series === undefined ? NaN : meanOf(series);
    return Number.isNaN(mean) ? sum : sum + mean;
  }, 0);
}

const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : NaN);

function hitRatio(ring: SampleRing, guests: readonly ShownGuest[], window: WindowSeries | null, phrase: string) {
  const now = ratio(nowOf(ring, guests, 'precacheHits'), nowOf(ring, guests, 'precacheGets'));
  const before = ratio(windowMean(window, guests, 'precacheHits'), windowMean(window, guests, 'precacheGets'));
  const delta = now - before;
  const tone = Math.abs(delta) < 0.0005 || Number.isNaN(delta) ? 'none' : delta > 0 ? 'good' : 'bad';
  const gets = nowOf(ring, guests, 'precacheGets');
  const note = Number.isNaN(now)
    ? gets === 0
      ? 'no page was asked for'
      : 'nothing recorded yet'
    : Number.isNaN(delta)
      ? 'nothing to compare with yet'
      : `${deltaPoints(delta)} from ${percent(before)} in ${phrase}`;
  return { value: percent(now), note, tone } as const;
}

function evictions(ring: SampleRing, guests: readonly ShownGuest[]) {
  const all = newestMean(ring, { guestId: null, column: 'evictions' }, NOW_SECONDS);
  const causes = guests.map(({ id, name }) => {
    const own = newestMean(ring, { guestId: id, column: 'evictedBySelf' }, NOW_SECONDS);
    const others = newestMean(ring, { guestId: id, column: 'evictionsCaused' }, NOW_SECONDS);
    return { name, own, pages: own + others };
  });
  const most = causes.reduce((best, cause) => (cause.pages > best.pages ? cause : best), {
    name: '',
    own: 0,
    pages: 0,
  });
  if (Number.isNaN(all)) return { value: NOTHING, note: 'nothing recorded yet' };
  if (all === 0) return { value: rate(0), note: 'nobody loses pages' };
  if (most.pages === 0) return { value: rate(all), note: 'all for the host' };
  const whose = most.own > most.pages / 2 ? ', mostly its own' : '';
  return { value: rate(all), note: `${most.name} caused ${percent(most.pages / all)}${whose}` };
}

/** The figures an administrator looks for first, from the newest seconds and, to compare, from the page's window. */
export function keyFigures(
  ring: SampleRing,
  guests: readonly ShownGuest[],
  window: WindowSeries | null,
  phrase: string,
): KeyFigure[] {
  const hits = nowOf(ring, guests, 'precacheHits');
  const misses = hits + nowOf(ring, guests, 'diskReads');
  const fallow = newestValue(ring, { guestId: null, column: 'fallowPages' });
  const total = newestValue(ring, { guestId: null, column: 'totalPages' });
  const last = `last ${NOW_SECONDS}\u00a0s`;
  return [
    { id: 'hit-ratio', label: 'Precache hit ratio', over: last, ...hitRatio(ring, guests, window, phrase) },
    {
      id: 'reads-avoided',
      label: 'Disk reads avoided',
      over: last,
      value: rate(hits),
      note: Number.isNaN(misses) ? 'nothing recorded yet' : `of ${rate(misses)} misses in the guests`,
      tone: 'none',
    },
    { id: 'evictions', label: 'Evictions', over: last, ...evictions(ring, guests), tone: 'none' },
    {
      id: 'fallow',
      label: 'Fallow',
      over: 'now',
      value: mib(fallow),
      note: Number.isNaN(total) ? 'nothing recorded yet' : `${percent(fallow / total)} of ${mib(total)} host RAM`,
      tone: 'none',
    },
  ];
}

/** The same figures over a stretch of the past: means over it. */
export function rangeFigures(window: WindowSeries | null, guests: readonly ShownGuest[], phrase: string): KeyFigure[] {
  const hostMean = (column: HostColumn): number => {
    const series = window?.series.get(keyName({ guestId: null, column }));
    return series === undefined ? NaN : meanOf(series);
  };
  const isRecorded = !Number.isNaN(hostMean('totalPages'));
  const mean = (column: GuestColumn): number => (isRecorded ? windowMean(window, guests, column) : NaN);
  const hits = mean('precacheHits');
  const misses = hits + mean('diskReads');
  const fallow = hostMean('fallowPages');
  const note = isRecorded ? phrase : 'nothing recorded then';
  const figure = (id: KeyFigure['id'], label: string, value: string, told = note): KeyFigure => ({
    id,
    label,
    over: 'mean',
    value,
    note: told,
    tone: 'none',
  });
  return [
    figure('hit-ratio', 'Precache hit ratio', percent(ratio(hits, mean('precacheGets')))),
    figure(
      'reads-avoided',
      'Disk reads avoided',
      rate(hits),
      isRecorded ? `of ${rate(misses)} misses in the guests` : note,
    ),
    figure('evictions', 'Evictions', rate(hostMean('evictions'))),
    figure(
      'fallow',
      'Fallow',
      mib(fallow),
      isRecorded ? `${percent(fallow / hostMean('totalPages'))} of host RAM` : note,
    ),
  ];
}
