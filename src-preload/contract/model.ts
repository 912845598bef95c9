import * as v from 'valibot';
import { AxisSecond, Count, GuestId, HostMs, Name, RunId } from './numbers.ts';
import { GUESTS_MAX, WEIGHT_MAX, WEIGHT_MIN } from './units.ts';

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

/** Idle tax τ in thousandths: 750 = 0.75. */
const TaxPermille = v.pipe(Count, v.maxValue(999));

/** The settings in force that an administrator can change and that no sample has. */
export const HostSettingsSchema = v.strictObject({
  policy: PolicySchema,
  idleTaxPermille: TaxPermille,
  totalPages: Count,
  /** Most ephemeral pages of all guests together; null: as many as there is memory. */
  poolLimitPages: v.nullable(Count),
  guestSettings: v.pipe(
    v.array(
      v.strictObject({
        guestId: GuestId,
        /** Most ephemeral pages it may have; null: no cap. */
        capPages: v.nullable(Count),
        /** Whether it has started yet, and whether it was removed from the host. */
        presence: v.picklist(['waiting', 'present', 'removed']),
        /** When the scenario removed it; null: it did not. (What administrators remove is an action.) */
        removedByScenarioMs: v.nullable(HostMs),
      }),
    ),
    v.maxLength(GUESTS_MAX),
  ),
});
export type HostSettings = v.InferOutput<typeof HostSettingsSchema>;

/** What the window needs to know of the host when it opens. Frames tell what of it changes. */
export const HostDescriptionSchema = v.strictObject({
  run: RunSchema,
  guests: v.array(GuestSchema),
  ...HostSettingsSchema.entries,
  reservedPages: Count,
  /** Window of the idle tax in host seconds. */
  idleTaxWindowS: Count,
  /** Most pages a balloon moves in one host second. */
  balloonPagesPerS: Count,
  versions: v.record(v.string(), v.string()),
  /** Set when the last run did not end in order: a sentence for the person. */
  notice: v.nullable(v.string()),
});
export type HostDescription = v.InferOutput<typeof HostDescriptionSchema>;

const Weight = v.pipe(v.number(), v.integer(), v.minValue(WEIGHT_MIN), v.maxValue(WEIGHT_MAX));

/** One change an administrator asks for. Memory in pages; null: no cap, no limit. */
export const ChangeSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('weight'), guestId: GuestId, value: Weight }),
  v.strictObject({ kind: v.literal('balloon-target'), guestId: GuestId, valuePages: Count }),
  v.strictObject({ kind: v.literal('precache-cap'), guestId: GuestId, valuePages: v.nullable(Count) }),
  v.strictObject({ kind: v.literal('policy'), value: PolicySchema }),
  v.strictObject({ kind: v.literal('idle-tax'), valuePermille: TaxPermille }),
  v.strictObject({ kind: v.literal('pool-limit'), valuePages: v.nullable(Count) }),
  v.strictObject({ kind: v.literal('host-size'), valuePages: Count }),
  /** Acts without an inverse: what they give up does not come back. */
  v.strictObject({ kind: v.literal('remove-guest'), guestId: GuestId }),
  v.strictObject({ kind: v.literal('flush-precache'), guestId: GuestId }),
]);
export type Change = v.InferOutput<typeof ChangeSchema>;

export const CHANGE_KINDS = [
  'weight',
  'balloon-target',
  'precache-cap',
  'policy',
  'idle-tax',
  'pool-limit',
  'host-size',
  'remove-guest',
  'flush-precache',
] as const satisfies readonly Change['kind'][];

/** Longest reason that an administrator can give. */
export const REASON_MAX = 200;
export const ReasonSchema = v.pipe(v.string(), v.nonEmpty(), v.maxLength(REASON_MAX));

/** What an act without an inverse gave up. */
const GivenUpSchema = v.strictObject({ ramPages: Count, precachePages: Count, preswapPages: Count });

const ROW = {
  id: Count,
  runId: RunId,
  /** Host time at which it took effect. */
  hostMs: HostMs,
  /** Wall time at which it was committed, ms since 1970. */
  wallMs: Count,
  source: v.picklist(['console', 'cli', 'scenario']),
  /** Why, in the administrator's words; null: none was given. */
  reason: v.optional(v.nullable(ReasonSchema), null),
  /** The row that it sets back; null: it undoes none. */
  undoes: v.optional(v.nullable(Count), null),
};
const OF_GUEST = { ...ROW, guestId: GuestId, guestName: Name };
const OF_HOST = { ...ROW, guestId: v.null(), guestName: v.null() };
const from = <T extends v.GenericSchema>(schema: T) => ({ before: schema, after: schema });

/** An administrator's action as it stands in the audit: one change, with what was before. */
export const ActionSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('weight'), ...OF_GUEST, ...from(Count) }),
  v.strictObject({ kind: v.literal('balloon-target'), ...OF_GUEST, ...from(Count) }),
  v.strictObject({ kind: v.literal('precache-cap'), ...OF_GUEST, ...from(v.nullable(Count)) }),
  v.strictObject({ kind: v.literal('policy'), ...OF_HOST, ...from(PolicySchema) }),
  v.strictObject({ kind: v.literal('idle-tax'), ...OF_HOST, ...from(TaxPermille) }),
  v.strictObject({ kind: v.literal('pool-limit'), ...OF_HOST, ...from(v.nullable(Count)) }),
  v.strictObject({ kind: v.literal('host-size'), ...OF_HOST, ...from(Count) }),
  v.strictObject({ kind: v.literal('remove-guest'), ...OF_GUEST, before: GivenUpSchema, after: v.null() }),
  v.strictObject({ kind: v.literal('flush-precache'), ...OF_GUEST, before: GivenUpSchema, after: v.null() }),
]);
export type Action = v.InferOutput<typeof ActionSchema>;

/** A marked event of the clock: not an administrator's change of the host, but needed to read a chart. */
export const ClockEventSchema = v.strictObject({
  runId: RunId,
  hostMs: HostMs,
  wallMs: Count,
  /**
   * `clock`: the clock of the machine was set. `check`: the history was looked through after an end out of order.
   * `scenario`: a timed event of the scenario took effect.
   */
  kind: v.picklist(['start', 'pause', 'resume', 'speed', 'stop', 'gap', 'clock', 'check', 'scenario']),
  detail: v.pipe(v.string(), v.maxLength(300)),
});
export type ClockEvent = v.InferOutput<typeof ClockEventSchema>;
