import { EventOrder, NEVER } from '../event-order.ts';
import type { CompactTrace } from '../workload/compact-trace.ts';
import type { PageCacheMisses } from './page-cache-misses.ts';
import { pageCacheMisses } from './page-cache-misses.ts';

/**
 * `round-robin` takes one access of each guest in turn until all are at their end; `time` counts each trace from its first event and
 * takes the earliest access first, ties in guest order.
 */
export type Interleave = 'time' | 'round-robin';

/** One guest of a replay: what it accesses, and the pages of its own page cache (0: every access reaches the pool). */
export interface ReplayGuest {
  readonly trace: CompactTrace;
  readonly ramPages: number;
}

/**
 * What the pool sees of a group of guests: the misses of their page caches, in order. It depends on the traces, the guests' RAM and the
 * interleaving, and not on the pool: made once, it serves any number of settings.
 *
 * The puts of guest g have the numbers `firstPut[g] … firstPut[g + 1] − 1`, in order. A page that a guest puts comes back into its cache by
 * the next get of that page and no other way, so which put a get answers to is the same whatever the pool does, and so is the get that ends
 * the stay of a put page, unless it is evicted before. And every policy evicts the oldest page of some guest. So a page is in the pool iff
 * its last put is at or after the number up to which its guest has been evicted: a setting needs no table of pages at all.
 */
export interface ReplayTape {
  readonly guests: number;
  /** For each miss: whose it is. */
  readonly guestOf: Uint16Array;
  /** For each miss: the last put of the page that it gets, −1 when there was none. */
  readonly putOf: Int32Array;
  /** For each put: the miss that gets its page, or the largest Int32 when none does. */
  readonly gotAt: Int32Array;
  readonly firstPut: Int32Array;
  /** By guest: the first miss that puts a page. All later ones do. */
  readonly putsFrom: Int32Array;
  readonly accesses: Float64Array;
  readonly cacheHits: Float64Array;
  /** The misses before which seconds end, in rising order, and how many seconds each time. */
  readonly tickAt: Int32Array;
  readonly tickSeconds: Float64Array;
}

/** Most guests that a tape can tell apart. */
const MAX_GUESTS = 65_536;
const NEVER_GOT = 0x7fff_ffff;
const MAX_MISSES = NEVER_GOT - 1;
const US_PER_SECOND = 1_000_000;
/** Round-robin has no clock: a round counts as a millisecond, as if each guest made 1,000 accesses a second. */
const ROUNDS_PER_SECOND = 1_000;

/**
 * Runs the guests' page caches and merges their misses.
 * @throws RangeError when a guest has no times though they are asked for, or there are more than 65,536 guests or 2^31 − 2 misses.
 */
export function buildTape(guests: readonly ReplayGuest[], interleave: Interleave): ReplayTape {
  if (guests.length > MAX_GUESTS) throw new RangeError(`A replay has at most ${MAX_GUESTS} guests.`);
  const caches = guests.map(({ trace, ramPages }) => pageCacheMisses(trace, ramPages));
  const misses = caches.reduce((sum, { accesses }) => sum + accesses.length, 0);
  if (misses > MAX_MISSES) throw new RangeError(`A replay has at most ${MAX_MISSES} misses.`);
  // The misses of all guests one after another, so that the merge below runs over plain arrays.
  const next = new Int32Array(guests.length);
  const end = new Int32Array(guests.length);
  const firstPut = new Int32Array(guests.length + 1);
  const keys = new Float64Array(misses);
  const putBefore = new Int32Array(misses);
  let placed = 0;
  caches.forEach((cache, guest) => {
    next[guest] = placed;
    keys.set(interleave === 'time' ? missTimes(guests[guest].trace, cache) : cache.accesses, placed);
    putBefore.set(cache.putBefore, placed);
    placed += cache.accesses.length;
    end[guest] = placed;
    firstPut[guest + 1] = firstPut[guest] + cache.accesses.length - cache.filling;
  });

  const guestOf = new Uint16Array(misses);
  const putOf = new Int32Array(misses);
  const gotAt = new Int32Array(firstPut[guests.length]).fill(NEVER_GOT);
  const putsFrom = new Int32Array(guests.length).fill(misses);
  const filled = next.map((first, guest) => first + caches[guest].filling);
  const ticks = new Ticks(interleave === 'time' ? US_PER_SECOND : ROUNDS_PER_SECOND);
  const order = new EventOrder(guests.length);
  next.forEach((first, guest) => order.set(guest, first < end[guest] ? keys[first] : NEVER));
  for (let at = 0; at < misses; at++) {
    const guest = order.first;
    const from = next[guest]++;
    if (keys[from] >= ticks.secondEnd) ticks.pass(keys[from], at);
    order.set(guest, from + 1 < end[guest] ? keys[from + 1] : NEVER);
    if (from === filled[guest]) putsFrom[guest] = at;
    guestOf[at] = guest;
    const before = putBefore[from];
    if (before < 0) {
      putOf[at] = -1;
    } else {
      putOf[at] = firstPut[guest] + before;
      gotAt[firstPut[guest] + before] = at;
    }
  }
  return {
    guests: guests.length,
    guestOf,
    putOf,
    gotAt,
    firstPut,
    putsFrom,
    accesses: Float64Array.from(guests, ({ trace }) => trace.pages.length),
    cacheHits: Float64Array.from(caches, ({ hits }) => hits),
    ...ticks.arrays(),
  };
}

/** Notes before which misses seconds end. */
class Ticks {
  private readonly unitsPerSecond: number;
  private readonly at: number[] = [];
  private readonly seconds: number[] = [];
  /** When the second ends that runs now. */
  secondEnd: number;

  constructor(unitsPerSecond: number) {
    this.unitsPerSecond = unitsPerSecond;
    this.secondEnd = unitsPerSecond;
  }

  /** Ends the seconds up to `now`, which lies at or after the end of the one that runs, before a miss. */
  pass(now: number, miss: number): void {
    const seconds = Math.floor((now - this.secondEnd) / this.unitsPerSecond) + 1;
    this.at.push(miss);
    this.seconds.push(seconds);
    this.secondEnd += seconds * this.unitsPerSecond;
  }

  arrays(): Pick<ReplayTape, 'tickAt' | 'tickSeconds'> {
    return { tickAt: Int32Array.from(this.at), tickSeconds: Float64Array.from(this.seconds) };
  }
}

/**
 * The times of the misses as a merge of whole traces sees them: an access waits for those before it in its file, so its time is the
 * largest so far.
 */
function missTimes({ timesUs }: CompactTrace, { accesses }: PageCacheMisses): Float64Array {
  if (!timesUs) throw new RangeError('A trace without times cannot be replayed by time.');
  const times = new Float64Array(accesses.length);
  let latest = 0;
  let at = 0;
  for (let miss = 0; miss < accesses.length; miss++) {
    for (; at <= accesses[miss]; at++) if (timesUs[at] > latest) latest = timesUs[at];
    times[miss] = latest;
  }
  return times;
}
