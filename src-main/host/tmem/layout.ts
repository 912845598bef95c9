/**
 * Where things lie in the records of the store's tables.
 *
 * Files on the hot path take what they need into constants of their own (`const { P_OBJECT } = PAGE_LAYOUT`): V8 folds
 * constants of the same module into its code, but loads an imported binding anew at each use. That is worth a factor of
 * two in plain Node; a bundle does not need it.
 */

/** Words of a page record: half a cache line. */
export const PAGE_LAYOUT = {
  PAGE_WORDS: 8,
  /** Next page in the same bucket, 0 at the end; in a free record the next free one. */
  P_CHAIN_NEXT: 0,
  /** The page before it in the bucket, or the bucket's number with all bits turned where it is the first. */
  P_CHAIN_PREV: 1,
  /** Handle of its object; 0 in a free record and in a sentinel. */
  P_OBJECT: 2,
  P_INDEX: 3,
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
