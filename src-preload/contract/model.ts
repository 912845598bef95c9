import * as v from 'valibot';
import { AxisSecond, Count, GuestId, HostMs, Name, RunId } from './numbers.ts';
import { WEIGHT_MAX, WEIGHT_MIN } from './units.ts';

/** How fast host time runs against wall time. */
export const SPEEDS = ['1x', '10x', 'max'] as const;
export const SpeedSchema = v.picklist(SPEEDS);
export type Speed = v.InferOutput<typeof SpeedSchema>;

export const POLICIES = ['fifo', 'xen-shipped', 'xen-documented', 'max-over-share'] as const;
export const PolicySchema = v.picklist(POLICIES);
export type PolicyName = v.InferOutput<typeof PolicySchema>;

/** What does not change about a guest while a run lasts. */
export const GuestSchema = v.strictObject({
  id: GuestId,
  name: Name,
  /** What it runs, in words: "compiles a C library, 4,000 accesses/s, 40 s busy, 20 s quiet". */
  workload: v.pipe(v.string(), v.maxLength(300)),
  /** Lowest and highest balloon target, in pages. */
  minPages: Count,
  maxPages: Count,
});
export type Guest = v.InferOutput<typeof GuestSchema>;

/** Where the numbers come from; the title bar always says it. */
export const SourceSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('modelled'), scenario: Name, seed: Count }),
  v.strictObject({ kind: v.literal('imported'), from: v.string(), to: v.string() }),
]);
export type Source = v.InferOutput<typeof SourceSchema>;

/**
 * One run: from a start of the model to its end. Host time begins at 0 in each; `axisStartS` places the run on the axis
 * of all runs (seconds of host time since the history began, each gap between two runs counted as one second).
 */
export const RunSchema = v.strictObject({
  id: RunId,
  source: SourceSchema,
  axisStartS: AxisSecond,
  /** Host seconds recorded so far. */
  seconds: Count,
  /** Wall time of the start, ms since 1970. */
  startedAtMs: Count,
  /** How it ended: still running, stopped in order, or found without an end at the next start. */
  end: v.picklist(['running', 'stopped', 'crashed']),
});
export type Run = v.InferOutput<typeof RunSchema>;

/** What the window needs to know of the host once, when it opens. */
export const HostDescriptionSchema = v.strictObject({
  run: RunSchema,
  guests: v.array(GuestSchema),
  totalPages: Count,
  reservedPages: Count,
  policy: PolicySchema,
  /** Idle tax τ in thousandths (750 = 0.75) and its window in host seconds. */
  idleTaxPermille: v.pipe(Count, v.maxValue(999)),
  idleTaxWindowS: Count,
  /** Most pages a balloon moves in one host second. */
  balloonPagesPerS: Count,
  versions: v.record(v.string(), v.string()),
  /** Set when the last run did not end in order: a sentence for the person. */
  notice: v.nullable(v.string()),
});
export type HostDescription = v.InferOutput<typeof HostDescriptionSchema>;

/** One change an administrator asks for. */
export const ChangeSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('weight'),
    guestId: GuestId,
    value: v.pipe(v.number(), v.integer(), v.minValue(WEIGHT_MIN), v.maxValue(WEIGHT_MAX)),
  }),
  v.strictObject({ kind: v.literal('balloon-target'), guestId: GuestId, valuePages: Count }),
]);
export type Change = v.InferOutput<typeof ChangeSchema>;

/** An administrator's action as it stands in the audit: one change, with what was before. */
export const ActionSchema = v.strictObject({
  id: Count,
  runId: RunId,
  /** Host time at which it took effect. */
  hostMs: HostMs,
  /** Wall time at which it was committed, ms since 1970. */
  wallMs: Count,
  kind: v.picklist(['weight', 'balloon-target']),
  guestId: GuestId,
  guestName: Name,
  /** A weight, or pages. */
  before: Count,
  after: Count,
  source: v.picklist(['console', 'cli', 'scenario']),
});
export type Action = v.InferOutput<typeof ActionSchema>;

/** A marked event of the clock: not an administrator's change of the host, but needed to read a chart. */
export const ClockEventSchema = v.strictObject({
  runId: RunId,
  hostMs: HostMs,
  wallMs: Count,
  /** `clock`: the clock of the machine was set. `check`: the history was looked through after an end out of order. */
  kind: v.picklist(['start', 'pause', 'resume', 'speed', 'stop', 'gap', 'clock', 'check']),
  detail: v.pipe(v.string(), v.maxLength(300)),
});
export type ClockEvent = v.InferOutput<typeof ClockEventSchema>;
