import { XenAssertion } from './assertion.ts';
import type { StoreCore } from './core.ts';
import { type Domain, NO_POOL, type Pool } from './entities.ts';
import { ENODEV, ENOMEM } from './errno.ts';

/**
 * Counts an operation of a guest, and makes its domain a client at the first.
 * @returns the client; null for a domain that does not exist, which is counted as an error (ENOMEM)
 */
export function beginOperation(core: StoreCore, number: number): Domain | null {
  core.counters.operations++;
  const domain = core.clients.domainAt(number);
  if (domain === null) core.counters.errors++;
  else if (!domain.isClient) makeClient(core, domain);
  return domain;
}

/** Makes a domain a client that is none yet. */
export function makeClient(core: StoreCore, domain: Domain): void {
  core.clients.addClient(domain, core.pages.addSentinel(), core.initialWeight, core.options.compress ?? false);
  core.policy.changed(domain.number);
}

/**
 * The pool that an operation on pages is for, the operation counted. Null where there is none: then {@link refusal} says
 * why, and counts.
 */
export function openPool(core: StoreCore, domain: number, slot: number): Pool | null {
  const pool = core.clients.poolAt(domain, slot);
  if (pool === null || pool === NO_POOL) return null;
  core.counters.operations++;
  return pool;
}

/** The result of an operation for which {@link openPool} found no pool. */
export function refusal(core: StoreCore, domain: number, slot: number): number {
  if (beginOperation(core, domain) === null) return ENOMEM;
  if (core.clients.poolAt(domain, slot) === NO_POOL) throw new XenAssertion('pool->client != NULL');
  core.counters.errors++;
  return ENODEV;
}

/** The object of a pool with this id, or 0; remembers it for the next operation. */
export function findObject(core: StoreCore, pool: Pool, oid: Uint32Array): number {
  const recent = pool.recentObject;
  if (recent !== 0 && core.objects.has(recent, oid)) return recent;
  const object = core.objects.find(pool.number, oid);
  if (object !== 0) pool.recentObject = object;
  return object;
}

/** Counts a result below 0 as an error and passes it on. */
export function counted(core: StoreCore, result: number): number {
  if (result < 0) core.counters.errors++;
  return result;
}
