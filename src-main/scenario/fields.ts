import * as v from 'valibot';

/** Most RAM a modelled host may have, in MiB: 16 million pages. */
const HOST_MIB_MAX = 65_536;
const DAY_S = 86_400;

const shown = (limit: number): string => limit.toLocaleString('en');

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number) {
  const message = `must be a whole number from ${shown(least)} to ${shown(most)}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
}

/** A number from `least` to `most`. `of` says what of: "MiB ". */
export function numberFrom(least: number, most: number, of = '') {
  const message = `must be a number ${of}from ${shown(least)} to ${shown(most)}`;
  return v.pipe(v.number(message), v.minValue(least, message), v.maxValue(most, message));
}

/** One of these words. */
export function oneOf<const T extends readonly string[]>(words: T) {
  return v.picklist(words, `must be one of ${words.map((word) => `"${word}"`).join(', ')}`);
}

/** A text of 1 to `most` characters. */
export function text(most: number) {
  const message = `must be a text of 1 to ${shown(most)} characters`;
  return v.pipe(v.string(message), v.minLength(1, message), v.maxLength(most, message));
}

/** Yes or no. */
export const YesNo = v.boolean('must be true or false');
/** Memory in MiB, fractions of pages rounded to the nearest page. */
export const Mib = numberFrom(0, HOST_MIB_MAX, 'of MiB ');
/** Memory in MiB, some. */
export const SomeMib = numberFrom(1 / 256, HOST_MIB_MAX, 'of MiB ');
/** Host time in seconds. */
export const Seconds = numberFrom(0, DAY_S, 'of seconds ');
/** Host time in seconds, a stretch that lasts. */
export const SomeSeconds = numberFrom(0.001, DAY_S, 'of seconds ');
/** A part of a whole, less than all of it. */
export const Part = numberFrom(0, 0.999);
/** A part of a whole, up to all of it. */
export const Fraction = numberFrom(0, 1);
/** How often something happens in a host second. */
export const PerSecond = whole(0, 10_000_000);
/** Most characters of a guest's name. */
export const GUEST_NAME_MAX = 32;
/** Name of a guest. */
export const GuestName = v.pipe(
  v.string('must be a text'),
  v.regex(/^[\w.-]{1,32}$/, 'must be 1 to 32 letters, digits, "_", "-" or "."'),
);
