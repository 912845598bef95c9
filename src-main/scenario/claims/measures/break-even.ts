import * as v from 'valibot';
import { GuestName, numberFrom } from '../../fields.ts';
import { check } from '../checks.ts';
import type { ClaimRun } from '../claim-run.ts';
import { AS_IS, type MeasureKind, type Runs, VariantName } from '../measure-kind.ts';
import { fileUses, lruMisses } from '../theory.ts';

const NS_PER_US = 1_000;

const Pair = v.strictObject({ tmem: VariantName, without: VariantName });

/** What a scenario file says of it. */
export const BreakEvenSchema = v.strictObject({
  kind: v.literal('break-even'),
  guest: GuestName,
  breakEvenUs: v.pipe(numberFrom(0.001, 1e6), v.description('Disk service time at which tmem costs what it saves.')),
  withinPercent: v.pipe(numberFrom(0, 100), v.description('The disks of the variants are this far from it.')),
  without: v.pipe(VariantName, v.description('The file as it is, without tmem.')),
  faster: v.pipe(Pair, v.description('Variants with a disk faster than the break-even.')),
  slower: v.pipe(Pair, v.description('Variants with a disk slower than it.')),
  modern: v.pipe(Pair, v.description('Variants with a modern CPU and the disk of the file.')),
});
type Claim = v.InferOutput<typeof BreakEvenSchema>;

/** The gain changes its sign at the disk service time where tmem's CPU time equals the disk time that it saves. */
export const breakEven: MeasureKind<Claim> = {
  variants: ({ without, faster, slower, modern }) => [
    without,
    ...[faster, slower, modern].flatMap((pair) => [pair.tmem, pair.without]),
  ],
  guests: ({ guest }) => [guest],
  measure({ guest, breakEvenUs, withinPercent, without, faster, slower, modern }, runs) {
    const pairs = { old: { tmem: AS_IS, without }, faster, slower, modern };
    const gains = { old: 0, faster: 0, slower: 0, modern: 0 };
    for (const name of ['old', 'faster', 'slower', 'modern'] as const) gains[name] = gain(runs, guest, pairs[name]);
    const found = breakEvenOf(runs(AS_IS), guest);
    const diskUs = (variant: string): number => diskOf(runs(variant), guest) / NS_PER_US;
    const apart = (us: number): number => Math.abs(us / found - 1) * 100;
    return {
      checks: [
        // Both disks lie on the sides of it that they are said to, and no further from it.
        check('disk service time of the faster disk', diskUs(faster.tmem), 'below', found, 'µs'),
        check('disk service time of the slower disk', diskUs(slower.tmem), 'above', found, 'µs'),
        check('break-even, off what the file states', apart(breakEvenUs), 'at-most', 1, '%'),
        check('faster disk, away from the break-even', apart(diskUs(faster.tmem)), 'at-most', withinPercent + 1, '%'),
        check('slower disk, away from the break-even', apart(diskUs(slower.tmem)), 'at-most', withinPercent + 1, '%'),
        check('gain of work with the faster disk', gains.faster, 'below', 0, '%'),
        check('gain of work with the slower disk', gains.slower, 'above', 0, '%'),
        check('gain on a modern CPU, against the old one', gains.modern, 'at-least', gains.old, '%'),
      ],
      table: {
        head: ['disk and CPU', 'disk service', 'accesses with tmem', 'without', 'gain'],
        rows: Object.entries(pairs).map(([name, pair]) => [
          { old: 'as the file says', faster: 'faster disk', slower: 'slower disk', modern: 'modern CPU' }[name] ?? name,
          `${diskUs(pair.tmem).toFixed(1)} µs`,
          runs(pair.tmem).guest(guest).accesses,
          runs(pair.without).guest(guest).accesses,
          `${gain(runs, guest, pair).toFixed(2)} %`,
        ]),
      },
    };
  },
};

/** Work done with tmem over work done without, less 1, in percent. */
function gain(runs: Runs, guest: string, pair: { readonly tmem: string; readonly without: string }): number {
  return (runs(pair.tmem).guest(guest).accesses / runs(pair.without).guest(guest).accesses - 1) * 100;
}

function diskOf(run: ClaimRun, guest: string): number {
  return run.config.costs?.disks[run.configOf(guest).fileDisk ?? 0]?.serviceNs ?? NaN;
}

/** (m × (2h + c) + Δ × c) / Δ in µs, of m misses of LRU(R), of which Δ are none of LRU(R + C). */
function breakEvenOf(run: ClaimRun, name: string): number {
  const guest = run.configOf(name);
  const uses = fileUses(guest, run.config.seed, run.guest(name).accesses);
  const alone = lruMisses(uses, guest.ramPages);
  const spared = alone - lruMisses(uses, guest.ramPages + run.poolPages);
  const { hypercallNs = NaN, copyNs = NaN } = run.config.costs?.cpu ?? {};
  return (alone * (2 * hypercallNs + copyNs) + spared * copyNs) / spared / NS_PER_US;
}
