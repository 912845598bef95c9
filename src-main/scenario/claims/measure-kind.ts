import * as v from 'valibot';
import type { Measured } from './checks.ts';
import type { ClaimRun } from './claim-run.ts';

/** The runs of a claim by the names of their variants. */
export type Runs = (variant: string) => ClaimRun;

/** The variant that is the file itself. */
export const AS_IS = 'as-is';

/** One way to measure a claim. `T` is what a scenario file says of it: who is who, and the bounds that theory sets. */
export interface MeasureKind<T extends { readonly kind: string }> {
  /** Variants that it compares with the file as it is. */
  readonly variants: (claim: T) => readonly string[];
  /** Host ms at which the run of the file as it is must be looked at. */
  readonly probesMs?: (claim: T) => readonly number[];
  /** Names of guests that it speaks of. */
  readonly guests: (claim: T) => readonly string[];
  readonly measure: (claim: T, runs: Runs) => Measured;
}

/** Name of a variant of the same file. */
export const VariantName = v.pipe(
  v.string('must be a text'),
  v.regex(/^[a-z0-9][a-z0-9.-]{0,31}$/, 'must be 1 to 32 small letters, digits, "-" or "."'),
);
