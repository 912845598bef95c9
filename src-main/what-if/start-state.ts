import { EvictionLedger } from '../host/eviction-ledger.ts';
import { EventOrder, NEVER } from '../host/event-order.ts';
import { FilePageStates } from '../host/guest/file-page-states.ts';
import { DEFAULT_KERNEL } from '../host/guest/kernel-config.ts';
import { NO_COSTS } from '../host/costs.ts';
import { LruOrder } from '../host/guest/lru-order.ts';
import { NO_VICTIM, type PageOrder } from '../host/guest/page-order.ts';
import { TwoListOrder } from '../host/guest/two-list-order.ts';
import { Host } from '../host/host.ts';
import { type GuestConfig, type HostConfig, isOpenLoop } from '../host/host-config.ts';
import { Random } from '../host/random.ts';
import { GUEST_WIDTH } from '../host/sample-columns.ts';
import { StateReader } from '../host/state.ts';
import { REASON_COUNT } from '../host/tmem/eviction-reasons.ts';
import { TmemStore } from '../host/tmem/store.ts';
import { createWorkload, type WorkloadConfig } from '../host/workload/create-workload.ts';
import type { Workload } from '../host/workload/workload.ts';
import { isGradual, type StudyStart } from './study.ts';

/** A guest at the start of a study. */
export interface GuestStart {
  readonly id: number;
  readonly name: string;
  /** False where it was removed before the start. */
  readonly present: boolean;
  readonly ramPages: number;
  readonly targetPages: number;
  readonly weight: number;
  /** The most ephemeral pages that it may have; Infinity: no cap. */
  readonly capPages: number;
  readonly distinctPages: number;
  /** What its page cache holds, least recently used first. */
  readonly cachedPages: Int32Array;
  /** What it holds in the ephemeral pool, oldest first. */
  readonly storedPages: Int32Array;
  /** Columns of the host second under way, so far. */
  readonly counts: Float64Array;
  /** Goes on with its coming operations; each start has workloads of its own. */
  readonly workload: Workload;
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
  /** Whether, besides, what is referenced when depends on nothing that the host does. */
  readonly isOpenLoop: boolean;
  /**
   * Whether what is referenced, if not when, is known beforehand and goes through plain LRU caches; and no guest has a cap,
   * nor is there a change on the way that only the host itself can make.
   */
  readonly isEstimable: boolean;
}

/** Whether nothing that the host does changes what is referenced when, and nothing but an administrator changes the host. */
export function openLoop(config: HostConfig): boolean {
  return isOpenLoop(config) && (config.commands ?? []).length === 0;
}

/** Whether a host is an open loop but for what waiting costs: then its guests do the same, only later. */
function estimable(config: HostConfig): boolean {
  return openLoop({ ...config, costs: NO_COSTS });
}

/** What a guest runs. */
export function workloadOf({ workload, trace, pace }: GuestConfig): WorkloadConfig {
  return workload ?? { kind: 'trace', trace, pace };
}

/** The snapshot that a study begins with. */
export function stateOf(start: StudyStart): NonNullable<StudyStart['state']> {
  return start.state ?? new Host(start.config).snapshot();
}

/** Takes a start apart. @throws Error when the snapshot is not of the config or of this version of the model */
export function readStart(start: StudyStart): HostStart {
  const { config } = start;
  const state = stateOf(start);
  const from = new StateReader(state);
  const caps = capsIn(state);
  const [second, nowNs, stepsDone] = from.numbers('host');
  const hostMs = second * 1000 + nowNs / 1_000_000;
  const pending = new EventOrder(config.guests.length);
  pending.restore(from.array('host order', Float64Array));
  const guests = config.guests.map((guest, place) => {
    const [, ramPages, targetPages, weight] = from.numbers('guest');
    const counts = from.array('guest counts', Float64Array).slice();
    const workload = createWorkload(workloadOf(guest), new Random(config.seed, guest.id));
    workload.restore(from);
    const distinctPages = workload.filePages;
    const { cache, swappiness } = { ...DEFAULT_KERNEL, ...guest.kernel };
    const order =
      cache === 'lru'
        ? new LruOrder(distinctPages, workload.anonPages)
        : new TwoListOrder(distinctPages, workload.anonPages, swappiness);
    order.restore(from);
    const { id, name } = guest;
    // One that starts later has no pages and none of the host's RAM.
    const present = pending.times[place] !== NEVER && (guest.startMs ?? 0) <= hostMs;
    return {
      ...{ id, name, present, ramPages, targetPages, weight, distinctPages, counts, workload },
      capPages: caps[place] ?? Infinity,
      cachedPages: emptied(order),
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
  // What only the host itself can do: caps, and changes on the way other than of weights and targets.
  const isFollowed =
    (start.commands ?? []).every(({ change }) => isGradual(change)) &&
    config.guests.every((_, place) => store.capOf(place) === Infinity);
  return {
    ...{ hostMs, second, nowNs, stepsDone, order: pending, store, storedBy, stored, ledger },
    isOpenLoop: isFollowed && openLoop(start.source ?? config),
    isEstimable: isFollowed && estimable(start.source ?? config),
    guests: guests.map((guest, place) => ({
      ...guest,
      storedPages: stored.filter((_, at) => storedBy[at] === place),
    })),
  };
}

/** What administrators cap the guests at, by place; these stand behind the store, where nothing else is read. */
function capsIn(state: NonNullable<StudyStart['state']>): number[] {
  return state.filter(({ name }) => name === 'guest settings').map(({ values: [, capPages] }) => capPages);
}

/** Takes all pages of files out of a guest's RAM in the order of reclaim, clean ones: least recently used first. */
function emptied(order: PageOrder): Int32Array {
  const states = new FilePageStates(order.filePages);
  const pages = new Int32Array(order.fileSize);
  for (let at = 0; at < pages.length; at++) {
    const page = order.victim(false, states);
    if (page === NO_VICTIM) return pages.subarray(0, at);
    order.evictFile(page);
    pages[at] = page;
  }
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
