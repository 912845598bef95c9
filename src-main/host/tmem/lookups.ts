import { counted, findObject, openPool } from './access.ts';
import type { StoreCore } from './core.ts';
import { DONE, EEMPTY, EFROZEN, MISS } from './errno.ts';
import { delistEphemeral, deleteObject, deletePage, releaseEphemeralFrame, removeDescriptor } from './removal.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT, POOL_COUNTERS, POOL_KIND, POOL_LAYOUT } from './layout.ts';

const { PAGE_WORDS, P_GLOBAL_NEXT, P_OWNER_NEXT } = PAGE_LAYOUT;
const { O_LAST_CLIENT } = OBJECT_LAYOUT;
const { POOL_WORDS, L_KIND, L_OWNER, L_PAGES } = POOL_LAYOUT;
const { POOL_EPHEMERAL, POOL_PERSISTENT } = POOL_KIND;
const { POOL_COUNTS, C_HITS, C_GETS, C_FLUSHES_FOUND, C_FLUSHES, C_OBJECT_FLUSHES_FOUND, C_OBJECT_FLUSHES } =
  POOL_COUNTERS;

/** GET_PAGE (TMEM-SEMANTICS 3.2). See {@link TmemStore.get}. */
export function get(core: StoreCore, domain: number, slot: number, oid: Uint32Array, index: number): number {
  const pool = openPool(core, domain, slot);
  if (pool < 0) return pool;
  const at = pool * POOL_WORDS;
  if (core.pools.records[at + L_PAGES] === 0) return counted(core, EEMPTY);
  core.pools.counts[pool * POOL_COUNTS + C_GETS]++;
  const object = findObject(core, pool, oid);
  if (object === 0) return MISS;
  const page = core.pages.find(object, index | 0);
  return page === 0 ? MISS : hit(core, domain, pool, object, page);
}

/** Reads a page that {@link PageTable.find} has just found, and does to it what a get does. */
function hit(core: StoreCore, domain: number, pool: number, object: number, page: number): number {
  const { clients, pages, pools } = core;
  const content = page / (PAGE_WORDS / 2);
  core.contentLo = pages.contents[content];
  core.contentHi = pages.contents[content + 1];
  pools.counts[pool * POOL_COUNTS + C_HITS]++;
  const kind = pools.records[pool * POOL_WORDS + L_KIND];
  const owner = pools.records[pool * POOL_WORDS + L_OWNER];
  if (kind === POOL_PERSISTENT) {
    clients.persistentHits[owner]++;
    return DONE;
  }
  clients.ephemeralHits[owner]++;
  if (kind === POOL_EPHEMERAL) {
    delistEphemeral(core, page, owner);
    releaseEphemeralFrame(core);
    removeDescriptor(core, page, true);
  } else {
    // A shared page stays, and is the youngest from now on.
    pages.unlinkBoth(page);
    pages.append(core.globalHead, page, P_GLOBAL_NEXT);
    pages.append(clients.listHeads[owner], page, P_OWNER_NEXT);
    core.objects.records[object + O_LAST_CLIENT] = clients.domainIds[domain];
  }
  return DONE;
}

/** FLUSH_PAGE (TMEM-SEMANTICS 3.3). See {@link TmemStore.flushPage}. */
export function flushPage(core: StoreCore, domain: number, slot: number, oid: Uint32Array, index: number): number {
  const pool = openPool(core, domain, slot);
  if (pool < 0) return pool;
  core.pools.counts[pool * POOL_COUNTS + C_FLUSHES]++;
  const object = findObject(core, pool, oid);
  const page = object === 0 ? 0 : core.pages.find(object, index | 0);
  if (page !== 0) {
    deletePage(core, page, true);
    core.pools.counts[pool * POOL_COUNTS + C_FLUSHES_FOUND]++;
  }
  return flushResult(core, pool);
}

/** FLUSH_OBJECT. See {@link TmemStore.flushObject}. */
export function flushObject(core: StoreCore, domain: number, slot: number, oid: Uint32Array): number {
  const pool = openPool(core, domain, slot);
  if (pool < 0) return pool;
  core.pools.counts[pool * POOL_COUNTS + C_OBJECT_FLUSHES]++;
  const object = findObject(core, pool, oid);
  if (object !== 0) {
    deleteObject(core, object);
    core.pools.counts[pool * POOL_COUNTS + C_OBJECT_FLUSHES_FOUND]++;
  }
  return flushResult(core, pool);
}

/** A frozen client is told so, although the flush was done (quirk Q3: nothing else would be safe for the guest). */
function flushResult(core: StoreCore, pool: number): number {
  const owner = core.pools.records[pool * POOL_WORDS + L_OWNER];
  return counted(core, core.clients.frozen[owner] === 0 ? DONE : EFROZEN);
}
