/**
 * Why a page was evicted, as the numbers that go to an {@link EvictionSink} and into history, in the order of the
 * contract's `EVICTION_REASONS`.
 */

/** A put needed the page (by the policy). */
export const REASON_PUT = 0;
/** A guest's RAM grew and nothing was fallow. */
export const REASON_BALLOON = 1;
/** The guest's weight was changed and it gave up pages at once. The store itself lets weights work through later puts. */
export const REASON_WEIGHT = 2;
/** The guest reached its own cap, or the cap was lowered. */
export const REASON_CAP = 3;
/** Asked for by an evict or relinquish of the host itself. */
export const REASON_RELINQUISH = 4;
/** The administrator's flush of memory, always the globally oldest. */
export const REASON_FLUSH = 5;
/** Before a put, to keep the pages that puts must leave free (Xen: 256 pages above the mid-size reserve). */
export const REASON_RESERVE = 6;
/** Its pool was destroyed, or its guest ended. */
export const REASON_POOL_DESTROYED = 7;

/** How many reasons there are. */
export const REASON_COUNT = 8;
