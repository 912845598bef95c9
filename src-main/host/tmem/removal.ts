import { XenAssertion } from './assertion.ts';
import type { StoreCore } from './core.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT, POOL_KIND, POOL_LAYOUT } from './layout.ts';

const { PAGE_WORDS, P_OBJECT, P_INDEX, P_OWNER_NEXT } = PAGE_LAYOUT;
const { O_POOL, O_PAGES, O_LOWEST_INDEX, O_HIGHEST_INDEX } = OBJECT_LAYOUT;
const { POOL_WORDS, L_KIND, L_OWNER, L_PAGES, L_OBJECTS, L_NODES, L_FIRST_OBJECT, L_RECENT_OBJECT } = POOL_LAYOUT;
const { POOL_PERSISTENT } = POOL_KIND;

/** Gives the memory of an ephemeral page back: to tmem's list as Xen does, or to the heap. */
export function releaseEphemeralFrame(core: StoreCore): void {
  const { memory } = core;
  memory.ephemeralPages--;
  if (core.quirks) memory.listPages++;
  else memory.freePages++;
}

/** Gives the memory of a persistent page back and takes it off its domain's bill. */
export function releasePersistentFrame(core: StoreCore, domain: number): void {
  const { memory } = core;
  memory.persistentPages--;
  memory.totPages[domain]--;
  if (core.quirks) memory.listPages++;
  else memory.freePages++;
}

/** Takes an ephemeral page out of the FIFO lists and the counts, on the account of its owner. */
export function delistEphemeral(core: StoreCore, page: number, owner: number): void {
  const { pages, clients } = core;
  // Xen counts only what is in a list; a page can be in none of its owner's after a splice of a list into itself.
  if (!core.quirks || !pages.isEmpty(page, P_OWNER_NEXT)) clients.ephemeralPages[owner]--;
  clients.totalEphemeralPages--;
  core.policy.changed(owner);
  if (core.quirks && clients.ephemeralPages[owner] < 0) throw new XenAssertion('client->eph_count >= 0');
  pages.unlinkBoth(page);
}

/**
 * Takes a page's descriptor out of its object, and the object out of its pool when that was its last page.
 * @param found the page is the one that the page table has just found, which saves finding it again
 */
export function removeDescriptor(core: StoreCore, page: number, found: boolean): void {
  const { pages, objects } = core;
  const object = pages.records[page + P_OBJECT];
  const pool = objects.records[object + O_POOL];
  if (core.nodes !== null) countNodes(core, pool, core.nodes.remove(object, pages.records[page + P_INDEX]));
  core.pools.records[pool * POOL_WORDS + L_PAGES]--;
  if (found) pages.removeFound(page);
  else pages.remove(page);
  if (--objects.records[object + O_PAGES] === 0) removeObject(core, object, pool);
}

/** Deletes a page of any kind: lists, memory, descriptor, and its object if that is empty then. */
export function deletePage(core: StoreCore, page: number, found: boolean): void {
  const pool = core.objects.records[core.pages.records[page + P_OBJECT] + O_POOL];
  const at = pool * POOL_WORDS;
  const owner = core.pools.records[at + L_OWNER];
  if (core.pools.records[at + L_KIND] === POOL_PERSISTENT) {
    core.pages.unlink(page, P_OWNER_NEXT);
    releasePersistentFrame(core, owner);
  } else {
    delistEphemeral(core, page, owner);
    releaseEphemeralFrame(core);
  }
  removeDescriptor(core, page, found);
}

/**
 * Deletes an object with all its pages. They are looked for one by one between the bounds of its indexes, or, where that
 * is further than going through the whole table, there.
 */
export function deleteObject(core: StoreCore, object: number): void {
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
      deletePage(core, page, true);
      left--;
    }
  } else {
    for (let page = PAGE_WORDS; left > 0; page += PAGE_WORDS) {
      if (pages.records[page + P_OBJECT] !== object) continue;
      deletePage(core, page, false);
      left--;
    }
  }
}

/** Radix nodes came to or went from a pool. */
export function countNodes(core: StoreCore, pool: number, change: number): void {
  const at = pool * POOL_WORDS + L_NODES;
  const { records } = core.pools;
  const { counters } = core;
  records[at] += change;
  counters.nodes += change;
  if (records[at] > records[at + 1]) records[at + 1] = records[at];
  if (counters.nodes > counters.nodesMax) counters.nodesMax = counters.nodes;
}

function removeObject(core: StoreCore, object: number, pool: number): void {
  const at = pool * POOL_WORDS;
  const { records } = core.pools;
  const first = core.objects.remove(object);
  if (first >= 0) records[at + L_FIRST_OBJECT] = first;
  if (records[at + L_RECENT_OBJECT] === object) records[at + L_RECENT_OBJECT] = 0;
  records[at + L_OBJECTS]--;
}
