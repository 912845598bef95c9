import type { Disk } from '../machine/disk.ts';
import type { OperationTime } from '../machine/operation-time.ts';
import { GUEST } from '../sample-columns.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { Workload } from '../workload/workload.ts';
import type { FilePageStates } from './file-page-states.ts';
import type { KernelConfig } from './kernel-config.ts';
import type { PageOrder } from './page-order.ts';
import { SWAP_REQUEST, WritesInFlight } from './writes-in-flight.ts';

/** Most neighbouring pages of a file that are written by one request. */
const WRITE_CLUSTER = 32;
const NONE = -1;

/**
 * Writing dirty file pages to the disk, after Linux' mm/page-writeback.c and fs/fs-writeback.c: in the background above
 * dirty_background_ratio, by the writer itself above dirty_ratio (it then waits), and after dirty_expire at the periodic
 * wake-ups. A page is written with those of its file that follow it and are dirty, as one request. Requests run beside
 * the workload; what exceeds 128 of them in flight waits. Swap-outs share the bound.
 */
export class Writeback {
  readonly files: FilePageStates;
  private readonly inFlight = new WritesInFlight();
  private readonly config: KernelConfig;
  private readonly workload: Workload;
  private readonly order: PageOrder;
  private readonly disk: Disk;
  private readonly time: OperationTime;
  private readonly counts: Float64Array;
  /** Dirty pages that became so before this host second are written now. */
  private expiredBefore = NONE;

  constructor(
    files: FilePageStates,
    order: PageOrder,
    about: {
      readonly config: KernelConfig;
      readonly workload: Workload;
      readonly disk: Disk;
      readonly time: OperationTime;
      readonly counts: Float64Array;
    },
  ) {
    this.files = files;
    this.order = order;
    this.config = about.config;
    this.workload = about.workload;
    this.disk = about.disk;
    this.time = about.time;
    this.counts = about.counts;
  }

  /** Whether there is anything that time alone could change. */
  get isIdle(): boolean {
    return this.inFlight.count === 0 && this.files.dirtyPages === 0;
  }

  /** Whether a write is done by this time that was not noticed yet. */
  hasDoneBy(ns: number): boolean {
    return this.inFlight.count > 0 && this.inFlight.oldestDoneNs <= ns;
  }

  /** Notices writes that are done by now, and goes on with what is to be written in the background. */
  advance(ramPages: number): void {
    this.notice();
    const { files, inFlight } = this;
    const background = this.limit(ramPages, this.config.dirtyBackgroundPermille);
    while (!inFlight.isFull && files.oldestDirty !== NONE) {
      if (files.dirtyPages <= background && files.sinceOf(files.oldestDirty) >= this.expiredBefore) return;
      if (!this.writeOldest()) return;
    }
  }

  /** All pages that are dirty by now are to be written in the background. @param second the host second under way */
  writeAll(second: number): void {
    this.expiredBefore = second + 1;
  }

  /** A page was written to: the writer pays for what is too much. */
  balance(ramPages: number): void {
    this.advance(ramPages);
    const limit = this.limit(ramPages, this.config.dirtyPermille);
    while (this.files.dirtyPages + this.files.writebackPages > limit && this.waitForOne());
  }

  /** Waits until a page may be dropped, having it written first if need be. */
  waitForPage(page: number): void {
    if (this.files.isDirty(page) && !this.files.isUnderWriteback(page)) this.write(page);
    while (this.files.isBusy(page) && this.waitForOne()) {
      if (this.files.isDirty(page) && !this.files.isUnderWriteback(page)) this.write(page);
    }
  }

  /** Waits for a write to be done, beginning one if none is under way. @returns false where there is nothing to write */
  waitForOne(): boolean {
    if (this.inFlight.count === 0 && !this.writeOldest()) return false;
    this.time.waitUntil(this.inFlight.oldestDoneNs);
    this.notice();
    return true;
  }

  /** A request of pages to the swap disk. */
  writeSwap(disk: Disk, pages: number): void {
    this.counts[GUEST.swapOuts] += pages;
    this.submit(disk, SWAP_REQUEST, pages);
  }

  /** The end of a host second: every few of them, the old dirty pages are looked for. */
  endSecond(second: number): void {
    this.inFlight.endSecond();
    const { writebackS, dirtyExpireS } = this.config;
    if ((second + 1) % writebackS === 0) this.expiredBefore = Math.max(this.expiredBefore, second + 1 - dirtyExpireS);
  }

  /** A part of the pages that can hold files' pages: all but the anonymous ones. */
  private limit(ramPages: number, permille: number): number {
    return Math.floor((Math.max(0, ramPages - this.order.anonSize) * permille) / 1000);
  }

  private writeOldest(): boolean {
    const { files } = this;
    let page = files.oldestDirty;
    // Pages written to again while they are being written have to wait for that.
    while (page !== NONE && files.isUnderWriteback(page)) page = files.after(page);
    if (page === NONE) return false;
    this.write(page);
    return true;
  }

  /** Begins writing a dirty page and its dirty successors. */
  private write(page: number): void {
    const { files, workload } = this;
    const file = workload.fileOf(page);
    const index = workload.indexOf(page);
    let pages = 0;
    do {
      files.beginWriteback(page + pages++);
    } while (
      pages < WRITE_CLUSTER &&
      page + pages < workload.filePages &&
      files.isDirty(page + pages) &&
      !files.isUnderWriteback(page + pages) &&
      workload.indexOf(page + pages) === index + pages &&
      workload.fileOf(page + pages) === file
    );
    this.counts[GUEST.diskWrites] += pages;
    this.submit(this.disk, page, pages);
  }

  private submit(disk: Disk, firstPage: number, pages: number): void {
    if (this.inFlight.isFull) {
      this.time.waitUntil(this.inFlight.oldestDoneNs);
      this.notice();
    }
    this.inFlight.push(firstPage, pages, disk.request(this.time.startNs, pages));
  }

  /** Takes out the writes that are done at the present of the operation. */
  private notice(): void {
    const { files, inFlight, time } = this;
    while (inFlight.count > 0 && inFlight.oldestDoneNs <= time.untilNs) {
      const first = inFlight.oldestFirstPage;
      if (first !== SWAP_REQUEST) {
        for (let at = 0; at < inFlight.oldestPages; at++) files.endWriteback(first + at);
      }
      inFlight.shift();
    }
  }

  save(to: StateWriter): void {
    this.files.save(to);
    this.inFlight.save(to);
    to.numbers('writeback', this.expiredBefore);
  }

  restore(from: StateReader): void {
    this.files.restore(from);
    this.inFlight.restore(from);
    [this.expiredBefore] = from.numbers('writeback');
  }
}
