/**
 * Domains and pools: few, so each is an object with plain fields (what there are millions of, pages and objects, lies in
 * typed arrays). The two know each other, a pool its owner and a client its pools.
 */

/** Pool slots of a client, and uuids it may be authorised for. */
export const MAX_POOLS = 16;
/** A cap that never binds. */
export const NO_CAP = 0x7fff_ffff;

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
  'evictedBySelf',
  'evictedByOthers',
  'evictionsCaused',
] as const satisfies readonly (keyof Domain)[];

/**
 * A guest: its memory, and, from its first tmem operation on, a client of the store. What eviction policies decide on
 * (ephemeral pages, weight, effective use) is in {@link ClientTable}, by the domain's number.
 */
export class Domain {
  /** Its number in the store. */
  readonly number: number;
  /** The number people know it by. */
  readonly id: number;
  /** Pages of RAM. */
  ramPages = 0;
  /** RAM and persistent pages together, and the most they may reach. */
  totPages = 0;
  maxPages: number;
  isClient = false;
  frozen = false;
  compress = false;
  /** Most ephemeral pages it may hold (beyond Xen). */
  cap = NO_CAP;
  /** Most ephemeral pages it ever held (Em). */
  ephemeralMax = 0;
  /** Sentinel of its list of ephemeral pages. */
  listHead = 0;
  /** Pool slots: null is empty; {@link NO_POOL} is a pool that Xen freed without clearing the slot (quirk Q6). */
  readonly pools: (Pool | null)[] = new Array<Pool | null>(MAX_POOLS).fill(null);
  /** 16 uuids of 4 words; all ones: empty. */
  readonly authorised = new Uint32Array(MAX_POOLS * 4).fill(0xffff_ffff);
  /** Successful gets from ephemeral pools it owns (Ge), and the same at the end of the last host second. */
  ephemeralHits = 0;
  hitsAtTick = 0;
  /** Successful puts to and gets from its persistent pools (Pp, Gp). */
  persistentPuts = 0;
  persistentHits = 0;
  /** Compressed pages now, their bytes, and pages that compress poorly (cp, cb, cn). */
  compressedPages = 0;
  compressedBytes = 0;
  compressPoor = 0;
  /** Pages it lost by its own puts and growth, by others', and pages that others lost by its. */
  evictedBySelf = 0;
  evictedByOthers = 0;
  evictionsCaused = 0;

  constructor(number: number, id: number, maxPages: number) {
    this.number = number;
    this.id = id;
    this.maxPages = maxPages;
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
  /** Its dense number in the store. */
  readonly number: number;
  readonly kind: PoolKind;
  /** The client whose pages these are. */
  owner: Domain;
  /** Its slot in the owner (PI). */
  slot: number;
  /** Four words, low to high. */
  readonly uuid: Uint32Array;
  /** A sharer has left, so none of its pages can be evicted (quirk Q4). */
  dying = false;
  /** Sharers of a shared pool in join order, one entry a join. */
  sharers: Domain[] = [];
  /** Pages and descriptors just being put, objects, radix nodes: now and most ever (Pc, Pm, Oc, Om, Nc, Nm). */
  pages = 0;
  pagesMax = 0;
  objects = 0;
  objectsMax = 0;
  nodes = 0;
  nodesMax = 0;
  /** Sentinel of the list of its persistent pages, 0 in ephemeral pools. */
  listHead = 0;
  /** Its newest object, and the one used last as a shortcut past the hash; 0 for none. */
  firstObject = 0;
  recentObject = 0;
  /** Good and all puts (ps, pt); overwrites that lost the page and that replaced it (pd, pr); puts that failed (px). */
  goodPuts = 0;
  puts = 0;
  overwritesLost = 0;
  overwrites = 0;
  putsFailed = 0;
  /** Hits and gets (gs, gt); flushes of pages and objects that found something, and all (fs, ft, os, ot). */
  hits = 0;
  gets = 0;
  flushesFound = 0;
  flushes = 0;
  objectFlushesFound = 0;
  objectFlushes = 0;

  constructor(number: number, kind: PoolKind, owner: Domain, slot: number, uuid: Uint32Array) {
    this.number = number;
    this.kind = kind;
    this.owner = owner;
    this.slot = slot;
    this.uuid = uuid.slice(0, 4);
  }
}

/** Stands in the table of pools where there is none. */
export const NO_POOL = new Pool(-1, 'none', new Domain(-1, -1, 0), -1, new Uint32Array(4));
