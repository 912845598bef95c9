/**
 * Every number a person reads is written here, with its unit: one place, fixed formats, so that columns line up and the
 * same figure looks the same on every page.
 */
import { shallowRef } from 'vue';
import type { Appearance } from '#contract/settings.ts';
import { pagesToMib } from '#contract/units.ts';

/** No-break space: between a number and its unit. */
export const GAP = '\u00a0';
const MINUS = '\u2212';
/** Stands where there is no number: nothing was measured, or nothing was asked. */
export const NOTHING = '\u2013';

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function signed(format: Intl.NumberFormat, value: number): string {
  const text = format.format(Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

/** 12345 → "12,345". */
export function count(value: number): string {
  return Number.isFinite(value) ? signed(whole, value) : NOTHING;
}

/** "1 guest", "3 guests". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)}${GAP}${value === 1 ? one : many}`;
}

/** Pages as MiB without the unit: one decimal below 1,000 MiB, none from there; what is not nothing is never "0.0". */
export function mibNumber(pages: number): string {
  if (!Number.isFinite(pages)) return NOTHING;
  const mib = pagesToMib(pages);
  if (mib > 0 && mib < 0.05) return '<0.1';
  return signed(Math.abs(mib) < 999.95 ? tenths : whole, mib);
}

/**
 * How a person wants memory written where its unit stands beside it. Fields, columns and axes that are headed "MiB" stay
 * in MiB.
 */
export const memoryUnit = shallowRef<Appearance['memoryUnit']>('mib');
const GIB_FROM_PAGES = 1_024 * 256;

/** Pages as "12.6 MiB", or in the {@link memoryUnit} that was chosen: "1.50 GiB" from 1,024 MiB on, "3,226 pages". */
export function mib(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  if (memoryUnit.value === 'pages') return pages(value);
  if (memoryUnit.value === 'gib' && Math.abs(value) >= GIB_FROM_PAGES) {
    return `${signed(hundredths, pagesToMib(value) / 1_024)}${GAP}GiB`;
  }
  return `${mibNumber(value)}${GAP}MiB`;
}

/** Pages before an arrow, whose unit stands behind the arrow where both have the same: "25.6 → 20.0 MiB". */
export function mibBefore(value: number): string {
  return memoryUnit.value === 'mib' ? mibNumber(value) : mib(value);
}

/** "1,284 pages". */
export function pages(value: number): string {
  return Number.isFinite(value) ? plural(value, 'page') : NOTHING;
}

/** A tick of a value axis: as many decimals as the step between two ticks needs. */
export function tick(value: number, step: number): string {
  const format = Number.isInteger(step) ? whole : Number.isInteger(Math.round(step * 1e6) / 1e5) ? tenths : hundredths;
  return format.format(value);
}

/** A part of one as "15.8 %". */
export function percent(part: number): string {
  return Number.isFinite(part) ? `${signed(tenths, part * 100)}${GAP}%` : NOTHING;
}

/** The number of a rate: one decimal below 10, none from there. */
export function rateNumber(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  return signed(Math.abs(value) < 9.95 && value !== 0 ? tenths : whole, value);
}

/** "182 /s". */
export function rate(value: number): string {
  return Number.isFinite(value) ? `${rateNumber(value)}${GAP}/s` : NOTHING;
}

/** A difference with its sign and arrow, never by colour alone: "▲ +4.1 points". Nothing where it rounds to zero. */
export function deltaPoints(part: number): string {
  if (!Number.isFinite(part)) return NOTHING;
  const text = tenths.format(Math.abs(part * 100));
  if (!/[1-9]/.test(text)) return `±0${GAP}points`;
  return part > 0 ? `▲${GAP}+${text}${GAP}points` : `▼${GAP}${MINUS}${text}${GAP}points`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Host time: "00:41:07", from one day on "2 d 03:04:05". */
export function hostTime(ms: number): string {
  if (!Number.isFinite(ms)) return NOTHING;
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${whole.format(days)}${GAP}d ${clock}`;
}

/** A stretch of host time in words: "45 s", "2 min", "1.5 h", "3 d". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return NOTHING;
  const short = (value: number): string => (Number.isInteger(value) ? whole : tenths).format(value);
  if (seconds < 120 && seconds !== 60) return `${short(Math.round(seconds * 10) / 10)}${GAP}s`;
  if (seconds < 3600) return `${short(Math.round(seconds / 6) / 10)}${GAP}min`;
  if (seconds < 86_400) return `${short(Math.round(seconds / 360) / 10)}${GAP}h`;
  return `${short(Math.round(seconds / 8640) / 10)}${GAP}d`;
}

/** Place on a time axis relative to its end: "now", "−0:30", "−2 min", "−1:30", "−6 h". */
export function beforeNow(seconds: number): string {
  const back = Math.abs(seconds);
  if (back === 0) return 'now';
  if (back < 3600 && back % 60 !== 0) return `${MINUS}${Math.floor(back / 60)}:${two(back % 60)}`;
  if (back < 3600) return `${MINUS}${back / 60}${GAP}min`;
  if (back < 86_400 && back % 3600 !== 0) {
    return `${MINUS}${Math.floor(back / 3600)}:${two(Math.floor(back / 60) % 60)}${GAP}h`;
  }
  if (back < 86_400) return `${MINUS}${back / 3600}${GAP}h`;
  if (back % 86_400 === 0) return `${MINUS}${back / 86_400}${GAP}d`;
  return `${MINUS}${Math.floor(back / 86_400)}${GAP}d ${Math.floor(back / 3600) % 24}${GAP}h`;
}

/** Size of files: "612 KiB", "84.0 MiB", "1.25 GiB". */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  if (value < 1024 * 1024) return `${whole.format(Math.ceil(value / 1024))}${GAP}KiB`;
  if (value < 1024 ** 3) return `${tenths.format(value / 1024 ** 2)}${GAP}MiB`;
  return `${hundredths.format(value / 1024 ** 3)}${GAP}GiB`;
}

/** Host seconds per wall second: "9.8×", "412×". */
export function timesSpeed(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  return `${(value < 99.95 ? tenths : whole).format(value)}×`;
}

/** Wall ms as seconds: "0.1 s". */
export function lag(ms: number): string {
  return Number.isFinite(ms) ? `${tenths.format(ms / 1000)}${GAP}s` : NOTHING;
}

/** Wall time of a row: "23 Nov 2025, 15:41:07" in the machine's zone. */
export function wallTime(ms: number): string {
  return new Date(ms).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}
