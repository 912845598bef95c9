import { XenAssertion } from './assertion.ts';
import { DOMAIN_ALIVE, MAX_POOLS } from './clients.ts';
import type { StoreCore } from './core.ts';
import { ENODEV, ENOMEM } from './errno.ts';
import { FREED_POOL } from './pools.ts';
import { POOL_LAYOUT } from './layout.ts';

const { POOL_WORDS, L_RECENT_OBJECT } = POOL_LAYOUT;

/** Counts an operation of a guest, and makes its domain a client at the first. @returns 0, or ENOMEM for no domain */
export function beginOperation(core: StoreCore, domain: number): number {
  core.counters.operations++;
  const { clients } = core;
  if (domain < 0 || domain >= clients.clientSlots || clients.state[domain] === 0) {
    core.counters.errors++;
    return ENOMEM;
  }
  if (clients.state[domain] === DOMAIN_ALIVE) makeClient(core, domain);
  return 0;
}

/** Makes a domain a client that is none yet. */
export function makeClient(core: StoreCore, domain: number): void {
  const head = core.pages.addSentinel();
  core.clients.addClient(domain, head, core.initialWeight, core.options.compress ?? false);
  core.policy.changed(domain);
}

/** The dense number of a pool for an operation on its pages, or ENODEV or ENOMEM (both counted as errors). */
export function openPool(core: StoreCore, domain: number, slot: number): number {
  const { clients } = core;
  if (domain >= 0 && domain < clients.clientSlots && slot >= 0 && slot < MAX_POOLS) {
    const pool = clients.poolSlots[domain * MAX_POOLS + slot];
    if (pool >= 0) {
      core.counters.operations++;
      return pool;
    }
  }
  return refusePool(core, domain, slot);
}

function refusePool(core: StoreCore, domain: number, slot: number): number {
  const refused = beginOperation(core, domain);
  if (refused < 0) return refused;
  if (core.clients.poolAt(domain, slot) === FREED_POOL) throw new XenAssertion('pool->client != NULL');
  core.counters.errors++;
  return ENODEV;
}

/** The object of a pool with this id, or 0; remembers it for the next operation. */
export function findObject(core: StoreCore, pool: number, oid: Uint32Array): number {
  const recentAt = pool * POOL_WORDS + L_RECENT_OBJECT;
  const recent = core.pools.records[recentAt];
  if (recent !== 0 && core.objects.has(recent, oid)) return recent;
  const object = core.objects.find(pool, oid);
  if (object !== 0) core.pools.records[recentAt] = object;
  return object;
}

/** Counts a result below 0 as an error and passes it on. */
export function counted(core: StoreCore, result: number): number {
  if (result < 0) core.counters.errors++;
  return result;
}
