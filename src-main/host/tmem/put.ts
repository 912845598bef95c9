import { counted, findObject, openPool, refusal } from './access.ts';
import { ensureAvailablePages, takeEphemeralFrame, takePersistentFrame } from './allocation.ts';
import type { StoreCore } from './core.ts';
import type { Domain, Pool } from './entities.ts';
import { DONE, EFROZEN, ENOMEM, ENOSPC } from './errno.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT } from './layout.ts';
import { countNodes, deletePage, leaveObject } from './removal.ts';

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
    if (page !== 0) return overwrite(core, pool, object, page, contentLo, contentHi);
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
  const hasMemory =
    pool.kind === 'persistent' ? takePersistentFrame(core, owner, domain) : takeEphemeralFrame(core, owner, domain);
  core.lockedObject = 0;
  if (!hasMemory) {
    pages.remove(page);
    leaveObject(core, pool, object, index | 0);
    pool.putsFailed++;
    return counted(core, ENOMEM);
  }
  pages.setDetails(page, core.nowMs, contentLo, contentHi);
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
  core.policy.changed(owner.number);
}

/** Replaces the data of a page where it stands: neither list position nor age changes. */
function overwrite(
  core: StoreCore,
  pool: Pool,
  object: number,
  page: number,
  contentLo: number,
  contentHi: number,
): number {
  const { owner } = pool;
  if (pool.kind === 'persistent') {
    // The old page is given back before a new one is taken, and the one just freed is free: only the bill can refuse.
    if (owner.totPages - 1 >= owner.maxPages) {
      core.counters.pagesFailed++;
      deletePage(core, page);
      pool.overwritesLost++;
      return counted(core, ENOSPC);
    }
    owner.persistentPuts++;
  } else if (pool.kind === 'shared') {
    core.objects.records[object + O_LAST_CLIENT] = owner.id;
  }
  core.pages.setDetails(page, core.pages.timeOf(page), contentLo, contentHi);
  pool.overwrites++;
  pool.goodPuts++;
  return DONE;
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
