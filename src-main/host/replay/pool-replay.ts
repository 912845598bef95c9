import { PolicyRun } from './policy-run.ts';
import type { PoolCounts, PoolRun, PoolSetting, StartRun } from './pool-run.ts';
import { emptyCounts } from './pool-run.ts';
import { QuotaRun } from './quota-run.ts';
import { ShareRun } from './share-run.ts';
import { ShareTreeRun } from './share-tree-run.ts';
import type { ReplayTape } from './tape.ts';

/** What a guest got out of a setting. */
export interface GuestOutcome {
  readonly accesses: number;
  /** Accesses that its own page cache answered, the pool answered, and the disk had to answer: together all. */
  readonly cacheHits: number;
  readonly precacheHits: number;
  readonly diskReads: number;
  /** Pages it put, whether the pool took them or (with no pages at all) not. */
  readonly puts: number;
  /** Its pages that were evicted for its own puts, and for those of others. */
  readonly evictedBySelf: number;
  readonly evictedByOthers: number;
  /** Its pages in the pool at the end. */
  readonly residentPages: number;
}

/** Misses played for one setting before the next one has its turn, so that their part of the tape stays in the cache. */
const BLOCK = 4096;
/** With more guests a tree finds the victim faster than looking at each. */
const MAX_SCANNED_GUESTS = 16;

/**
 * Replays a tape under each of the settings: exact, all in one pass. A setting keeps a cursor and a few counts a guest
 * ({@link ReplayTape} says why no more is needed).
 * @param startRun how to play a setting; by default the fastest way for its policy.
 * @throws RangeError when a setting has not one weight for each guest.
 */
export function replayPool(
  tape: ReplayTape,
  settings: readonly PoolSetting[],
  startRun: StartRun = fastestRun,
): GuestOutcome[][] {
  const runs = settings.map((setting) => {
    if (setting.weights.length !== tape.guests) throw new RangeError('A setting needs one weight for each guest.');
    return setting.poolPages > 0 ? startRun(tape, setting) : nothingStored(tape.guests);
  });
  const misses = tape.guestOf.length;
  for (let from = 0; from < misses; from += BLOCK) {
    const to = Math.min(misses, from + BLOCK);
    for (const run of runs) run.play(from, to);
  }
  return runs.map(({ counts }) => outcomesOf(tape, counts));
}

function fastestRun(tape: ReplayTape, setting: PoolSetting): PoolRun {
  const { policy, idleTaxPermille = 0 } = setting;
  if (policy === 'fifo' || policy === 'xen-shipped' || policy === 'xen-documented') return new QuotaRun(tape, setting);
  if (idleTaxPermille > 0) return new PolicyRun(tape, setting);
  return tape.guests <= MAX_SCANNED_GUESTS ? new ShareRun(tape, setting) : new ShareTreeRun(tape, setting);
}

/** A pool of no pages. */
function nothingStored(guests: number): PoolRun {
  return { play: () => undefined, counts: emptyCounts(guests) };
}

function outcomesOf(tape: ReplayTape, counts: PoolCounts): GuestOutcome[] {
  return Array.from(counts.hits, (precacheHits, guest) => {
    const accesses = tape.accesses[guest];
    const cacheHits = tape.cacheHits[guest];
    return {
      accesses,
      cacheHits,
      precacheHits,
      diskReads: accesses - cacheHits - precacheHits,
      puts: tape.firstPut[guest + 1] - tape.firstPut[guest],
      evictedBySelf: counts.evictedBySelf[guest],
      evictedByOthers: counts.evictedByOthers[guest],
      residentPages: counts.held[guest],
    };
  });
}
