import type { CompactTrace } from '../workload/compact-trace.ts';
import { EventOrder, NEVER } from '../event-order.ts';
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
 */
export interface ReplayTape {
  readonly guests: number;
  /** Pages of all guests together, numbered through guest by guest. One more number, `noPage`, stands for none. */
  readonly noPage: number;
  /** For each miss: whose it is, the page that it gets, and the page that it puts (`noPage` while the guest's RAM fills). */
  readonly guestOf: Uint16Array;
  readonly gets: Int32Array;
  readonly puts: Int32Array;
  /** For each miss: the next miss of the same guest that puts a page, or the number of misses. And the first one of each guest. */
  readonly nextPut: Int32Array;
  readonly firstPut: Int32Array;
  /** By guest. */
  readonly accesses: Float64Array;
  readonly cacheHits: Float64Array;
  readonly putCounts: Float64Array;
  /** The misses before which seconds end, in rising order, and how many seconds each time. */
  readonly tickAt: Int32Array;
  readonly tickSeconds: Float64Array;
}

/** Most guests that a tape can tell apart. */
const MAX_GUESTS = 65_536;
/** A position + 1 must fit an Int32. */
const MAX_MISSES = 0x7fff_fffe;
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
  const misses = caches.reduce((sum, { gets }) => sum + gets.length, 0);
  if (misses > MAX_MISSES) throw new RangeError(`A replay has at most ${MAX_MISSES} misses.`);
  const keys = guests.map(({ trace }, guest) =>
    interleave === 'time' ? missTimes(trace, caches[guest]) : caches[guest].accesses,
  );
  const firstPage = new Int32Array(guests.length + 1);
  guests.forEach(({ trace }, guest) => (firstPage[guest + 1] = firstPage[guest] + trace.distinctPages));
  const noPage = firstPage[guests.length];

  const guestOf = new Uint16Array(misses);
  const gets = new Int32Array(misses);
  // Without RAM of its own a guest puts what it got: one array serves both.
  const puts = guests.every(({ ramPages }) => ramPages === 0) ? gets : new Int32Array(misses);
  const tickAt: number[] = [];
  const tickSeconds: number[] = [];
  const unitsPerSecond = interleave === 'time' ? US_PER_SECOND : ROUNDS_PER_SECOND;
  let secondEnd = unitsPerSecond;
  const order = new EventOrder(guests.length);
  keys.forEach((its, guest) => order.set(guest, its.length > 0 ? its[0] : NEVER));
  const taken = new Int32Array(guests.length);
  for (let at = 0; at < misses; at++) {
    const guest = order.first;
    const now = order.times[guest];
    if (now >= secondEnd) {
      const seconds = Math.floor((now - secondEnd) / unitsPerSecond) + 1;
      tickAt.push(at);
      tickSeconds.push(seconds);
      secondEnd += seconds * unitsPerSecond;
    }
    const cache = caches[guest];
    const from = taken[guest]++;
    order.set(guest, from + 1 < keys[guest].length ? keys[guest][from + 1] : NEVER);
    guestOf[at] = guest;
    gets[at] = cache.gets[from] + firstPage[guest];
    if (puts !== gets) puts[at] = cache.puts[from] < 0 ? noPage : cache.puts[from] + firstPage[guest];
  }
  return {
    guests: guests.length,
    noPage,
    guestOf,
    gets,
    puts,
    ...linkPuts(guestOf, puts, noPage, guests.length),
    accesses: Float64Array.from(guests, ({ trace }) => trace.pages.length),
    cacheHits: Float64Array.from(caches, ({ hits }) => hits),
    putCounts: Float64Array.from(caches, ({ gets: got, held }) => got.length - held),
    tickAt: Int32Array.from(tickAt),
    tickSeconds: Float64Array.from(tickSeconds),
  };
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

function linkPuts(
  guestOf: Uint16Array,
  puts: Int32Array,
  noPage: number,
  guests: number,
): Pick<ReplayTape, 'nextPut' | 'firstPut'> {
  const nextPut = new Int32Array(puts.length);
  const firstPut = new Int32Array(guests).fill(puts.length);
  for (let at = puts.length - 1; at >= 0; at--) {
    const guest = guestOf[at];
    nextPut[at] = firstPut[guest];
    if (puts[at] !== noPage) firstPut[guest] = at;
  }
  return { nextPut, firstPut };
}
