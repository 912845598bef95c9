import { makeClient } from './access.ts';
import type { StoreCore } from './core.ts';
import { type Domain, NO_CAP } from './entities.ts';
import { DONE, ENOENT, ENOMEM, EPERM } from './errno.ts';
import { evictGlobalOldest, evictOne, holdCap } from './evict.ts';
import { REASON_FLUSH, REASON_RELINQUISH } from './eviction-reasons.ts';
import { ALL_CLIENTS } from './options.ts';
import { NO_CLIENT } from './policies/policy.ts';
import { findAuthorisation } from './shared-pools.ts';

const PAGES_PER_MIB = 256;
const KIB_PER_PAGE = 4;
const EMPTY_UUID = new Uint32Array(4).fill(0xffff_ffff);

/** See {@link TmemStore.setWeight}. For all clients at once Xen's tool resets their compression too (TMEM-SEMANTICS 6.1). */
export function setWeight(core: StoreCore, domain: number, weight: number): number {
  return onClients(core, domain, (client) => {
    giveWeight(core, client, weight);
    if (core.quirks && domain === ALL_CLIENTS) client.compress = false;
  });
}

/** See {@link TmemStore.setCompress}. For all clients at once Xen's tool resets their weights too (TMEM-SEMANTICS 6.1). */
export function setCompress(core: StoreCore, domain: number, on: boolean): number {
  return onClients(core, domain, (client) => {
    client.compress = on;
    if (core.quirks && domain === ALL_CLIENTS) giveWeight(core, client, 0);
  });
}

/** See {@link TmemStore.setCap}. */
export function setCap(core: StoreCore, domain: number, pages: number): number {
  const client = core.clients.clientAt(domain);
  if (client === null) return 0;
  client.cap = Math.min(pages, NO_CAP);
  return holdCap(core, client, NO_CLIENT);
}

/** See {@link TmemStore.setEphemeralLimit}. */
export function setEphemeralLimit(core: StoreCore, pages: number): number {
  core.ephemeralLimit = pages;
  let evicted = 0;
  // Of packed pages memory is limited, not their number.
  const held = (): number => (core.packing === null ? core.clients.totalEphemeralPages : core.memory.ephemeralPages);
  while (held() > pages && evictOne(core, NO_CLIENT, REASON_RELINQUISH)) evicted++;
  return evicted;
}

/** See {@link TmemStore.setHeapPages}. */
export function setHeapPages(core: StoreCore, pages: number): number {
  const { memory } = core;
  memory.freePages += pages - memory.heapPages;
  memory.heapPages = pages;
  let evicted = 0;
  while (memory.freePages < 0 && evictOne(core, NO_CLIENT, REASON_RELINQUISH)) evicted++;
  return evicted;
}

/** See {@link TmemStore.freeze} and {@link TmemStore.thaw}. */
export function setFrozen(core: StoreCore, domain: number, frozen: boolean): number {
  const result = onClients(core, domain, (client) => {
    client.frozen = frozen;
  });
  return result === ENOENT && domain !== ALL_CLIENTS ? EPERM : 0;
}

/** See {@link TmemStore.authorise}. */
export function authorise(core: StoreCore, domain: number, uuid: Uint32Array, allowed: boolean): number {
  if (domain === ALL_CLIENTS && !core.quirks) {
    core.sharedAuthGlobal = allowed;
    return DONE;
  }
  // For all clients Xen tries to create client 65,535, whose domain can't exist (quirk Q8).
  const client = core.clients.domainAt(domain);
  if (client === null) return ENOMEM;
  if (!client.isClient) makeClient(core, client);
  const place = findAuthorisation(client, allowed ? EMPTY_UUID : uuid);
  if (place < 0) return allowed ? ENOMEM : DONE;
  client.authorised.set(allowed ? uuid.subarray(0, 4) : EMPTY_UUID, place);
  return DONE;
}

/** See {@link TmemStore.flushMem}. */
export function flushMem(core: StoreCore, kib: number): number {
  const { memory } = core;
  const wanted = ((kib + KIB_PER_PAGE - 1) >>> 0) >>> 2;
  let available = 0;
  if (core.quirks) {
    while (memory.listPages < wanted && evictGlobalOldest(core, REASON_FLUSH));
    available = memory.listPages;
    memory.listPages = 0;
    memory.freePages += available;
  } else {
    const freeBefore = memory.freePages;
    while (memory.freePages - freeBefore < wanted && evictGlobalOldest(core, REASON_FLUSH));
    available = memory.freePages - freeBefore;
  }
  return available * KIB_PER_PAGE;
}

/** See {@link TmemStore.freeableMb}. */
export function freeableMb(core: StoreCore): number {
  return Math.floor((core.memory.listPages + core.memory.ephemeralPages) / PAGES_PER_MIB);
}

function giveWeight(core: StoreCore, client: Domain, weight: number): void {
  const { clients } = core;
  clients.totalWeight += weight - clients.weights[client.number];
  clients.weights[client.number] = weight;
  core.policy.changed(client.number);
}

/** Does something for one client or for all in order of creation. @returns 0, or ENOENT where there was none */
function onClients(core: StoreCore, domain: number, act: (client: Domain) => void): number {
  const { clients } = core;
  if (domain === ALL_CLIENTS) {
    for (const client of clients.order) act(client);
    return clients.order.length === 0 ? ENOENT : 0;
  }
  const client = clients.clientAt(domain);
  if (client === null) return ENOENT;
  act(client);
  return 0;
}
