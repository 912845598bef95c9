import type { Step } from '../scripted-workload.ts';
import { ANON_FREE, ANON_READ, ANON_WRITE, FILE_DROP, FILE_READ, FILE_WRITE } from '#main/host/workload/workload.ts';
import { type Key, type ReferenceOrder } from './reference-lists.ts';

export interface ReferenceSizes {
  readonly ramPages: number;
  /** Most RAM and preswap pages together. */
  readonly maxPages: number;
  /** Pages that the host has for tmem. */
  readonly tmemPages: number;
  readonly swapPages: number;
  /** Pages of a group of slots. */
  readonly group: number;
}

const file = (page: number): Key => ({ kind: 'file', page });
const anon = (page: number): Key => ({ kind: 'anon', page });

/**
 * A guest's memory in plain lists and maps, alone on its host: what the real kernel must agree with, event for event.
 * No writes to files, and nothing takes time. At most 256 swap slots.
 */
export class ReferenceKernel {
  readonly counts = {
    cacheHits: 0,
    diskReads: 0,
    precacheHits: 0,
    precachePuts: 0,
    refaults: 0,
    preswapPuts: 0,
    preswapPutsFailed: 0,
    preswapGets: 0,
    preswapFlushes: 0,
    swapIns: 0,
    swapOuts: 0,
    oomKills: 0,
  };
  private readonly sizes: ReferenceSizes;
  private readonly order: ReferenceOrder;
  /** What precache holds, oldest first. */
  private precache: number[] = [];
  /** By slot: its page and whether preswap has it. */
  private readonly slots = new Map<number, { page: number; isInPreswap: boolean }>();
  private cursor = 0;
  private stealFrom = 0;

  constructor(sizes: ReferenceSizes, order: ReferenceOrder) {
    this.sizes = sizes;
    this.order = order;
  }

  get gauges() {
    const slots = [...this.slots.values()];
    const inPreswap = slots.filter(({ isInPreswap }) => isInPreswap);
    return {
      anonPages: this.order.size('anon'),
      swapPages: slots.length,
      persistentPages: inPreswap.length,
      preswapDuplicates: inPreswap.filter(({ page }) => this.order.has(anon(page))).length,
      ephemeralPages: this.precache.length,
    };
  }

  run([operation, page, count = 1]: Step): void {
    const { counts, order } = this;
    switch (operation) {
      case FILE_READ:
        if (order.has(file(page))) {
          counts.cacheHits++;
          order.touch(file(page));
        } else {
          const isStored = this.precache.includes(page);
          counts[isStored ? 'precacheHits' : 'diskReads']++;
          this.precache = this.precache.filter((other) => other !== page);
          if (order.insert(file(page), false)) counts.refaults++;
        }
        break;
      case ANON_READ:
      case ANON_WRITE:
        if (order.has(anon(page))) {
          counts.cacheHits++;
          order.touch(anon(page));
        } else if (this.slotOf(page) !== undefined) {
          this.swapIn(page);
        } else {
          counts.cacheHits++;
          if (operation === ANON_WRITE) order.insert(anon(page), false);
        }
        if (operation === ANON_WRITE) this.freeSlotOf(page);
        break;
      case ANON_FREE:
        for (let at = page; at < page + count; at++) this.free(at);
        break;
      case FILE_WRITE:
        throw new Error('Files are only read here.');
      case FILE_DROP:
        for (let at = page; at < page + count; at++) {
          if (order.has(file(at))) order.remove(file(at));
          this.precache = this.precache.filter((other) => other !== at);
        }
    }
    if (this.makeRoom()) return;
    counts.oomKills++;
    for (const key of [...this.slots.values()].map((slot) => slot.page)) this.free(key);
    for (let at = 0; order.size('anon') > 0; at++) this.free(at);
    this.makeRoom();
  }

  private makeRoom(): boolean {
    const { order, sizes } = this;
    while (order.size('file') + order.size('anon') > sizes.ramPages) {
      const victim = order.victim(this.hasRoom());
      if (victim === null) return false;
      if (victim.kind === 'anon') {
        this.swapOut(victim.page);
      } else {
        order.evict(victim.page);
        this.putInPrecache(victim.page);
      }
    }
    return true;
  }

  private hasRoom(): boolean {
    return (
      this.slots.size < this.sizes.swapPages || [...this.slots.values()].some(({ page }) => this.order.has(anon(page)))
    );
  }

  private swapOut(first: number): void {
    const { counts, order } = this;
    const most = Math.min(this.sizes.group, Math.max(1, Math.floor(order.size('anon') / 2)));
    let page: number | null = first;
    for (let left = most; page !== null && left > 0; left--) {
      if (this.slotOf(page) === undefined) {
        if (!this.hasRoom()) return;
        const slot = this.giveSlot(page);
        const isInPreswap = this.putInPreswap();
        counts[isInPreswap ? 'preswapPuts' : 'preswapPutsFailed']++;
        if (!isInPreswap) counts.swapOuts++;
        this.slots.set(slot, { page, isInPreswap });
      }
      order.remove(anon(page));
      if (left > 1) page = order.nextAnon();
    }
  }

  private swapIn(page: number): void {
    const { counts, order, sizes } = this;
    const slot = this.slotOf(page) ?? NaN;
    if (this.slots.get(slot)?.isInPreswap === true) {
      counts.preswapGets++;
    } else {
      const start = slot - (slot % sizes.group);
      counts.swapIns++;
      for (let other = start; other < start + sizes.group; other++) {
        const neighbour = this.slots.get(other);
        if (other === slot || neighbour === undefined || neighbour.isInPreswap || order.has(anon(neighbour.page)))
          continue;
        order.insert(anon(neighbour.page), true);
        counts.swapIns++;
      }
    }
    order.insert(anon(page), false);
    if (this.slots.size * 2 > sizes.swapPages) this.freeSlotOf(page);
  }

  private giveSlot(page: number): number {
    const { swapPages } = this.sizes;
    if (this.slots.size === swapPages) {
      const isInRam = (slot: number): boolean => this.order.has(anon(this.slots.get(slot)?.page ?? NaN));
      let slot = this.stealFrom % swapPages;
      while (!isInRam(slot)) slot = (slot + 1) % swapPages;
      this.stealFrom = slot;
      this.freeSlotOf(this.slots.get(slot)?.page ?? NaN);
    }
    const all = Array.from({ length: swapPages }, (_, slot) => slot).filter((slot) => !this.slots.has(slot));
    const slot = all.find((free) => free >= this.cursor) ?? all[0] ?? NaN;
    this.cursor = slot + 1;
    this.slots.set(slot, { page, isInPreswap: false });
    return slot;
  }

  private slotOf(page: number): number | undefined {
    return [...this.slots].find(([, held]) => held.page === page)?.[0];
  }

  private freeSlotOf(page: number): void {
    const slot = this.slotOf(page);
    if (slot === undefined) return;
    if (this.slots.get(slot)?.isInPreswap === true) this.counts.preswapFlushes++;
    this.slots.delete(slot);
  }

  private free(page: number): void {
    this.freeSlotOf(page);
    if (this.order.has(anon(page))) this.order.remove(anon(page));
  }

  private persistentPages(): number {
    return [...this.slots.values()].filter(({ isInPreswap }) => isInPreswap).length;
  }

  private putInPrecache(page: number): void {
    if (!this.findFrame()) return;
    this.precache.push(page);
    this.counts.precachePuts++;
  }

  private putInPreswap(): boolean {
    return this.sizes.ramPages + this.persistentPages() < this.sizes.maxPages && this.findFrame();
  }

  /** Has room for a page in the store, the oldest ephemeral page leaving where there is none. */
  private findFrame(): boolean {
    if (this.precache.length + this.persistentPages() < this.sizes.tmemPages) return true;
    return this.precache.shift() !== undefined;
  }
}
