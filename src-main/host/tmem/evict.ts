import { XenAssertion } from './assertion.ts';
import type { StoreCore } from './core.ts';
import { REASON_RELINQUISH } from './eviction-reasons.ts';
import { type ListLink } from './page-table.ts';
import { GLOBAL_OLDEST, NO_CLIENT } from './policies/policy.ts';
import { releaseEphemeralFrame, removeDescriptor } from './removal.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT, POOL_LAYOUT } from './layout.ts';

const { P_OBJECT, P_TIME, P_GLOBAL_NEXT, P_OWNER_NEXT } = PAGE_LAYOUT;
const { O_POOL } = OBJECT_LAYOUT;
const { POOL_WORDS, L_OWNER, L_DYING } = POOL_LAYOUT;

/**
 * Evicts one ephemeral page, chosen by the policy.
 * @param requester the client whose put or allocation needs it, or `NO_CLIENT` for the host
 * @returns whether a page went
 */
export function evictOne(core: StoreCore, requester: number, reason: number): boolean {
  const { pages, clients } = core;
  core.counters.evictAttempts++;
  const victim = core.policy.victim(requester);
  if (victim !== GLOBAL_OLDEST && !pages.isEmpty(clients.listHeads[victim], P_OWNER_NEXT)) {
    const page = oldestEvictable(core, clients.listHeads[victim], P_OWNER_NEXT);
    if (page !== 0) {
      evictPage(core, page, victim, requester, reason);
      return true;
    }
    // Xen does not fall back to the global list here; a policy of this house does.
    if (core.policyName === 'xen-shipped' || core.policyName === 'xen-documented') return false;
  }
  const page = oldestEvictable(core, core.globalHead, P_GLOBAL_NEXT);
  if (page === 0) return false;
  evictPage(core, page, ownerOf(core, page), requester, reason);
  return true;
}

/** Evicts the oldest page of one client whatever the policy says: for its cap. @returns whether a page went */
export function evictOldestOf(core: StoreCore, client: number, requester: number, reason: number): boolean {
  core.counters.evictAttempts++;
  const page = oldestEvictable(core, core.clients.listHeads[client], P_OWNER_NEXT);
  if (page === 0) return false;
  evictPage(core, page, client, requester, reason);
  return true;
}

/** Evicts the oldest page of all whatever the policy says: for the flush of memory. @returns whether a page went */
export function evictGlobalOldest(core: StoreCore, reason: number): boolean {
  core.counters.evictAttempts++;
  const page = oldestEvictable(core, core.globalHead, P_GLOBAL_NEXT);
  if (page === 0) return false;
  evictPage(core, page, ownerOf(core, page), NO_CLIENT, reason);
  return true;
}

/** Evicts up to this many pages, and stops at the first that can't be had. @returns pages evicted */
export function evictPages(core: StoreCore, times: number, requester: number): number {
  const client = core.clients.isClient(requester) ? requester : NO_CLIENT;
  let evicted = 0;
  while (evicted < times && evictOne(core, client, REASON_RELINQUISH)) evicted++;
  return evicted;
}

/** The first page of a list that may be evicted, or 0. Only quirks of conformance mode make any unevictable. */
function oldestEvictable(core: StoreCore, head: number, link: ListLink): number {
  const { records } = core.pages;
  let page = records[head + link];
  if (core.quirks) {
    while (page !== head) {
      const object = records[page + P_OBJECT];
      const pool = core.objects.records[object + O_POOL];
      if (object !== core.lockedObject && core.pools.records[pool * POOL_WORDS + L_DYING] === 0) break;
      page = records[page + link];
    }
  }
  return page === head ? 0 : page;
}

function ownerOf(core: StoreCore, page: number): number {
  const pool = core.objects.records[core.pages.records[page + P_OBJECT] + O_POOL];
  return core.pools.records[pool * POOL_WORDS + L_OWNER];
}

/**
 * @param charged the client whose count falls: the owner, but in Xen the one in whose list the page was found, which
 * after a hand-off of a shared pool may be another (quirk Q5)
 */
function evictPage(core: StoreCore, page: number, charged: number, requester: number, reason: number): void {
  const { pages, clients, counters } = core;
  const pool = core.objects.records[pages.records[page + P_OBJECT] + O_POOL];
  const owner = core.pools.records[pool * POOL_WORDS + L_OWNER];
  pages.unlinkBoth(page);
  clients.ephemeralPages[charged]--;
  clients.totalEphemeralPages--;
  core.policy.changed(charged);
  if (core.quirks && clients.ephemeralPages[charged] < 0) throw new XenAssertion('client->eph_count >= 0');
  if (requester === owner) {
    clients.evictedBySelf[owner]++;
  } else {
    clients.evictedByOthers[owner]++;
    if (requester !== NO_CLIENT) clients.evictionsCaused[requester]++;
  }
  if (core.sink !== null) {
    const ageMs = (core.nowMs - (pages.records[page + P_TIME] >>> 0)) >>> 0;
    core.sink.recordEviction(owner, requester, pool, reason, ageMs);
  }
  releaseEphemeralFrame(core);
  removeDescriptor(core, page, false);
  counters.evicted++;
}
