import type { ContentSink } from './content-sink.ts';
import type { PackingOptions } from './packing.ts';
import type { PolicyName } from './policies/index.ts';

/**
 * `conformance` reproduces Xen 4.12 operation for operation, quirks included (TMEM-SEMANTICS 11). `default` has the same
 * operations and return codes without those that only hurt: no leaking weight total, no unevictable shared pools, no
 * list splice, no garbled lines; and freed pages are fallow at once.
 */
export type StoreMode = 'conformance' | 'default';

/** Told of every page that is evicted, at the moment it goes. Must not call back into the store. */
export interface EvictionSink {
  /**
   * @param victim client whose page went (the owner of its pool)
   * @param beneficiary client whose put or RAM needed it, or −1 for the host
   * @param pool dense number of the pool (see {@link TmemStore.poolOf})
   * @param reason one of `eviction-reasons.ts`
   * @param ageMs host time since the page was put (shared pools: since its last put), up to 2^32 − 1
   * @param page the page, for {@link TmemStore.keyOf} while this call lasts
   */
  recordEviction(victim: number, beneficiary: number, pool: number, reason: number, ageMs: number, page: number): void;
}

export interface StoreOptions {
  readonly mode: StoreMode;
  /** Pages of the heap that guests' RAM and tmem share: host RAM less what the host keeps for itself. */
  readonly heapPages: number;
  /**
   * Conformance mode: Xen's mid-size reserve (only larger allocations may use it). Default mode: pages that puts leave
   * fallow for growing guests. Default 0.
   */
  readonly reservePages?: number;
  readonly policy: PolicyName;
  /** Idle tax τ in thousandths, 0 to 999. Default 0. */
  readonly idleTaxPermille?: number;
  /** Window of effective use in host seconds, 1 or more. Default 10. */
  readonly useWindowSeconds?: number;
  /** Most ephemeral pages the store may hold in all; a put beyond evicts first. Default: as many as there is memory. */
  readonly ephemeralLimitPages?: number;
  /** Xen's boot option `tmem_compress`: compression is on for new clients. Default false. */
  readonly compress?: boolean;
  /** Weight of a new client: 0 in conformance mode, 100 in default mode unless given. */
  readonly initialWeight?: number;
  /** Count the radix nodes Xen would have (Nc, Nm). Conformance mode always does; in default mode it costs time. */
  readonly countRadixNodes?: boolean;
  readonly sink?: EvictionSink;
  /**
   * Keeps pages compressed and equal ones once, so that memory holds more of them. Default mode only; restored from
   * snapshots of stores with the same. Absent: each page takes a page of memory.
   */
  readonly packing?: PackingOptions;
  /** For accounts by content, such as {@link ContentAccounting}. */
  readonly contentSink?: ContentSink;
  /** Pages to make room for at once, so that tables need not grow. Default 1,024. */
  readonly expectedPages?: number;
}

/** Control operations on every client. */
export const ALL_CLIENTS = -1;
/** Stands for a domain that does not exist, where an operation on it still has a defined result. */
export const NO_DOMAIN = -2;

/** Bits of the NEW_POOL flag word (TMEM-SEMANTICS 2.2). */
export const POOL_PERSIST = 1;
export const POOL_SHARED = 2;
export const POOL_PRECOMPRESSED = 4;
export const POOL_VERSION_1 = 0x0100_0000;
/** The flag words of the three kinds of pool. */
export const EPHEMERAL_PRIVATE = 0x0100_0000;
export const EPHEMERAL_SHARED = POOL_VERSION_1 | POOL_SHARED;
export const PERSISTENT_PRIVATE = POOL_VERSION_1 | POOL_PERSIST;
