import * as v from 'valibot';
import type { Verdict } from '#contract/claims.ts';
import { text } from '../fields.ts';
import type { Measured } from './checks.ts';
import { AS_IS, type MeasureKind, type Runs } from './measure-kind.ts';
import { balloonForNothing, BalloonForNothingSchema } from './measures/balloon-for-nothing.ts';
import { breakEven, BreakEvenSchema } from './measures/break-even.ts';
import { byCurve, ByCurveSchema } from './measures/by-curve.ts';
import { contentSavings, ContentSavingsSchema } from './measures/content-savings.ts';
import { doesNothing, DoesNothingSchema } from './measures/does-nothing.ts';
import { heldToShare, HeldToShareSchema } from './measures/held-to-share.ts';
import { idleTakenBack, IdleTakenBackSchema } from './measures/idle-taken-back.ts';
import { onePlace, OnePlaceSchema } from './measures/one-place.ts';
import { preswapQuota, PreswapQuotaSchema } from './measures/preswap-quota.ts';
import { repossessed, RepossessedSchema } from './measures/repossessed.ts';

/** How a claim is measured: which figures of which guests in which runs, and the bounds that theory sets for them. */
const MeasureSchema = v.variant(
  'kind',
  [
    DoesNothingSchema,
    PreswapQuotaSchema,
    ByCurveSchema,
    HeldToShareSchema,
    OnePlaceSchema,
    BreakEvenSchema,
    BalloonForNothingSchema,
    ContentSavingsSchema,
    RepossessedSchema,
    IdleTakenBackSchema,
  ],
  'must be of a kind that there is',
);
type MeasureInFile = v.InferOutput<typeof MeasureSchema>;

/** What a scenario of the gallery shows, written before it was run. */
export const ClaimSchema = v.strictObject({
  letter: v.pipe(v.string(), v.regex(/^[a-j]$/, 'must be a letter from a to j')),
  sentence: v.pipe(text(400), v.description('What is claimed.')),
  bound: v.pipe(text(1_200), v.description('What the theory allows, with its formula, as the measure checks it.')),
  measure: v.optional(v.pipe(MeasureSchema, v.description('How it is measured; without it, nobody but the reader can tell whether it holds.'))), // prettier-ignore
});
type Claim = v.InferOutput<typeof ClaimSchema>;
/** A claim that says how it is measured. */
export type MeasurableClaim = Claim & { readonly measure: MeasureInFile };

/** Whether a claim says how it is measured. */
export function isMeasurable(claim: Claim | undefined): claim is MeasurableClaim {
  return claim?.measure !== undefined;
}

/** The variants of the file that must be run for a claim; the file as it is comes first. */
export function runsOf({ measure }: MeasurableClaim): string[] {
  return [...new Set([AS_IS, ...asked(measure).variants])];
}

/** Host ms at which the run of the file as it is must be looked at. */
export function probesOf({ measure }: MeasurableClaim): readonly number[] {
  return asked(measure).probesMs;
}

/** The guests that a claim's measure speaks of. */
export function guestsOf({ measure }: MeasurableClaim): readonly string[] {
  return asked(measure).guests;
}

/**
 * Whether a claim holds in its runs. Nothing but the runs is looked at: theory is computed anew from their configs.
 * @param titleOf the variants in words
 */
export function measure(claim: MeasurableClaim, runs: Runs, titleOf: (variant: string) => string): Verdict {
  const { checks, table } = asked(claim.measure).measure(runs);
  const { seconds, config } = runs(AS_IS);
  const { letter, sentence, bound } = claim;
  return {
    ...{ letter, sentence, bound, seconds },
    holds: checks.every(({ holds }) => holds),
    checks: [...checks],
    table: { head: [...table.head], rows: table.rows.map((row) => [...row]) },
    runs: runsOf(claim).map(titleOf),
    seed: config.seed,
  };
}

interface Asked {
  readonly variants: readonly string[];
  readonly probesMs: readonly number[];
  readonly guests: readonly string[];
  readonly measure: (runs: Runs) => Measured;
}

function asked(measured: MeasureInFile): Asked {
  switch (measured.kind) {
    case 'does-nothing':
      return of(doesNothing, measured);
    case 'preswap-quota':
      return of(preswapQuota, measured);
    case 'by-curve':
      return of(byCurve, measured);
    case 'held-to-share':
      return of(heldToShare, measured);
    case 'one-place':
      return of(onePlace, measured);
    case 'break-even':
      return of(breakEven, measured);
    case 'balloon-for-nothing':
      return of(balloonForNothing, measured);
    case 'content-savings':
      return of(contentSavings, measured);
    case 'repossessed':
      return of(repossessed, measured);
    case 'idle-taken-back':
      return of(idleTakenBack, measured);
  }
}

function of<T extends { readonly kind: string }>(kind: MeasureKind<T>, claim: T): Asked {
  return {
    variants: kind.variants(claim),
    probesMs: kind.probesMs?.(claim) ?? [],
    guests: kind.guests(claim),
    measure: (runs) => kind.measure(claim, runs),
  };
}
