import { mibToPages, PAGES_PER_MIB, WEIGHT_MAX, WEIGHT_MIN } from '#contract/units.ts';
import { count, GAP } from '../../format.ts';

/** What was typed, read: a value in the model's unit, or a sentence that says why not. */
export type Reading = { readonly ok: true; readonly value: number } | { readonly ok: false; readonly sentence: string };

/** Longer input is refused as it stands: nobody means it, and it would not fit a sentence. */
const LONGEST_SHOWN = 16;

const quoted = (text: string): string => `“${text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text}”`;
const refuse = (sentence: string): Reading => ({ ok: false, sentence });

const WEIGHT_RANGE = `Type a whole number from ${count(WEIGHT_MIN)} to ${count(WEIGHT_MAX)}, in plain digits.`;

/** Reads a weight: plain digits only, no sign, no space, no other script's digits. */
export function parseWeight(text: string): Reading {
  if (text.trim() === '') return refuse(`A weight is missing. ${WEIGHT_RANGE}`);
  if (/^[-\u2212][0-9]+$/.test(text)) return refuse(`A weight cannot be negative. ${WEIGHT_RANGE}`);
  if (/^[0-9]+[.,][0-9]+$/.test(text)) return refuse(`${quoted(text)} is not a whole number. ${WEIGHT_RANGE}`);
  if (!/^[0-9]+$/.test(text)) return refuse(`${quoted(text)} is not a weight. ${WEIGHT_RANGE}`);
  const value = Number(text);
  if (value > WEIGHT_MAX) return refuse(`${quoted(text)} is more than the greatest weight. ${WEIGHT_RANGE}`);
  return { ok: true, value };
}

/** A bound as it may be typed: one decimal, rounded into the range. */
function boundText(pages: number, round: (value: number) => number): string {
  const tenths = round((pages / PAGES_PER_MIB) * 10 - (round === Math.ceil ? 1e-9 : -1e-9)) / 10;
  return Number.isInteger(tenths) ? String(tenths) : tenths.toFixed(1);
}

/** Reads a balloon target in MiB, with at most one decimal, within the guest's limits; the value is in pages. */
export function parseTarget(text: string, minPages: number, maxPages: number): Reading {
  const range = `Type from ${boundText(minPages, Math.ceil)} to ${boundText(maxPages, Math.floor)}${GAP}MiB, in plain digits, at most one decimal.`;
  if (text.trim() === '') return refuse(`A balloon target is missing. ${range}`);
  if (/^[-\u2212][0-9.]+$/.test(text)) return refuse(`A balloon target cannot be negative. ${range}`);
  if (!/^[0-9]+(?:\.[0-9])?$/.test(text)) return refuse(`${quoted(text)} is not a balloon target. ${range}`);
  const value = mibToPages(Number(text));
  if (value < minPages) return refuse(`${quoted(text)} is below this guest's minimum. ${range}`);
  if (value > maxPages) return refuse(`${quoted(text)} is above this guest's maximum. ${range}`);
  return { ok: true, value };
}

/** Pages as they stand in the field: MiB with at most one decimal, without separators. */
export function targetText(pages: number): string {
  if (!Number.isFinite(pages)) return '';
  const tenths = Math.round((pages / PAGES_PER_MIB) * 10) / 10;
  return Number.isInteger(tenths) ? String(tenths) : tenths.toFixed(1);
}

export function weightText(weight: number): string {
  return Number.isFinite(weight) ? String(weight) : '';
}

/** Most MiB that a size may be given: a TiB. */
const SIZE_MIB_MAX = 1_048_576;

/** Reads a size in MiB with at most one decimal; the value is in pages. */
export function parseSize(text: string, what: string): Reading {
  const range = `Type from 0 to ${count(SIZE_MIB_MAX)}${GAP}MiB, in plain digits, at most one decimal.`;
  if (!/^[0-9]{1,9}(?:\.[0-9])?$/.test(text)) return refuse(`${quoted(text)} is not ${what}. ${range}`);
  if (Number(text) > SIZE_MIB_MAX) return refuse(`${quoted(text)} is too much for ${what}. ${range}`);
  return { ok: true, value: mibToPages(Number(text)) };
}

/** The same, where there may be none: "none", or nothing at all; the value is then Infinity. */
export function parseLimit(text: string, what: string): Reading {
  if (/^\s*(none)?\s*$/i.test(text)) return { ok: true, value: Infinity };
  const read = parseSize(text, what);
  return read.ok ? read : refuse(`${read.sentence} Or “none”.`);
}

/** A size or limit as it stands in the field. */
export function limitText(pages: number): string {
  return pages === Infinity ? 'none' : targetText(pages);
}

/** Reads an idle tax from 0 to 0.999; the value is in thousandths. */
export function parseTax(text: string): Reading {
  const permille = Math.round(Number(text) * 1000);
  return /^0?(?:\.[0-9]{1,3})?$|^0$/.test(text) && /[0-9]/.test(text) && permille <= 999
    ? { ok: true, value: permille }
    : refuse(`${quoted(text)} is not an idle tax. Type from 0 to 0.999, with at most three decimals.`);
}
