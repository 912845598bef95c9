import { XenAssertion } from './assertion.ts';
import type { StoreCore } from './core.ts';
import type { Domain, Pool } from './entities.ts';
import { REASON_POOL_DESTROYED } from './eviction-reasons.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT } from './layout.ts';
import { unpack } from './packed-pages.ts';

const { PAGE_WORDS, P_OBJECT, P_INDEX, P_OWNER_NEXT } = PAGE_LAYOUT;
const { O_POOL, O_PAGES, O_LOWEST_INDEX, O_HIGHEST_INDEX } = OBJECT_LAYOUT;

/** Gives the memory of an ephemeral page back: to tmem's list as Xen does, or to the heap. */
export function releaseEphemeralFrame(core: StoreCore): void {
  const { memory } = core;
  // What is packed is given back with the page.
  if (core.packing !== null) return;
  memory.ephemeralPages--;
  if (core.quirks) memory.listPages++;
  else memory.freePages++;
}

/** Gives the memory of a persistent page back and takes it off its domain's bill. */
function releasePersistentFrame(core: StoreCore, domain: Domain): void {
  const { memory } = core;
  if (core.packing !== null) return;
  memory.persistentPages--;
  domain.totPages--;
  if (core.quirks) memory.listPages++;
  else memory.freePages++;
}

/** Gives back what holds the data of a page: a frame, or a piece of a slab, which in scripts costs nothing. */
export function releaseData(core: StoreCore, pool: Pool, page: number): void {
  const bytes = core.pages.compressedSizeOf(page);
  if (bytes > 0) {
    pool.owner.compressedPages--;
    pool.owner.compressedBytes -= bytes;
    core.pages.setCompressedSize(page, 0);
  } else if (pool.kind === 'persistent') {
    releasePersistentFrame(core, pool.owner);
  } else {
    releaseEphemeralFrame(core);
  }
}

/** Takes an ephemeral page out of the FIFO lists and the counts, on the account of its owner. */
export function delistEphemeral(core: StoreCore, page: number, owner: number): void {
  const { pages, clients } = core;
  // Xen counts only what is in a list; a page can be in none of its owner's after a splice of a list into itself.
  if (!core.quirks || !pages.isEmpty(page, P_OWNER_NEXT)) clients.ephemeralPages[owner]--;
  clients.totalEphemeralPages--;
  if (core.policy.watches) core.policy.changed(owner);
  if (core.quirks && clients.ephemeralPages[owner] < 0) throw new XenAssertion('client->eph_count >= 0');
  pages.unlinkBoth(page);
}

/** Takes a page that was stored out of the table. */
export function removeStored(core: StoreCore, page: number): void {
  const { pages } = core;
  if (core.contentSink !== null || core.packing !== null) giveContentBack(core, page);
  pages.remove(page);
}

/** What a page holds goes with it. */
function giveContentBack(core: StoreCore, page: number): void {
  const { contentSink, objects, packing, pages, pools } = core;
  const pool = pools.list[objects.records[pages.objectOf(page) + O_POOL]];
  if (packing !== null) unpack(core, packing, pool, page);
  contentSink?.removed(pages.contentLoOf(page), pages.contentHiOf(page), pool.kind !== 'persistent');
}

/** A page has left its object: counts, and the object itself when that was its last page. */
export function leaveObject(core: StoreCore, pool: Pool, object: number, index: number): void {
  if (core.nodes !== null) countNodes(core, pool, core.nodes.remove(object, index));
  pool.pages--;
  if (--core.objects.records[object + O_PAGES] === 0) removeObject(core, pool, object);
}

/** Deletes a page of any kind: lists, memory, descriptor, and its object if that is empty then. */
export function deletePage(core: StoreCore, page: number): void {
  const pool = core.pools.list[core.objects.records[core.pages.objectOf(page) + O_POOL]];
  releaseData(core, pool, page);
  deleteWithoutData(core, pool, page);
}

/** Deletes a page whose data has been given back already. */
export function deleteWithoutData(core: StoreCore, pool: Pool, page: number): void {
  const { pages } = core;
  const object = pages.records[page + P_OBJECT];
  const index = pages.records[page + P_INDEX];
  if (pool.kind === 'persistent') pages.unlink(page, P_OWNER_NEXT);
  else delistEphemeral(core, page, pool.owner.number);
  removeStored(core, page);
  leaveObject(core, pool, object, index);
}

/** Host time since a page was put, in ms modulo 2^32. */
export function ageOf(core: StoreCore, page: number): number {
  return (core.nowMs - core.pages.timeOf(page)) >>> 0;
}

/** Deletes an object of a pool that goes, and tells the sink of its ephemeral pages. @param by client or −1 = the host */
export function destroyObject(core: StoreCore, pool: Pool, object: number, by: number): void {
  const { sink } = core;
  if (sink !== null && pool.kind !== 'persistent') {
    forEachPage(core, object, (page) => {
      sink.recordEviction(pool.owner.number, by, pool.number, REASON_POOL_DESTROYED, ageOf(core, page), page);
    });
  }
  deleteObject(core, object);
}

/** Deletes an object with all its pages. */
export function deleteObject(core: StoreCore, object: number): void {
  forEachPage(core, object, (page) => deletePage(core, page));
}

/**
 * Does something with each page of an object, which may remove it. They are looked for one by one between the bounds of
 * the object's indexes, or, where that is further than going through the whole table, there.
 */
function forEachPage(core: StoreCore, object: number, act: (page: number) => void): void {
  const { pages } = core;
  const { records } = core.objects;
  const lowest = records[object + O_LOWEST_INDEX] >>> 0;
  const highest = records[object + O_HIGHEST_INDEX] >>> 0;
  // Removing the last page removes the object.
  let left = records[object + O_PAGES];
  if (highest - lowest < pages.top / PAGE_WORDS) {
    for (let index = lowest; left > 0; index++) {
      const page = pages.find(object, index | 0);
      if (page === 0) continue;
      act(page);
      left--;
    }
  } else {
    for (let page: number = PAGE_WORDS; left > 0; page += PAGE_WORDS) {
      if (pages.records[page + P_OBJECT] !== object) continue;
      act(page);
      left--;
    }
  }
}

/** Radix nodes came to a pool or went from it. */
export function countNodes(core: StoreCore, pool: Pool, change: number): void {
  const { counters } = core;
  pool.nodes += change;
  counters.nodes += change;
  if (pool.nodes > pool.nodesMax) pool.nodesMax = pool.nodes;
  if (counters.nodes > counters.nodesMax) counters.nodesMax = counters.nodes;
}

function removeObject(core: StoreCore, pool: Pool, object: number): void {
  const first = core.objects.remove(object);
  if (first >= 0) pool.firstObject = first;
  if (pool.recentObject === object) pool.recentObject = 0;
  pool.objects--;
}
