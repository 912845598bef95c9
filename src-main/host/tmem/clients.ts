import type { StateReader, StateWriter } from '../state.ts';
import { Domain, DOMAIN_NUMBERS, MAX_POOLS, NO_POOL, type Pool, PoolSlots } from './entities.ts';
import type { IdleUse } from './idle-use.ts';
import { lengthened } from './memory.ts';
import type { Holdings } from './policies/policy.ts';

/**
 * The domains by number, and as struct of arrays what eviction policies decide on. A domain becomes a client at its
 * first tmem operation; one that is none has 0 in the arrays.
 */
export class ClientTable implements Holdings {
  clientSlots = 0;
  totalEphemeralPages = 0;
  totalWeight = 0;
  ephemeralPages: Int32Array = new Int32Array(16);
  weights: Float64Array = new Float64Array(16);
  usedPages: Int32Array = new Int32Array(16);
  /** By number; null where there is no domain. */
  readonly domains: (Domain | null)[] = [];
  /** The pool slots of all domains, `MAX_POOLS` each. */
  private readonly slots: (Pool | null)[] = [];
  /** Clients in order of creation: what listings and `all` walk. */
  order: Domain[] = [];

  /** A fresh domain, at the lowest free number where numbers are used again. */
  addDomain(id: number, maxPages: number, usesAgain: boolean): Domain {
    const free = usesAgain ? this.domains.indexOf(null) : -1;
    const number = free < 0 ? this.domains.length : free;
    const domain = new Domain(number, id, maxPages, new PoolSlots(this.slots, number * MAX_POOLS));
    this.domains[number] = domain;
    this.clientSlots = this.domains.length;
    if (this.clientSlots > this.weights.length) {
      const length = this.weights.length * 2;
      this.ephemeralPages = lengthened(this.ephemeralPages, new Int32Array(length));
      this.weights = lengthened(this.weights, new Float64Array(length));
      this.usedPages = lengthened(this.usedPages, new Int32Array(length));
    }
    return domain;
  }

  /** Makes a domain a client. */
  addClient(domain: Domain, listHead: number, weight: number, compress: boolean): void {
    domain.isClient = true;
    domain.listHead = listHead;
    domain.compress = compress;
    this.weights[domain.number] = weight;
    this.totalWeight += weight;
    this.order.push(domain);
  }

  /**
   * Forgets a domain and, where it was one, the client.
   * @param weightStays its weight stays in the total (quirk Q2)
   * @param countStays its count of ephemeral pages stays, because a pool still counts on it (quirk Q6)
   */
  removeDomain(domain: Domain, weightStays: boolean, countStays: boolean): void {
    const { number } = domain;
    if (!weightStays) this.totalWeight -= this.weights[number];
    this.order = this.order.filter((client) => client !== domain);
    this.domains[number] = null;
    if (!countStays) this.ephemeralPages[number] = 0;
    this.weights[number] = 0;
    this.usedPages[number] = 0;
  }

  /** The domain of this number, or null; any number may be asked for. */
  domainAt(number: number): Domain | null {
    return number >= 0 && number < this.domains.length ? this.domains[number] : null;
  }

  /** The client of this number, or null. */
  clientAt(number: number): Domain | null {
    const domain = this.domainAt(number);
    return domain?.isClient === true ? domain : null;
  }

  /** The pool in a slot of a domain, or null; any numbers may be asked for. */
  poolAt(number: number, slot: number): Pool | null {
    const place = number * MAX_POOLS + slot;
    return slot >= 0 && slot < MAX_POOLS && place >= 0 && place < this.slots.length ? this.slots[place] : null;
  }

  /** Ends a host second of effective use. */
  decayUse(idleUse: IdleUse): void {
    for (const client of this.order) {
      const hits = client.ephemeralHits - client.hitsAtTick;
      client.hitsAtTick = client.ephemeralHits;
      this.usedPages[client.number] = Math.min(idleUse.next(this.usedPages[client.number], hits), 0x7fff_ffff);
    }
  }

  save(to: StateWriter): void {
    to.numbers('clients', this.clientSlots, this.totalEphemeralPages, this.totalWeight);
    to.array('ephemeral pages', this.ephemeralPages, this.clientSlots);
    to.array('weights', this.weights, this.clientSlots);
    to.array('used pages', this.usedPages, this.clientSlots);
    to.array(
      'client order',
      Int32Array.from(this.order, (client) => client.number),
    );
    for (const domain of this.domains) {
      to.numbers('domain', domain?.id ?? -1);
      if (domain === null) continue;
      to.numbers('domain flags', domain.isClient ? 1 : 0, domain.frozen ? 1 : 0, domain.compress ? 1 : 0);
      to.numbers('domain numbers', ...DOMAIN_NUMBERS.map((name) => domain[name]));
      to.array('authorised', domain.authorised);
      to.array('pool slots', Int32Array.from(domain.pools.toArray(), slotNumber));
    }
  }

  /** @returns by domain number what is in its pool slots, for when the pools are there: see {@link linkPools} */
  restore(from: StateReader): (Int32Array | null)[] {
    const [slots = 0, totalEphemeralPages = 0, totalWeight = 0] = from.numbers('clients');
    this.totalEphemeralPages = totalEphemeralPages;
    this.totalWeight = totalWeight;
    this.clientSlots = slots;
    const room = Math.max(16, slots);
    this.ephemeralPages = lengthened(from.array('ephemeral pages', Int32Array), new Int32Array(room));
    this.weights = lengthened(from.array('weights', Float64Array), new Float64Array(room));
    this.usedPages = lengthened(from.array('used pages', Int32Array), new Int32Array(room));
    const order = from.array('client order', Int32Array);
    this.domains.length = 0;
    this.slots.length = 0;
    const slotsOfDomains: (Int32Array | null)[] = [];
    for (let number = 0; number < slots; number++) {
      const [id = -1] = from.numbers('domain');
      if (id < 0) {
        this.domains.push(null);
        for (let slot = 0; slot < MAX_POOLS; slot++) this.slots.push(null);
        slotsOfDomains.push(null);
        continue;
      }
      const domain = new Domain(number, id, 0, new PoolSlots(this.slots, number * MAX_POOLS));
      const [isClient = 0, frozen = 0, compress = 0] = from.numbers('domain flags');
      domain.isClient = isClient === 1;
      domain.frozen = frozen === 1;
      domain.compress = compress === 1;
      const numbers = from.numbers('domain numbers');
      DOMAIN_NUMBERS.forEach((name, place) => (domain[name] = numbers[place]));
      domain.authorised.set(from.array('authorised', Uint32Array));
      slotsOfDomains.push(from.array('pool slots', Int32Array));
      this.domains.push(domain);
    }
    this.order = Array.from(order, (number) => this.domains[number] ?? NO_POOL.owner);
    return slotsOfDomains;
  }

  /** Puts restored pools into the slots they were in. */
  linkPools(slotsOfDomains: readonly (Int32Array | null)[], pools: readonly Pool[]): void {
    slotsOfDomains.forEach((slots, number) => {
      const domain = this.domains[number];
      slots?.forEach((pool, slot) => {
        domain?.pools.set(slot, pool === EMPTY_SLOT ? null : pool < 0 ? NO_POOL : pools[pool]);
      });
    });
  }
}

const EMPTY_SLOT = -1;
const FREED_SLOT = -2;

function slotNumber(pool: Pool | null): number {
  return pool === null ? EMPTY_SLOT : pool === NO_POOL ? FREED_SLOT : pool.number;
}
