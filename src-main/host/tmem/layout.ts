/**
 * Where things lie in the records of the store's tables.
 *
 * Files on the hot path take what they need into constants of their own (`const { P_OBJECT } = PAGE_LAYOUT`): V8 folds
 * constants of the same module into its code, but loads an imported binding anew at each use. That is worth a factor of
 * two in plain Node; a bundle does not need it.
 */

/** Words of a page record: half a cache line. Word 0 chains the pages of a bucket, and the free records. */
export const PAGE_LAYOUT = {
  PAGE_WORDS: 8,
  /** Handle of its object; 0 in a free record and in a sentinel. */
  P_OBJECT: 1,
  P_INDEX: 2,
  /** Host time of the put in ms, modulo 2^32. */
  P_TIME: 3,
  /** Global FIFO of ephemeral pages. A backward link always is the word after its forward link. */
  P_GLOBAL_NEXT: 4,
  P_GLOBAL_PREV: 5,
  /** FIFO of the owner's ephemeral pages; for a persistent page the list of its pool. */
  P_OWNER_NEXT: 6,
  P_OWNER_PREV: 7,
} as const;

/** Words of an object record: a cache line. */
export const OBJECT_LAYOUT = {
  OBJECT_WORDS: 16,
  /** Next object in the same bucket; in a free record the next free one. */
  O_CHAIN: 0,
  /** Dense number of its pool; −1 in a free record. */
  O_POOL: 1,
  /** The six words of the object id. */
  O_ID: 2,
  /** Pages in it, a page that is just being put included. */
  O_PAGES: 8,
  /** Bounds of the indexes of its pages, unsigned, since it was made: where to look for them. */
  O_LOWEST_INDEX: 9,
  O_HIGHEST_INDEX: 10,
  /** Domain id of the client that used an object of a shared pool last (TMEM-SEMANTICS 4.4), or `NO_LAST_CLIENT`. */
  O_LAST_CLIENT: 11,
  /** Objects of the same pool, newest first, ended by 0. */
  O_POOL_NEXT: 12,
  O_POOL_PREV: 13,
} as const;

/** Words of a pool record. */
export const POOL_LAYOUT = {
  POOL_WORDS: 20,
  /** One of {@link POOL_KIND}. */
  L_KIND: 0,
  /** Owner: the client whose pages these are. */
  L_OWNER: 1,
  /** Its slot in the owner (PI of listings). */
  L_SLOT: 2,
  /** 1: a sharer has left, so none of its pages can be evicted (quirk Q4). */
  L_DYING: 3,
  /** Pages, objects and radix nodes, each with its most ever in the word after it. */
  L_PAGES: 4,
  L_PAGES_MAX: 5,
  L_OBJECTS: 6,
  L_OBJECTS_MAX: 7,
  L_NODES: 8,
  L_NODES_MAX: 9,
  /** Sentinel of the list of its persistent pages, 0 in ephemeral pools. */
  L_LIST_HEAD: 10,
  L_FIRST_OBJECT: 11,
  /** The object used last, a shortcut past the hash, or 0. */
  L_RECENT_OBJECT: 12,
  /** Four words, low to high. */
  L_UUID: 13,
} as const;

export const POOL_KIND = {
  POOL_NONE: 0,
  POOL_EPHEMERAL: 1,
  POOL_SHARED_EPHEMERAL: 2,
  POOL_PERSISTENT: 3,
} as const;

/** Counters of a pool since it was made, `POOL_COUNTS` of them, by their place: TMEM-SEMANTICS 7, P records from ps on. */
export const POOL_COUNTERS = {
  POOL_COUNTS: 12,
  C_GOOD_PUTS: 0,
  C_PUTS: 1,
  C_OVERWRITES_LOST: 2,
  C_OVERWRITES: 3,
  C_PUTS_FAILED: 4,
  C_HITS: 5,
  C_GETS: 6,
  C_FLUSHES_FOUND: 7,
  C_FLUSHES: 8,
  C_OBJECT_FLUSHES_FOUND: 9,
  C_OBJECT_FLUSHES: 10,
} as const;
