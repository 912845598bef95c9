import { counted, findObject, openPool } from './access.ts';
import { ensureAvailablePages, takeEphemeralFrame, takePersistentFrame } from './allocation.ts';
import type { StoreCore } from './core.ts';
import { DONE, EFROZEN, ENOMEM, ENOSPC } from './errno.ts';
import { evictOldestOf, evictOne } from './evict.ts';
import { REASON_CAP, REASON_PUT } from './eviction-reasons.ts';
import { countNodes, deletePage, removeDescriptor } from './removal.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT, POOL_COUNTERS, POOL_KIND, POOL_LAYOUT } from './layout.ts';

const { PAGE_WORDS, P_TIME, P_GLOBAL_NEXT, P_OWNER_NEXT } = PAGE_LAYOUT;
const { O_PAGES, O_LOWEST_INDEX, O_HIGHEST_INDEX, O_LAST_CLIENT } = OBJECT_LAYOUT;
const {
  POOL_WORDS,
  L_KIND,
  L_OWNER,
  L_PAGES,
  L_PAGES_MAX,
  L_OBJECTS,
  L_OBJECTS_MAX,
  L_LIST_HEAD,
  L_FIRST_OBJECT,
  L_RECENT_OBJECT,
} = POOL_LAYOUT;
const { POOL_SHARED_EPHEMERAL, POOL_PERSISTENT } = POOL_KIND;
const { POOL_COUNTS, C_GOOD_PUTS, C_PUTS, C_OVERWRITES_LOST, C_OVERWRITES, C_PUTS_FAILED } = POOL_COUNTERS;

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
  if (pool < 0) return pool;
  if (core.quirks && !ensureAvailablePages(core, domain)) return counted(core, ENOMEM);
  core.pools.counts[pool * POOL_COUNTS + C_PUTS]++;
  const object = findObject(core, pool, oid);
  const page = object === 0 ? 0 : core.pages.find(object, index | 0);
  if (page !== 0) return counted(core, overwrite(core, pool, object, page, contentLo, contentHi));
  const owner = core.pools.records[pool * POOL_WORDS + L_OWNER];
  if (core.clients.frozen[owner] !== 0) {
    // Xen counts the failure only where the object was there already.
    if (object !== 0) core.pools.counts[pool * POOL_COUNTS + C_PUTS_FAILED]++;
    return counted(core, EFROZEN);
  }
  return counted(core, putNew(core, domain, pool, object, oid, index | 0, contentLo, contentHi));
}

/** Replaces the data of a page where it stands: neither list position nor age changes. */
function overwrite(
  core: StoreCore,
  pool: number,
  object: number,
  page: number,
  contentLo: number,
  contentHi: number,
): number {
  const at = pool * POOL_WORDS;
  const kind = core.pools.records[at + L_KIND];
  const owner = core.pools.records[at + L_OWNER];
  if (kind === POOL_PERSISTENT) {
    // The old page is given back before a new one is taken, and the one just freed is free: only the bill can refuse.
    const { memory } = core;
    if (memory.totPages[owner] - 1 >= memory.maxPages[owner]) {
      core.counters.pagesFailed++;
      deletePage(core, page, true);
      core.pools.counts[pool * POOL_COUNTS + C_OVERWRITES_LOST]++;
      return ENOSPC;
    }
    core.clients.persistentPuts[owner]++;
  } else if (kind === POOL_SHARED_EPHEMERAL) {
    core.objects.records[object + O_LAST_CLIENT] = core.clients.domainIds[owner];
  }
  setContent(core, page, contentLo, contentHi);
  core.pools.counts[pool * POOL_COUNTS + C_OVERWRITES]++;
  core.pools.counts[pool * POOL_COUNTS + C_GOOD_PUTS]++;
  return DONE;
}

function putNew(
  core: StoreCore,
  domain: number,
  pool: number,
  foundObject: number,
  oid: Uint32Array,
  index: number,
  contentLo: number,
  contentHi: number,
): number {
  const { clients, counters } = core;
  const at = pool * POOL_WORDS;
  const kind = core.pools.records[at + L_KIND];
  const owner = core.pools.records[at + L_OWNER];
  // The descriptor comes first, as in Xen: the maxima count it even if no memory is found for the data, and an object
  // that holds it can't vanish while pages are evicted for it.
  const object = foundObject === 0 ? addObject(core, pool, oid) : foundObject;
  const page = addDescriptor(core, pool, object, index);
  core.lockedObject = object;
  const stored =
    kind === POOL_PERSISTENT
      ? takePersistentFrame(core, owner, domain)
      : makeEphemeralRoom(core, owner, domain) && takeEphemeralFrame(core, domain);
  core.lockedObject = 0;
  if (!stored) {
    removeDescriptor(core, page, false);
    core.pools.counts[pool * POOL_COUNTS + C_PUTS_FAILED]++;
    return ENOMEM;
  }
  setContent(core, page, contentLo, contentHi);
  core.pages.records[page + P_TIME] = core.nowMs;
  core.pools.counts[pool * POOL_COUNTS + C_GOOD_PUTS]++;
  if (kind === POOL_PERSISTENT) {
    core.pages.append(core.pools.records[at + L_LIST_HEAD], page, P_OWNER_NEXT);
    clients.persistentPuts[owner]++;
    return DONE;
  }
  core.pages.append(core.globalHead, page, P_GLOBAL_NEXT);
  core.pages.append(clients.listHeads[owner], page, P_OWNER_NEXT);
  if (++clients.totalEphemeralPages > counters.ephemeralMax) counters.ephemeralMax = clients.totalEphemeralPages;
  const held = ++clients.ephemeralPages[owner];
  if (held > clients.ephemeralMax[owner]) clients.ephemeralMax[owner] = held;
  core.policy.changed(owner);
  counters.goodEphemeralPuts++;
  if (kind === POOL_SHARED_EPHEMERAL) core.objects.records[object + O_LAST_CLIENT] = clients.domainIds[owner];
  return DONE;
}

function setContent(core: StoreCore, page: number, lo: number, hi: number): void {
  const at = page / (PAGE_WORDS / 2);
  core.pages.contents[at] = lo;
  core.pages.contents[at + 1] = hi;
}

/** Beyond Xen: keeps the owner within its cap and the store within its limit. @returns whether a page may be added */
function makeEphemeralRoom(core: StoreCore, owner: number, requester: number): boolean {
  const { clients } = core;
  if (clients.ephemeralPages[owner] >= clients.caps[owner]) return evictOldestOf(core, owner, requester, REASON_CAP);
  return clients.totalEphemeralPages < core.ephemeralLimit || evictOne(core, requester, REASON_PUT);
}

function addObject(core: StoreCore, pool: number, oid: Uint32Array): number {
  const at = pool * POOL_WORDS;
  const { records } = core.pools;
  const { counters } = core;
  const object = core.objects.add(pool, oid, records[at + L_FIRST_OBJECT]);
  records[at + L_FIRST_OBJECT] = object;
  records[at + L_RECENT_OBJECT] = object;
  if (++records[at + L_OBJECTS] > records[at + L_OBJECTS_MAX]) records[at + L_OBJECTS_MAX] = records[at + L_OBJECTS];
  if (core.objects.count > counters.objectsMax) counters.objectsMax = core.objects.count;
  return object;
}

function addDescriptor(core: StoreCore, pool: number, object: number, index: number): number {
  const at = pool * POOL_WORDS;
  const { counters } = core;
  const page = core.pages.add(object, index);
  const objects = core.objects.records;
  objects[object + O_PAGES]++;
  if (index >>> 0 < objects[object + O_LOWEST_INDEX] >>> 0) objects[object + O_LOWEST_INDEX] = index;
  if (index >>> 0 > objects[object + O_HIGHEST_INDEX] >>> 0) objects[object + O_HIGHEST_INDEX] = index;
  const poolPages = ++core.pools.records[at + L_PAGES];
  if (poolPages > core.pools.records[at + L_PAGES_MAX]) core.pools.records[at + L_PAGES_MAX] = poolPages;
  if (core.pages.count > counters.descriptorsMax) counters.descriptorsMax = core.pages.count;
  if (core.nodes !== null) countNodes(core, pool, core.nodes.insert(object, index));
  return page;
}
