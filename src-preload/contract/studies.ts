import * as v from 'valibot';
import { FailureSchema } from './errors.ts';
import { PolicySchema } from './model.ts';
import { Count, GuestId, HostMs, Name, RunId } from './numbers.ts';
import { GUESTS_MAX, WEIGHT_MAX, WEIGHT_MIN } from './units.ts';

/** Most alternatives of a study besides the baseline. */
export const STUDY_ALTERNATIVES_MAX = 8;
/** Most that a guest can count in a tuner's sum. */
export const TUNE_FACTOR_MAX = 1_000;
/** Longest horizon of a study: a host day. */
export const STUDY_HORIZON_MS_MAX = 86_400_000;

/** What disks and CPUs can be chosen; `free`: what they do takes no time. */
export const CPU_CHOICES = ['free', 'modern', 'old'] as const;
export const DISK_CHOICES = ['free', 'nvme', 'sata-ssd', 'hdd'] as const;

/** One thing that an alternative does differently. Sizes in pages. */
export const StudyChangeSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('weight'),
    guestId: GuestId,
    value: v.pipe(v.number(), v.integer(), v.minValue(WEIGHT_MIN), v.maxValue(WEIGHT_MAX)),
  }),
  v.strictObject({ kind: v.literal('balloon-target'), guestId: GuestId, pages: Count }),
  /** The most ephemeral pages that a guest may have; null: no cap. */
  v.strictObject({ kind: v.literal('precache-cap'), guestId: GuestId, pages: v.nullable(Count) }),
  v.strictObject({ kind: v.literal('policy'), policy: PolicySchema }),
  v.strictObject({ kind: v.literal('idle-tax'), permille: v.pipe(Count, v.maxValue(999)) }),
  v.strictObject({ kind: v.literal('pool-limit'), pages: Count }),
  v.strictObject({ kind: v.literal('host-size'), pages: Count }),
  v.strictObject({ kind: v.literal('remove-guest'), guestId: GuestId }),
  /** Other hardware, as only a study can have it: another CPU, or other disks in place of all. */
  v.strictObject({ kind: v.literal('cpu-class'), cpu: v.picklist(CPU_CHOICES) }),
  v.strictObject({ kind: v.literal('disk-class'), disk: v.picklist(DISK_CHOICES) }),
]);

export type StudyChange = v.InferOutput<typeof StudyChangeSchema>;

/** A set of changes under a name; none: the undisturbed host. */
export const AlternativeSchema = v.strictObject({
  name: Name,
  changes: v.pipe(v.array(StudyChangeSchema), v.maxLength(200)),
});

export type StudyAlternative = v.InferOutput<typeof AlternativeSchema>;

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
      /**
       * Part of the time that it waits for disks and tmem, 0 to 1, so it is 1 / (1 − this) times slower than its workload
       * wants, and the stated error of this part; null: nothing takes time in the model, or the engine does not know.
       */
      waitingPart: v.optional(v.nullable(Amount), null),
      waitingError: v.optional(v.nullable(Amount), null),
      doubtReads: v.optional(Amount),
    }),
  ),
  /** Beside it the doubt of a forecast: disk reads that what happens may be off by because guests do something else. */
  host: v.strictObject({
    ...sums,
    evictions: v.nullable(Amount),
    meanFallowPages: Amount,
    doubtReads: v.optional(Amount),
  }),
  /**
   * Time of a disk read in ns above which the host's precache saves time on either class of CPU; null: it found nothing, and
   * saves none at any. Absent in studies that were saved before it was told.
   */
  breakEvenDiskNs: v.optional(v.strictObject({ modern: v.nullable(Amount), old: v.nullable(Amount) })),
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
export type AlternativeOutcome = v.InferOutput<typeof AlternativeOutcomeSchema>;
export type StudyResult = v.InferOutput<typeof StudyResultSchema>;

/** A setting that can be given many values one after another. */
export const KnobSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('weight'), guestId: GuestId }),
  v.strictObject({ kind: v.literal('balloon-target'), guestId: GuestId }),
  v.strictObject({ kind: v.literal('idle-tax') }),
  v.strictObject({ kind: v.literal('pool-limit') }),
  v.strictObject({ kind: v.literal('host-size') }),
]);
export type Knob = v.InferOutput<typeof KnobSchema>;

/** A knob and the values to give it: weights, pages, or thousandths. */
const KnobValuesSchema = v.strictObject({
  knob: KnobSchema,
  values: v.pipe(v.array(Count), v.minLength(1), v.maxLength(64)),
});
export type KnobValues = v.InferOutput<typeof KnobValuesSchema>;

const Doubles = v.instance(Float64Array);

/** Disk reads over a range of one knob (guests by place, host changes nothing else), by the engine `curves`. */
export const SensitivitySchema = v.strictObject({
  knob: KnobSchema,
  today: Count,
  values: v.array(Count),
  /** values × guests. */
  diskReads: Doubles,
});
export type Sensitivity = v.InferOutput<typeof SensitivitySchema>;

/** Misses of an LRU cache by its size over the studied time: a guest's RAM together with its share acts as one. */
export const MissCurveSchema = v.strictObject({
  guestId: GuestId,
  accesses: Amount,
  /** Sizes in pages, rising, and the misses at each. */
  pages: Doubles,
  misses: Doubles,
  /** Where the guest stands in the baseline: its RAM, and the steady share of the pool beside it. */
  ramPages: Amount,
  sharePages: Amount,
});
export type MissCurve = v.InferOutput<typeof MissCurveSchema>;

/** What the curves of a study answer beside its alternatives. */
export const ExplorationSchema = v.strictObject({
  curves: v.pipe(v.array(MissCurveSchema), v.maxLength(GUESTS_MAX)),
  sensitivities: v.array(SensitivitySchema),
});
export type Exploration = v.InferOutput<typeof ExplorationSchema>;

/** Disk reads of all guests over two knobs. */
export const HeatMapSchema = v.strictObject({
  across: KnobValuesSchema,
  down: KnobValuesSchema,
  /** down × across. */
  diskReads: Doubles,
  accesses: Amount,
});
export type HeatMap = v.InferOutput<typeof HeatMapSchema>;

/**
 * What a tuner looks for. Where guests wait for disks and tmem, lost time counts; where nothing takes time, disk reads stand for it.
 * - `throughput`: the least of it, each guest's times its importance.
 * - `worst-ratio`: the smallest largest of any guest.
 * - `targets`: at most so many disk reads per access for the guests named, with the smallest pool.
 */
export const TUNE_GOALS = ['throughput', 'worst-ratio', 'targets'] as const;
export type TuneGoal = (typeof TUNE_GOALS)[number];

const Ratio = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** What a tuner is asked. */
export const TuneOrderSchema = v.strictObject({
  goal: v.picklist(TUNE_GOALS),
  /** For `throughput`: guests that count more or less than once. */
  importance: v.optional(
    v.pipe(
      v.array(
        v.strictObject({ guestId: GuestId, factor: v.pipe(v.number(), v.minValue(0), v.maxValue(TUNE_FACTOR_MAX)) }),
      ),
      v.maxLength(GUESTS_MAX),
    ),
    [],
  ),
  /** For `targets`: the most disk reads per access. */
  targets: v.optional(
    v.pipe(v.array(v.strictObject({ guestId: GuestId, readsPerAccess: Ratio })), v.maxLength(GUESTS_MAX)),
    [],
  ),
  /** Guests whose weight stays as it is. */
  fixed: v.optional(v.pipe(v.array(GuestId), v.maxLength(GUESTS_MAX)), []),
  /** By how many disk reads per access a guest may be worse off than today at the most; null: by any. */
  worseAtMost: v.optional(v.nullable(Ratio), null),
});
export type TuneOrder = v.InferOutput<typeof TuneOrderSchema>;

/** What a tuner found; its numbers are those of full runs. */
export const TunedSchema = v.strictObject({
  goal: v.picklist(TUNE_GOALS),
  /** None where today's setting is the best already. */
  changes: v.array(StudyChangeSchema),
  /** Whether every target is met (always, for other goals). */
  targetsMet: v.boolean(),
  /** Settings that were estimated, and of those simulated. */
  estimated: Count,
  simulated: Count,
});
export type Tuned = v.InferOutput<typeof TunedSchema>;

/** What a running study tells, in this order: progress now and then, estimates, at last a result or a failure. */
export const StudyEventSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('progress'), done: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) }),
  /**
   * An answer to all alternatives while a better one is on its way: of the engine `curves`, or of better ones as far as they
   * have come. Its stretch of time is its own, and may be shorter than what was ordered. With what the curves say beside it.
   */
  v.strictObject({
    kind: v.literal('estimate'),
    result: StudyResultSchema,
    exploration: v.nullable(ExplorationSchema),
  }),
  /** What was to be prepared is. */
  v.strictObject({ kind: v.literal('prepared') }),
  /** It holds too much memory to be kept, and ends with what it tells next. */
  v.strictObject({ kind: v.literal('spent') }),
  v.strictObject({ kind: v.literal('heat-map'), heatMap: HeatMapSchema }),
  v.strictObject({ kind: v.literal('result'), result: StudyResultSchema }),
  /** The host as it is, and as recommended where that is better. */
  v.strictObject({ kind: v.literal('tuned'), tuned: TunedSchema, result: StudyResultSchema }),
  v.strictObject({ kind: v.literal('failed'), failure: FailureSchema }),
]);
export type StudyEvent = v.InferOutput<typeof StudyEventSchema>;

/**
 * Where a study begins. `forecast`: now, and it knows only what was seen before. `replay`: at a recorded moment of a run,
 * with what happened then.
 */
export const StudyStartSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('forecast') }),
  v.strictObject({
    kind: v.literal('replay'),
    runId: RunId,
    /** Null: as late as possible, so that it ends where the record ends. */
    fromMs: v.nullable(HostMs),
  }),
]);
export type StudyStart = v.InferOutput<typeof StudyStartSchema>;

const StudyId = v.pipe(v.number(), v.integer(), v.minValue(1));
const Nothing = v.strictObject({});

/** How a study stands. */
export const StudyStandingSchema = v.strictObject({
  id: StudyId,
  /** Rises with every change; see `study.watch`. */
  version: Count,
  phase: v.picklist(['waiting', 'running', 'done', 'failed', 'cancelled']),
  /** Part done, and wall ms that are left by the pace so far (null: not known yet). */
  part: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  leftMs: v.nullable(Count),
  /** How often a better answer has been told so far. */
  answers: Count,
  failure: v.nullable(FailureSchema),
});
export type StudyStanding = v.InferOutput<typeof StudyStandingSchema>;

export const STUDY_REQUESTS = {
  /**
   * Makes ready for studies of this start and length: a process is started and told where to begin, so that the first answer
   * of such a study comes at once. It ends by itself when nothing is asked of it for a while. Answers at once.
   */
  'study.prepare': {
    argument: v.strictObject({
      start: StudyStartSchema,
      horizonMs: v.pipe(Count, v.minValue(1), v.maxValue(STUDY_HORIZON_MS_MAX)),
    }),
    answer: Nothing,
  },
  /** Starts a study, or lets it wait its turn where two run already. Fails with `bad-study` where too many wait. */
  'study.start': {
    argument: v.strictObject({
      start: StudyStartSchema,
      order: StudyOrderSchema,
      /** Looks for the weights that serve a goal best, instead of comparing the alternatives of the order. */
      tune: v.optional(TuneOrderSchema),
    }),
    answer: v.strictObject({ id: StudyId }),
  },
  /** How a study stands, as soon as that is another version than the one seen (0: at once), or after some seconds. */
  'study.watch': { argument: v.strictObject({ id: StudyId, seen: Count }), answer: StudyStandingSchema },
  /** What is known so far: the best result, and what the curves say. */
  'study.outcome': {
    argument: v.strictObject({ id: StudyId }),
    answer: v.strictObject({
      result: v.nullable(StudyResultSchema),
      exploration: v.nullable(ExplorationSchema),
      tuned: v.nullable(TunedSchema),
      heatMap: v.nullable(HeatMapSchema),
    }),
  },
  /** Ends a study. One that has ended stays as it is. */
  'study.cancel': { argument: v.strictObject({ id: StudyId }), answer: Nothing },
  /** Starts a look at disk reads over two knobs, from the same start as a study that was run before: a study of its own. */
  'study.heatMap': {
    argument: v.strictObject({ id: StudyId, across: KnobValuesSchema, down: KnobValuesSchema }),
    answer: v.strictObject({ id: StudyId }),
  },
} as const;
