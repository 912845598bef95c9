import type { Connection } from '../connection.ts';

interface Row {
  readonly second: number;
  readonly diskReads: number;
}

/**
 * Disk reads of guests in the stored seconds [from, to) of a run, seconds × guests by place; only those after the last gap.
 * @param guestIds by place; one that has no sample of a second read nothing
 */
export function readSeenSeconds(
  connection: Connection,
  runId: number,
  { from, to, guestIds }: { readonly from: number; readonly to: number; readonly guestIds: readonly number[] },
): { readonly seconds: number; readonly diskReads: Float64Array } {
  const stored: unknown[] = connection
    .prepare('SELECT second FROM hostSamples WHERE runId = ? AND second >= ? AND second < ? ORDER BY second DESC')
    .pluck()
    .all(runId, from, to);
  const gap = stored.findIndex((second, at) => second !== to - 1 - at);
  const seconds = gap === -1 ? stored.length : gap;
  const diskReads = new Float64Array(seconds * guestIds.length);
  const reads = connection.prepare(
    'SELECT second, diskReads FROM guestSamples WHERE runId = ? AND second >= ? AND second < ? AND guestId = ?',
  );
  guestIds.forEach((guestId, place) => {
    for (const { second, diskReads: count } of reads.all(runId, to - seconds, to, guestId) as Row[]) {
      diskReads[(second - to + seconds) * guestIds.length + place] = count;
    }
  });
  return { seconds, diskReads };
}
