import { takeRamPage } from './allocation.ts';
import type { StoreCore } from './core.ts';
import type { Domain } from './entities.ts';
import { PAGE_LAYOUT } from './layout.ts';
import { NO_CLIENT } from './policies/policy.ts';
import { flushClient } from './pool-lifecycle.ts';

/** See {@link TmemStore.createDomain}. */
export function createDomain(core: StoreCore, id: number, ramPages: number, maxPages: number): number {
  const domain = core.clients.addDomain(id, maxPages, !core.quirks);
  growRam(core, domain, ramPages);
  return domain.number;
}

/** See {@link TmemStore.growRam}. */
export function growRam(core: StoreCore, domain: Domain, pages: number): number {
  const requester = domain.isClient ? domain.number : NO_CLIENT;
  let taken = 0;
  while (taken < pages && takeRamPage(core, domain, requester)) taken++;
  return taken;
}

/** See {@link TmemStore.shrinkRam}. */
export function shrinkRam(core: StoreCore, domain: Domain, pages: number): number {
  const given = Math.min(pages, domain.ramPages);
  domain.ramPages -= given;
  domain.totPages -= given;
  core.memory.freePages += given;
  return given;
}

/** See {@link TmemStore.destroyDomain}. */
export function destroyDomain(core: StoreCore, domain: Domain): void {
  if (domain.isClient) flushClient(core, domain);
  // Xen can lose a handle of a client with two on one pool, which then has a dead owner (quirk Q6): what Xen does with the
  // freed client is undefined, here it goes on counting, under a number that is not used again.
  const ownsStill = core.pools.list.some(({ owner }) => owner === domain);
  // After a splice (quirk Q5) pages of a living client may hang on its list: then the head must stay.
  if (domain.isClient && !ownsStill && core.pages.isEmpty(domain.listHead, PAGE_LAYOUT.P_OWNER_NEXT)) {
    core.pages.removeSentinel(domain.listHead);
  }
  core.clients.removeDomain(domain, core.quirks, ownsStill);
  core.policy.changed(domain.number);
  shrinkRam(core, domain, domain.ramPages);
}
