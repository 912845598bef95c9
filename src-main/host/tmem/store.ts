import { StateReader, StateWriter } from '../state.ts';
import * as control from './control.ts';
import { StoreCore } from './core.ts';
import * as domains from './domains.ts';
import type { Domain } from './entities.ts';
import { evictPages } from './evict.ts';
import { flushObject, flushPage, get } from './lookups.ts';
import type { EvictionSink, StoreOptions } from './options.ts';
import type { PolicyName } from './policies/index.ts';
import { destroyPool, newPool } from './pool-lifecycle.ts';
import { put } from './put.ts';
import { StoreReadings } from './readings.ts';
import { restoreCore, saveCore } from './snapshot.ts';

/**
 * The tmem store of a host: clients, pools, objects and pages, and the memory they share with the guests' RAM.
 *
 * Domains (guests) are named by the small number that {@link createDomain} returns, which is also the client number that
 * policies, the eviction sink and the counter arrays use. Operations return Xen's codes (`errno.ts`). Nothing on the way
 * of put, get and flush allocates. Not re-entrant: the sink must not call back.
 */
export class TmemStore extends StoreReadings {
  constructor(options: StoreOptions) {
    super(new StoreCore(options));
  }

  /** Host time in ms, set by the host before operations; ages of evicted pages are counted with it. */
  get nowMs(): number {
    return this.core.nowMs;
  }
  set nowMs(value: number) {
    this.core.nowMs = value;
  }

  // ---- domains and memory -------------------------------------------------------------------------------------------

  /**
   * Creates a guest and allocates its RAM page by page, evicting ephemeral pages where nothing is free.
   * @param domainId the number people know it by (0 to 65,534), shown in listings; must not be in use
   * @param ramPages RAM to allocate; fewer are allocated when memory or `maxPages` does not suffice
   * @param maxPages most pages it may hold, RAM and persistent pages together
   * @returns the domain's number here; in default mode numbers of destroyed domains are used
   * again, lowest first
   */
  createDomain(domainId: number, ramPages: number, maxPages: number): number {
    return domains.createDomain(this.core, domainId, ramPages, maxPages);
  }

  /** Kills a guest: its pools, its client, then its RAM. */
  destroyDomain(domain: number): void {
    domains.destroyDomain(this.core, this.domain(domain));
  }

  /**
   * Gives a guest up to `pages` more pages of RAM: free ones, then ephemeral pages chosen by the policy (reason balloon).
   * Stops at the first that cannot be had or at the guest's maximum.
   * @returns the pages it got
   */
  growRam(domain: number, pages: number): number {
    return domains.growRam(this.core, this.domain(domain), pages);
  }

  /** Takes up to `pages` pages of RAM from a guest (never its persistent pages). @returns the pages taken */
  shrinkRam(domain: number, pages: number): number {
    return domains.shrinkRam(this.core, this.domain(domain), pages);
  }

  /** Sets the most pages a guest may hold. Lowering it takes nothing away: puts and RAM beyond it are refused. */
  setMaxPages(domain: number, pages: number): void {
    this.domain(domain).maxPages = pages;
  }

  // ---- operations of guests -----------------------------------------------------------------------------------------

  /**
   * NEW_POOL. @param flags the flag word (`options.ts` has the three usual ones)
   * @param uuid of a shared pool, 4 words from low to high; ignored for private pools
   * @returns the pool's number within the client (0 to 15), EPERM or ENOMEM
   */
  newPool(domain: number, flags: number, uuid?: Uint32Array): number {
    return newPool(this.core, domain, flags, uuid);
  }

  /** DESTROY_POOL. @returns 1, or 0 if there was none */
  destroyPool(domain: number, pool: number): number {
    return destroyPool(this.core, domain, pool);
  }

  /**
   * PUT_PAGE.
   * @param pool the pool's number within the client
   * @param oid object id, 6 words: u64 0, 1, 2, each low word first. Read during the call only
   * @param index page index within the object, any 32-bit number
   * @param contentLo what the page holds, as a 64-bit stand-in for its bytes (a fill word, a content class)
   * @returns 1 stored, ENOMEM, EFROZEN, ENOSPC (an overwrite that lost the old page), ENODEV (no such pool)
   */
  put(domain: number, pool: number, oid: Uint32Array, index: number, contentLo: number, contentHi: number): number {
    return put(this.core, domain, pool, oid, index, contentLo, contentHi);
  }

  /**
   * GET_PAGE. After 1 the content is in {@link contentLo} and {@link contentHi}. Removes the page from a private
   * ephemeral pool, keeps it in the others.
   * @returns 1 hit, 0 miss, EEMPTY (the pool holds nothing), ENODEV (no such pool)
   */
  get(domain: number, pool: number, oid: Uint32Array, index: number): number {
    return get(this.core, domain, pool, oid, index);
  }

  /** Low and high word of the page that the last successful get returned, unsigned. To be read before the next put. */
  get contentLo(): number {
    return this.core.pages.contentLoOf(this.core.pageRead);
  }
  get contentHi(): number {
    return this.core.pages.contentHiOf(this.core.pageRead);
  }

  /** FLUSH_PAGE. @returns 1 whether found or not; EFROZEN (flushed all the same); ENODEV */
  flushPage(domain: number, pool: number, oid: Uint32Array, index: number): number {
    return flushPage(this.core, domain, pool, oid, index);
  }

  /** FLUSH_OBJECT. @returns as {@link flushPage} */
  flushObject(domain: number, pool: number, oid: Uint32Array): number {
    return flushObject(this.core, domain, pool, oid);
  }

  // ---- control operations of the administrator ----------------------------------------------------------------------

  /** Sets a weight (one client, or `ALL_CLIENTS`). @returns 0, or ENOENT */
  setWeight(domain: number, weight: number): number {
    return control.setWeight(this.core, domain, weight);
  }

  /**
   * Caps the ephemeral pages of a client (beyond Xen). Pages over a lowered cap are evicted at once, oldest first; at the
   * cap each put of a new page evicts the client's own oldest; with cap 0 puts are refused.
   * @param pages the cap, or Infinity for none
   * @returns pages evicted
   */
  setCap(domain: number, pages: number): number {
    return control.setCap(this.core, domain, pages);
  }

  /** Switches compression of pages put from now on. @returns 0, or ENOENT */
  setCompress(domain: number, on: boolean): number {
    return control.setCompress(this.core, domain, on);
  }

  /** Freezes clients: new pages are refused. @returns 0, or −1 for an unknown client */
  freeze(domain: number): number {
    return control.setFrozen(this.core, domain, true);
  }

  /** Thaws clients. @returns 0, or −1 for an unknown client */
  thaw(domain: number): number {
    return control.setFrozen(this.core, domain, false);
  }

  /** Allows or forbids a client to join the shared pool of this uuid. @returns 1, or ENOMEM (16 at most) */
  authorise(domain: number, uuid: Uint32Array, allowed: boolean): number {
    return control.authorise(this.core, domain, uuid, allowed);
  }

  /** Lets every client join any shared pool. */
  setSharedAuthGlobal(on: boolean): void {
    this.core.sharedAuthGlobal = on;
  }

  /** FLUSH: evicts, globally oldest first, until that many KiB are free to give back. @returns KiB given back */
  flushMem(kib: number): number {
    return control.flushMem(this.core, kib);
  }

  /** Evicts up to `pages` pages on behalf of a client (or `NO_CLIENT`: the host). @returns pages evicted */
  evict(pages: number, requester: number): number {
    return evictPages(this.core, pages, requester);
  }

  /** Whole MiB that tmem could give back: its free pages and all ephemeral ones. */
  freeableMb(): number {
    return control.freeableMb(this.core);
  }

  /** Another policy or idle tax from now on. */
  setPolicy(policy: PolicyName, idleTaxPermille: number): void {
    this.core.setPolicy(policy, idleTaxPermille);
  }

  /** Limits the ephemeral pages of all clients together; pages beyond go at once by the policy. @returns pages evicted */
  setEphemeralLimit(pages: number): number {
    return control.setEphemeralLimit(this.core, pages);
  }

  /**
   * The heap has this many pages from now on, at least those of guests' RAM and persistent pools. Where fewer are left
   * than are in use, ephemeral pages go at once by the policy. @returns pages evicted
   */
  setHeapPages(pages: number): number {
    return control.setHeapPages(this.core, pages);
  }

  /** A host second has ended: what counts as effective use decays ({@link IdleUse}). */
  tick(): void {
    this.core.clients.decayUse(this.core.idleUse);
    this.core.policy.rebuild();
  }

  // ---- snapshots ------------------------------------------------------------------------------------------------------

  /** Writes the whole state as flat arrays. */
  save(to: StateWriter): void {
    saveCore(this.core, to);
  }

  /**
   * Takes over a saved state. The store must have been made with the options of the saved one; policy, tax and limits
   * are those of the snapshot.
   * @param adopt the snapshot's arrays become the store's own, without a copy: nobody else may use it any more
   * @throws Error when the snapshot is of another model version or mode
   */
  restore(from: StateReader, adopt = false): void {
    restoreCore(this.core, from, adopt);
  }

  /** A second store in the same state, which from now on lives its own life. @param sink of the second store */
  fork(sink?: EvictionSink): TmemStore {
    const { sink: _, ...options } = this.core.options;
    const copy = new TmemStore({ ...options, ...(sink === undefined ? {} : { sink }), expectedPages: 0 });
    const writer = new StateWriter();
    this.save(writer);
    copy.restore(new StateReader(writer.entries), true);
    return copy;
  }

  /** @throws Error for a number that no domain has */
  private domain(number: number): Domain {
    const domain = this.core.clients.domainAt(number);
    if (domain === null) throw new Error(`The store has no domain number ${number}.`);
    return domain;
  }
}
