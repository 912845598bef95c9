import * as v from 'valibot';
import { Count, GuestId, HostMs, Name, RunId } from './numbers.ts';
import { StudyOrderSchema, StudyResultSchema } from './studies.ts';

/** Number of a saved study, from 1. */
const SavedStudyId = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const Amount = v.pipe(v.number(), v.finite(), v.minValue(0));

/** What is known of a saved study besides its order and its numbers. */
export const SavedStudySchema = v.strictObject({
  id: SavedStudyId,
  name: Name,
  /** Wall time, ms since 1970. */
  savedAtMs: Count,
  kind: v.picklist(['replay', 'forecast']),
  /** The run and the host time that it starts from, and how long it looks ahead. */
  runId: RunId,
  fromMs: HostMs,
  horizonMs: Count,
  /** The alternative whose changes were applied to the host, and the first action of the set that did it. */
  applied: v.nullable(v.strictObject({ alternative: Name, actionId: Count })),
});
export type SavedStudy = v.InferOutput<typeof SavedStudySchema>;

/** A study to be saved. */
export const NewStudySchema = v.strictObject({
  name: Name,
  kind: v.picklist(['replay', 'forecast']),
  runId: RunId,
  order: StudyOrderSchema,
  result: StudyResultSchema,
});
export type NewStudy = v.InferOutput<typeof NewStudySchema>;

/** Counts of a guest over a stretch of time. */
const CountsSchema = v.strictObject({ accesses: Amount, precacheHits: Amount, diskReads: Amount });

/** A forecast beside what then happened, for one guest. */
export const ForecastRowSchema = v.strictObject({
  guestId: GuestId,
  name: Name,
  /** Over the whole horizon, with the stated error of disk reads per access, and the doubt of a forecast in disk reads. */
  forecast: v.strictObject({ ...CountsSchema.entries, error: Amount, doubtReads: v.optional(Amount) }),
  /** Disk reads that the forecast has for the seconds recorded so far; null: it knows no course over time. */
  forecastSoFar: v.nullable(Amount),
  /** What the stored samples say so far; null: nothing is stored of that time. */
  actual: v.nullable(CountsSchema),
});

/** A forecast against its outcome. */
export const ForecastOutcomeSchema = v.strictObject({
  /** The alternative that the record is compared with: the applied one, or the one without changes. */
  alternative: Name,
  /** Host seconds of the horizon, those recorded so far, and whether it has passed. */
  horizonS: Amount,
  recordedS: Count,
  isOver: v.boolean(),
  /** Actions within the horizon other than those that applied the study: the forecast did not know of them. */
  otherActions: Count,
  guests: v.array(ForecastRowSchema),
});
export type ForecastOutcome = v.InferOutput<typeof ForecastOutcomeSchema>;

/** Requests for saved studies that read. The host thread, which owns the history, does what writes. */
export const SAVED_STUDY_REQUESTS = {
  /** The newest first. */
  'history.studies': {
    argument: v.strictObject({}),
    answer: v.strictObject({ studies: v.array(SavedStudySchema) }),
  },
  /** One with all its numbers. Fails with `bad-study` where there is none of this number. */
  'history.study': {
    argument: v.strictObject({ id: SavedStudyId }),
    answer: v.strictObject({ study: SavedStudySchema, order: StudyOrderSchema, result: StudyResultSchema }),
  },
  /** What then happened. Fails with `bad-study` for a replay: its time was over before it was made. */
  'history.forecastOutcome': {
    argument: v.strictObject({ id: SavedStudyId }),
    answer: ForecastOutcomeSchema,
  },
} as const;
