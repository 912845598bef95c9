import { XenAssertion } from './assertion.ts';
import { MAX_POOLS } from './clients.ts';
import type { StoreCore } from './core.ts';
import { MAX_SHARED_POOLS } from './pools.ts';
import { deleteObject } from './removal.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT, POOL_LAYOUT } from './layout.ts';

const { P_OBJECT, P_GLOBAL_NEXT, P_OWNER_NEXT } = PAGE_LAYOUT;
const { O_POOL, O_LAST_CLIENT, O_POOL_NEXT } = OBJECT_LAYOUT;
const { POOL_WORDS, L_OWNER, L_SLOT, L_DYING, L_PAGES, L_FIRST_OBJECT } = POOL_LAYOUT;

/** Whether a client may join the shared pool of this uuid (TMEM-SEMANTICS 4.1). */
export function isAuthorised(core: StoreCore, client: number, uuid: Uint32Array): boolean {
  return core.sharedAuthGlobal || findAuthorisation(core, client, uuid) >= 0;
}

/** The first place of this uuid in a client's list of authorisations, or −1. All ones finds an empty place. */
export function findAuthorisation(core: StoreCore, client: number, uuid: Uint32Array): number {
  const { authorised } = core.clients;
  const first = client * MAX_POOLS * 4;
  for (let place = first; place < first + MAX_POOLS * 4; place += 4) {
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
 * @returns joins that remain
 */
export function leaveSharedPool(core: StoreCore, pool: number, leaver: number, slot: number): number {
  const { pools } = core;
  const at = pool * POOL_WORDS;
  const sharers = pools.sharers[pool];
  sharers.splice(sharers.indexOf(leaver), 1);
  const stillJoined = !core.quirks && sharers.includes(leaver);
  if (!stillJoined) deleteObjectsLastUsedBy(core, pool, core.clients.domainIds[leaver]);
  if (core.quirks) pools.records[at + L_DYING] = 1;
  if (pools.records[at + L_OWNER] === leaver && sharers.length > 0) {
    if (core.quirks) handOffAsXen(core, pool, leaver, sharers[0]);
    else if (stillJoined) stayOwner(core, pool, leaver, slot);
    else handOff(core, pool, leaver, sharers[0]);
  }
  if (sharers.length === 0) {
    for (let global = 0; global < MAX_SHARED_POOLS; global++) {
      if (pools.shared[global] === pool) pools.shared[global] = -1;
    }
  }
  return sharers.length;
}

function deleteObjectsLastUsedBy(core: StoreCore, pool: number, domainId: number): void {
  const { records } = core.objects;
  for (let object = core.pools.records[pool * POOL_WORDS + L_FIRST_OBJECT]; object !== 0;) {
    const next = records[object + O_POOL_NEXT];
    if (records[object + O_LAST_CLIENT] === domainId) deleteObject(core, object);
    object = next;
  }
}

/**
 * Xen's hand-off, with its two faults: the old owner's whole list goes to the front of the new owner's, pages of its
 * other pools included (quirk Q5); and the old owner's first handle is cleared whichever one it gave up, so that with
 * two handles of one client none may be left (quirk Q6).
 */
function handOffAsXen(core: StoreCore, pool: number, from: number, to: number): void {
  const { clients, pools } = core;
  const at = pool * POOL_WORDS;
  clients.poolSlots[from * MAX_POOLS + pools.records[at + L_SLOT]] = -1;
  const slot = slotOfPool(core, to, pool, -1);
  if (slot < 0) throw new XenAssertion('poolid != MAX_POOLS_PER_DOMAIN');
  const moved = pools.records[at + L_PAGES];
  clients.ephemeralPages[to] += moved;
  clients.ephemeralPages[from] -= moved;
  core.policy.changed(from);
  core.policy.changed(to);
  core.pages.spliceToFront(clients.listHeads[from], clients.listHeads[to], P_OWNER_NEXT);
  pools.records[at + L_OWNER] = to;
  pools.records[at + L_SLOT] = slot;
}

/** The owner gave up one of its handles and keeps another. */
function stayOwner(core: StoreCore, pool: number, owner: number, givenUp: number): void {
  const slot = slotOfPool(core, owner, pool, givenUp);
  if (slot >= 0) core.pools.records[pool * POOL_WORDS + L_SLOT] = slot;
}

/** Hands the pool and exactly its pages to another sharer, whose list stays in order of age. */
function handOff(core: StoreCore, pool: number, from: number, to: number): void {
  const { clients, pages, pools } = core;
  const at = pool * POOL_WORDS;
  const { records } = pages;
  for (let page = records[clients.listHeads[from] + P_OWNER_NEXT]; page !== clients.listHeads[from];) {
    if (core.objects.records[records[page + P_OBJECT] + O_POOL] === pool) pages.unlink(page, P_OWNER_NEXT);
    page = records[page + P_OWNER_NEXT];
  }
  const moved = pools.records[at + L_PAGES];
  clients.ephemeralPages[to] += moved;
  clients.ephemeralPages[from] -= moved;
  if (clients.ephemeralPages[to] > clients.ephemeralMax[to]) clients.ephemeralMax[to] = clients.ephemeralPages[to];
  core.policy.changed(from);
  core.policy.changed(to);
  pools.records[at + L_OWNER] = to;
  pools.records[at + L_SLOT] = slotOfPool(core, to, pool, -1);
  sortListByAge(core, to);
}

/** Threads a client's list anew in the order of the global list: oldest first. */
function sortListByAge(core: StoreCore, client: number): void {
  const { pages, pools } = core;
  const { records } = pages;
  const head = core.clients.listHeads[client];
  pages.makeEmpty(head, P_OWNER_NEXT);
  for (let page = records[core.globalHead + P_GLOBAL_NEXT]; page !== core.globalHead;) {
    const pool = core.objects.records[records[page + P_OBJECT] + O_POOL];
    if (pools.ownerOf(pool) === client) pages.append(head, page, P_OWNER_NEXT);
    page = records[page + P_GLOBAL_NEXT];
  }
}

function slotOfPool(core: StoreCore, client: number, pool: number, except: number): number {
  for (let slot = 0; slot < MAX_POOLS; slot++) {
    if (slot !== except && core.clients.poolSlots[client * MAX_POOLS + slot] === pool) return slot;
  }
  return -1;
}
