import type { StoreCore } from './core.ts';
import type { Domain, Pool } from './entities.ts';
import { type Packing, pagesFilledBy } from './packing.ts';

/** Gives back what the data of a page was kept in; the page is in its object still. */
export function unpack(core: StoreCore, packing: Packing, pool: Pool, page: number): void {
  const [lo, hi] = [core.pages.contentLoOf(page), core.pages.contentHiOf(page)];
  if (pool.kind === 'persistent') {
    packing.addPersistent(pool.owner.number, -packing.bytesOf(lo, hi));
    settlePersistent(core, packing, pool.owner);
  } else {
    packing.removeEphemeral(lo, hi);
    settleEphemeral(core, packing);
  }
}

/** Ephemeral pages take the memory that their bytes fill. */
export function settleEphemeral(core: StoreCore, packing: Packing): void {
  const { memory } = core;
  const pages = pagesFilledBy(packing.ephemeralBytes);
  memory.freePages -= pages - memory.ephemeralPages;
  memory.ephemeralPages = pages;
}

/** So do persistent pages, which their domain pays for. */
export function settlePersistent(core: StoreCore, packing: Packing, domain: Domain): void {
  const { memory } = core;
  const more = pagesFilledBy(packing.persistentBytesOf(domain.number)) - persistentPagesOf(domain);
  memory.freePages -= more;
  memory.persistentPages += more;
  domain.totPages += more;
}

/** Pages of memory that a domain's persistent pools have. */
export function persistentPagesOf(domain: Domain): number {
  return domain.totPages - domain.ramPages;
}
