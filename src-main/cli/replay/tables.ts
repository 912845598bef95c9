import type { GuestOutcome } from '#main/host/replay/pool-replay.ts';

/** What `replay TRACE` found. */
export interface CacheReplay {
  readonly requests: number;
  readonly distinct: number;
  readonly results: readonly { readonly cachePages: number; readonly misses: number }[];
}

/** The misses of each size, for a person. */
export function cacheTable({ requests, distinct, results }: CacheReplay): string {
  const rows = results.map(({ cachePages, misses }) => [
    number(cachePages),
    number(misses),
    number(requests - misses),
    percent(requests - misses, requests),
  ]);
  const summary = `${number(requests)} requests for ${number(distinct)} pages.\n\n`;
  return summary + table(['cache pages', 'misses', 'hits', 'hit ratio'], rows);
}

/** What each guest got out of the pool, for a person. */
export function scenarioTable(guests: readonly (GuestOutcome & { readonly name: string })[]): string {
  const columns = [
    'guest',
    'accesses',
    'own cache',
    'precache',
    'disk reads',
    'puts',
    'evicted by self',
    'by others',
    'in the pool',
  ];
  const rows = guests.map((guest) => [
    guest.name,
    number(guest.accesses),
    percent(guest.cacheHits, guest.accesses),
    percent(guest.precacheHits, guest.accesses),
    number(guest.diskReads),
    number(guest.puts),
    number(guest.evictedBySelf),
    number(guest.evictedByOthers),
    number(guest.residentPages),
  ]);
  return table(columns, rows);
}

/** The first column to the left, the others, which are numbers, to the right. */
function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${lines.map(line).join('\n')}\n`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`;
}
