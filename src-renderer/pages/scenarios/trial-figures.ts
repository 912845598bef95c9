import type { Trial, TriedGuest } from '#contract/scenarios.ts';
import { count, GAP, mib, NOTHING, percent, rate } from '../../format.ts';

const US_PER_S = 1_000_000;

/** One figure of a trial: a row of the table, with a cell for each guest and one for the host where it has it. */
export interface Figure {
  readonly key: string;
  readonly title: string;
  /** What it means, for who hovers. */
  readonly about: string;
  readonly cells: readonly string[];
  readonly host: string;
  /** The same of the trial that it is compared with; empty without one. */
  readonly before: readonly string[];
  readonly hostBefore: string;
}

interface FigureKind {
  readonly key: string;
  readonly title: string;
  readonly about: string;
  readonly cell: (guest: TriedGuest, trial: Trial) => string;
  readonly host?: (trial: Trial) => string;
  /** The row is left out where this is 0 for all guests. */
  readonly amount?: (guest: TriedGuest) => number;
}

const sum = (trial: Trial, of: (guest: TriedGuest) => number): number =>
  trial.guests.reduce((total, guest) => total + of(guest), 0);
const pagesCount = (of: (guest: TriedGuest) => number, isAlways = false) => ({
  cell: (guest: TriedGuest) => count(of(guest)),
  host: (trial: Trial) => count(sum(trial, of)),
  ...(isAlways ? {} : { amount: of }),
});
const part = (some: number, all: number): string => (all === 0 ? NOTHING : percent(some / all));
const perAccess = (reads: number, accesses: number): string =>
  accesses === 0 ? NOTHING : (reads / accesses).toFixed(3);

const KINDS: readonly FigureKind[] = [
  {
    key: 'accesses',
    title: 'Accesses',
    about: 'Page references of its workload, per host second.',
    cell: ({ totals }, { seconds }) => rate(totals.accesses / seconds),
    host: (trial) => rate(sum(trial, ({ totals }) => totals.accesses) / trial.seconds),
  },
  {
    key: 'cacheHits',
    title: 'Own cache hits',
    about: 'Part of the accesses that its own page cache answered.',
    cell: ({ totals }) => part(totals.cacheHits, totals.accesses),
  },
  {
    key: 'diskReads',
    title: 'Disk reads (pages)',
    about: 'Page reads that went to the disk.',
    ...pagesCount(({ totals }) => totals.diskReads, true),
  },
  {
    key: 'readsPerAccess',
    title: 'Disk reads per access',
    about: 'Disk reads ÷ accesses over the whole trial, warm-up included.',
    cell: ({ totals }) => perAccess(totals.diskReads, totals.accesses),
    host: (trial) => perAccess(sum(trial, ({ totals }) => totals.diskReads), sum(trial, ({ totals }) => totals.accesses)), // prettier-ignore
  },
  {
    key: 'precacheHits',
    title: 'Precache hits (pages)',
    about: 'Precache gets that found their page: disk reads avoided.',
    ...pagesCount(({ totals }) => totals.precacheHits, true),
  },
  {
    key: 'precacheMisses',
    title: 'Precache gets that failed',
    about: 'They cost a hypercall and found nothing.',
    ...pagesCount(({ totals }) => totals.precacheGets - totals.precacheHits, true),
  },
  {
    key: 'precachePuts',
    title: 'Precache puts (pages)',
    about: 'Puts that were accepted.',
    ...pagesCount(({ totals }) => totals.precachePuts, true),
  },
  {
    key: 'precachePutsFailed',
    title: 'Precache puts refused',
    about: 'Puts that found no room.',
    ...pagesCount(({ totals }) => totals.precachePutsFailed),
  },
  {
    key: 'preswapPuts',
    title: 'Preswap puts (pages)',
    about: 'Accepted: swap writes avoided.',
    ...pagesCount(({ totals }) => totals.preswapPuts),
  },
  {
    key: 'preswapPutsFailed',
    title: 'Preswap puts refused',
    about: 'Those pages went to the swap disk.',
    ...pagesCount(({ totals }) => totals.preswapPutsFailed),
  },
  {
    key: 'preswapGets',
    title: 'Preswap gets (pages)',
    about: 'Swap reads avoided.',
    ...pagesCount(({ totals }) => totals.preswapGets),
  },
  {
    key: 'swapIns',
    title: 'Swap reads (pages)',
    about: 'Pages read from the swap disk.',
    ...pagesCount(({ totals }) => totals.swapIns),
  },
  {
    key: 'swapOuts',
    title: 'Swap writes (pages)',
    about: 'Pages written to the swap disk.',
    ...pagesCount(({ totals }) => totals.swapOuts),
  },
  {
    key: 'evictedBySelf',
    title: 'Evicted by own puts (pages)',
    about: 'Pages that it lost because of itself.',
    ...pagesCount(({ totals }) => totals.evictedBySelf),
  },
  {
    key: 'evictedByOthers',
    title: 'Evicted by others (pages)',
    about: 'Pages that it lost because of other guests or the host.',
    ...pagesCount(({ totals }) => totals.evictedByOthers),
  },
  {
    key: 'refaults',
    title: 'Refaults (pages)',
    about: 'Pages read again that would still have been cached with a little more RAM.',
    ...pagesCount(({ totals }) => totals.refaults),
  },
  {
    key: 'duplicates',
    title: 'Second copies at the end',
    about: 'Pages both in its RAM and in preswap: loaded, not yet freed.',
    cell: ({ totals }) => count(totals.preswapDuplicates),
    host: (trial) => count(sum(trial, ({ totals }) => totals.preswapDuplicates)),
    amount: ({ totals }) => totals.preswapPuts,
  },
  {
    key: 'sharedPages',
    title: 'Stored once for several',
    about: 'Its pages in tmem whose content is stored once for several, at the end.',
    cell: ({ totals }) => count(totals.sharedPages),
    host: ({ host }) => count(host.totals.sharedPages),
    amount: ({ totals }) => totals.sharedPages,
  },
  {
    key: 'compressedPages',
    title: 'Stored compressed',
    about: 'Its pages in tmem that are stored compressed, at the end.',
    cell: ({ totals }) => count(totals.compressedPages),
    host: ({ host }) => count(host.totals.compressedPages),
    amount: ({ totals }) => totals.compressedPages,
  },
  {
    key: 'ram',
    title: 'RAM at the end',
    about: 'What the balloon left it.',
    cell: ({ totals }) => mib(totals.ramPages),
    host: ({ host }) => mib(host.totals.guestPages),
  },
  {
    key: 'held',
    title: 'In tmem at the end (pages)',
    about: 'Ephemeral and persistent pages together.',
    cell: ({ totals }) => count(totals.ephemeralPages + totals.persistentPages),
    host: ({ host }) => count(host.totals.ephemeralPages + host.totals.persistentPages),
  },
  {
    key: 'mostHeld',
    title: 'Most in tmem (pages)',
    about: 'The most that it held at the end of any second; of the host, precache and preswap each at their most.',
    cell: ({ mostHeldPages }) => count(mostHeldPages),
    host: ({ host }) => count(host.mostEphemeralPages + host.mostPersistentPages),
  },
  {
    key: 'mostHeldLate',
    title: 'Most in tmem, second half (pages)',
    about:
      'The most that it held at the end of any second of the second half of the trial, when a pool that fills up is full.',
    cell: ({ mostHeldLatePages }) => count(mostHeldLatePages),
  },
  {
    key: 'stall',
    title: 'Waiting',
    about: 'Part of the time that its workload waited for disk, swap or memory.',
    cell: ({ totals }, { seconds }) => part(totals.stallUs, seconds * US_PER_S),
    amount: ({ totals }) => totals.stallUs,
  },
  {
    key: 'tmemCpu',
    title: 'CPU for tmem',
    about: 'Time of its CPUs that went into tmem operations.',
    cell: ({ totals }) => `${count(totals.tmemCpuUs / 1000)}${GAP}ms`,
    host: ({ host }) => `${count(host.totals.tmemCpuUs / 1000)}${GAP}ms`,
    amount: ({ totals }) => totals.tmemCpuUs,
  },
  {
    key: 'oomKills',
    title: 'Out of memory',
    about: 'Times that it ran out of memory and swap.',
    ...pagesCount(({ totals }) => totals.oomKills, true),
  },
];

/** The figures that the bound of each claim speaks of. */
const OF_CLAIM: Readonly<Record<string, readonly string[]>> = {
  a: ['precachePuts', 'precacheMisses', 'accesses'],
  b: ['mostHeld', 'preswapPutsFailed', 'swapOuts'],
  c: ['diskReads', 'precacheHits', 'refaults'],
  d: ['mostHeldLate', 'readsPerAccess', 'evictedByOthers'],
  e: ['duplicates', 'held', 'ram'],
  f: ['accesses', 'precacheMisses', 'tmemCpu'],
  g: ['diskReads', 'ram', 'sharedPages', 'compressedPages'],
  h: ['ram', 'precachePutsFailed', 'oomKills', 'diskReads'],
  i: ['held', 'evictedByOthers'],
  j: ['diskReads', 'precacheHits'],
};

/** The figures of a trial: those that the claim's bound speaks of, and the others. */
export function figuresOf(
  trial: Trial,
  letter: string | null,
  before: Trial | null = null,
): { first: readonly Figure[]; others: readonly Figure[] } {
  const wanted = (letter === null ? undefined : OF_CLAIM[letter]) ?? [];
  const figures = KINDS.filter(
    ({ key, amount }) =>
      wanted.includes(key) ||
      amount === undefined ||
      [...trial.guests, ...(before?.guests ?? [])].some((guest) => amount(guest) > 0),
  ).map(({ key, title, about, cell, host }) => ({
    ...{ key, title, about },
    cells: trial.guests.map((guest) => cell(guest, trial)),
    host: host?.(trial) ?? '',
    before: before?.guests.map((guest) => cell(guest, before)) ?? [],
    hostBefore: before === null ? '' : (host?.(before) ?? ''),
  }));
  const first = wanted.flatMap((key) => figures.filter((figure) => figure.key === key));
  return { first, others: figures.filter((figure) => !first.includes(figure)) };
}
