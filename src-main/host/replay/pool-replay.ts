import { PolicyRun } from './policy-run.ts';
import type { PoolCounts, PoolRun, PoolSetting, StartRun } from './pool-run.ts';
import { QuotaRun } from './quota-run.ts';
import { ShareRun } from './share-run.ts';
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

/** Misses played for one setting before the next one has its turn: they and the lines of the table that they touch stay in the cache. */
const BLOCK = 512;
/** A page's entries of this many settings fill one cache line. */
const SETTINGS_A_PASS = 16;
/** With more guests the tree of the policy finds the victim faster than looking at each. */
const MAX_SCANNED_GUESTS = 8;

/**
 * Replays a tape under each of the settings: exact, several in one pass.
 *
 * *Log-cursor*: a setting keeps one number a page, the position + 1 of the put that brought it into the pool (0 = not there). The puts of
 * the tape are the queues of all settings; the oldest page, of all or of one guest, is found by moving a cursor past puts that are no
 * longer their page's last.
 * @param startRun how to play a setting; by default the fastest way for its policy.
 * @throws RangeError when a setting has not one weight for each guest.
 */
export function replayPool(
  tape: ReplayTape,
  settings: readonly PoolSetting[],
  startRun: StartRun = fastestRun,
): GuestOutcome[][] {
  const outcomes: GuestOutcome[][] = [];
  for (let from = 0; from < settings.length; from += SETTINGS_A_PASS) {
    outcomes.push(...replayTogether(tape, settings.slice(from, from + SETTINGS_A_PASS), startRun));
  }
  return outcomes;
}

function replayTogether(tape: ReplayTape, settings: readonly PoolSetting[], startRun: StartRun): GuestOutcome[][] {
  const stride = settings.length;
  const positions = new Int32Array((tape.noPage + 1) * stride);
  const runs = settings.map((setting, lane) => {
    if (setting.weights.length !== tape.guests) throw new RangeError('A setting needs one weight for each guest.');
    return startRun(tape, setting, positions.subarray(lane), stride);
  });
  const misses = tape.gets.length;
  for (let from = 0; from < misses; from += BLOCK) {
    const to = Math.min(misses, from + BLOCK);
    for (const run of runs) run.play(from, to);
  }
  return runs.map(({ counts }) => outcomesOf(tape, counts));
}

function fastestRun(...[tape, setting, positions, stride]: Parameters<StartRun>): PoolRun {
  const { policy, idleTaxPermille = 0 } = setting;
  if (policy === 'fifo' || policy === 'xen-shipped' || policy === 'xen-documented') {
    return new QuotaRun(tape, setting, positions, stride);
  }
  return idleTaxPermille === 0 && tape.guests <= MAX_SCANNED_GUESTS
    ? new ShareRun(tape, setting, positions, stride)
    : new PolicyRun(tape, setting, positions, stride);
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
      puts: tape.putCounts[guest],
      evictedBySelf: counts.evictedBySelf[guest],
      evictedByOthers: counts.evictedByOthers[guest],
      residentPages: counts.held[guest],
    };
  });
}
