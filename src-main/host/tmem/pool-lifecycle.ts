import { beginOperation, counted } from './access.ts';
import { XenAssertion } from './assertion.ts';
import type { StoreCore } from './core.ts';
import { type Domain, MAX_POOLS, NO_POOL, type Pool } from './entities.ts';
import { ENOMEM, EPERM } from './errno.ts';
import { POOL_PERSIST, POOL_PRECOMPRESSED, POOL_SHARED } from './options.ts';
import { NO_CLIENT } from './policies/policy.ts';
import { destroyObject } from './removal.ts';
import { isAuthorised, leaveSharedPool } from './shared-pools.ts';

const RESERVED_BITS = 0x00ff_ff00;
const NO_UUID = new Uint32Array(4);

/** NEW_POOL (TMEM-SEMANTICS 2.2). See {@link TmemStore.newPool}. */
export function newPool(core: StoreCore, domain: number, flags: number, uuid: Uint32Array | undefined): number {
  const client = beginOperation(core, domain);
  return client === null ? ENOMEM : counted(core, makePool(core, client, flags, uuid ?? NO_UUID));
}

/** DESTROY_POOL (TMEM-SEMANTICS 2.3). See {@link TmemStore.destroyPool}. */
export function destroyPool(core: StoreCore, domain: number, slot: number): number {
  const client = beginOperation(core, domain);
  if (client === null) return ENOMEM;
  const pool = slot >= 0 && slot < MAX_POOLS ? client.pools.get(slot) : null;
  if (pool === null) return 0;
  client.pools.set(slot, null);
  flushPool(core, pool, client, slot, client.number);
  return 1;
}

/** Drops everything a client that goes has in its pools, and the pools. */
export function flushClient(core: StoreCore, client: Domain): void {
  for (let slot = 0; slot < MAX_POOLS; slot++) {
    const pool = client.pools.get(slot);
    if (pool === null) continue;
    flushPool(core, pool, client, slot, NO_CLIENT);
    client.pools.set(slot, null);
  }
}

function makePool(core: StoreCore, client: Domain, flags: number, uuid: Uint32Array): number {
  const persistent = (flags & POOL_PERSIST) !== 0;
  const shared = (flags & POOL_SHARED) !== 0;
  if (flags >>> 24 !== 1 || (shared && persistent) || ((flags >>> 4) & 0xf) !== 0) return EPERM;
  if ((flags & POOL_PRECOMPRESSED) !== 0 || (flags & RESERVED_BITS) !== 0) return EPERM;
  const slot = client.pools.slotOf(null);
  if (slot < 0) return EPERM;
  // A guest that may not share, or names no pool, gets a private one without being told.
  const isShared = shared && !uuid.every((word) => word === 0xffff_ffff) && isAuthorised(core, client, uuid);
  const { pools } = core;
  let pool: Pool | null;
  if (isShared) {
    pool = pools.sharedWith(uuid) ?? makeSharedPool(core, client, slot, uuid);
    if (pool === null) return EPERM;
    pool.sharers.push(client);
  } else {
    pool = pools.add(persistent ? 'persistent' : 'ephemeral', client, slot, NO_UUID);
    if (persistent) pool.listHead = core.pages.addSentinel();
  }
  client.pools.set(slot, pool);
  return slot;
}

function makeSharedPool(core: StoreCore, client: Domain, slot: number, uuid: Uint32Array): Pool | null {
  const { shared } = core.pools;
  const global = shared.indexOf(null);
  if (global < 0) {
    // Xen frees the pool it had begun and leaves the client's slot pointing at it (quirk Q6).
    if (core.quirks) client.pools.set(slot, NO_POOL);
    return null;
  }
  return (shared[global] = core.pools.add('shared', client, slot, uuid));
}

/** @param by the client that destroys it, or `NO_CLIENT` for the host */
function flushPool(core: StoreCore, pool: Pool, client: Domain, slot: number, by: number): void {
  if (pool === NO_POOL) throw new XenAssertion('pool->client != NULL');
  if (pool.kind === 'shared' && leaveSharedPool(core, pool, client, slot, by) > 0) return;
  while (pool.firstObject !== 0) destroyObject(core, pool, pool.firstObject, by);
  pool.owner.pools.set(pool.slot, null);
  if (pool.listHead !== 0) core.pages.removeSentinel(pool.listHead);
  core.pools.remove(pool);
}
