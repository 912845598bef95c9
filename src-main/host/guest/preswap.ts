import { GUEST } from '../sample-columns.ts';
import type { PageContents } from './page-contents.ts';
import type { TmemCalls } from './tmem-calls.ts';

/** Swap slots are spread over this many objects (drivers/xen/tmem.c: SWIZ_BITS 4), for swap device 0. */
const OBJECT_BITS = 4;
const OBJECT_MASK = (1 << OBJECT_BITS) - 1;

/** What preswap needs to know of what the host lets a guest store. */
export interface StoreBound {
  /** Whether one more persistent page is within the guest's pool target. */
  mayStore(): boolean;
  /** A persistent page was stored. */
  stored(): void;
}

/**
 * Linux' frontswap hooks as the Xen driver has them (TMEM-SEMANTICS 8.1, 8.3): a store when a page is swapped out, a load
 * when it is swapped in, which does not remove the copy, and an invalidation when the slot is freed. One persistent pool;
 * the object of a slot is its number modulo 16, its index the rest.
 */
export class Preswap {
  private readonly calls: TmemCalls;
  private readonly pool: number;
  private readonly contents: PageContents;
  private readonly counts: Float64Array;
  private readonly bound: StoreBound;

  constructor(calls: TmemCalls, pool: number, contents: PageContents, counts: Float64Array, bound: StoreBound) {
    this.calls = calls;
    this.pool = pool;
    this.contents = contents;
    this.counts = counts;
    this.bound = bound;
  }

  /** @returns whether the page was stored; if not, it has to go to the disk */
  store(slot: number, page: number): boolean {
    const { bound, calls, contents, counts } = this;
    const isStored =
      bound.mayStore() &&
      calls.put(this.pool, slot & OBJECT_MASK, slot >>> OBJECT_BITS, contents.anonLo(page), contents.anonHi(page));
    counts[isStored ? GUEST.preswapPuts : GUEST.preswapPutsFailed]++;
    if (isStored) bound.stored();
    return isStored;
  }

  /** @throws Error when the page is not there: the host promised to keep it */
  load(slot: number, page: number): void {
    const { calls, contents } = this;
    this.counts[GUEST.preswapGets]++;
    const lo = contents.anonLo(page);
    if (!calls.get(this.pool, slot & OBJECT_MASK, slot >>> OBJECT_BITS, lo, contents.anonHi(page))) {
      throw new Error(`The host lost the persistent page of swap slot ${slot}.`);
    }
  }

  invalidate(slot: number): void {
    this.counts[GUEST.preswapFlushes]++;
    this.calls.flushPage(this.pool, slot & OBJECT_MASK, slot >>> OBJECT_BITS);
  }
}
