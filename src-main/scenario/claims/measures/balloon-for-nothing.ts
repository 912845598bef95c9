import * as v from 'valibot';
import { GuestName, numberFrom, whole } from '../../fields.ts';
import { check } from '../checks.ts';
import type { ClaimRun } from '../claim-run.ts';
import { AS_IS, type MeasureKind, VariantName } from '../measure-kind.ts';
import { fileUses, lruMisses } from '../theory.ts';

const BALLOON_STEPS_PER_S = 10;

/** What a scenario file says of it. */
export const BalloonForNothingSchema = v.strictObject({
  kind: v.literal('balloon-for-nothing'),
  guest: GuestName,
  ramPages: v.pipe(whole(0, 1 << 24), v.description('Its RAM once it is ballooned down.')),
  stayed: v.pipe(VariantName, v.description('The variant in which it is not.')),
  small: v.pipe(VariantName, v.description('The variant in which it was small from the start.')),
  smallWithout: v.pipe(VariantName, v.description('The same without tmem.')),
  timesReads: v.pipe(numberFrom(1, 100), v.description('Without tmem the small guest reads more than so many times.')),
});

/** While RAM + pool stays the same, ballooning a guest down costs it no disk read. */
export const balloonForNothing: MeasureKind<v.InferOutput<typeof BalloonForNothingSchema>> = {
  variants: ({ stayed, small, smallWithout }) => [stayed, small, smallWithout],
  guests: ({ guest }) => [guest],
  measure({ guest, ramPages, stayed, small, smallWithout, timesReads }, runs) {
    const readsOf = (variant: string): number => runs(variant).guest(guest).diskReads;
    const told = { [AS_IS]: NaN, [stayed]: NaN, [small]: NaN };
    for (const variant of Object.keys(told)) told[variant] = byCurve(runs(variant), guest);
    const curve = (variant: string): number => told[variant] ?? NaN;
    const reads = readsOf(AS_IS);
    const early = steps(runs(AS_IS), guest);
    const names = { [AS_IS]: 'ballooned down', [stayed]: 'stayed as it was', [small]: 'small from the start' };
    return {
      checks: [
        check(`RAM of ${guest} at the end`, runs(AS_IS).guest(guest).ramPages, 'exactly', ramPages),
        check('disk reads, ballooned down, against the curve', reads, 'at-least', curve(AS_IS)),
        check('disk reads, ballooned down, against the curve + steps', reads, 'at-most', curve(AS_IS) + early),
        check('disk reads, stayed as it was', readsOf(stayed), 'exactly', curve(stayed)),
        check('disk reads, small from the start', readsOf(small), 'exactly', curve(small)),
        check('disk reads, small and without tmem', readsOf(smallWithout), 'above', timesReads * readsOf(small)),
      ],
      table: {
        head: [guest, 'RAM at the end', 'accesses', 'disk reads', 'by the curve'],
        rows: Object.entries(names).map(([variant, name]) => {
          const { accesses, diskReads, ramPages: ram } = runs(variant).guest(guest);
          return [name, ram, accesses, diskReads, curve(variant)];
        }),
      },
    };
  },
};

/** Misses of one LRU cache of all that the guest and the pool have together. */
function byCurve(run: ClaimRun, name: string): number {
  const guest = run.configOf(name);
  const uses = fileUses(guest, run.config.seed, run.guest(name).accesses);
  return lruMisses(uses, guest.ramPages + run.poolPages);
}

/** The number of steps that the balloon took to get from its first to its last size. */
function steps(run: ClaimRun, name: string): number {
  const ram = run.course(name, 'ramPages');
  const moved = (ram[0] ?? 0) - (ram.at(-1) ?? 0);
  return Math.ceil((moved * BALLOON_STEPS_PER_S) / run.config.balloonPagesPerS) + 1;
}
