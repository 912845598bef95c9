import { EvictionLedger } from '../host/eviction-ledger.ts';
import { EventOrder, NEVER } from '../host/event-order.ts';
import { NO_PAGE, PageCache } from '../host/guest/page-cache.ts';
import { Host } from '../host/host.ts';
import { Random } from '../host/random.ts';
import { GUEST_WIDTH } from '../host/sample-columns.ts';
import { StateReader } from '../host/state.ts';
import { REASON_COUNT } from '../host/tmem/eviction-reasons.ts';
import { TmemStore } from '../host/tmem/store.ts';
import { TracePlayer } from '../host/workload/trace-player.ts';
import type { StudyStart } from './study.ts';

/** A guest at the start of a study. */
export interface GuestStart {
  readonly id: number;
  readonly name: string;
  /** False where it was removed before the start. */
  readonly present: boolean;
  readonly ramPages: number;
  readonly targetPages: number;
  readonly weight: number;
  readonly distinctPages: number;
  /** What its page cache holds, least recently used first. */
  readonly cachedPages: Int32Array;
  /** What it holds in the ephemeral pool, oldest first. */
  readonly storedPages: Int32Array;
  /** Columns of the host second under way, so far. */
  readonly counts: Float64Array;
  /** Plays its coming references; each start has players of its own. */
  readonly player: TracePlayer;
}

/** A start of a study taken apart into what the engines work with. */
export interface HostStart {
  readonly hostMs: number;
  /** The host second under way, ns passed in it, and balloon steps done in it. */
  readonly second: number;
  readonly nowNs: number;
  readonly stepsDone: number;
  /** The next access of each guest, in ns since the second began. */
  readonly order: EventOrder;
  readonly guests: readonly GuestStart[];
  /** Read only. */
  readonly store: TmemStore;
  /** Who holds the ephemeral pages, oldest put first: the guest's place, and its page. */
  readonly storedBy: Uint8Array;
  readonly stored: Int32Array;
  readonly ledger: EvictionLedger;
}

/** The snapshot that a study begins with. */
export function stateOf(start: StudyStart): NonNullable<StudyStart['state']> {
  return start.state ?? new Host(start.config).snapshot();
}

/** Takes a start apart. @throws Error when the snapshot is not of the config or of this version of the model */
export function readStart(start: StudyStart): HostStart {
  const { config } = start;
  const from = new StateReader(stateOf(start));
  const [second, nowNs, stepsDone] = from.numbers('host');
  const order = new EventOrder(config.guests.length);
  order.restore(from.array('host order', Float64Array));
  const guests = config.guests.map((guest, place) => {
    const [, ramPages, targetPages, weight] = from.numbers('guest');
    const counts = from.array('guest counts', Float64Array).slice();
    const player = new TracePlayer(guest.trace, guest.pace, new Random(config.seed, guest.id));
    player.restore(from);
    const cache = new PageCache(guest.trace.distinctPages);
    cache.restore(from);
    const { id, name } = guest;
    const { distinctPages } = guest.trace;
    const present = order.times[place] !== NEVER;
    return {
      ...{ id, name, present, ramPages, targetPages, weight, distinctPages, counts, player },
      cachedPages: emptied(cache),
    };
  });
  const ledger = new EvictionLedger(
    config.guests.map((guest) => guest.id),
    REASON_COUNT,
  );
  ledger.restore(from);
  const store = new TmemStore({
    mode: 'default',
    heapPages: config.totalPages - config.reservedPages,
    policy: config.policy,
    useWindowSeconds: config.idleTaxWindowS,
  });
  store.restore(from);
  const { storedBy, stored } = storedPages(store);
  return {
    hostMs: second * 1000 + nowNs / 1_000_000,
    ...{ second, nowNs, stepsDone, order, store, storedBy, stored, ledger },
    guests: guests.map((guest, place) => ({
      ...guest,
      storedPages: stored.filter((_, at) => storedBy[at] === place),
    })),
  };
}

/** Takes all pages out of a cache, least recently used first. */
function emptied(cache: PageCache): Int32Array {
  const pages = new Int32Array(cache.size);
  for (let at = 0, page = cache.removeOldest(); page !== NO_PAGE; page = cache.removeOldest()) pages[at++] = page;
  return pages;
}

/** The ephemeral pages in order of their puts. Guests put the number of a page as its content. */
function storedPages(store: TmemStore): Pick<HostStart, 'storedBy' | 'stored'> {
  const { owners, contents } = store.ephemeralPagesByAge();
  return { storedBy: Uint8Array.from(owners), stored: Int32Array.from(contents) };
}

/** The columns of a guest in the host second that a snapshot was taken in. */
export function countsInSecond(
  state: NonNullable<StudyStart['state']>,
  guests: number,
): { readonly guests: Float64Array; readonly bySelf: ArrayLike<number>; readonly byOthers: ArrayLike<number> } & {
  readonly caused: ArrayLike<number>;
  readonly evictions: number;
} {
  const all = new Float64Array(guests * GUEST_WIDTH);
  let place = 0;
  let [bySelf, byOthers, caused]: ArrayLike<number>[] = [[], [], []];
  let evictions = 0;
  for (const { name, values } of state) {
    if (name === 'guest counts') all.set(values, GUEST_WIDTH * place++);
    else if (name === 'ledger by self') bySelf = values;
    else if (name === 'ledger by others') byOthers = values;
    else if (name === 'ledger caused') caused = values;
    else if (name === 'ledger total') evictions = values[0];
  }
  return { guests: all, bySelf, byOthers, caused, evictions };
}
