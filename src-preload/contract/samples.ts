/**
 * The columns of the samples, one row a host second: the same names and order in the live stream, in SQLite and in
 * every answer. A *gauge* is the value at the end of the second, a *count* what happened within it.
 */

/** Columns of one guest's sample. */
export const GUEST_COLUMNS = [
  /** gauge: pages of RAM the guest has now */
  'ramPages',
  /** gauge: pages its balloon driver is moving to */
  'targetPages',
  /** gauge */
  'weight',
  /** gauge: pages held in ephemeral pools */
  'ephemeralPages',
  /** gauge: memory of its persistent pools, in pages: as many as it holds in them, fewer where pages are packed */
  'persistentPages',
  /** gauge: part of its ephemeral pages counted as used effectively (DESIGN: idle tax), in pages */
  'usedPages',
  /** count: page references of the guest's workload */
  'accesses',
  /** count: references found in the guest's own page cache */
  'cacheHits',
  /** count: precache gets asked */
  'precacheGets',
  /** count: precache gets that found the page: disk reads avoided */
  'precacheHits',
  /** count: precache puts accepted */
  'precachePuts',
  /** count: precache puts refused */
  'precachePutsFailed',
  /** count: pages and objects flushed by the guest */
  'flushes',
  /** count: page reads that went to the disk */
  'diskReads',
  /** count: pages this guest lost because of its own puts */
  'evictedBySelf',
  /** count: pages this guest lost because of others */
  'evictedByOthers',
  /** count: pages of others that were evicted for this guest */
  'evictionsCaused',
  /** count: pages read again that would still have been cached with a little more RAM (Linux: workingset refaults) */
  'refaults',
  /** count: pages written back to the disk */
  'diskWrites',
  /** count: preswap puts accepted: swap writes avoided */
  'preswapPuts',
  /** count: preswap puts refused: the pages went to the swap disk */
  'preswapPutsFailed',
  /** count: preswap gets that found the page: swap reads avoided */
  'preswapGets',
  /** count: pages flushed from preswap */
  'preswapFlushes',
  /** count: pages read from the swap disk */
  'swapIns',
  /** count: pages written to the swap disk */
  'swapOuts',
  /** count: µs that its workload waited for disk, swap or memory */
  'stallUs',
  /** count: µs of its CPUs spent on tmem operations */
  'tmemCpuUs',
  /** count: times it ran out of memory and swap */
  'oomKills',
  /** gauge: anonymous pages in its RAM */
  'anonPages',
  /** gauge: pages of its page cache that still have to be written to the disk */
  'dirtyPages',
  /** gauge: pages on its swap disk */
  'swapPages',
  /** gauge: pages that are both in its RAM and in preswap: loaded, not yet freed */
  'preswapDuplicates',
  /** gauge: its pages in tmem that are stored compressed */
  'compressedPages',
  /** gauge: its pages in tmem whose content is stored once for several */
  'sharedPages',
] as const;

/** Columns of the host's own sample. */
export const HOST_COLUMNS = [
  /** gauge: all RAM of the host */
  'totalPages',
  /** gauge: pages the host keeps for itself */
  'reservedPages',
  /** gauge: sum of the guests' RAM */
  'guestPages',
  /** gauge: memory of ephemeral pools: as many pages as the guests have in them, fewer where pages are packed */
  'ephemeralPages',
  /** gauge: memory of persistent pools */
  'persistentPages',
  /** gauge: pages nobody holds */
  'fallowPages',
  /** count: pages evicted, whatever the reason */
  'evictions',
  /** count: µs that the disk was busy, all of its channels together */
  'diskBusyUs',
  /** count: µs of CPU spent on tmem operations, for all guests */
  'tmemCpuUs',
  /** gauge: requests that wait for the disk */
  'diskQueue',
  /** gauge: pages in tmem that are stored compressed */
  'compressedPages',
  /** gauge: pages in tmem whose content is stored once for several */
  'sharedPages',
] as const;

export type GuestColumn = (typeof GUEST_COLUMNS)[number];
export type HostColumn = (typeof HOST_COLUMNS)[number];

/** Columns that are values at the end of a second; all others are counts within it. */
export const GAUGE_COLUMNS: ReadonlySet<GuestColumn | HostColumn> = new Set<GuestColumn | HostColumn>([
  'ramPages',
  'targetPages',
  'weight',
  'ephemeralPages',
  'persistentPages',
  'usedPages',
  'totalPages',
  'reservedPages',
  'guestPages',
  'fallowPages',
  'anonPages',
  'dirtyPages',
  'swapPages',
  'preswapDuplicates',
  'compressedPages',
  'sharedPages',
  'diskQueue',
]);

/** Why a page was evicted, in the order of their stored numbers. */
export const EVICTION_REASONS = [
  'put',
  'balloon',
  'weight',
  'cap',
  'relinquish',
  'flush',
  'reserve',
  'pool-destroyed',
] as const;
export type EvictionReason = (typeof EVICTION_REASONS)[number];

/** What a pool is, in the order of their stored numbers. */
export const POOL_KINDS = ['precache', 'shared-precache', 'preswap'] as const;
export type PoolKind = (typeof POOL_KINDS)[number];

/** How long evicted pages had been in tmem: classes of host time, in the words a person reads. */
export const AGE_CLASSES = ['< 1 s', '< 10 s', '< 1 min', '< 10 min', '< 1 h', '≥ 1 h'] as const;

/** Place of a guest column in a sample row. */
export function guestColumnIndex(column: GuestColumn): number {
  return GUEST_COLUMNS.indexOf(column);
}

/** Place of a host column in a sample row. */
export function hostColumnIndex(column: HostColumn): number {
  return HOST_COLUMNS.indexOf(column);
}
