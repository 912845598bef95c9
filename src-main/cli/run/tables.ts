import type { Verdict } from '#contract/claims.ts';
import { pagesToMib } from '#contract/units.ts';
import type { GuestTotals, HostTotals } from '#main/scenario/run-totals.ts';
import { table } from '../what-if/tables.ts';
import { verdictText } from './verdict-text.ts';

/** What `run` found. */
export interface RunResult {
  readonly scenario: string;
  /** Which of its variants, in words. */
  readonly variant: string;
  /** What the scenario is to show, if anything. */
  readonly claim: string | null;
  readonly seed: number;
  readonly policy: string;
  readonly idleTax: number;
  readonly seconds: number;
  readonly guests: readonly (GuestTotals & { readonly name: string; readonly accessesPerS: number })[];
  readonly host: HostTotals;
  /** Whether its claim holds; null: it makes none, or this is another run than the claim speaks of. */
  readonly verdict: Verdict | null;
}

const US_PER_S = 1_000_000;

type Guest = RunResult['guests'][number];
interface Column {
  readonly head: string;
  readonly cell: (guest: Guest, seconds: number) => string;
  /** Left out where no guest has any of it. */
  readonly amount?: (guest: Guest) => number;
}

const COLUMNS: readonly Column[] = [
  { head: 'accesses', cell: ({ accesses }) => number(accesses) },
  { head: 'per s', cell: ({ accessesPerS }) => number(accessesPerS) },
  { head: 'own cache', cell: ({ cacheHits, accesses }) => percent(cacheHits, accesses) },
  { head: 'precache', cell: ({ precacheHits }) => number(precacheHits) },
  { head: 'reads', cell: ({ diskReads }) => number(diskReads) },
  { head: 'writes', cell: ({ diskWrites }) => number(diskWrites), amount: ({ diskWrites }) => diskWrites },
  { head: 'preswap', cell: ({ preswapGets }) => number(preswapGets), amount: ({ preswapPuts }) => preswapPuts },
  { head: 'swap in', cell: ({ swapIns }) => number(swapIns), amount: ({ swapIns }) => swapIns },
  { head: 'swap out', cell: ({ swapOuts }) => number(swapOuts), amount: ({ swapOuts }) => swapOuts },
  { head: 'evicted by self', cell: ({ evictedBySelf }) => number(evictedBySelf) },
  { head: 'by others', cell: ({ evictedByOthers }) => number(evictedByOthers) },
  {
    head: 'stall',
    cell: ({ stallUs }, seconds) => percent(stallUs, seconds * US_PER_S),
    amount: ({ stallUs }) => stallUs,
  },
  { head: 'OOM', cell: ({ oomKills }) => number(oomKills), amount: ({ oomKills }) => oomKills },
  { head: 'RAM', cell: ({ ramPages }) => mib(ramPages) },
  { head: 'in tmem', cell: ({ ephemeralPages, persistentPages }) => mib(ephemeralPages + persistentPages) },
];

/** The result for a person: a line for each guest, then the host. */
export function runTables(result: RunResult): string {
  const { scenario, variant, claim, seed, policy, idleTax, seconds, guests, host, verdict } = result;
  const columns = COLUMNS.filter(({ amount }) => amount === undefined || guests.some((guest) => amount(guest) > 0));
  const tax = policy === 'max-over-share' && idleTax > 0 ? `, idle tax ${idleTax}` : '';
  const lines = [
    ['guest', ...columns.map(({ head }) => head)],
    ...guests.map((guest) => [guest.name, ...columns.map(({ cell }) => cell(guest, seconds))]),
  ];
  const memory = [
    `${mib(host.totalPages)} of RAM`,
    `${mib(host.guestPages)} with guests`,
    `${mib(host.ephemeralPages)} precache`,
    `${mib(host.persistentPages)} preswap`,
    `${mib(host.fallowPages)} fallow`,
  ];
  return [
    `${scenario}${variant === 'as the file says' ? '' : `, ${variant}`}: ${number(seconds)} host seconds, seed ${seed}, ${policy}${tax} (modelled)`,
    ...(claim === null || verdict !== null ? [] : [`Claim ${claim}`]),
    '',
    table(lines),
    '',
    `Host: ${memory.join(', ')}; ${number(host.evictions)} evictions.`,
    '',
    ...(verdict === null ? [] : [verdictText(verdict)]),
  ].join('\n');
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`;
}

function mib(pages: number): string {
  return `${pagesToMib(pages).toFixed(1)} MiB`;
}
