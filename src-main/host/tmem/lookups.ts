import { counted, findObject, openPool, refusal } from './access.ts';
import type { StoreCore } from './core.ts';
import type { Pool } from './entities.ts';
import { DONE, EEMPTY, EFROZEN, MISS } from './errno.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT } from './layout.ts';
import {
  deleteObject,
  deletePage,
  delistEphemeral,
  leaveObject,
  releaseData,
  releaseEphemeralFrame,
  removeStored,
} from './removal.ts';

const { P_GLOBAL_NEXT, P_OWNER_NEXT } = PAGE_LAYOUT;
const { O_LAST_CLIENT } = OBJECT_LAYOUT;

/** GET_PAGE (TMEM-SEMANTICS 3.2). See {@link TmemStore.get}. */
export function get(core: StoreCore, domain: number, slot: number, oid: Uint32Array, index: number): number {
  const pool = openPool(core, domain, slot);
  if (pool === null) return refusal(core, domain, slot);
  if (pool.pages === 0) return counted(core, EEMPTY);
  pool.gets++;
  const object = findObject(core, pool, oid);
  if (object === 0) return MISS;
  const page = core.pages.find(object, index | 0);
  return page === 0 ? MISS : hit(core, domain, pool, object, index | 0, page);
}

/** Reads a page that {@link PageTable.find} has just found, and does to it what a get does. */
function hit(core: StoreCore, domain: number, pool: Pool, object: number, index: number, page: number): number {
  const { pages } = core;
  const { owner } = pool;
  core.pageRead = page;
  if (core.contentSink !== null) core.contentSink.read(pages.contentLoOf(page), pages.contentHiOf(page));
  pool.hits++;
  if (pool.kind === 'ephemeral') {
    owner.ephemeralHits++;
    delistEphemeral(core, page, owner.number);
    if (core.quirks) releaseData(core, pool, page);
    else releaseEphemeralFrame(core);
    removeStored(core, page);
    leaveObject(core, pool, object, index);
  } else if (pool.kind === 'shared') {
    owner.ephemeralHits++;
    // A shared page stays, and is the youngest from now on.
    pages.unlinkBoth(page);
    pages.append(core.globalHead, page, P_GLOBAL_NEXT);
    pages.append(owner.listHead, page, P_OWNER_NEXT);
    core.objects.records[object + O_LAST_CLIENT] = core.clients.domains[domain]?.id ?? 0;
  } else {
    owner.persistentHits++;
  }
  return DONE;
}

/** FLUSH_PAGE (TMEM-SEMANTICS 3.3). See {@link TmemStore.flushPage}. */
export function flushPage(core: StoreCore, domain: number, slot: number, oid: Uint32Array, index: number): number {
  const pool = openPool(core, domain, slot);
  if (pool === null) return refusal(core, domain, slot);
  pool.flushes++;
  const object = findObject(core, pool, oid);
  const page = object === 0 ? 0 : core.pages.find(object, index | 0);
  if (page !== 0) {
    deletePage(core, page);
    pool.flushesFound++;
  }
  return flushResult(core, pool);
}

/** FLUSH_OBJECT. See {@link TmemStore.flushObject}. */
export function flushObject(core: StoreCore, domain: number, slot: number, oid: Uint32Array): number {
  const pool = openPool(core, domain, slot);
  if (pool === null) return refusal(core, domain, slot);
  pool.objectFlushes++;
  const object = findObject(core, pool, oid);
  if (object !== 0) {
    deleteObject(core, object);
    pool.objectFlushesFound++;
  }
  return flushResult(core, pool);
}

/** A frozen client is told so, although the flush was done (quirk Q3: nothing else would be safe for the guest). */
function flushResult(core: StoreCore, pool: Pool): number {
  return counted(core, pool.owner.frozen ? EFROZEN : DONE);
}
