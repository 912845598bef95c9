/**
 * Domains and pools: few, so each is an object with plain fields (what there are millions of, pages and objects, lies in
 * typed arrays). The two know each other, a pool its owner and a client its pools.
 */

/** Pool slots of a client, and uuids it may be authorised for. */
export const MAX_POOLS = 16;
/** A cap that never binds. */
export const NO_CAP = 0x7fff_ffff;

/**
 * The pool slots of a client: null is empty; {@link NO_POOL} is a pool that Xen freed without clearing the slot (quirk Q6).
 * A stretch of the one array that holds the slots of all clients, which is where operations look pools up.
 */
export class PoolSlots {
  private readonly all: (Pool | null)[];
  private readonly first: number;

  constructor(all: (Pool | null)[], first: number) {
    this.all = all;
    this.first = first;
    for (let slot = 0; slot < MAX_POOLS; slot++) all[first + slot] = null;
  }

  get(slot: number): Pool | null {
    return this.all[this.first + slot];
  }

  set(slot: number, pool: Pool | null): void {
    this.all[this.first + slot] = pool;
  }

  /** The first slot with this pool (null: the first empty one), other than `except`; −1 where there is none. */
  slotOf(pool: Pool | null, except = -1): number {
    for (let slot = 0; slot < MAX_POOLS; slot++) if (slot !== except && this.get(slot) === pool) return slot;
    return -1;
  }

  toArray(): (Pool | null)[] {
    return this.all.slice(this.first, this.first + MAX_POOLS);
  }
}

/** Numbers of a domain that a snapshot holds, in its order. */
export const DOMAIN_NUMBERS = [
  'ramPages',
  'totPages',
  'maxPages',
  'cap',
  'ephemeralMax',
  'listHead',
  'ephemeralHits',
  'hitsAtTick',
  'persistentPuts',
  'persistentHits',
  'compressedPages',
  'compressedBytes',
  'compressPoor',
] as const satisfies readonly (keyof Domain)[];

/**
 * A guest: its memory, and, from its first tmem operation on, a client of the store. What eviction policies decide on
 * (ephemeral pages, weight, effective use) is in {@link ClientTable}, by the domain's number.
 */
export class Domain {
  // What operations on pages look at comes first, to lie in few cache lines.
  /** Its number in the store. */
  readonly number: number;
  /** Sentinel of its list of ephemeral pages. */
  listHead = 0;
  frozen = false;
  /** Most ephemeral pages it may hold (beyond Xen). */
  cap = NO_CAP;
  /** Most ephemeral pages it ever held (Em). */
  ephemeralMax = 0;
  /** Successful gets from ephemeral pools it owns (Ge), and the same at the end of the last host second. */
  ephemeralHits = 0;
  hitsAtTick = 0;
  /** The number people know it by. */
  readonly id: number;
  isClient = false;
  compress = false;
  /** RAM and persistent pages together, and the most they may reach. */
  totPages = 0;
  maxPages: number;
  /** Pages of RAM. */
  ramPages = 0;
  readonly pools: PoolSlots;
  /** 16 uuids of 4 words; all ones: empty. */
  readonly authorised = new Uint32Array(MAX_POOLS * 4).fill(0xffff_ffff);
  /** Successful puts to and gets from its persistent pools (Pp, Gp). */
  persistentPuts = 0;
  persistentHits = 0;
  /** Compressed pages now, their bytes, and pages that compress poorly (cp, cb, cn). */
  compressedPages = 0;
  compressedBytes = 0;
  compressPoor = 0;

  constructor(number: number, id: number, maxPages: number, pools: PoolSlots) {
    this.number = number;
    this.id = id;
    this.maxPages = maxPages;
    this.pools = pools;
  }
}

export type PoolKind = 'none' | 'ephemeral' | 'shared' | 'persistent';
/** The kinds in the order of their numbers in a snapshot. */
export const POOL_KINDS: readonly PoolKind[] = ['none', 'ephemeral', 'shared', 'persistent'];

/** Numbers of a pool that a snapshot holds, in its order. */
export const POOL_NUMBERS = [
  'slot',
  'pages',
  'pagesMax',
  'objects',
  'objectsMax',
  'nodes',
  'nodesMax',
  'listHead',
  'firstObject',
  'recentObject',
  'goodPuts',
  'puts',
  'overwritesLost',
  'overwrites',
  'putsFailed',
  'hits',
  'gets',
  'flushesFound',
  'flushes',
  'objectFlushesFound',
  'objectFlushes',
] as const satisfies readonly (keyof Pool)[];

/** A pool. A shared one is one pool, whoever joined it. Letters in brackets: TMEM-SEMANTICS 7, P record. */
export class Pool {
  // What operations on pages look at comes first, to lie in few cache lines.
  /** The client whose pages these are. */
  owner: Domain;
  readonly kind: PoolKind;
  /** Pages, and descriptors just being put: now and most ever (Pc, Pm). */
  pages = 0;
  pagesMax = 0;
  /** The object used last, a shortcut past the hash; 0 for none. */
  recentObject = 0;
  /** Good and all puts (ps, pt). */
  goodPuts = 0;
  puts = 0;
  /** Hits and gets (gs, gt). */
  hits = 0;
  gets = 0;
  /** Its dense number in the store. */
  readonly number: number;
  /** Its newest object; 0 for none. */
  firstObject = 0;
  /** Objects and radix nodes: now and most ever (Oc, Om, Nc, Nm). */
  objects = 0;
  objectsMax = 0;
  nodes = 0;
  nodesMax = 0;
  /** Sentinel of the list of its persistent pages, 0 in ephemeral pools. */
  listHead = 0;
  /** A sharer has left, so none of its pages can be evicted (quirk Q4). */
  dying = false;
  /** Overwrites that lost the page and that replaced it (pd, pr); puts that failed (px). */
  overwritesLost = 0;
  overwrites = 0;
  putsFailed = 0;
  /** Flushes of pages and objects that found something, and all (fs, ft, os, ot). */
  flushesFound = 0;
  flushes = 0;
  objectFlushesFound = 0;
  objectFlushes = 0;
  /** Its slot in the owner (PI). */
  slot: number;
  /** Four words, low to high. */
  readonly uuid: Uint32Array;
  /** Sharers of a shared pool in join order, one entry a join. */
  sharers: Domain[] = [];

  constructor(number: number, kind: PoolKind, owner: Domain, slot: number, uuid: Uint32Array) {
    this.number = number;
    this.kind = kind;
    this.owner = owner;
    this.slot = slot;
    this.uuid = uuid.slice(0, 4);
  }
}

/** Stands in the table of pools where there is none. */
const NO_DOMAIN = new Domain(-1, -1, 0, new PoolSlots([], 0));
export const NO_POOL = new Pool(-1, 'none', NO_DOMAIN, -1, new Uint32Array(4));
