import * as v from 'valibot';
import { BACKUP_REQUESTS } from './backups.ts';
import { FailureSchema } from './errors.ts';
import {
  ActionSchema,
  ChangeSchema,
  ClockEventSchema,
  HostDescriptionSchema,
  ReasonSchema,
  RunSchema,
  SpeedSchema,
} from './model.ts';
import { AxisRangeSchema, AxisSecond, Count, GuestId, HostMs, Name, RunId } from './numbers.ts';
import { AUDIT_REQUESTS, REPORT_REQUESTS } from './reports.ts';
import { SAVED_STUDY_REQUESTS } from './saved-studies.ts';
import { SCENARIO_REQUESTS } from './scenarios.ts';
import { SETTINGS_REQUESTS } from './settings.ts';
import { STUDY_REQUESTS } from './studies.ts';
import { STUDY_KEEPING_REQUESTS } from './study-keeping.ts';
import { AGE_CLASSES, EVICTION_REASONS, GUEST_COLUMNS, HOST_COLUMNS, POOL_KINDS } from './samples.ts';
import { GUESTS_MAX, SERIES_POINTS_MAX } from './units.ts';

const SeriesSchema = v.strictObject({
  /** A guest's series, or the host's own (null). */
  guestId: v.nullable(GuestId),
  column: v.picklist([...GUEST_COLUMNS, ...HOST_COLUMNS]),
  /**
   * The run in which the guest bears this number; the last one of the history where it is not given. In other runs the guest
   * of the same name is read; where there is none, nothing.
   */
  runId: v.optional(RunId),
});

/** The filter of the eviction history; an empty list means all. */
const EvictionFilterSchema = v.strictObject({
  range: v.nullable(AxisRangeSchema),
  victims: v.pipe(v.array(GuestId), v.maxLength(GUESTS_MAX)),
  /** 0 stands for the host itself. */
  beneficiaries: v.pipe(v.array(v.union([v.literal(0), GuestId])), v.maxLength(GUESTS_MAX + 1)),
  reasons: v.array(v.picklist(EVICTION_REASONS)),
  pools: v.optional(v.array(v.picklist(POOL_KINDS))),
  /** The run in which the guests bear these numbers; see {@link SeriesSchema}. */
  runId: v.optional(RunId),
});
export type EvictionFilter = v.InferOutput<typeof EvictionFilterSchema>;

/** Pages of each class of AGE_CLASSES. */
const Ages = v.pipe(v.array(Count), v.length(AGE_CLASSES.length));

/** Place of a row in the eviction history: pages by it go on where the last one ended, whatever was added meanwhile. */
const EvictionCursorSchema = v.strictObject({ runId: RunId, second: Count, row: Count });

export const EvictionRowSchema = v.strictObject({
  runId: RunId,
  second: Count,
  axisS: AxisSecond,
  wallMs: v.nullable(Count),
  victimId: GuestId,
  victim: Name,
  /** 0 and "host" for the host itself. */
  beneficiaryId: v.union([v.literal(0), GuestId]),
  beneficiary: Name,
  reason: v.picklist(EVICTION_REASONS),
  /** The victim's pool: it has at most one of each kind. */
  pool: v.picklist(POOL_KINDS),
  pages: Count,
  /** Pages of each age class; null where they were not recorded. */
  ages: v.nullable(Ages),
  cursor: EvictionCursorSchema,
});
export type EvictionRow = v.InferOutput<typeof EvictionRowSchema>;

/** One page that was evicted. At most 1,000 are kept of a host second, evenly: each stands for `everyNth`. */
const SampledEvictionSchema = v.strictObject({
  runId: RunId,
  hostMs: HostMs,
  wallMs: v.nullable(Count),
  victimId: GuestId,
  victim: Name,
  /** 0 and "host" for the host itself. */
  beneficiaryId: v.union([v.literal(0), GuestId]),
  beneficiary: Name,
  reason: v.picklist(EVICTION_REASONS),
  pool: v.picklist(POOL_KINDS),
  /** Low 53 bits of the number of its object: the file, in a precache. */
  object: Count,
  /** Its page within the object. */
  index: Count,
  /** Host time since it was put. */
  ageMs: Count,
  everyNth: Count,
  cursor: EvictionCursorSchema,
});
export type SampledEviction = v.InferOutput<typeof SampledEvictionSchema>;

/** A page of a list that goes on after a cursor, newest first. */
const EvictionPageSchema = v.strictObject({
  filter: EvictionFilterSchema,
  after: v.nullable(EvictionCursorSchema),
  limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)),
});

/** What one pool of one guest did over a range. */
const PoolReadingSchema = v.strictObject({
  /** Its number in the last run of the range that has it. */
  guestId: GuestId,
  guest: Name,
  pool: v.picklist(['precache', 'preswap']),
  /** Pages it held: at the end of the range, least, mean and most. */
  pages: v.strictObject({ last: Count, min: Count, mean: v.pipe(v.number(), v.minValue(0)), max: Count }),
  puts: Count,
  putsFailed: Count,
  /** Gets asked, and gets that found their page. A preswap get always does. */
  gets: Count,
  hits: Count,
  flushes: Count,
  evicted: Count,
});
export type PoolReading = v.InferOutput<typeof PoolReadingSchema>;

/** Most changes of one set: every knob of every guest, and those of the host. */
const CHANGES_MAX = 5 * GUESTS_MAX + 4;

/**
 * The treaty: every request that the window may send, with the schema of its argument and of its answer. The main process
 * checks the argument, the window checks the answer; anything else is refused.
 */
export const REQUESTS = {
  /** What the host is. Fails with `host-not-ready` until the host thread has started. */
  'host.describe': { argument: v.strictObject({}), answer: HostDescriptionSchema },
  'host.setPaused': { argument: v.strictObject({ paused: v.boolean() }), answer: v.strictObject({ hostMs: HostMs }) },
  'host.setSpeed': { argument: v.strictObject({ speed: SpeedSchema }), answer: v.strictObject({ hostMs: HostMs }) },
  /** Commits and applies the changes, all or none; answers when the audit rows are on the disk and the host has them. */
  'host.applyChanges': {
    argument: v.strictObject({
      changes: v.pipe(v.array(ChangeSchema), v.minLength(1), v.maxLength(CHANGES_MAX)),
      /** Why, for the audit. */
      reason: v.optional(v.nullable(ReasonSchema), null),
      /** For each change the row of the audit that it sets back. Fails with `bad-request` where it does not. */
      undoes: v.optional(v.nullable(v.pipe(v.array(Count), v.maxLength(CHANGES_MAX))), null),
    }),
    answer: v.strictObject({ actions: v.array(ActionSchema) }),
  },
  /** All runs, oldest first: the axis of the past. */
  'history.runs': { argument: v.strictObject({}), answer: v.strictObject({ runs: v.array(RunSchema) }) },
  /**
   * Series over a range, at most `maxPoints` each. Where a bucket holds more than one second it has the minimum and the
   * maximum seen in it. A gauge's value is its last in the bucket, a count's its mean per second. Gaps are NaN.
   */
  'history.series': {
    argument: v.strictObject({
      range: AxisRangeSchema,
      series: v.pipe(v.array(SeriesSchema), v.minLength(1), v.maxLength(GUESTS_MAX * 4)),
      maxPoints: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(SERIES_POINTS_MAX)),
    }),
    answer: v.strictObject({
      /** Seconds in a bucket. */
      bucketS: v.pipe(v.number(), v.integer(), v.minValue(1)),
      /** Axis second at which each bucket begins. */
      axisS: v.instance(Float64Array),
      /** In the order asked. */
      series: v.array(
        v.strictObject({
          value: v.instance(Float64Array),
          minimum: v.instance(Float64Array),
          maximum: v.instance(Float64Array),
        }),
      ),
    }),
  },
  'history.evictions': {
    argument: EvictionPageSchema,
    answer: v.strictObject({ rows: v.array(EvictionRowSchema), more: v.boolean() }),
  },
  'history.evictionSamples': {
    argument: EvictionPageSchema,
    answer: v.strictObject({ rows: v.array(SampledEvictionSchema), more: v.boolean() }),
  },
  /** Pages evicted per victim and beneficiary under a filter. */
  'history.evictionSummary': {
    argument: v.strictObject({ filter: EvictionFilterSchema }),
    answer: v.strictObject({
      cells: v.array(
        v.strictObject({
          victimId: GuestId,
          victim: Name,
          beneficiaryId: v.union([v.literal(0), GuestId]),
          beneficiary: Name,
          pages: Count,
        }),
      ),
      pages: Count,
      /** Pages of each age class; less than `pages` in all where ages were not recorded. */
      ages: Ages,
      /** Recorded host seconds of the range. */
      seconds: Count,
    }),
  },
  /** What each guest's pools did over a range. Where only coarser samples are left, whole buckets that reach beyond it. */
  'history.pools': {
    argument: v.strictObject({ range: v.nullable(AxisRangeSchema) }),
    answer: v.strictObject({ pools: v.array(PoolReadingSchema), hostSeconds: Count }),
  },
  /** Looks through the whole file, which takes long where it is large: what is wrong with it, first things first. */
  'history.check': { argument: v.strictObject({}), answer: v.strictObject({ problems: v.array(v.string()) }) },
  /** Admin actions and clock events of a range, newest first. */
  'history.events': {
    argument: v.strictObject({
      range: v.nullable(AxisRangeSchema),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)),
    }),
    answer: v.strictObject({ actions: v.array(ActionSchema), clockEvents: v.array(ClockEventSchema) }),
  },
  ...AUDIT_REQUESTS,
  ...REPORT_REQUESTS,
  ...BACKUP_REQUESTS,
  ...SETTINGS_REQUESTS,
  ...SAVED_STUDY_REQUESTS,
  ...STUDY_REQUESTS,
  ...SCENARIO_REQUESTS,
  ...STUDY_KEEPING_REQUESTS,
} as const;

export type RequestName = keyof typeof REQUESTS;
export type RequestArgument<N extends RequestName> = v.InferOutput<(typeof REQUESTS)[N]['argument']>;
export type RequestAnswer<N extends RequestName> = v.InferOutput<(typeof REQUESTS)[N]['answer']>;
export const REQUEST_NAMES = Object.keys(REQUESTS) as RequestName[];

/** What crosses the border for each request. */
export const EnvelopeSchema = v.strictObject({
  name: v.picklist(REQUEST_NAMES),
  argument: v.unknown(),
});

/** What comes back: an answer, or a failure with its sentence. */
export const ReplySchema = v.variant('ok', [
  v.strictObject({ ok: v.literal(true), answer: v.unknown() }),
  v.strictObject({ ok: v.literal(false), failure: FailureSchema }),
]);
export type Reply = v.InferOutput<typeof ReplySchema>;
