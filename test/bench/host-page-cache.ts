import type { Disk } from '#main/host/machine/disk.ts';
import { NO_PAGE, PageCache } from '#main/host/guest/page-cache.ts';
import { Precache } from '#main/host/guest/precache.ts';
import { Writeback } from '#main/host/guest/writeback.ts';
import { Swap } from '#main/host/guest/swap.ts';
import type { SwapSlots } from '#main/host/guest/swap-slots.ts';
import type { TmemCalls } from '#main/host/guest/tmem-calls.ts';
import { GUEST } from '#main/host/sample-columns.ts';
import type { TmemStore } from '#main/host/tmem/store.ts';
import type { Workload } from '#main/host/workload/workload.ts';

/** Pages of files and slots of swap that all guests of a run may have. */
const PAGES_MAX = 1 << 21;

interface PrecacheParts {
  readonly calls: TmemCalls;
  readonly workload: Workload;
  readonly counts: Float64Array;
}
interface CallParts {
  readonly store: TmemStore;
  readonly time: { cpuNs: number };
  readonly hypercallNs: number;
  readonly copyNs: number;
}
interface SwapParts {
  disk: Disk;
  readonly slots: SwapSlots;
  readonly slotOf: Int32Array;
  readonly counts: Float64Array;
  give(page: number): number;
}

type WriteSwap = (disk: Disk, pages: number) => void;

/**
 * What a host without tmem does with memory that nobody uses: a page cache below the guests' disks, as under KVM with
 * cache=writeback. One LRU order for all guests over all fallow memory; pages that a guest reads stay in it too, and what
 * guests drop does not come to it. It takes the place of precache in the model while `work` runs; preswap must be off.
 * It is generous: a hit costs what a hit of precache costs, and a miss nothing,
 * nor does swapping out.
 */
export function withHostPageCache<T>(work: () => T): T {
  const cache = new HostCache();
  const free: Pick<Disk, 'request'> = { request: (atNs: number) => atNs };
  const restore = [
    replace(Precache.prototype, 'get', function (this: object, page: number) {
      const { calls, counts, workload } = this as PrecacheParts;
      const { copyNs, hypercallNs, store, time } = calls as unknown as CallParts;
      const number = cache.numberOf(this, workload.filePages, page);
      const isThere = cache.read(number, store.freePages);
      counts[GUEST.precacheGets] = (counts[GUEST.precacheGets] ?? 0) + 1;
      if (!isThere) return false;
      counts[GUEST.precacheHits] = (counts[GUEST.precacheHits] ?? 0) + 1;
      time.cpuNs += hypercallNs + copyNs;
      return true;
    }),
    replace(Precache.prototype, 'put', () => undefined),
    replace(Precache.prototype, 'flushFile', () => undefined),
    replace(Precache.prototype, 'flushPage', function (this: object, page: number) {
      // A page that is written without being read: it passes through the cache on its way to the disk.
      const { calls, workload } = this as PrecacheParts;
      cache.read(cache.numberOf(this, workload.filePages, page), (calls as unknown as CallParts).store.freePages);
    }),
    // What guests swap out stays in the cache, and is not waited for.
    replace(Writeback.prototype, 'writeSwap', function (this: object, original: WriteSwap, _disk: Disk, pages: number) {
      original.call(this, free as Disk, pages);
    }),
    replace(Swap.prototype, 'give', function (this: object, original: (page: number) => number, page: number) {
      const slot = original.call(this, page);
      cache.read(cache.numberOf(this, (this as SwapParts).slots.size, slot), Infinity);
      return slot;
    }),
    replace(Swap.prototype, 'readIn', function (this: object, original: (page: number) => void, page: number) {
      const swap = this as SwapParts;
      const { counts, disk, slotOf, slots } = swap;
      const number = cache.numberOf(this, slots.size, slotOf[page] ?? 0);
      if (!cache.read(number, Infinity)) {
        original.call(this, page);
        return;
      }
      const before = counts[GUEST.swapIns] ?? 0;
      swap.disk = free as Disk;
      original.call(this, page);
      swap.disk = disk;
      counts[GUEST.swapIns] = before;
    }),
  ];
  try {
    return work();
  } finally {
    for (const undo of restore) undo();
  }
}

/** One LRU order over numbered pages. */
class HostCache {
  private readonly pages = new PageCache(PAGES_MAX);
  /** First number of the pages of each owner: a guest's files, or its swap. */
  private readonly bases = new WeakMap<object, number>();
  private next = 0;
  private capacity = 0;

  numberOf(owner: object, pages: number, page: number): number {
    let base = this.bases.get(owner);
    if (base === undefined) {
      base = this.next;
      this.next += pages;
      if (this.next > PAGES_MAX) throw new Error('More pages than the host page cache has numbers for.');
      this.bases.set(owner, base);
    }
    return base + page;
  }

  /** A page is read or written. @param capacity pages that the host has to spare; Infinity: as many as before */
  read(page: number, capacity: number): boolean {
    const { pages } = this;
    if (capacity !== Infinity) this.capacity = capacity;
    const isThere = pages.has(page);
    if (isThere) pages.touch(page);
    else pages.insert(page);
    while (pages.size > this.capacity && pages.removeOldest() !== NO_PAGE);
    return isThere;
  }
}

/**
 * Replaces a method of a prototype; `method` gets the original first where it takes one argument more.
 * @returns what puts it back
 */
function replace(prototype: object, name: string, method: (...args: never[]) => unknown): () => void {
  const original = Reflect.get(prototype, name) as (...args: unknown[]) => unknown;
  const wantsOriginal = method.length === original.length + 1;
  const replacement = wantsOriginal
    ? function (this: object, ...args: unknown[]): unknown {
        return Reflect.apply(method, this, [original, ...args]);
      }
    : method;
  Reflect.set(prototype, name, replacement);
  return () => Reflect.set(prototype, name, original);
}
