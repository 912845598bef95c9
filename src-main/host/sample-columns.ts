/**
 * Places of the columns in the samples of a host second (the contract's `GUEST_COLUMNS` and `HOST_COLUMNS`; a test keeps
 * them equal). Gauges are values at the end of the second, counts what happened within it.
 */
export const GUEST = {
  ramPages: 0,
  targetPages: 1,
  weight: 2,
  ephemeralPages: 3,
  persistentPages: 4,
  usedPages: 5,
  accesses: 6,
  cacheHits: 7,
  precacheGets: 8,
  precacheHits: 9,
  precachePuts: 10,
  precachePutsFailed: 11,
  flushes: 12,
  diskReads: 13,
  evictedBySelf: 14,
  evictedByOthers: 15,
  evictionsCaused: 16,
  refaults: 17,
  diskWrites: 18,
  preswapPuts: 19,
  preswapPutsFailed: 20,
  preswapGets: 21,
  preswapFlushes: 22,
  swapIns: 23,
  swapOuts: 24,
  stallUs: 25,
  tmemCpuUs: 26,
  oomKills: 27,
  anonPages: 28,
  dirtyPages: 29,
  swapPages: 30,
  preswapDuplicates: 31,
  compressedPages: 32,
  sharedPages: 33,
} as const;
export const GUEST_WIDTH = 34;

export const HOST = {
  totalPages: 0,
  reservedPages: 1,
  guestPages: 2,
  ephemeralPages: 3,
  persistentPages: 4,
  fallowPages: 5,
  evictions: 6,
  diskBusyUs: 7,
  tmemCpuUs: 8,
  diskQueue: 9,
  compressedPages: 10,
  sharedPages: 11,
} as const;
export const HOST_WIDTH = 12;
