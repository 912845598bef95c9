import { countFrames } from './allocation.ts';
import type { StoreCore } from './core.ts';
import type { Domain, Pool } from './entities.ts';
import { evictOldestOf, evictOne } from './evict.ts';
import { REASON_CAP, REASON_PUT } from './eviction-reasons.ts';
import { persistentPagesOf, settleEphemeral, settlePersistent } from './packed-pages.ts';
import { type Packing, pagesFilledBy } from './packing.ts';

/**
 * Memory for packed pages (default mode): what `allocation.ts` does with a page of memory for each, here by the bytes that
 * contents are kept in. Pages that do not compress, each of its own content, get exactly what they get there.
 *
 * An evicted page may free less than a page of memory, or none where an equal one stays, so that one put may evict several.
 * (Xen gave a page whose content is shared a second chance; here the policy's choice stands.) Caps and weights count pages.
 */

/** Packs the data of a new page. @returns whether there was memory for it */
export function pack(
  core: StoreCore,
  packing: Packing,
  pool: Pool,
  requester: number,
  contentLo: number,
  contentHi: number,
): boolean {
  return pool.kind === 'persistent'
    ? packPersistent(core, packing, pool.owner, requester, packing.bytesOf(contentLo, contentHi))
    : packEphemeral(core, packing, pool.owner, requester, contentLo, contentHi);
}

/**
 * Packs other data for a page where it stands.
 * @returns whether there was memory for it; if not, the old data is there still, unless the page itself was evicted
 */
export function repack(
  core: StoreCore,
  packing: Packing,
  pool: Pool,
  page: number,
  requester: number,
  contentLo: number,
  contentHi: number,
): boolean {
  const { pages, memory } = core;
  const [oldLo, oldHi] = [pages.contentLoOf(page), pages.contentHiOf(page)];
  if (oldLo === contentLo >>> 0 && oldHi === contentHi >>> 0) return true;
  if (pool.kind === 'persistent') {
    const bytes = packing.bytesOf(contentLo, contentHi) - packing.bytesOf(oldLo, oldHi);
    return packPersistent(core, packing, pool.owner, requester, bytes);
  }
  const freeBefore = memory.freePages;
  for (;;) {
    const bytes = packing.ephemeralWith(contentLo, contentHi) - packing.ephemeralLoss(oldLo, oldHi);
    const more = pagesFilledBy(bytes) - memory.ephemeralPages;
    if (isWithinLimit(core, more) && isFree(core, more, freeBefore)) break;
    if (!evict(core, requester)) return false;
    if (pages.objectOf(page) === 0) return false;
  }
  packing.removeEphemeral(oldLo, oldHi);
  packing.addEphemeral(contentLo, contentHi);
  settleEphemeral(core, packing);
  countFrames(core);
  return true;
}

function packEphemeral(
  core: StoreCore,
  packing: Packing,
  owner: Domain,
  requester: number,
  lo: number,
  hi: number,
): boolean {
  const { clients, memory } = core;
  const more = (): number => pagesFilledBy(packing.ephemeralWith(lo, hi)) - memory.ephemeralPages;
  if (clients.ephemeralPages[owner.number] >= owner.cap) {
    if (!evictOldestOf(core, owner.number, requester, REASON_CAP)) return false;
  }
  while (!isWithinLimit(core, more())) if (!evictOne(core, requester, REASON_PUT)) return false;
  const freeBefore = memory.freePages;
  while (!isFree(core, more(), freeBefore) || !isWithinLimit(core, more())) if (!evict(core, requester)) return false;
  packing.addEphemeral(lo, hi);
  settleEphemeral(core, packing);
  countFrames(core);
  return true;
}

/** @param bytes that the domain's persistent pools hold more; below 0: less */
function packPersistent(core: StoreCore, packing: Packing, domain: Domain, requester: number, bytes: number): boolean {
  const { memory } = core;
  const more = pagesFilledBy(packing.persistentBytesOf(domain.number) + bytes) - persistentPagesOf(domain);
  if (more > 0 && domain.totPages + more > domain.maxPages) {
    core.counters.pagesFailed++;
    return false;
  }
  const freeBefore = memory.freePages;
  while (!isFree(core, more, freeBefore)) if (!evict(core, requester)) return false;
  packing.addPersistent(domain.number, bytes);
  settlePersistent(core, packing, domain);
  countFrames(core);
  return true;
}

/** Whether so many pages of memory more for ephemeral pools are allowed. */
function isWithinLimit({ memory, ephemeralLimit }: StoreCore, more: number): boolean {
  return more <= 0 || memory.ephemeralPages + more <= ephemeralLimit;
}

/** Whether so many pages of memory more are there: puts leave the reserve fallow, or as much of it as is so already. */
function isFree({ memory }: StoreCore, more: number, freeBefore: number): boolean {
  return more <= 0 || memory.freePages - more >= Math.min(memory.reservePages, freeBefore);
}

function evict(core: StoreCore, requester: number): boolean {
  if (evictOne(core, requester, REASON_PUT)) return true;
  core.counters.pagesFailed++;
  return false;
}
