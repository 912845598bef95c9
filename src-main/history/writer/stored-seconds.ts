import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { Connection } from '../connection.ts';
import { EVICTION_COLUMNS, EVICTION_SAMPLE_COLUMNS } from './second-log.ts';

/** Samples of some seconds in the layouts in which they were written. */
export interface StoredSeconds {
  readonly host: Float64Array;
  readonly guests: Float64Array;
  readonly evictions: Float64Array;
  readonly evictionSamples: Float64Array;
}

const columns = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

/** Reads seconds [from, to) of a run back as they were written, in order of second and guest. */
export function readStoredSeconds(connection: Connection, runId: number, from: number, to: number): StoredSeconds {
  const read = (sql: string): Float64Array => {
    const rows = connection.prepare(sql).raw().all(runId, from, to) as number[][];
    return Float64Array.from(rows.flat());
  };
  const where = 'WHERE runId = ? AND second >= ? AND second < ?';
  return {
    host: read(`SELECT ${columns(HOST_COLUMNS)} FROM hostSamples ${where} ORDER BY second`),
    guests: read(`SELECT ${columns(GUEST_COLUMNS)} FROM guestSamples ${where} ORDER BY second, guestId`),
    evictions: read(`SELECT second, ${columns(EVICTION_COLUMNS)} FROM evictions ${where} ORDER BY second, row`),
    evictionSamples: read(
      `SELECT second, ${columns(EVICTION_SAMPLE_COLUMNS)} FROM evictionSamples ${where} ORDER BY second, row`,
    ),
  };
}
