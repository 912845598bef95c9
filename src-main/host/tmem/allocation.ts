import type { StoreCore } from './core.ts';
import type { Domain } from './entities.ts';
import { evictOldestOf, evictOne } from './evict.ts';
import { REASON_BALLOON, REASON_CAP, REASON_PUT, REASON_RESERVE } from './eviction-reasons.ts';

/** Evictions tried for one page, and failed evictions suffered before one put (Xen's MAX_EVICTS and failed_evict). */
const EVICTION_TRIES = 10;
/** What Xen keeps free before a put: 1 MiB. */
const PUT_RESERVE_PAGES = 256;

/**
 * Conformance mode, before every put: Xen wants a whole MiB available and evicts until it is (TMEM-SEMANTICS 5.2).
 * @returns false where ten evictions failed: the put is refused
 */
export function ensureAvailablePages(core: StoreCore, requester: number): boolean {
  const { memory } = core;
  for (let failures = 0; failures < EVICTION_TRIES;) {
    // Xen subtracts unsigned: with less free than the reserve the sum is huge, and the check passes (quirk Q9).
    const available = memory.listPages + memory.freePages - memory.reservePages;
    if (available >= PUT_RESERVE_PAGES || available < 0) return true;
    if (!evictOne(core, requester, REASON_RESERVE)) failures++;
  }
  return false;
}

/**
 * Takes a page for ephemeral data of a client, evicting where memory, its cap or the store's limit asks for it.
 * @returns whether there was one
 */
export function takeEphemeralFrame(core: StoreCore, owner: Domain, requester: number): boolean {
  const { clients, memory } = core;
  if (clients.ephemeralPages[owner.number] >= owner.cap) {
    if (!evictOldestOf(core, owner.number, requester, REASON_CAP)) return false;
  } else if (clients.totalEphemeralPages >= core.ephemeralLimit) {
    if (!evictOne(core, requester, REASON_PUT)) return false;
  }
  if (!takeFrame(core, requester)) return false;
  memory.ephemeralPages++;
  countFrames(core);
  return true;
}

/** Takes a page for persistent data and bills the domain for it. @returns false also where it is at its maximum */
export function takePersistentFrame(core: StoreCore, domain: Domain, requester: number): boolean {
  if (domain.totPages >= domain.maxPages) {
    core.counters.pagesFailed++;
    return false;
  }
  if (!takeFrame(core, requester)) return false;
  core.memory.persistentPages++;
  domain.totPages++;
  countFrames(core);
  return true;
}

/** Takes a page for a domain's RAM, evicting where needed. @returns whether there was one */
export function takeRamPage(core: StoreCore, domain: Domain, requester: number): boolean {
  const { memory } = core;
  const full = domain.totPages >= domain.maxPages;
  if (core.quirks) {
    if (!takeHeapPage(core, requester, REASON_BALLOON)) return false;
    if (full) {
      // The page is had before the domain's maximum is looked at, so it may have come from tmem; it stays in the heap.
      memory.freePages++;
      return false;
    }
  } else {
    if (full) return false;
    // One page that is evicted is one page of memory, unless pages are packed.
    while (memory.freePages === 0) if (!evictOne(core, requester, REASON_BALLOON)) return false;
    memory.freePages--;
  }
  domain.ramPages++;
  domain.totPages++;
  return true;
}

/** Notes the most pages of memory that data ever took. */
export function countFrames(core: StoreCore): void {
  const frames = core.memory.ephemeralPages + core.memory.persistentPages;
  if (frames > core.counters.framesMax) core.counters.framesMax = frames;
}

function takeFrame(core: StoreCore, requester: number): boolean {
  const { memory } = core;
  if (!core.quirks) {
    if (memory.freePages > memory.reservePages || evictOne(core, requester, REASON_PUT)) {
      memory.freePages--;
      return true;
    }
  } else if (memory.listPages > 0) {
    memory.listPages--;
    return true;
  } else if (takeHeapPage(core, requester, REASON_PUT)) {
    return true;
  }
  core.counters.pagesFailed++;
  return false;
}

/**
 * Xen's heap for single pages: at or below the mid-size reserve, while tmem has anything to give, only tmem gives
 * (TMEM-SEMANTICS 5.1).
 */
function takeHeapPage(core: StoreCore, requester: number, reason: number): boolean {
  const { memory } = core;
  if (memory.freePages <= memory.reservePages && memory.listPages + memory.ephemeralPages > 0) {
    return relinquishPage(core, requester, reason);
  }
  if (memory.freePages === 0) return false;
  memory.freePages--;
  return true;
}

/** tmem gives one page to the heap: one of its list, else one evicted in up to ten tries (TMEM-SEMANTICS 5.4). */
function relinquishPage(core: StoreCore, requester: number, reason: number): boolean {
  const { memory, counters } = core;
  counters.relinquishAttempts++;
  let evictions = 0;
  while (memory.listPages === 0 && evictions < EVICTION_TRIES && evictOne(core, requester, reason)) evictions++;
  if (evictions > counters.maxEvictionsPerRelinquish) counters.maxEvictionsPerRelinquish = evictions;
  if (memory.listPages === 0) return false;
  memory.listPages--;
  counters.relinquished++;
  return true;
}
