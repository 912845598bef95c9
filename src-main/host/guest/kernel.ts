import type { Disk } from '../machine/disk.ts';
import type { Machine } from '../machine/machine.ts';
import type { OperationTime } from '../machine/operation-time.ts';
import { GUEST } from '../sample-columns.ts';
import type { StateReader, StateWriter } from '../state.ts';
import {
  ANON_FREE,
  ANON_READ,
  ANON_WRITE,
  FILE_DROP,
  FILE_READ,
  FILE_WRITE,
  type Workload,
} from '../workload/workload.ts';
import { FilePageStates } from './file-page-states.ts';
import type { KernelConfig } from './kernel-config.ts';
import { LruOrder } from './lru-order.ts';
import type { PageContents } from './page-contents.ts';
import { NO_VICTIM, type PageOrder } from './page-order.ts';
import type { Precache } from './precache.ts';
import type { Preswap } from './preswap.ts';
import { Swap } from './swap.ts';
import { TwoListOrder } from './two-list-order.ts';
import { Writeback } from './writeback.ts';

/** What a kernel runs on, and for. */
export interface KernelParts {
  readonly config: KernelConfig;
  readonly workload: Workload;
  readonly machine: Machine;
  readonly time: OperationTime;
  readonly contents: PageContents;
  /** Columns of the host second under way. */
  readonly counts: Float64Array;
  /** Null where the guest does not use them, or has not started yet. */
  readonly precache: Precache | null;
  readonly preswap: Preswap | null;
  readonly fileDisk: number;
  readonly swapDisk: number;
}

/**
 * The memory management of a guest's kernel: file and anonymous pages in one RAM, reclaim, and the hooks of precache and
 * preswap where Linux calls them. A page comes in first and room is made for it after; with RAM for no page at all it
 * goes straight out again.
 */
export class Kernel {
  readonly order: PageOrder;
  readonly files: FilePageStates;
  readonly writeback: Writeback;
  readonly swap: Swap;
  /** The host second under way. */
  second = 0;
  private readonly workload: Workload;
  private readonly contents: PageContents;
  private readonly counts: Float64Array;
  private readonly precache: Precache | null;
  private readonly time: OperationTime;
  private readonly fileDisk: Disk;

  constructor({ config, workload, machine, time, contents, counts, ...parts }: KernelParts) {
    const { filePages, anonPages } = workload;
    this.workload = workload;
    this.contents = contents;
    this.counts = counts;
    this.time = time;
    this.precache = parts.precache;
    this.fileDisk = machine.disks[parts.fileDisk];
    this.order =
      config.cache === 'lru'
        ? new LruOrder(filePages, anonPages)
        : new TwoListOrder(filePages, anonPages, config.swappiness);
    this.files = new FilePageStates(filePages);
    const { order } = this;
    this.writeback = new Writeback(this.files, order, { config, workload, disk: this.fileDisk, time, counts });
    this.swap = new Swap({
      ...{ order, time, counts, anonPages, preswap: parts.preswap, writeback: this.writeback },
      slots: anonPages === 0 ? 0 : config.swapPages,
      groupLog2: config.swapClusterLog2,
      disk: machine.disks[parts.swapDisk],
    });
  }

  /** Pages in RAM. */
  get residentPages(): number {
    return this.order.fileSize + this.order.anonSize;
  }

  /** The operation that the workload has advanced to, with this much RAM. */
  operate(ramPages: number): void {
    const { workload, writeback } = this;
    const { operation, page } = workload;
    if (writeback.hasDoneBy(this.time.startNs)) writeback.advance(ramPages);
    switch (operation) {
      case FILE_READ:
        this.readFile(page);
        break;
      case FILE_WRITE:
        this.writeFile(page);
        break;
      case ANON_READ:
        this.readAnon(page);
        break;
      case ANON_WRITE:
        this.writeAnon(page);
        break;
      case ANON_FREE:
        for (let at = 0; at < workload.count; at++) this.freeAnon(page + at);
        return;
      case FILE_DROP:
        this.dropFile(page, workload.count);
        return;
    }
    // A page in RAM has no copy in precache that would have to hold the same.
    if (this.contents.areRecorded && operation <= FILE_WRITE) this.contents.holds(page, workload.content ?? 0);
    if (this.order.fileSize + this.order.anonSize > ramPages && !this.reclaimTo(ramPages)) this.kill(ramPages);
    if (operation === FILE_WRITE) writeback.balance(ramPages);
  }

  /**
   * The operation that the workload has advanced to, if it is nothing but a reference to a page in RAM: it takes no time
   * and touches nothing that guests share, so it may come before earlier operations of others.
   * @param atNs when it begins
   * @returns false: nothing was done; {@link operate} has to do it in its turn
   */
  operateAlone(atNs: number, ramPages: number): boolean {
    const { counts, order, workload, writeback } = this;
    const { operation, page } = workload;
    if (writeback.hasDoneBy(atNs) || order.fileSize + order.anonSize > ramPages) return false;
    if (operation === FILE_READ) {
      if (!order.hasFile(page) || this.contents.areRecorded) return false;
      order.touchFile(page);
    } else if (operation === ANON_READ || operation === ANON_WRITE) {
      if (!order.hasAnon(page) || (operation === ANON_WRITE && this.swap.hasSlot(page))) return false;
      order.touchAnon(page);
    } else {
      return false;
    }
    counts[GUEST.accesses]++;
    counts[GUEST.cacheHits]++;
    return true;
  }

  /** Takes pages out of RAM until at most `pages` are left. @returns false where no more can be had */
  reclaimTo(pages: number): boolean {
    while (this.residentPages > pages) if (!this.reclaim()) return false;
    return true;
  }

  /** Brings pages back from preswap until `pages` are left in it, while RAM has room for them beside other anonymous ones. */
  shrinkPreswap(pages: number, ramPages: number): void {
    const { order, swap } = this;
    for (let left = swap.slots.preswapUsed - pages; left > 0 && order.anonSize < ramPages; left--) {
      if (!swap.unuseOne() || !this.reclaimTo(ramPages)) return;
    }
  }

  /** Out of memory: the workload is killed, which frees all its anonymous pages, and begins again. */
  private kill(ramPages: number): void {
    const { anonPages } = this.workload;
    this.counts[GUEST.oomKills]++;
    for (let page = 0; page < anonPages; page++) this.freeAnon(page);
    this.workload.restart();
    this.reclaimTo(ramPages);
  }

  private readFile(page: number): void {
    const { counts, order } = this;
    counts[GUEST.accesses]++;
    if (order.hasFile(page)) {
      counts[GUEST.cacheHits]++;
      order.touchFile(page);
      return;
    }
    if (!this.precache?.get(page)) {
      counts[GUEST.diskReads]++;
      this.time.waitUntil(this.fileDisk.request(this.time.startNs, 1));
    }
    if (order.insertFile(page)) counts[GUEST.refaults]++;
  }

  private writeFile(page: number): void {
    const { counts, order } = this;
    counts[GUEST.accesses]++;
    counts[GUEST.cacheHits]++;
    if (order.hasFile(page)) {
      order.touchFile(page);
    } else {
      this.precache?.flushPage(page);
      if (order.insertFile(page)) counts[GUEST.refaults]++;
    }
    this.contents.written(page);
    this.files.markDirty(page, this.second);
  }

  private readAnon(page: number): void {
    const { counts, order, swap } = this;
    counts[GUEST.accesses]++;
    if (order.hasAnon(page)) {
      counts[GUEST.cacheHits]++;
      order.touchAnon(page);
    } else if (swap.isOut(page)) {
      swap.readIn(page);
    } else {
      // The zero page.
      counts[GUEST.cacheHits]++;
    }
  }

  private writeAnon(page: number): void {
    const { counts, order, swap } = this;
    counts[GUEST.accesses]++;
    if (order.hasAnon(page)) {
      counts[GUEST.cacheHits]++;
      order.touchAnon(page);
      swap.release(page);
    } else if (swap.isOut(page)) {
      swap.readIn(page);
      swap.release(page);
    } else {
      counts[GUEST.cacheHits]++;
      order.insertAnon(page, false);
    }
  }

  private freeAnon(page: number): void {
    const { order, swap } = this;
    if (order.hasAnon(page)) {
      swap.release(page);
      order.removeAnon(page);
    } else if (swap.isOut(page)) {
      swap.forget(page);
    }
  }

  private dropFile(first: number, count: number): void {
    const { files, order } = this;
    for (let page = first; page < first + count; page++) {
      if (files.isDirty(page)) files.clearDirty(page);
      if (order.hasFile(page)) order.removeFile(page);
    }
    if (count > 0) this.precache?.flushFile(first);
  }

  /** Takes a page out of RAM, or a group of anonymous ones. @returns false where none can be had */
  private reclaim(): boolean {
    const { files, order, swap, writeback } = this;
    for (;;) {
      const victim = order.victim(swap.hasRoom, files);
      if (order.wantsFlusher) {
        order.wantsFlusher = false;
        writeback.writeAll(this.second);
      }
      if (victim === NO_VICTIM) {
        // What is left of files is dirty: some of it is written, and the kernel waits.
        if (order.fileSize === 0 || !writeback.waitForOne()) return false;
        continue;
      }
      if (victim >= order.filePages) {
        swap.writeOut(victim - order.filePages);
        return true;
      }
      if (files.isBusy(victim)) writeback.waitForPage(victim);
      order.evictFile(victim);
      this.precache?.put(victim);
      return true;
    }
  }

  save(to: StateWriter): void {
    this.writeback.save(to);
    this.swap.save(to);
    this.contents.save(to);
  }

  restore(from: StateReader): void {
    this.writeback.restore(from);
    this.swap.restore(from);
    this.contents.restore(from);
  }
}
