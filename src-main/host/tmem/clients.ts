import type { StateReader, StateWriter } from '../state.ts';
import type { IdleUse } from './idle-use.ts';
import { lengthened } from './memory.ts';
import type { Holdings } from './policies/policy.ts';

/** Pool slots of a client, and uuids it may be authorised for. */
export const MAX_POOLS = 16;
/** A cap that never binds. */
export const NO_CAP = 0x7fff_ffff;

/** Life of a domain number. */
export const DOMAIN_NONE = 0;
export const DOMAIN_ALIVE = 1;
export const DOMAIN_CLIENT = 2;

const INT_COLUMNS = [
  'ephemeralPages',
  'usedPages',
  'domainIds',
  'caps',
  'ephemeralMax',
  'listHeads',
  'poolCounts',
] as const;
const BYTE_COLUMNS = ['state', 'frozen', 'compress'] as const;
const COUNT_COLUMNS = [
  'weights',
  'ephemeralHits',
  'hitsAtTick',
  'persistentPuts',
  'persistentHits',
  'compressedPages',
  'compressedBytes',
  'compressPoor',
  'compressNoMemory',
  'evictedBySelf',
  'evictedByOthers',
  'evictionsCaused',
] as const;

const COLUMNS = [...INT_COLUMNS, ...BYTE_COLUMNS, ...COUNT_COLUMNS] as const;

/**
 * The clients, struct of arrays by domain number: what policies decide on ({@link Holdings}), settings, counters, pool
 * slots and authorisations. A domain becomes a client at its first tmem operation.
 */
export class ClientTable implements Holdings {
  clientSlots = 0;
  totalEphemeralPages = 0;
  totalWeight = 0;
  ephemeralPages = new Int32Array(16);
  weights = new Float64Array(16);
  usedPages = new Int32Array(16);

  /** {@link DOMAIN_NONE}, {@link DOMAIN_ALIVE} or {@link DOMAIN_CLIENT}. */
  state = new Uint8Array(16);
  domainIds = new Int32Array(16);
  frozen = new Uint8Array(16);
  compress = new Uint8Array(16);
  caps = new Int32Array(16);
  /** Most ephemeral pages ever held (Em). */
  ephemeralMax = new Int32Array(16);
  /** Sentinel of its list of ephemeral pages. */
  listHeads = new Int32Array(16);
  /** Pools in use (nr_pools). */
  poolCounts = new Int32Array(16);
  /** Dense pool number in each of 16 slots, −1 where empty. */
  poolSlots = new Int32Array(16 * MAX_POOLS).fill(-1);
  /** 16 uuids of 4 words; all ones: empty. */
  authorised = new Uint32Array(16 * MAX_POOLS * 4);

  /** Successful gets from ephemeral pools it owns (Ge). */
  ephemeralHits = new Float64Array(16);
  /** The same at the end of the last host second. */
  hitsAtTick = new Float64Array(16);
  /** Successful puts to and gets from its persistent pools (Pp, Gp). */
  persistentPuts = new Float64Array(16);
  persistentHits = new Float64Array(16);
  /** Compressed pages now, their bytes, pages that compress poorly, and compressions without memory (cp, cb, cn, cm). */
  compressedPages = new Float64Array(16);
  compressedBytes = new Float64Array(16);
  compressPoor = new Float64Array(16);
  compressNoMemory = new Float64Array(16);
  /** Pages it lost by its own puts and growth, by others', and pages that others lost by its. */
  evictedBySelf = new Float64Array(16);
  evictedByOthers = new Float64Array(16);
  evictionsCaused = new Float64Array(16);

  /** Clients in order of creation: what listings and `all` walk. */
  order: number[] = [];

  /** What policies decide on. */
  get holdings(): Holdings {
    return this;
  }

  /** A fresh domain at the lowest free number. */
  addDomain(domainId: number): number {
    let domain = 0;
    while (domain < this.clientSlots && this.state[domain] !== DOMAIN_NONE) domain++;
    if (domain >= this.state.length) this.grow();
    if (domain >= this.clientSlots) this.clientSlots = domain + 1;
    this.state[domain] = DOMAIN_ALIVE;
    this.domainIds[domain] = domainId;
    return domain;
  }

  /** Makes a domain a client. */
  addClient(domain: number, listHead: number, weight: number, compress: boolean): void {
    this.state[domain] = DOMAIN_CLIENT;
    this.listHeads[domain] = listHead;
    this.weights[domain] = weight;
    this.totalWeight += weight;
    this.frozen[domain] = 0;
    this.compress[domain] = compress ? 1 : 0;
    this.caps[domain] = NO_CAP;
    this.poolCounts[domain] = 0;
    this.authorised.fill(0xffff_ffff, domain * MAX_POOLS * 4, (domain + 1) * MAX_POOLS * 4);
    this.order.push(domain);
  }

  /** Forgets a domain and, where it was one, the client; its weight leaves the total unless `weightStays` (quirk Q2). */
  removeDomain(domain: number, weightStays: boolean): void {
    if (this.state[domain] === DOMAIN_CLIENT) {
      if (!weightStays) this.totalWeight -= this.weights[domain];
      this.order.splice(this.order.indexOf(domain), 1);
    }
    for (const name of COLUMNS) this[name][domain] = 0;
    this.poolSlots.fill(-1, domain * MAX_POOLS, (domain + 1) * MAX_POOLS);
  }

  /** Whether this number is a client now. */
  isClient(domain: number): boolean {
    return domain >= 0 && domain < this.clientSlots && this.state[domain] === DOMAIN_CLIENT;
  }

  /** The dense number of the pool in a slot, or −1; any slot number may be asked for. */
  poolAt(domain: number, slot: number): number {
    return slot >= 0 && slot < MAX_POOLS && this.isClient(domain) ? this.poolSlots[domain * MAX_POOLS + slot] : -1;
  }

  /** Ends a host second of effective use. */
  decayUse(idleUse: IdleUse): void {
    for (let client = 0; client < this.clientSlots; client++) {
      const hits = this.ephemeralHits[client] - this.hitsAtTick[client];
      this.usedPages[client] = Math.min(idleUse.next(this.usedPages[client], hits), 0x7fff_ffff);
      this.hitsAtTick[client] = this.ephemeralHits[client];
    }
  }

  save(to: StateWriter): void {
    to.numbers('clients', this.clientSlots, this.totalEphemeralPages, this.totalWeight);
    for (const name of COLUMNS) to.array(name, this[name]);
    to.array('pool slots', this.poolSlots);
    to.array('authorised', this.authorised);
    to.array('client order', Int32Array.from(this.order));
  }

  restore(from: StateReader): void {
    [this.clientSlots = 0, this.totalEphemeralPages = 0, this.totalWeight = 0] = from.numbers('clients');
    for (const name of INT_COLUMNS) this[name] = from.array(name, Int32Array).slice();
    for (const name of BYTE_COLUMNS) this[name] = from.array(name, Uint8Array).slice();
    for (const name of COUNT_COLUMNS) this[name] = from.array(name, Float64Array).slice();
    this.poolSlots = from.array('pool slots', Int32Array).slice();
    this.authorised = from.array('authorised', Uint32Array).slice();
    this.order = Array.from(from.array('client order', Int32Array));
  }

  private grow(): void {
    const length = this.state.length * 2;
    for (const name of INT_COLUMNS) this[name] = lengthened(this[name], new Int32Array(length));
    for (const name of BYTE_COLUMNS) this[name] = lengthened(this[name], new Uint8Array(length));
    for (const name of COUNT_COLUMNS) this[name] = lengthened(this[name], new Float64Array(length));
    this.poolSlots = lengthened(this.poolSlots, new Int32Array(length * MAX_POOLS).fill(-1));
    this.authorised = lengthened(this.authorised, new Uint32Array(length * MAX_POOLS * 4));
  }
}
