import { XenAssertion } from './assertion.ts';
import type { StoreCore } from './core.ts';
import type { Domain } from './entities.ts';
import { REASON_CAP, REASON_RELINQUISH } from './eviction-reasons.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT } from './layout.ts';
import { GLOBAL_OLDEST, NO_CLIENT } from './policies/policy.ts';
import { ageOf, leaveObject, releaseData, releaseEphemeralFrame, removeStored } from './removal.ts';

const { P_OBJECT, P_INDEX, P_GLOBAL_NEXT, P_OWNER_NEXT } = PAGE_LAYOUT;
const { O_POOL } = OBJECT_LAYOUT;

/** In place of the client that is charged for an eviction: the owner of the page. */
const ITS_OWNER = -1;

/**
 * Evicts one ephemeral page, chosen by the policy.
 * @param requester the client whose put or allocation needs it, or `NO_CLIENT` for the host
 * @returns whether a page went
 */
export function evictOne(core: StoreCore, requester: number, reason: number): boolean {
  const { records } = core.pages;
  core.counters.evictAttempts++;
  const victim = core.policy.victim(requester);
  if (victim !== GLOBAL_OLDEST) {
    const head = core.clients.domains[victim]?.listHead ?? 0;
    const oldest = records[head + P_OWNER_NEXT];
    if (oldest !== head) {
      const page = core.quirks ? firstEvictable(core, oldest, head, P_OWNER_NEXT) : oldest;
      if (page !== head) {
        evictPage(core, page, victim, requester, reason);
        return true;
      }
      // Xen does not fall back to the global list here; a policy of this house does.
      if (core.policyName === 'xen-shipped' || core.policyName === 'xen-documented') return false;
    }
  }
  return evictFromGlobalList(core, requester, reason);
}

/** Evicts the oldest page of one client whatever the policy says: for its cap. @returns whether a page went */
export function evictOldestOf(core: StoreCore, client: number, requester: number, reason: number): boolean {
  core.counters.evictAttempts++;
  const head = core.clients.domains[client]?.listHead ?? 0;
  const page = firstEvictable(core, core.pages.records[head + P_OWNER_NEXT], head, P_OWNER_NEXT);
  if (page === head) return false;
  evictPage(core, page, client, requester, reason);
  return true;
}

/** Evicts the oldest pages of a client while it holds more than its cap allows. @returns pages evicted */
export function holdCap(core: StoreCore, client: Domain, requester: number): number {
  let evicted = 0;
  while (
    core.clients.ephemeralPages[client.number] > client.cap &&
    evictOldestOf(core, client.number, requester, REASON_CAP)
  ) {
    evicted++;
  }
  return evicted;
}

/** Evicts the oldest page of all whatever the policy says: for the flush of memory. @returns whether a page went */
export function evictGlobalOldest(core: StoreCore, reason: number): boolean {
  core.counters.evictAttempts++;
  return evictFromGlobalList(core, NO_CLIENT, reason);
}

/** Evicts up to this many pages, and stops at the first that can't be had. @returns pages evicted */
export function evictPages(core: StoreCore, times: number, requester: number): number {
  const client = core.clients.clientAt(requester)?.number ?? NO_CLIENT;
  let evicted = 0;
  while (evicted < times && evictOne(core, client, REASON_RELINQUISH)) evicted++;
  return evicted;
}

function evictFromGlobalList(core: StoreCore, requester: number, reason: number): boolean {
  const head = core.globalHead;
  const page = firstEvictable(core, core.pages.records[head + P_GLOBAL_NEXT], head, P_GLOBAL_NEXT);
  if (page === head) return false;
  evictPage(core, page, ITS_OWNER, requester, reason);
  return true;
}

/** The first page of a list, from this one on, that may be evicted, or its head. Only quirks make any unevictable. */
function firstEvictable(
  core: StoreCore,
  from: number,
  head: number,
  link: typeof P_GLOBAL_NEXT | typeof P_OWNER_NEXT,
): number {
  if (!core.quirks) return from;
  const { records } = core.pages;
  let page = from;
  while (page !== head) {
    const object = records[page + P_OBJECT];
    if (object !== core.lockedObject && !core.pools.list[core.objects.records[object + O_POOL]].dying) break;
    page = records[page + link];
  }
  return page;
}

/**
 * @param chargedTo the client whose count falls: the owner, but in Xen the one in whose list the page was found, which
 * after a hand-off of a shared pool may be another (quirk Q5)
 */
function evictPage(core: StoreCore, page: number, chargedTo: number, requester: number, reason: number): void {
  const { pages, clients } = core;
  const { records } = pages;
  const object = records[page + P_OBJECT];
  const index = records[page + P_INDEX];
  const pool = core.pools.list[core.objects.records[object + O_POOL]];
  const { owner } = pool;
  const charged = chargedTo === ITS_OWNER ? owner.number : chargedTo;
  pages.unlinkBoth(page);
  clients.ephemeralPages[charged]--;
  clients.totalEphemeralPages--;
  if (core.policy.watches) core.policy.changed(charged);
  if (core.quirks && clients.ephemeralPages[charged] < 0) throw new XenAssertion('client->eph_count >= 0');
  if (core.sink !== null) {
    core.sink.recordEviction(owner.number, requester, pool.number, reason, ageOf(core, page), page);
  }
  if (core.quirks) releaseData(core, pool, page);
  else releaseEphemeralFrame(core);
  removeStored(core, page);
  leaveObject(core, pool, object, index);
  core.counters.evicted++;
}
