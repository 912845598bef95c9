import * as v from 'valibot';

/** A whole number from 0 that a double holds exactly. */
export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Host time in ms since the run began. */
export const HostMs = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A second on the axis of all runs (see `RunSchema.axisStartS`). */
export const AxisSecond = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Number of a guest: its client number in the store, from 1. */
export const GuestId = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
/** Number of a run in the history, from 1. */
export const RunId = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** A name for a person: 1 to 64 characters. */
export const Name = v.pipe(v.string(), v.nonEmpty(), v.maxLength(64));
/** A range on the axis of all runs, both ends included, in host seconds. */
export const AxisRangeSchema = v.pipe(
  v.strictObject({ fromS: AxisSecond, toS: AxisSecond }),
  v.check((range) => range.fromS <= range.toS, 'The range ends before it begins. Give an end at or after the start.'),
);
