import * as v from 'valibot';
import { GuestName, numberFrom, Part, whole } from '../../fields.ts';
import { check } from '../checks.ts';
import type { ClaimRun } from '../claim-run.ts';
import { AS_IS, type MeasureKind, VariantName } from '../measure-kind.ts';

/** Seconds between two rows of the table. */
const SHOWN_EVERY_S = 5;
const PERMILLE = 1_000;

/** What a scenario file says of it. */
export const IdleTakenBackSchema = v.strictObject({
  kind: v.literal('idle-taken-back'),
  idle: v.pipe(GuestName, v.description('Falls idle.')),
  active: v.pipe(GuestName, v.description('Goes on, and uses all that it holds.')),
  idleFromS: v.pipe(whole(1, 86_400), v.description('When it falls idle.')),
  windows: v.pipe(whole(1, 100), v.description('Windows of the tax after which it is looked at.')),
  mostPart: v.pipe(Part, v.description('Of the pool it then holds at most this part.')),
  untaxed: v.pipe(VariantName, v.description('The variant without the tax.')),
  keptPart: v.pipe(numberFrom(0, 1), v.description('Without the tax it keeps at least this part of what it held.')),
});

/** The pages of an idle guest reach an active borrower. */
export const idleTakenBack: MeasureKind<v.InferOutput<typeof IdleTakenBackSchema>> = {
  variants: ({ untaxed }) => [untaxed],
  guests: ({ idle, active }) => [idle, active],
  measure({ idle, active, idleFromS, windows, mostPart, untaxed, keptPart }, runs) {
    const run = runs(AS_IS);
    const { idleTaxPermille, idleTaxWindowS } = run.config;
    const looked = idleFromS + windows * idleTaxWindowS - 1;
    const held = run.course(idle, 'ephemeralPages');
    const borrowed = run.course(active, 'ephemeralPages')[looked] ?? NaN;
    const heldUntaxed = runs(untaxed).course(idle, 'ephemeralPages');
    const fair = fairHoldings(run, idle);
    const stillHeld = held[looked] ?? NaN;
    const seconds = held.map((_, second) => second).filter((second) => second >= idleFromS - 1 && (second + 1) % SHOWN_EVERY_S === 0); // prettier-ignore
    return {
      checks: [
        check(`pages that ${active} used effectively, of those it holds`, used(run, active)[looked] ?? NaN, 'at-least', borrowed), // prettier-ignore
        check(`pages that ${idle} still holds, by equal charges`, stillHeld, 'at-most', (fair[looked] ?? NaN) + 1),
        check(`pages that ${idle} still holds, of the pool`, stillHeld, 'at-most', mostPart * run.poolPages),
        // Gets that found their page since the last put have left that many pages fallow: at most one.
        check(`pages that ${active} has, of the rest`, borrowed, 'at-least', run.poolPages - stillHeld - 1),
        check(`pages that ${idle} holds without the tax`, heldUntaxed[looked] ?? NaN, 'above', keptPart * (heldUntaxed[idleFromS - 1] ?? NaN)), // prettier-ignore
      ],
      table: {
        head: ['host second', `${idle} holds`, `at most, with τ = ${idleTaxPermille / PERMILLE}`, 'without the tax'],
        rows: seconds.map((second) => [
          second + 1,
          held[second] ?? 0,
          second < idleFromS ? '' : Math.floor(fair[second] ?? 0),
          heldUntaxed[second] ?? 0,
        ]),
      },
    };
  },
};

/** The pages that count as used, second by second, by the rule of the tax: hits, decaying by 1 / window a second. */
function used(run: ClaimRun, name: string): number[] {
  const window = run.config.idleTaxWindowS;
  let pages = 0;
  return run.course(name, 'precacheHits').map((hits) => (pages = Math.floor((pages * (window - 1)) / window) + hits));
}

/**
 * The most that an idle guest may hold at the end of each second beside one that uses all it has: charges are equal,
 * e − τ × u = (1 − τ) × (E − e), so e = ((1 − τ) × E + τ × u) / (2 − τ).
 */
function fairHoldings(run: ClaimRun, idle: string): number[] {
  const tax = run.config.idleTaxPermille / PERMILLE;
  const ofIdle = used(run, idle);
  // While the last second went on, what was used had decayed up to the end of the one before.
  return ofIdle.map((_, second) => ((1 - tax) * run.poolPages + tax * (ofIdle[second - 1] ?? NaN)) / (2 - tax));
}
