import { takeRamPage } from './allocation.ts';
import type { StoreCore } from './core.ts';
import { NO_CLIENT } from './policies/policy.ts';
import { flushClient } from './pool-lifecycle.ts';
import { PAGE_LAYOUT } from './layout.ts';

const { P_OWNER_NEXT } = PAGE_LAYOUT;

/** See {@link TmemStore.createDomain}. */
export function createDomain(core: StoreCore, domainId: number, ramPages: number, maxPages: number): number {
  const domain = core.clients.addDomain(domainId);
  const { memory } = core;
  memory.reserveDomains(domain + 1);
  memory.ramPages[domain] = 0;
  memory.totPages[domain] = 0;
  memory.maxPages[domain] = maxPages;
  growRam(core, domain, ramPages);
  return domain;
}

/** See {@link TmemStore.growRam}. */
export function growRam(core: StoreCore, domain: number, pages: number): number {
  const requester = core.clients.isClient(domain) ? domain : NO_CLIENT;
  let taken = 0;
  while (taken < pages && takeRamPage(core, domain, requester)) taken++;
  return taken;
}

/** See {@link TmemStore.shrinkRam}. */
export function shrinkRam(core: StoreCore, domain: number, pages: number): number {
  const { memory } = core;
  const given = Math.min(pages, memory.ramPages[domain]);
  memory.ramPages[domain] -= given;
  memory.totPages[domain] -= given;
  memory.freePages += given;
  return given;
}

/** See {@link TmemStore.destroyDomain}. */
export function destroyDomain(core: StoreCore, domain: number): void {
  const { clients } = core;
  if (clients.isClient(domain)) {
    flushClient(core, domain);
    const head = clients.listHeads[domain];
    // After a splice (quirk Q5) pages of a living client may hang on this list: then its head must stay.
    if (core.pages.isEmpty(head, P_OWNER_NEXT)) core.pages.removeSentinel(head);
  }
  clients.removeDomain(domain, core.quirks);
  core.policy.changed(domain);
  shrinkRam(core, domain, core.memory.ramPages[domain]);
}
