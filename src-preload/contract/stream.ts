import * as v from 'valibot';
import { FailureSchema } from './errors.ts';
import { ActionSchema, ClockEventSchema, HostSettingsSchema, SpeedSchema } from './model.ts';
import { Count, GuestId, HostMs, RunId } from './numbers.ts';
import { AGE_CLASSES, EVICTION_REASONS, GUEST_COLUMNS, HOST_COLUMNS, POOL_KINDS } from './samples.ts';
import { GUESTS_MAX } from './units.ts';

/**
 * The live stream: a few batched messages a second over a MessagePort. A frame holds the host seconds that ended since
 * the last one. The window answers each with an {@link AckSchema}; while {@link FRAMES_IN_FLIGHT} are unanswered the
 * main process drops frames (the rows are in the history), and `firstSecond` shows the window what it missed.
 */
export const FRAMES_IN_FLIGHT = 3;
/** Most host seconds in one frame; at full speed older ones are left to the history. */
export const FRAME_SECONDS_MAX = 120;
/**
 * Numbers of one row in `FrameSchema.evictions`: second, victim, beneficiary (0 = the host), reason, pages, kind of pool, and
 * the pages of each age class. Reason and kind are places in EVICTION_REASONS and POOL_KINDS.
 */
export const EVICTION_ROW = 6 + AGE_CLASSES.length;
/**
 * Numbers of one sampled eviction, as the host hands it to the history: second, how many each of that second stands for, ms
 * within the second, victim, beneficiary, kind of pool, reason, object, index, age in ms. The stream does not carry them.
 */
export const EVICTION_SAMPLE_ROW = 10;

const Doubles = v.instance(Float64Array);

export const FrameSchema = v.pipe(
  v.strictObject({
    kind: v.literal('frame'),
    sequence: Count,
    runId: RunId,
    /** Host time now. */
    hostMs: HostMs,
    paused: v.boolean(),
    speed: SpeedSchema,
    /** Host seconds per wall second over the last frames, as reached. */
    reachedSpeed: v.pipe(v.number(), v.finite(), v.minValue(0)),
    /** How far host time is behind where the chosen speed should have brought it, in wall ms. */
    lagMs: v.pipe(v.number(), v.finite(), v.minValue(0)),
    /** Size of the history's files. */
    historyBytes: Count,
    /** Why samples cannot be written at the moment (they wait in memory), or null. */
    historyFailure: v.nullable(FailureSchema),
    /** Host time from which on this run can be computed again exactly (its oldest checkpoint), or null. */
    replayableFromMs: v.nullable(HostMs),
    /** The settings in force now. */
    settings: HostSettingsSchema,
    guestIds: v.pipe(v.array(GuestId), v.maxLength(GUESTS_MAX)),
    /** First host second of the batch; `seconds` may be 0. */
    firstSecond: Count,
    seconds: v.pipe(Count, v.maxValue(FRAME_SECONDS_MAX)),
    /** seconds × HOST_COLUMNS, row by row. */
    host: Doubles,
    /** seconds × guests × GUEST_COLUMNS, row by row. */
    guests: Doubles,
    /** Rows of {@link EVICTION_ROW} numbers. */
    evictions: Doubles,
    actions: v.array(ActionSchema),
    clockEvents: v.array(ClockEventSchema),
  }),
  v.check(
    (frame) => frame.host.length === frame.seconds * HOST_COLUMNS.length,
    'host has not seconds × columns numbers',
  ),
  v.check(
    (frame) => frame.guests.length === frame.seconds * frame.guestIds.length * GUEST_COLUMNS.length,
    'guests has not seconds × guests × columns numbers',
  ),
  v.check((frame) => frame.evictions.length % EVICTION_ROW === 0, 'evictions has not whole rows'),
  v.check((frame) => {
    for (let at = 3; at < frame.evictions.length; at += EVICTION_ROW) {
      if (EVICTION_REASONS[frame.evictions[at] ?? -1] === undefined) return false;
      if (POOL_KINDS[frame.evictions[at + 2] ?? -1] === undefined) return false;
    }
    return true;
  }, 'evictions names an unknown reason or pool'),
);
export type Frame = v.InferOutput<typeof FrameSchema>;

/** The window's answer to a frame. */
export const AckSchema = v.strictObject({ kind: v.literal('ack'), sequence: Count });
export type Ack = v.InferOutput<typeof AckSchema>;
