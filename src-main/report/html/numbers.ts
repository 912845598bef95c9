import { PAGES_PER_MIB } from '#contract/units.ts';

/** No-break space: between a number and its unit. */
const THIN = '\u00a0';
/** Stands where there is no number. */
export const NOTHING = '\u2013';
const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function count(value: number | null): string {
  return value === null ? NOTHING : whole.format(value);
}

/** Pages as MiB, without the unit. */
export function mibNumber(pages: number | null): string {
  if (pages === null) return NOTHING;
  const mib = pages / PAGES_PER_MIB;
  if (mib > 0 && mib < 0.05) return '<0.1';
  return (mib < 999.95 ? tenths : whole).format(mib);
}

export function mib(pages: number): string {
  return `${mibNumber(pages)}${THIN}MiB`;
}

export function percent(part: number | null): string {
  return part === null ? NOTHING : `${tenths.format(part * 100)}${THIN}%`;
}

/** The number of a rate: one decimal below 10. */
export function rateNumber(value: number | null): string {
  return value === null ? NOTHING : (value !== 0 && value < 9.95 ? tenths : whole).format(value);
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Host time: "00:41:07", from one day on "2 d 03:04:05". */
export function hostTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${whole.format(days)}${THIN}d ${clock}`;
}

/** A stretch of host time: "45 s", "12 min", "1.5 h", "3 d". */
export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds}${THIN}s`;
  const short = (value: number): string => (Number.isInteger(value) ? whole : tenths).format(value);
  if (seconds < 3_600) return `${short(Math.round(seconds / 6) / 10)}${THIN}min`;
  if (seconds < 86_400) return `${short(Math.round(seconds / 360) / 10)}${THIN}h`;
  return `${short(Math.round(seconds / 8_640) / 10)}${THIN}d`;
}

/** Wall time in UTC, which reads the same wherever the report is opened: "2025-11-23 14:41:07 UTC". */
export function wallTime(ms: number | null): string {
  return ms === null ? NOTHING : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
