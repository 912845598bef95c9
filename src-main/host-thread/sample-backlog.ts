import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { EVICTION_ROW, FRAME_SECONDS_MAX } from '#contract/stream.ts';
import type { SampleBatch } from '../host/sample-batch.ts';

const EMPTY = new Float64Array(0);

/** Joins batches that follow each other without a hole. */
export function joinBatches(batches: readonly SampleBatch[], guests: number): SampleBatch {
  const first = batches[0];
  if (first === undefined)
    return { firstSecond: 0, seconds: 0, host: EMPTY, guests: EMPTY, evictions: EMPTY, evictionSamples: EMPTY };
  if (batches.length === 1) return first;
  const seconds = batches.reduce((sum, batch) => sum + batch.seconds, 0);
  const host = new Float64Array(seconds * HOST_COLUMNS.length);
  const rows = new Float64Array(seconds * guests * GUEST_COLUMNS.length);
  const evictions = new Float64Array(batches.reduce((sum, batch) => sum + batch.evictions.length, 0));
  const evictionSamples = new Float64Array(batches.reduce((sum, batch) => sum + batch.evictionSamples.length, 0));
  let hostAt = 0;
  let rowsAt = 0;
  let evictionsAt = 0;
  let samplesAt = 0;
  for (const batch of batches) {
    host.set(batch.host, hostAt);
    rows.set(batch.guests, rowsAt);
    evictions.set(batch.evictions, evictionsAt);
    evictionSamples.set(batch.evictionSamples, samplesAt);
    hostAt += batch.host.length;
    rowsAt += batch.guests.length;
    evictionsAt += batch.evictions.length;
    samplesAt += batch.evictionSamples.length;
  }
  return { firstSecond: first.firstSecond, seconds, host, guests: rows, evictions, evictionSamples };
}

/** The newest seconds of a batch that fit into one frame, which has no single evictions. */
export function newestForFrame(
  { evictionSamples: _kept, ...batch }: SampleBatch,
  guests: number,
): Omit<SampleBatch, 'evictionSamples'> {
  const skip = batch.seconds - FRAME_SECONDS_MAX;
  if (skip <= 0) return batch;
  const firstSecond = batch.firstSecond + skip;
  let at = 0;
  while (at < batch.evictions.length && (batch.evictions[at] ?? 0) < firstSecond) at += EVICTION_ROW;
  return {
    firstSecond,
    seconds: FRAME_SECONDS_MAX,
    host: batch.host.slice(skip * HOST_COLUMNS.length),
    guests: batch.guests.slice(skip * guests * GUEST_COLUMNS.length),
    evictions: batch.evictions.slice(at),
  };
}
