import * as v from 'valibot';
import { FailureSchema } from './errors.ts';
import { PolicySchema } from './model.ts';
import { Count, GuestId, HostMs, Name } from './numbers.ts';
import { WEIGHT_MAX, WEIGHT_MIN } from './units.ts';

/** Most alternatives of a study besides the baseline. */
export const STUDY_ALTERNATIVES_MAX = 8;
/** Longest horizon of a study: a host day. */
export const STUDY_HORIZON_MS_MAX = 86_400_000;

/** One thing that an alternative does differently. Sizes in pages. */
export const StudyChangeSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('weight'),
    guestId: GuestId,
    value: v.pipe(v.number(), v.integer(), v.minValue(WEIGHT_MIN), v.maxValue(WEIGHT_MAX)),
  }),
  v.strictObject({ kind: v.literal('balloon-target'), guestId: GuestId, pages: Count }),
  v.strictObject({ kind: v.literal('policy'), policy: PolicySchema }),
  v.strictObject({ kind: v.literal('idle-tax'), permille: v.pipe(Count, v.maxValue(999)) }),
  v.strictObject({ kind: v.literal('pool-limit'), pages: Count }),
  v.strictObject({ kind: v.literal('host-size'), pages: Count }),
  v.strictObject({ kind: v.literal('remove-guest'), guestId: GuestId }),
]);

/** A set of changes under a name; none: the undisturbed host. */
export const AlternativeSchema = v.strictObject({
  name: Name,
  changes: v.pipe(v.array(StudyChangeSchema), v.maxLength(200)),
});

export const STUDY_ENGINES = ['curves', 'distances', 'scaled', 'full'] as const;

/** What is asked of a study. */
export const StudyOrderSchema = v.strictObject({
  /** Host ms from the start to the horizon. */
  horizonMs: v.pipe(Count, v.minValue(1), v.maxValue(STUDY_HORIZON_MS_MAX)),
  alternatives: v.pipe(v.array(AlternativeSchema), v.minLength(1), v.maxLength(STUDY_ALTERNATIVES_MAX + 1)),
  /** auto: the cheapest that is exact. */
  engine: v.picklist([...STUDY_ENGINES, 'auto']),
});
export type StudyOrder = v.InferOutput<typeof StudyOrderSchema>;

/** Counts that an engine may only estimate: fractions are possible. */
const Amount = v.pipe(v.number(), v.finite(), v.minValue(0));

const sums = {
  accesses: Amount,
  cacheHits: Amount,
  precacheHits: Amount,
  diskReads: Amount,
  /** Mean over the host seconds of the study, in pages. */
  meanEphemeralPages: Amount,
  /** Stated error of disk reads per access: the truth lies within ± this in 95 % of cases; 0: exact. */
  error: Amount,
};

export const AlternativeOutcomeSchema = v.strictObject({
  name: Name,
  engine: v.picklist(STUDY_ENGINES),
  guests: v.array(
    v.strictObject({
      guestId: GuestId,
      name: Name,
      ...sums,
      /** null: the engine does not know. */
      evictedBySelf: v.nullable(Amount),
      evictedByOthers: v.nullable(Amount),
      evictionsCaused: v.nullable(Amount),
      meanRamPages: Amount,
    }),
  ),
  host: v.strictObject({ ...sums, evictions: v.nullable(Amount), meanFallowPages: Amount }),
  assumptions: v.array(v.strictObject({ text: v.string(), held: v.boolean() })),
  /** By host second, guests side by side; null: the engine knows no course. */
  overTime: v.nullable(
    v.strictObject({
      firstSecond: Count,
      seconds: Count,
      ephemeralPages: v.instance(Float64Array),
      diskReads: v.instance(Float64Array),
    }),
  ),
});

export const StudyResultSchema = v.strictObject({
  fromMs: HostMs,
  horizonMs: Count,
  alternatives: v.array(AlternativeOutcomeSchema),
});
export type StudyResult = v.InferOutput<typeof StudyResultSchema>;

/** What a running study tells, in this order: progress now and then, at last a result or a failure. */
export const StudyEventSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('progress'), done: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) }),
  v.strictObject({ kind: v.literal('result'), result: StudyResultSchema }),
  v.strictObject({ kind: v.literal('failed'), failure: FailureSchema }),
]);
export type StudyEvent = v.InferOutput<typeof StudyEventSchema>;
