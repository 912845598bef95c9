import * as v from 'valibot';
import { FailureSchema } from './errors.ts';
import {
  ActionSchema,
  ChangeSchema,
  ClockEventSchema,
  HostDescriptionSchema,
  RunSchema,
  SpeedSchema,
} from './model.ts';
import { AxisRangeSchema, AxisSecond, Count, GuestId, HostMs, Name, RunId } from './numbers.ts';
import { AUDIT_REQUESTS, REPORT_REQUESTS } from './reports.ts';
import { EVICTION_REASONS, GUEST_COLUMNS, HOST_COLUMNS } from './samples.ts';
import { GUESTS_MAX, SERIES_POINTS_MAX } from './units.ts';

const SeriesSchema = v.strictObject({
  /** A guest's series, or the host's own (null). */
  guestId: v.nullable(GuestId),
  column: v.picklist([...GUEST_COLUMNS, ...HOST_COLUMNS]),
});

/** The filter of the eviction history; an empty list means all. */
const EvictionFilterSchema = v.strictObject({
  range: v.nullable(AxisRangeSchema),
  victims: v.pipe(v.array(GuestId), v.maxLength(GUESTS_MAX)),
  /** 0 stands for the host itself. */
  beneficiaries: v.pipe(v.array(v.union([v.literal(0), GuestId])), v.maxLength(GUESTS_MAX + 1)),
  reasons: v.array(v.picklist(EVICTION_REASONS)),
});
export type EvictionFilter = v.InferOutput<typeof EvictionFilterSchema>;

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
  pages: Count,
  cursor: EvictionCursorSchema,
});
export type EvictionRow = v.InferOutput<typeof EvictionRowSchema>;

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
    argument: v.strictObject({ changes: v.pipe(v.array(ChangeSchema), v.minLength(1), v.maxLength(2 * GUESTS_MAX)) }),
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
    argument: v.strictObject({
      filter: EvictionFilterSchema,
      after: v.nullable(EvictionCursorSchema),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)),
    }),
    answer: v.strictObject({ rows: v.array(EvictionRowSchema), more: v.boolean() }),
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
      /** Host seconds in which anything was evicted. */
      seconds: Count,
    }),
  },
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
