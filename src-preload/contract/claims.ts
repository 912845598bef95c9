import * as v from 'valibot';
import { Count } from './numbers.ts';

const Text = v.pipe(v.string(), v.maxLength(2_000));
const Short = v.pipe(v.string(), v.maxLength(200));

/** How a figure must stand to its bound. */
const RELATIONS = ['exactly', 'at-most', 'at-least', 'below', 'above'] as const;
export type Relation = (typeof RELATIONS)[number];

/** One figure of a claim beside its bound. */
const ClaimCheckSchema = v.strictObject({
  /** What was measured, in words: "most pages of backup". */
  what: Short,
  /** Null: it could not be measured (nothing happened that it is about). */
  measured: v.nullable(v.pipe(v.number(), v.finite())),
  relation: v.picklist(RELATIONS),
  bound: v.pipe(v.number(), v.finite()),
  /** Unit of both figures: pages, accesses, µs …; empty: a pure number. */
  unit: v.pipe(v.string(), v.maxLength(40)),
  holds: v.boolean(),
});
export type ClaimCheck = v.InferOutput<typeof ClaimCheckSchema>;

/** Whether a claim holds in the runs that it is about, and by which figures. */
export const VerdictSchema = v.strictObject({
  letter: v.pipe(v.string(), v.length(1)),
  sentence: Text,
  bound: Text,
  /** All checks hold. */
  holds: v.boolean(),
  checks: v.array(ClaimCheckSchema),
  /** The figures that a reader would want to see, beyond those with a bound. Numbers are counts. */
  table: v.strictObject({
    head: v.array(Short),
    rows: v.array(v.array(v.union([v.pipe(v.number(), v.finite()), Short]))),
  }),
  /** The runs that it was taken from, by the titles of their variants. */
  runs: v.array(Short),
  /** Host seconds of each run, and their seed. */
  seconds: Count,
  seed: Count,
});
export type Verdict = v.InferOutput<typeof VerdictSchema>;
