import type { StoreCore } from './core.ts';
import { NO_CAP } from './entities.ts';
import { keyOf, pagesByAge } from './inspection.ts';
import { listText } from './listing.ts';
import type { PolicyName } from './policies/index.ts';
import type { Holdings } from './policies/policy.ts';

/** The half of a store that changes nothing: who holds what, and how it is set. A guest that is gone holds nothing. */
export class StoreReadings {
  /** The parts, for this folder and for listings of counters. Others read what is offered below. */
  readonly core: StoreCore;

  constructor(core: StoreCore) {
    this.core = core;
  }

  /** RAM pages of a guest. */
  ramPagesOf(domain: number): number {
    return this.core.clients.domainAt(domain)?.ramPages ?? 0;
  }

  /** RAM and persistent pages of a guest together. */
  totalPagesOf(domain: number): number {
    return this.core.clients.domainAt(domain)?.totPages ?? 0;
  }

  /** What policies decide on: pages, weights and effective use of every client. Read only. */
  get holdings(): Holdings {
    return this.core.clients;
  }

  /** Pages that guests' RAM and tmem share. */
  get heapPages(): number {
    return this.core.memory.heapPages;
  }

  /** Most ephemeral pages of all clients together; Infinity for no limit. */
  get ephemeralLimit(): number {
    return this.core.ephemeralLimit;
  }

  get policyName(): PolicyName {
    return this.core.policyName;
  }

  /** Idle tax in thousandths. */
  get idleTaxPermille(): number {
    return this.core.idleTaxPermille;
  }

  /** Whether a guest is frozen. */
  isFrozen(domain: number): boolean {
    return this.core.clients.domainAt(domain)?.frozen ?? false;
  }

  /** Most ephemeral pages a guest may hold; Infinity for no cap. */
  capOf(domain: number): number {
    const cap = this.core.clients.domainAt(domain)?.cap ?? NO_CAP;
    return cap === NO_CAP ? Infinity : cap;
  }

  /** Get hits of a guest's ephemeral pools in the host second under way: what the next {@link tick} counts as use. */
  hitsSinceTick(domain: number): number {
    const guest = this.core.clients.domainAt(domain);
    return guest === null ? 0 : guest.ephemeralHits - guest.hitsAtTick;
  }

  /**
   * All ephemeral pages, oldest put first (shared pools: last hit first): the number of the client that owns each, and
   * the low word of what it holds.
   */
  ephemeralPagesByAge(): { readonly owners: Int32Array; readonly contents: Uint32Array } {
    return pagesByAge(this.core);
  }

  /**
   * The key of a page that an {@link EvictionSink} is just told of.
   * @param oid six words, filled with its object id
   * @returns its index within the object, 0 to 2^32 − 1
   */
  keyOf(page: number, oid: Uint32Array): number {
    return keyOf(this.core, page, oid);
  }

  /** Pages nobody holds. */
  get freePages(): number {
    return this.core.memory.freePages + this.core.memory.listPages;
  }

  /** Pages in ephemeral pools. */
  get ephemeralPages(): number {
    return this.core.clients.totalEphemeralPages;
  }

  /** Pages of memory that they take: as many, unless they are packed. */
  get ephemeralMemoryPages(): number {
    return this.core.memory.ephemeralPages;
  }

  /** Pages of memory that persistent pools take: one for each page, unless they are packed. */
  get persistentPages(): number {
    return this.core.memory.persistentPages;
  }

  /** Pages of memory that one guest's persistent pools take. */
  persistentPagesOf(domain: number): number {
    return this.totalPagesOf(domain) - this.ramPagesOf(domain);
  }

  /** The dense number of a client's pool, as the eviction sink reports it, or −1. */
  poolOf(domain: number, pool: number): number {
    return this.core.clients.poolAt(domain, pool)?.number ?? -1;
  }

  /** The text of `xl tmem-list` for one client or `ALL_CLIENTS`; null for a domain that is no client. */
  list(domain: number, long: boolean): string | null {
    return listText(this.core, domain, long);
  }
}
