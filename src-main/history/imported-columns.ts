import type { GuestColumn, HostColumn } from '#contract/samples.ts';
import type { Connection } from './connection.ts';

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

/** Tells whether a run was imported. */
export function importedQuery(connection: Connection): (runId: number) => boolean {
  const kindOf = connection.prepare(`SELECT json_extract(source, '$.kind') FROM runs WHERE id = ?`).pluck();
  return (runId) => kindOf.get(runId) === 'imported';
}
