import { counted, findObject, openPool, refusal } from './access.ts';
import { ensureAvailablePages, takeEphemeralFrame, takePersistentFrame } from './allocation.ts';
import { compressedSize } from './compression.ts';
import type { StoreCore } from './core.ts';
import type { Domain, Pool } from './entities.ts';
import { DONE, EFROZEN, ENOMEM, ENOSPC } from './errno.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT } from './layout.ts';
import { pack, repack } from './packed-memory.ts';
import { countNodes, deletePage, deleteWithoutData, leaveObject, releaseData } from './removal.ts';

const { P_GLOBAL_NEXT, P_OWNER_NEXT } = PAGE_LAYOUT;
const { O_PAGES, O_LOWEST_INDEX, O_HIGHEST_INDEX, O_LAST_CLIENT } = OBJECT_LAYOUT;

/** PUT_PAGE (TMEM-SEMANTICS 3.1). See {@link TmemStore.put}. */
export function put(
  core: StoreCore,
  domain: number,
  slot: number,
  oid: Uint32Array,
  index: number,
  contentLo: number,
  contentHi: number,
): number {
  const pool = openPool(core, domain, slot);
  if (pool === null) return refusal(core, domain, slot);
  if (core.quirks && !ensureAvailablePages(core, domain)) return counted(core, ENOMEM);
  pool.puts++;
  const { pages } = core;
  let object = findObject(core, pool, oid);
  if (object !== 0) {
    const page = pages.find(object, index | 0);
    if (page !== 0) return overwrite(core, domain, pool, page, contentLo, contentHi);
  }
  const { owner } = pool;
  if (owner.frozen) {
    // Xen counts the failure only where the object was there already.
    if (object !== 0) pool.putsFailed++;
    return counted(core, EFROZEN);
  }
  // The descriptor comes before the memory, as in Xen: the maxima count it even if no memory is found, and an object that
  // holds it can't vanish while pages are evicted for it.
  if (object === 0) object = addObject(core, pool, oid);
  const page = pages.add(object, index | 0);
  joinObject(core, pool, object, index | 0);
  core.lockedObject = object;
  const hasMemory = takeMemory(core, pool, page, domain, contentLo, contentHi);
  core.lockedObject = 0;
  if (!hasMemory) {
    pages.remove(page);
    leaveObject(core, pool, object, index | 0);
    pool.putsFailed++;
    return counted(core, ENOMEM);
  }
  pages.setDetails(page, core.nowMs, contentLo, contentHi);
  if (core.contentSink !== null) core.contentSink.stored(contentLo, contentHi, pool.kind !== 'persistent');
  pool.goodPuts++;
  if (pool.kind === 'persistent') {
    pages.append(pool.listHead, page, P_OWNER_NEXT);
    owner.persistentPuts++;
  } else {
    pages.append(core.globalHead, page, P_GLOBAL_NEXT);
    pages.append(owner.listHead, page, P_OWNER_NEXT);
    countNewEphemeral(core, owner);
    if (pool.kind === 'shared') core.objects.records[object + O_LAST_CLIENT] = owner.id;
  }
  return DONE;
}

function countNewEphemeral(core: StoreCore, owner: Domain): void {
  const { clients, counters } = core;
  counters.goodEphemeralPuts++;
  if (++clients.totalEphemeralPages > counters.ephemeralMax) counters.ephemeralMax = clients.totalEphemeralPages;
  const held = ++clients.ephemeralPages[owner.number];
  if (held > owner.ephemeralMax) owner.ephemeralMax = held;
  if (core.policy.watches) core.policy.changed(owner.number);
}

/** Replaces the data of a page where it stands: neither list position nor age changes. */
function overwrite(
  core: StoreCore,
  domain: number,
  pool: Pool,
  page: number,
  contentLo: number,
  contentHi: number,
): number {
  const { owner } = pool;
  const object = core.pages.objectOf(page);
  if (core.quirks) {
    if (!replaceData(core, domain, pool, page, contentLo, contentHi)) {
      deleteWithoutData(core, pool, page);
      pool.overwritesLost++;
      return counted(core, ENOSPC);
    }
  } else if (pool.kind === 'persistent' && owner.totPages > owner.maxPages) {
    // The domain's maximum was lowered below what it has: the old page is given back, and a new one refused.
    core.counters.pagesFailed++;
    return lose(core, pool, page);
  } else if (core.packing !== null && !repack(core, core.packing, pool, page, domain, contentLo, contentHi)) {
    return lose(core, pool, page);
  }
  if (pool.kind === 'persistent') owner.persistentPuts++;
  else if (pool.kind === 'shared') core.objects.records[object + O_LAST_CLIENT] = owner.id;
  if (core.contentSink !== null) {
    const isEphemeral = pool.kind !== 'persistent';
    core.contentSink.removed(core.pages.contentLoOf(page), core.pages.contentHiOf(page), isEphemeral);
    core.contentSink.stored(contentLo, contentHi, isEphemeral);
  }
  core.pages.setDetails(page, core.pages.timeOf(page), contentLo, contentHi);
  pool.overwrites++;
  pool.goodPuts++;
  return DONE;
}

/** An overwrite in vain: the old page goes, unless it was evicted for the new one. */
function lose(core: StoreCore, pool: Pool, page: number): number {
  if (core.pages.objectOf(page) !== 0) deletePage(core, page);
  pool.overwritesLost++;
  return counted(core, ENOSPC);
}

/**
 * Conformance mode: gives back what the old data was in, then looks for memory for the new. An uncompressed page takes
 * the frame it has just given back, so only a bill at its maximum or a page that was compressed can end without.
 */
function replaceData(
  core: StoreCore,
  domain: number,
  pool: Pool,
  page: number,
  contentLo: number,
  contentHi: number,
): boolean {
  const compressAgain = pool.owner.compress && core.pages.compressedSizeOf(page) > 0;
  releaseData(core, pool, page);
  if (compressAgain) return compress(core, pool.owner, page, contentLo, contentHi);
  core.lockedObject = core.pages.objectOf(page);
  const hasMemory = takeFrame(core, pool, domain);
  core.lockedObject = 0;
  return hasMemory;
}

/** Memory for the data of a new page. @returns whether there was some */
function takeMemory(core: StoreCore, pool: Pool, page: number, requester: number, lo: number, hi: number): boolean {
  if (core.packing !== null) return pack(core, core.packing, pool, requester, lo, hi);
  if (core.quirks && pool.owner.compress) return compress(core, pool.owner, page, lo, hi);
  return takeFrame(core, pool, requester);
}

/** A page of memory for the data of a page, evicting where needed. @returns whether there was one */
function takeFrame(core: StoreCore, pool: Pool, requester: number): boolean {
  return pool.kind === 'persistent'
    ? takePersistentFrame(core, pool.owner, requester)
    : takeEphemeralFrame(core, pool.owner, requester);
}

/** Conformance mode: compressed data lies in a slab, which in scripts costs no page and never runs out. */
function compress(core: StoreCore, owner: Domain, page: number, contentLo: number, contentHi: number): true {
  const bytes = compressedSize(contentLo, contentHi);
  core.pages.setCompressedSize(page, bytes);
  owner.compressedPages++;
  owner.compressedBytes += bytes;
  return true;
}

function addObject(core: StoreCore, pool: Pool, oid: Uint32Array): number {
  const { counters } = core;
  const object = core.objects.add(pool.number, oid, pool.firstObject);
  pool.firstObject = object;
  pool.recentObject = object;
  if (++pool.objects > pool.objectsMax) pool.objectsMax = pool.objects;
  if (core.objects.count > counters.objectsMax) counters.objectsMax = core.objects.count;
  return object;
}

/** A page has come to an object: counts, and the bounds of the object's indexes. */
function joinObject(core: StoreCore, pool: Pool, object: number, index: number): void {
  const { counters } = core;
  const { records } = core.objects;
  records[object + O_PAGES]++;
  if (index >>> 0 < records[object + O_LOWEST_INDEX] >>> 0) records[object + O_LOWEST_INDEX] = index;
  if (index >>> 0 > records[object + O_HIGHEST_INDEX] >>> 0) records[object + O_HIGHEST_INDEX] = index;
  if (++pool.pages > pool.pagesMax) pool.pagesMax = pool.pages;
  if (core.pages.count > counters.descriptorsMax) counters.descriptorsMax = core.pages.count;
  if (core.nodes !== null) countNodes(core, pool, core.nodes.insert(object, index));
}
