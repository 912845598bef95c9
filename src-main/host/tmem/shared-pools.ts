import { XenAssertion } from './assertion.ts';
import type { StoreCore } from './core.ts';
import type { Domain, Pool } from './entities.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT } from './layout.ts';
import { holdCap } from './evict.ts';
import { destroyObject } from './removal.ts';

const { P_OBJECT, P_GLOBAL_NEXT, P_OWNER_NEXT } = PAGE_LAYOUT;
const { O_POOL, O_LAST_CLIENT, O_POOL_NEXT } = OBJECT_LAYOUT;

/** Whether a client may join the shared pool of this uuid (TMEM-SEMANTICS 4.1). */
export function isAuthorised(core: StoreCore, client: Domain, uuid: Uint32Array): boolean {
  return core.sharedAuthGlobal || findAuthorisation(client, uuid) >= 0;
}

/** The first place of this uuid in a client's list of authorisations, or −1. All ones finds an empty place. */
export function findAuthorisation(client: Domain, uuid: Uint32Array): number {
  const { authorised } = client;
  for (let place = 0; place < authorised.length; place += 4) {
    let word = 0;
    while (word < 4 && authorised[place + word] === uuid[word]) word++;
    if (word === 4) return place;
  }
  return -1;
}

/**
 * A client leaves a shared pool by one of its handles (TMEM-SEMANTICS 4.3): objects it used last go; the pool passes to
 * the first sharer that remains where the leaver was its owner.
 * @param slot the handle's slot in the leaver
 * @param by the client that does it, or `NO_CLIENT` for the host
 * @returns joins that remain
 */
export function leaveSharedPool(core: StoreCore, pool: Pool, leaver: Domain, slot: number, by: number): number {
  const { sharers } = pool;
  // Xen deletes before it looks who stays; here a client that keeps another handle keeps its objects.
  if (core.quirks) deleteObjectsLastUsedBy(core, pool, leaver, by);
  sharers.splice(sharers.indexOf(leaver), 1);
  const stillJoined = !core.quirks && sharers.includes(leaver);
  if (!core.quirks && !stillJoined) deleteObjectsLastUsedBy(core, pool, leaver, by);
  if (core.quirks) pool.dying = true;
  if (pool.owner === leaver && sharers.length > 0) {
    if (core.quirks) handOffAsXen(core, pool, leaver, sharers[0]);
    else if (stillJoined) stayOwner(pool, leaver, slot);
    else handOff(core, pool, leaver, sharers[0]);
  }
  if (sharers.length === 0) {
    const global = core.pools.shared.indexOf(pool);
    if (global >= 0) core.pools.shared[global] = null;
  }
  return sharers.length;
}

function deleteObjectsLastUsedBy(core: StoreCore, pool: Pool, client: Domain, by: number): void {
  const { objects } = core;
  for (let object = pool.firstObject; object !== 0;) {
    const next = objects.records[object + O_POOL_NEXT];
    if (objects.records[object + O_LAST_CLIENT] === client.id) destroyObject(core, pool, object, by);
    object = next;
  }
}

/**
 * Xen's hand-off, with its two faults: the old owner's whole list goes to the front of the new owner's, pages of its
 * other pools included (quirk Q5); and the old owner's first handle is cleared whichever one it gave up, so that with
 * two handles of one client none may be left (quirk Q6).
 */
function handOffAsXen(core: StoreCore, pool: Pool, from: Domain, to: Domain): void {
  from.pools.set(pool.slot, null);
  const slot = to.pools.slotOf(pool);
  if (slot < 0) throw new XenAssertion('poolid != MAX_POOLS_PER_DOMAIN');
  movePages(core, pool, from, to);
  core.pages.spliceToFront(from.listHead, to.listHead, P_OWNER_NEXT);
  pool.owner = to;
  pool.slot = slot;
}

/** The owner gave up one of its handles and keeps another. */
function stayOwner(pool: Pool, owner: Domain, givenUp: number): void {
  pool.slot = owner.pools.slotOf(pool, givenUp);
}

/** Hands the pool and exactly its pages to another sharer, whose list stays in order of age. */
function handOff(core: StoreCore, pool: Pool, from: Domain, to: Domain): void {
  const { pages, objects } = core;
  const { records } = pages;
  for (let page = records[from.listHead + P_OWNER_NEXT]; page !== from.listHead;) {
    if (objects.records[records[page + P_OBJECT] + O_POOL] === pool.number) pages.unlink(page, P_OWNER_NEXT);
    page = records[page + P_OWNER_NEXT];
  }
  movePages(core, pool, from, to);
  to.ephemeralMax = Math.max(to.ephemeralMax, core.clients.ephemeralPages[to.number]);
  pool.owner = to;
  pool.slot = to.pools.slotOf(pool);
  sortListByAge(core, to);
  holdCap(core, to, from.number);
}

function movePages(core: StoreCore, pool: Pool, from: Domain, to: Domain): void {
  const { clients, policy } = core;
  clients.ephemeralPages[to.number] += pool.pages;
  clients.ephemeralPages[from.number] -= pool.pages;
  policy.changed(from.number);
  policy.changed(to.number);
}

/** Threads a client's list anew in the order of the global list: oldest first. */
function sortListByAge(core: StoreCore, client: Domain): void {
  const { pages, objects } = core;
  const { records } = pages;
  pages.makeEmpty(client.listHead, P_OWNER_NEXT);
  for (let page = records[core.globalHead + P_GLOBAL_NEXT]; page !== core.globalHead;) {
    const pool = core.pools.list[objects.records[records[page + P_OBJECT] + O_POOL]];
    if (pool.owner === client) pages.append(client.listHead, page, P_OWNER_NEXT);
    page = records[page + P_GLOBAL_NEXT];
  }
}
