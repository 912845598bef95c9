/**
 * Units and limits that both sides of the border agree on. Inside the model memory is counted in 4 KiB pages and time in
 * host milliseconds; MiB and wall time exist only where a person reads them.
 */

/** Bytes of one page. */
export const PAGE_BYTES = 4096;
/** Pages of one MiB. */
export const PAGES_PER_MIB = 256;
/** Lowest and highest weight an administrator may set; 100 is a new guest's. */
export const WEIGHT_MIN = 0;
export const WEIGHT_MAX = 65_535;
/** Most guests of one host. */
export const GUESTS_MAX = 64;
/** Most points a chart gets for one series. */
export const SERIES_POINTS_MAX = 1_500;

/** Pages to MiB, unrounded. */
export function pagesToMib(pages: number): number {
  return pages / PAGES_PER_MIB;
}

/** MiB to whole pages, rounded to the nearest page. */
export function mibToPages(mib: number): number {
  return Math.round(mib * PAGES_PER_MIB);
}
