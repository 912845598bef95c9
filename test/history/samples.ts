import { AGE_CLASSES, EVICTION_REASONS, GUEST_COLUMNS, HOST_COLUMNS, POOL_KINDS } from '#contract/samples.ts';
import { EVICTION_ROW } from '#contract/stream.ts';
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
  const samples: number[] = [];
  for (let second = firstSecond; second < firstSecond + seconds; second++) {
    for (let rows = random.below(evictionsPerSecond + 1); rows > 0; rows--) {
      evictions.push(
        second,
        1 + random.below(guests),
        random.below(guests + 1),
        random.below(EVICTION_REASONS.length),
        ...agedPages(random),
      );
    }
  }
  for (let at = 0; at < evictions.length; at += EVICTION_ROW) {
    const [second = 0, victimId = 0, beneficiaryId = 0, reason = 0, , pool = 0] = evictions.slice(
      at,
      at + EVICTION_ROW,
    );
    const page = [random.below(1000), random.below(100_000), random.below(4_000_000)];
    samples.push(second, 3, random.below(1000), victimId, beneficiaryId, pool, reason, ...page);
  }
  return {
    firstSecond,
    seconds,
    guestIds,
    host: fill(seconds * HOST_COLUMNS.length),
    guests: fill(seconds * guests * GUEST_COLUMNS.length),
    evictions: Float64Array.from(evictions),
    evictionSamples: Float64Array.from(samples),
    wallMs,
  };
}

/** Pages, kind of pool, and pages of each age class. */
function agedPages(random: Random): number[] {
  const ages = AGE_CLASSES.map(() => random.below(90));
  return [ages.reduce((sum, pages) => sum + pages, 0), random.below(POOL_KINDS.length), ...ages];
}
