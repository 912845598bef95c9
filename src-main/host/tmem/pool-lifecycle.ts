import { beginOperation, counted } from './access.ts';
import { XenAssertion } from './assertion.ts';
import { MAX_POOLS } from './clients.ts';
import type { StoreCore } from './core.ts';
import { EPERM } from './errno.ts';
import { POOL_PERSIST, POOL_PRECOMPRESSED, POOL_SHARED } from './options.ts';
import { FREED_POOL } from './pools.ts';
import { deleteObject } from './removal.ts';
import { isAuthorised, leaveSharedPool } from './shared-pools.ts';
import { POOL_KIND, POOL_LAYOUT } from './layout.ts';

const { POOL_WORDS, L_KIND, L_OWNER, L_SLOT, L_LIST_HEAD, L_FIRST_OBJECT } = POOL_LAYOUT;
const { POOL_EPHEMERAL, POOL_SHARED_EPHEMERAL, POOL_PERSISTENT } = POOL_KIND;

const RESERVED_BITS = 0x00ff_ff00;
const NO_UUID = new Uint32Array(4);

/** NEW_POOL (TMEM-SEMANTICS 2.2). See {@link TmemStore.newPool}. */
export function newPool(core: StoreCore, domain: number, flags: number, uuid: Uint32Array | undefined): number {
  const refused = beginOperation(core, domain);
  if (refused < 0) return refused;
  return counted(core, makePool(core, domain, flags, uuid ?? NO_UUID));
}

/** DESTROY_POOL (TMEM-SEMANTICS 2.3). See {@link TmemStore.destroyPool}. */
export function destroyPool(core: StoreCore, domain: number, slot: number): number {
  const refused = beginOperation(core, domain);
  if (refused < 0) return refused;
  const pool = core.clients.poolAt(domain, slot);
  if (pool === FREED_POOL) throw new XenAssertion('pool->client != NULL');
  if (pool < 0) return 0;
  core.clients.poolSlots[domain * MAX_POOLS + slot] = -1;
  flushPool(core, pool, domain, slot);
  core.clients.poolCounts[domain]--;
  return 1;
}

/** Drops everything a client that goes has in its pools, and the pools. */
export function flushClient(core: StoreCore, client: number): void {
  const { poolSlots } = core.clients;
  for (let slot = 0; slot < MAX_POOLS; slot++) {
    const pool = poolSlots[client * MAX_POOLS + slot];
    if (pool === FREED_POOL) throw new XenAssertion('pool->client != NULL');
    if (pool < 0) continue;
    flushPool(core, pool, client, slot);
    poolSlots[client * MAX_POOLS + slot] = -1;
  }
}

function makePool(core: StoreCore, domain: number, flags: number, uuid: Uint32Array): number {
  const persistent = (flags & POOL_PERSIST) !== 0;
  let shared = (flags & POOL_SHARED) !== 0;
  if (flags >>> 24 !== 1 || (shared && persistent) || ((flags >>> 4) & 0xf) !== 0) return EPERM;
  if ((flags & POOL_PRECOMPRESSED) !== 0 || (flags & RESERVED_BITS) !== 0) return EPERM;
  const { clients, pools } = core;
  const slots = clients.poolSlots.subarray(domain * MAX_POOLS, (domain + 1) * MAX_POOLS);
  const slot = slots.indexOf(-1);
  if (slot < 0) return EPERM;
  const noUuid =
    uuid[0] === 0xffff_ffff && uuid[1] === 0xffff_ffff && uuid[2] === 0xffff_ffff && uuid[3] === 0xffff_ffff;
  // A guest that may not share, or names no pool, gets a private one without being told.
  shared &&= !noUuid && isAuthorised(core, domain, uuid);
  let pool: number;
  if (shared) {
    const existing = pools.sharedSlotOf(uuid);
    pool = existing >= 0 ? pools.shared[existing] : makeSharedPool(core, domain, slot, uuid);
    if (pool < 0) return EPERM;
    pools.sharers[pool].push(domain);
  } else if (persistent) {
    pool = pools.add(POOL_PERSISTENT, domain, slot, undefined);
    pools.records[pool * POOL_WORDS + L_LIST_HEAD] = core.pages.addSentinel();
  } else {
    pool = pools.add(POOL_EPHEMERAL, domain, slot, undefined);
  }
  slots[slot] = pool;
  clients.poolCounts[domain]++;
  return slot;
}

function makeSharedPool(core: StoreCore, domain: number, slot: number, uuid: Uint32Array): number {
  const { pools } = core;
  const global = pools.shared.indexOf(-1);
  if (global < 0) {
    // Xen frees the pool it had begun and leaves the client's slot pointing at it (quirk Q6).
    if (core.quirks) core.clients.poolSlots[domain * MAX_POOLS + slot] = FREED_POOL;
    return -1;
  }
  const pool = pools.add(POOL_SHARED_EPHEMERAL, domain, slot, uuid);
  pools.shared[global] = pool;
  return pool;
}

function flushPool(core: StoreCore, pool: number, client: number, slot: number): void {
  const { pools } = core;
  const at = pool * POOL_WORDS;
  const shared = pools.records[at + L_KIND] === POOL_SHARED_EPHEMERAL;
  if (shared && leaveSharedPool(core, pool, client, slot) > 0) return;
  while (pools.records[at + L_FIRST_OBJECT] !== 0) deleteObject(core, pools.records[at + L_FIRST_OBJECT]);
  core.clients.poolSlots[pools.records[at + L_OWNER] * MAX_POOLS + pools.records[at + L_SLOT]] = -1;
  if (pools.records[at + L_LIST_HEAD] !== 0) core.pages.removeSentinel(pools.records[at + L_LIST_HEAD]);
  pools.remove(pool);
}
