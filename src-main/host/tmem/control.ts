import { makeClient } from './access.ts';
import { DOMAIN_ALIVE, NO_CAP } from './clients.ts';
import type { StoreCore } from './core.ts';
import { DONE, ENOENT, ENOMEM, EPERM } from './errno.ts';
import { evictGlobalOldest, evictOldestOf, evictOne } from './evict.ts';
import { REASON_CAP, REASON_FLUSH, REASON_RELINQUISH } from './eviction-reasons.ts';
import { ALL_CLIENTS } from './options.ts';
import { NO_CLIENT } from './policies/policy.ts';
import { findAuthorisation } from './shared-pools.ts';

const PAGES_PER_MIB = 256;
const KIB_PER_PAGE = 4;
const EMPTY_UUID = new Uint32Array(4).fill(0xffff_ffff);

/** See {@link TmemStore.setWeight}. For all clients at once Xen's tool resets their compression too (TMEM-SEMANTICS 6.1). */
export function setWeight(core: StoreCore, domain: number, weight: number): number {
  const { clients } = core;
  return onClients(core, domain, (client) => {
    clients.totalWeight += weight - clients.weights[client];
    clients.weights[client] = weight;
    if (core.quirks && domain === ALL_CLIENTS) clients.compress[client] = 0;
    core.policy.changed(client);
  });
}

/** See {@link TmemStore.setCompress}. For all clients at once Xen's tool resets their weights too (TMEM-SEMANTICS 6.1). */
export function setCompress(core: StoreCore, domain: number, on: boolean): number {
  const { clients } = core;
  return onClients(core, domain, (client) => {
    clients.compress[client] = on ? 1 : 0;
    if (!core.quirks || domain !== ALL_CLIENTS) return;
    clients.totalWeight -= clients.weights[client];
    clients.weights[client] = 0;
    core.policy.changed(client);
  });
}

/** See {@link TmemStore.setCap}. */
export function setCap(core: StoreCore, domain: number, pages: number): number {
  const { clients } = core;
  if (!clients.isClient(domain)) return 0;
  clients.caps[domain] = Math.min(pages, NO_CAP);
  let evicted = 0;
  while (clients.ephemeralPages[domain] > pages && evictOldestOf(core, domain, NO_CLIENT, REASON_CAP)) evicted++;
  return evicted;
}

/** See {@link TmemStore.setEphemeralLimit}. */
export function setEphemeralLimit(core: StoreCore, pages: number): number {
  core.ephemeralLimit = pages;
  let evicted = 0;
  while (core.clients.totalEphemeralPages > pages && evictOne(core, NO_CLIENT, REASON_RELINQUISH)) evicted++;
  return evicted;
}

/** See {@link TmemStore.freeze} and {@link TmemStore.thaw}. */
export function setFrozen(core: StoreCore, domain: number, frozen: boolean): number {
  const result = onClients(core, domain, (client) => {
    core.clients.frozen[client] = frozen ? 1 : 0;
  });
  return result === ENOENT && domain !== ALL_CLIENTS ? EPERM : 0;
}

/** See {@link TmemStore.authorise}. */
export function authorise(core: StoreCore, domain: number, uuid: Uint32Array, allowed: boolean): number {
  const { clients } = core;
  if (domain === ALL_CLIENTS && !core.quirks) {
    core.sharedAuthGlobal = allowed;
    return DONE;
  }
  // For all clients Xen tries to create client 65,535, whose domain can't exist (quirk Q8).
  if (domain < 0 || domain >= clients.clientSlots || clients.state[domain] === 0) return ENOMEM;
  if (clients.state[domain] === DOMAIN_ALIVE) makeClient(core, domain);
  const place = findAuthorisation(core, domain, allowed ? EMPTY_UUID : uuid);
  if (place < 0) return allowed ? ENOMEM : DONE;
  clients.authorised.set(allowed ? uuid : EMPTY_UUID, place);
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
    while (available < wanted && evictGlobalOldest(core, REASON_FLUSH)) available++;
  }
  return available * KIB_PER_PAGE;
}

/** See {@link TmemStore.freeableMb}. */
export function freeableMb(core: StoreCore): number {
  return Math.floor((core.memory.listPages + core.memory.ephemeralPages) / PAGES_PER_MIB);
}

/** Does something for one client or for all in order of creation. @returns 0, or ENOENT where there was none */
function onClients(core: StoreCore, domain: number, act: (client: number) => void): number {
  const { clients } = core;
  if (domain === ALL_CLIENTS) {
    for (const client of clients.order) act(client);
    return clients.order.length === 0 ? ENOENT : 0;
  }
  if (!clients.isClient(domain)) return ENOENT;
  act(domain);
  return 0;
}
