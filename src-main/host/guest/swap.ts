import type { Disk } from '../machine/disk.ts';
import type { OperationTime } from '../machine/operation-time.ts';
import { GUEST } from '../sample-columns.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { NO_VICTIM, type PageOrder } from './page-order.ts';
import type { Preswap } from './preswap.ts';
import { NONE, SwapSlots } from './swap-slots.ts';
import type { Writeback } from './writeback.ts';

/**
 * The swap of a guest, after Linux' mm/swapfile.c, mm/swap_state.c and mm/page_io.c. A page that was swapped in keeps its
 * slot, and the copy there, until it is written to, freed, or more than half of the slots are in use (`vm_swap_full`): so
 * it can leave again without being written. Pages go out in groups of neighbouring slots; what preswap refuses goes to
 * the disk, neighbours in one request. A fault on a slot of the disk reads the aligned group around it in one request;
 * slots in preswap are loaded one by one as they are needed, as there is no seek to save. (Linux loads those in the
 * group too.)
 */
export class Swap {
  readonly slots: SwapSlots;
  /** Slots whose page is in RAM too, and those of them that are in preswap: the second copies. */
  residentSlots = 0;
  duplicates = 0;
  private readonly slotOf: Int32Array;
  private readonly order: PageOrder;
  private readonly preswap: Preswap | null;
  private readonly writeback: Writeback;
  private readonly disk: Disk;
  private readonly time: OperationTime;
  private readonly counts: Float64Array;
  private readonly group: number;
  private stealCursor = 0;

  constructor(about: {
    readonly slots: number;
    readonly anonPages: number;
    readonly groupLog2: number;
    readonly order: PageOrder;
    readonly preswap: Preswap | null;
    readonly writeback: Writeback;
    readonly disk: Disk;
    readonly time: OperationTime;
    readonly counts: Float64Array;
  }) {
    this.slots = new SwapSlots(about.slots);
    this.slotOf = new Int32Array(about.anonPages).fill(NONE);
    this.group = 1 << about.groupLog2;
    this.order = about.order;
    this.preswap = about.preswap;
    this.writeback = about.writeback;
    this.disk = about.disk;
    this.time = about.time;
    this.counts = about.counts;
  }

  /** Whether a page that has no slot could be given one. */
  get hasRoom(): boolean {
    return this.slots.used < this.slots.size || this.residentSlots > 0;
  }

  /** Whether a page that is not in RAM is swapped out (else it was never written, or was freed). */
  isOut(page: number): boolean {
    return this.slotOf[page] !== NONE && !this.order.hasAnon(page);
  }

  /** Whether there is a copy in swap of a page. */
  hasSlot(page: number): boolean {
    return this.slotOf[page] !== NONE;
  }

  /** Swaps out a page, and the next ones along with it. Only where {@link hasRoom}, or where the page has a slot. */
  writeOut(first: number): void {
    const { order, slots, slotOf } = this;
    // At most half of what there is: what was just brought in shall not leave with it.
    const most = Math.min(this.group, Math.max(1, order.anonSize >> 1));
    let runEnd = NONE;
    let run = 0;
    let page = first;
    for (let written = 1; ; written++) {
      if (slotOf[page] === NONE) {
        const slot = this.give(page);
        order.removeAnon(page);
        if (this.preswap?.store(slot, page) === true) {
          slots.setPreswap(slot, true);
        } else if (slot === runEnd) {
          run++;
          runEnd++;
        } else {
          if (run > 0) this.writeback.writeSwap(this.disk, run);
          run = 1;
          runEnd = slot + 1;
        }
      } else {
        order.removeAnon(page);
        this.countResident(slotOf[page], -1);
      }
      if (written === most) break;
      page = order.nextAnon();
      if (page === NO_VICTIM || (slotOf[page] === NONE && !this.hasRoom)) break;
    }
    if (run > 0) this.writeback.writeSwap(this.disk, run);
  }

  /** Brings a page in that is out. It is the most recently used then; pages read along with it come before it. */
  readIn(page: number): void {
    const { disk, order, preswap, slots, time } = this;
    const slot = this.slotOf[page];
    if (preswap !== null && slots.inPreswap[slot] === 1) {
      preswap.load(slot, page);
    } else {
      const start = slot - (slot % this.group);
      const end = Math.min(slots.size, start + this.group);
      let pages = 1;
      for (let other = start; other < end; other++) {
        const neighbour = slots.pageOf[other];
        if (other === slot || neighbour === NONE || slots.inPreswap[other] === 1 || order.hasAnon(neighbour)) continue;
        order.insertAnon(neighbour, true);
        this.countResident(other, 1);
        pages++;
      }
      this.counts[GUEST.swapIns] += pages;
      time.waitUntil(disk.request(time.startNs, pages));
    }
    order.insertAnon(page, false);
    this.countResident(slot, 1);
    if (slots.used * 2 > slots.size) this.release(page);
  }

  /** The copy in swap of a page that is in RAM, if there is one, is no longer needed: the page was written to. */
  release(page: number): void {
    const slot = this.slotOf[page];
    if (slot === NONE) return;
    this.countResident(slot, -1);
    this.freeSlot(slot, page);
  }

  /** Frees the slot of a page that is out: the page is no more. */
  forget(page: number): void {
    this.freeSlot(this.slotOf[page], page);
  }

  /**
   * Brings one page back from preswap and frees its slot (partial swapoff); pages that are in RAM lose their second copy
   * only. @returns false where there is none in preswap
   */
  unuseOne(): boolean {
    const { order, slots } = this;
    if (slots.preswapUsed === 0) return false;
    let slot = this.stealCursor % slots.size;
    while (slots.inPreswap[slot] === 0) slot = (slot + 1) % slots.size;
    this.stealCursor = slot;
    const page = slots.pageOf[slot];
    if (!order.hasAnon(page)) {
      this.preswap?.load(slot, page);
      order.insertAnon(page, true);
      this.countResident(slot, 1);
    }
    this.release(page);
    return true;
  }

  /** A slot for a page: a free one, else that of a page in RAM, which does without from now on. */
  private give(page: number): number {
    const { order, slots } = this;
    let slot = slots.allocate(page);
    if (slot === NONE) {
      let from = this.stealCursor % slots.size;
      while (!order.hasAnon(slots.pageOf[from])) from = (from + 1) % slots.size;
      this.stealCursor = from;
      this.release(slots.pageOf[from]);
      slot = slots.allocate(page);
    }
    this.slotOf[page] = slot;
    return slot;
  }

  private freeSlot(slot: number, page: number): void {
    if (this.slots.inPreswap[slot] === 1) this.preswap?.invalidate(slot);
    this.slots.free(slot);
    this.slotOf[page] = NONE;
  }

  private countResident(slot: number, change: 1 | -1): void {
    this.residentSlots += change;
    if (this.slots.inPreswap[slot] === 1) this.duplicates += change;
  }

  save(to: StateWriter): void {
    this.slots.save(to);
    to.numbers('swap', this.residentSlots, this.duplicates, this.stealCursor);
  }

  restore(from: StateReader): void {
    this.slots.restore(from);
    [this.residentSlots, this.duplicates, this.stealCursor] = from.numbers('swap');
    this.slotOf.fill(NONE);
    this.slots.pageOf.forEach((page, slot) => {
      if (page !== NONE) this.slotOf[page] = slot;
    });
  }
}
