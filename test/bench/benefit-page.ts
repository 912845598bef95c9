import type { GuestTotals } from '#main/scenario/run-totals.ts';

/** A mix of guests that was run in several ways; the first is what the others are compared with. */
export interface Mix {
  readonly name: string;
  readonly about: string;
  /** Host seconds that were measured. */
  readonly seconds: number;
  readonly guests: readonly string[];
  readonly arms: readonly { readonly name: string; readonly guests: readonly GuestTotals[] }[];
}

/** Less work than this part is told as a loss, more as a gain. */
const EQUAL = 0.005;

const reads = ({ diskReads, swapIns }: GuestTotals): number => diskReads + swapIns;
const work = ({ accesses }: GuestTotals): number => accesses;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The page: how it was measured, a summary, the tables of each mix, and what the model leaves out. */
export function benefitPage(mixes: readonly Mix[]): string {
  return [
    '# What tmem is good for, and for whom not',
    '',
    'Written by `npm run bench:benefit`; every number is modelled. A host of the same memory is given the same guests,',
    'with the same seeds, in several ways: **no tmem** (memory that no guest has lies fallow), a **host page cache** only',
    "(all fallow memory caches below the guests' disks, as under KVM with `cache=writeback`), and tmem, precache and",
    'preswap, under each eviction policy with equal weights (τ is the idle tax), once also with pool targets that follow',
    'demand (smart-alloc, after SmarTmem). Guests are closed loops: a guest that waits does less work. The first quarter of',
    'each run, in which caches fill, is left out. The mixes are the scenarios in `test/bench/mixes`; try one with',
    '`npm run -s cli -- run test/bench/mixes/2-servers-and-backup.json --set policy=fifo`.',
    '',
    '_Work_ is page accesses done, against no tmem. Losses beyond half a percent are **bold**: somebody who loses is',
    'reported like somebody who wins. _Reads_ are pages read from disks, swap included.',
    '',
    '## In short',
    '',
    ...summary(mixes),
    '',
    ...mixes.flatMap(mixSection),
    ...LEFT_OUT,
    '',
  ].join('\n');
}

function summary(mixes: readonly Mix[]): string[] {
  const arms = mixes[0]?.arms.slice(1).map(({ name }) => name) ?? [];
  const rows = mixes.map(({ name, arms: [base, ...others] }) => {
    const gains = others.map((arm) => arm.guests.map((guest, place) => gain(guest, base?.guests[place])));
    const means = gains.map((changes) => percent(geometricMean(changes)));
    return [
      name,
      ...gains.map((changes, at) => {
        const losers = changes.filter((change) => change < -EQUAL).length;
        const mean = means[at] ?? '';
        return losers === 0 ? mean : `${mean}, **${losers} of ${changes.length} lose**`;
      }),
    ];
  });
  return [
    'Work of all guests of a mix against no tmem (geometric mean, so that each guest counts the same), and who loses:',
    '',
    ...markdown(['mix', ...arms], rows),
    '',
    'The most work in all is not what weights are for: a policy that starves one guest to feed another may well do more of',
    'it, and which one does depends on the mix. What weights promise, that nobody is pushed below his share, is what the',
    "scenarios of claim d show; here it shows in the guests' own rows. Where nothing can be found again, all of tmem loses.",
  ];
}

/** Of changes (0.1 = ten percent more). */
function geometricMean(changes: readonly number[]): number {
  return Math.exp(sum(changes.map((change) => Math.log1p(change))) / changes.length) - 1;
}

function mixSection({ name, about, seconds, guests, arms }: Mix): string[] {
  const [base, ...others] = arms;
  if (base === undefined) return [];
  const perSecond = (guest: GuestTotals | undefined): string =>
    guest === undefined ? '–' : Math.round(work(guest) / seconds).toLocaleString('en');
  return [
    `## ${name}`,
    '',
    about,
    '',
    `Work (${seconds} host seconds):`,
    '',
    ...markdown(
      ['guest', 'no tmem, accesses/s', ...others.map((arm) => arm.name)],
      guests.map((guest, at) => [
        guest,
        perSecond(base.guests[at]),
        ...others.map((arm) => marked(gain(arm.guests[at], base.guests[at]))),
      ]),
    ),
    '',
    'Reads per 1,000 accesses:',
    '',
    ...markdown(
      ['guest', ...arms.map((arm) => arm.name)],
      guests.map((guest, at) => [guest, ...arms.map((arm) => readsPerThousand(arm.guests[at]))]),
    ),
    '',
  ];
}

function readsPerThousand(guest: GuestTotals | undefined): string {
  return guest === undefined ? '–' : ((1000 * reads(guest)) / work(guest)).toFixed(1);
}

function gain(now: GuestTotals | undefined, before: GuestTotals | undefined): number {
  return now === undefined || before === undefined ? NaN : work(now) / work(before) - 1;
}

function marked(change: number): string {
  return change < -EQUAL ? `**${percent(change)}**` : percent(change);
}

function percent(part: number): string {
  const value = (100 * part).toFixed(1);
  if (value === '0.0' || value === '-0.0') return '0.0 %';
  return `${part > 0 ? '+' : '−'}${value.replace('-', '')} %`;
}

function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, at) => (at === 0 ? '---' : '--:'))), ...rows.map(line)];
}

const LEFT_OUT = [
  '## What the model leaves out',
  '',
  '- Guests are the guests of this model: one processor each, one program or several in turn, an LRU or two-list page',
  '  cache, no kernel threads of their own. **Containers and KVM guests are modelled as guests, not as such**: a container',
  '  shares its kernel and page cache with the others, and a KVM guest would reach a tmem by other ways at other costs.',
  '- The host page cache is a generous one: a hit costs as little as a hit of precache, though it is a block request; a miss',
  '  costs nothing; it takes all fallow memory at once and gives it back at once; it serves swap reads too, and what guests',
  '  swap out costs it no disk write at all. Writes of files go to the disk as without it, and nobody waits for them.',
  '- The CPU time that tmem takes is a hypercall and a copy for each operation, first come, first served on the cores of a',
  '  class of CPU; caches, TLBs, NUMA and the rest of the host are not there. Compression and deduplication are off, but for',
  '  the mix whose store packs its pages; the host page cache keeps every page as it is, also of clones, where one file',
  '  below all of them would be cached once.',
  '- Disks have one service time whatever is asked for, first come, first served; no seek distances, no schedulers, no',
  '  file read-ahead. Guests have no network and share no files.',
  '- Traces are references of real programs that last seconds, at a stated pace; the generated workloads are invented.',
  '  What is to be learned is who gains and loses against whom, and by which mechanism; not how much your machine would.',
];
