import type { ClaimCheck, Relation } from '#contract/claims.ts';

const HOLDS: Readonly<Record<Relation, (measured: number, bound: number) => boolean>> = {
  exactly: (measured, bound) => measured === bound,
  'at-most': (measured, bound) => measured <= bound,
  'at-least': (measured, bound) => measured >= bound,
  below: (measured, bound) => measured < bound,
  above: (measured, bound) => measured > bound,
};

/** A figure beside its bound. What could not be measured does not hold. */
export function check(what: string, measured: number, relation: Relation, bound: number, unit = 'pages'): ClaimCheck {
  const known = Number.isFinite(measured) && Number.isFinite(bound);
  return {
    ...{ what, relation, unit },
    measured: Number.isFinite(measured) ? measured : null,
    bound: Number.isFinite(bound) ? bound : 0,
    holds: known && HOLDS[relation](measured, bound),
  };
}

/** What a measure found: figures with a bound, and the table around them. */
export interface Measured {
  readonly checks: readonly ClaimCheck[];
  readonly table: {
    readonly head: readonly string[];
    readonly rows: readonly (readonly (string | number)[])[];
  };
}
