/**
 * The counters of the records of Xen's `tmem-list` (xen/common/tmem_control.c, tmemc_list*), tag by tag in the order in which they are
 * written. A long listing has them all, a short one the first group of each record.
 */
export const GLOBAL = {
  Tt: 'operations',
  Te: 'errors',
  Cf: 'failedCopies',
  Af: 'failedAllocations',
  Pf: 'failedPageAllocations',
  Ta: 'listPages',
  Lm: 'lowOnMemory',
  Et: 'evicted',
  Ea: 'evictAttempts',
  Rt: 'relinquished',
  Ra: 'relinquishAttempts',
  Rx: 'maxEvictionsPerRelinquish',
  Fp: 'flushPool',
} as const;

export const GLOBAL_DETAIL = {
  Ec: 'ephemeralPages',
  Em: 'ephemeralPagesMax',
  Oc: 'objects',
  Om: 'objectsMax',
  Nc: 'nodes',
  Nm: 'nodesMax',
  Pc: 'descriptors',
  Pm: 'descriptorsMax',
  Fc: 'frames',
  Fm: 'framesMax',
  Sc: 'contents',
  Sm: 'contentsMax',
  Ep: 'goodEphemeralPuts',
  Gd: 'deduplicatedPuts',
  Zt: 'trailingZeroBytes',
  Gz: 'compressedBytes',
} as const;

/** After the domain's id and weight (and, up to Xen 4.7, cap). */
export const CLIENT = {
  co: 'compress',
  fr: 'frozen',
  Tc: 'cycles',
  Ge: 'ephemeralHits',
  Pp: 'persistentPuts',
  Gp: 'persistentHits',
} as const;

export const CLIENT_DETAIL = {
  Ec: 'ephemeralPages',
  Em: 'ephemeralPagesMax',
  cp: 'compressedPages',
  cb: 'compressedBytes',
  cn: 'compressedPoorly',
  cm: 'compressedNoMemory',
} as const;

export const POOL_DETAIL = {
  Pc: 'pages',
  Pm: 'pagesMax',
  Oc: 'objects',
  Om: 'objectsMax',
  Nc: 'nodes',
  Nm: 'nodesMax',
  ps: 'goodPuts',
  pt: 'puts',
  pd: 'overwritesLost',
  pr: 'overwrites',
  px: 'putsFailed',
  gs: 'hits',
  gt: 'gets',
  fs: 'flushesFound',
  ft: 'flushes',
  os: 'objectFlushesFound',
  ot: 'objectFlushes',
} as const;

/** Values by the names of a group of counters. */
export type Counters<Tags extends Readonly<Record<string, string>>> = Readonly<Record<Tags[keyof Tags], number>>;

/** A pool's kind as the two letters of a listing tell it. */
export const POOL_KINDS = {
  EP: 'ephemeral private',
  ES: 'ephemeral shared',
  PP: 'persistent private',
  PS: 'persistent shared',
} as const;
export type XenPoolKind = (typeof POOL_KINDS)[keyof typeof POOL_KINDS];

/** The two halves of a pool's UUID as a listing writes them: lower-case hexadecimal, "0" each for a private pool. */
export interface XenUuid {
  readonly low: string;
  readonly high: string;
}

export interface XenPool {
  readonly kind: XenPoolKind;
  /** The slot of the pool in the list of its owner, who need not be the client under which it is listed. */
  readonly slot: number;
  readonly uuid: XenUuid;
  /** Null in a short listing. */
  readonly detail: Counters<typeof POOL_DETAIL> | null;
}

export interface XenSharedPool {
  /**
   * Its place among the shared pools, kind and UUID. Null where Xen has written over them with those of the first shared pool, as it
   * does for all but that one.
   */
  readonly identity: { readonly slot: number; readonly kind: XenPoolKind; readonly uuid: XenUuid } | null;
  /** Domain ids, in the order in which they joined. Without an identity some of the first pool's may stand before them. */
  readonly sharers: readonly number[];
  readonly detail: Counters<typeof POOL_DETAIL> | null;
}

export interface XenClient {
  readonly domain: number;
  readonly weight: number;
  /** Up to Xen 4.7; null since. */
  readonly cap: number | null;
  readonly counters: Counters<typeof CLIENT>;
  /** Null in a short listing. */
  readonly detail: Counters<typeof CLIENT_DETAIL> | null;
  /** By slot of the client. */
  readonly pools: readonly XenPool[];
}

/** What a `tmem-list` says: of all clients, or of one (then without the global counters). */
export interface XenListing {
  readonly global: {
    readonly counters: Counters<typeof GLOBAL>;
    readonly detail: Counters<typeof GLOBAL_DETAIL> | null;
  } | null;
  readonly sharedPools: readonly XenSharedPool[];
  /** In order of creation. */
  readonly clients: readonly XenClient[];
  /** Times of operations by tag, in cycles, which Xen up to 4.3 can be built to tell; empty otherwise. */
  readonly times: Readonly<Record<string, number>>;
  /** Whether the listing of all clients has its last record; a listing of one client has none. */
  readonly isWhole: boolean;
  /** Whole sentences for a person: what Xen left out or wrote over. */
  readonly notes: readonly string[];
}
