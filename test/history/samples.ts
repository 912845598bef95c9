import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { NewRun } from '../../src-main/history/writer/run-log.ts';
import type { SecondBatch } from '../../src-main/history/writer/second-log.ts';
import type { Random } from '../../src-main/host/random.ts';

/** A run of guests 1 to `guests`, named alpha, beta … */
export function newRun(guests = 3, wallMs = 1_700_000_000_000): NewRun {
  const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
  return {
    source: { kind: 'modelled', scenario: 'test', seed: 7 },
    guests: Array.from({ length: guests }, (_, place) => ({
      id: place + 1,
      name: names[place] ?? `guest-${place + 1}`,
      workload: 'a test',
      minPages: 1,
      maxPages: 1_000_000,
    })),
    totalPages: 1_000_000,
    reservedPages: 1000,
    policy: 'max-over-share',
    idleTaxPermille: 750,
    idleTaxWindowS: 10,
    seed: 7,
    wallMs,
  };
}

/** Random samples of seconds `firstSecond` to `firstSecond + seconds − 1`, with some evictions in each. */
export function randomBatch(
  random: Random,
  options: { firstSecond: number; seconds: number; guests?: number; wallMs?: number; evictionsPerSecond?: number },
): SecondBatch {
  const { firstSecond, seconds, guests = 3, wallMs = 0, evictionsPerSecond = 4 } = options;
  const guestIds = Array.from({ length: guests }, (_, place) => place + 1);
  const fill = (length: number): Float64Array => Float64Array.from({ length }, () => random.below(100_000));
  const evictions: number[] = [];
  for (let second = firstSecond; second < firstSecond + seconds; second++) {
    for (let rows = random.below(evictionsPerSecond + 1); rows > 0; rows--) {
      evictions.push(
        second,
        1 + random.below(guests),
        random.below(guests + 1),
        random.below(7),
        1 + random.below(500),
      );
    }
  }
  return {
    firstSecond,
    seconds,
    guestIds,
    host: fill(seconds * HOST_COLUMNS.length),
    guests: fill(seconds * guests * GUEST_COLUMNS.length),
    evictions: Float64Array.from(evictions),
    wallMs,
  };
}
