import type { GuestColumn, HostColumn } from '#contract/samples.ts';

/**
 * What Xen's listings of tmem tell of a domain and of the host. Everything else of an imported run is not known: it is
 * stored as 0 and never read as a series.
 */
export const IMPORTED_COLUMNS: ReadonlySet<GuestColumn | HostColumn> = new Set<GuestColumn | HostColumn>([
  'weight',
  'ephemeralPages',
  'persistentPages',
  'precacheGets',
  'precacheHits',
  'precachePuts',
  'precachePutsFailed',
  'flushes',
  'preswapPuts',
  'preswapPutsFailed',
  'preswapGets',
  'preswapFlushes',
  'compressedPages',
  'evictions',
]);
