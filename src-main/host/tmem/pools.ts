import type { StateReader, StateWriter } from '../state.ts';
import { lengthened } from './memory.ts';
import { POOL_COUNTERS, POOL_KIND, POOL_LAYOUT } from './layout.ts';

const { POOL_WORDS, L_KIND, L_OWNER, L_SLOT, L_UUID } = POOL_LAYOUT;
const { POOL_NONE } = POOL_KIND;
const { POOL_COUNTS } = POOL_COUNTERS;

/** Shared pools of the whole host. */
export const MAX_SHARED_POOLS = 16;

/** In a client's slot instead of a pool's number: Xen freed the pool there and kept the pointer (quirk Q6). */
export const FREED_POOL = -2;

/** The pools of all clients, by dense number (lowest free first). A shared pool is one pool, whoever joined it. */
export class PoolTable {
  /** Numbers run from 0 to `slots − 1`; some may be empty. */
  slots = 0;
  records = new Int32Array(16 * POOL_WORDS);
  counts = new Float64Array(16 * POOL_COUNTS);
  /** By dense number: the sharers of a shared pool in join order, one entry a join. Empty for private pools. */
  sharers: number[][] = [];
  /** Dense numbers of the shared pools by global slot, −1 where empty. */
  shared = new Int32Array(MAX_SHARED_POOLS).fill(-1);

  add(kind: number, owner: number, slot: number, uuid: Uint32Array | undefined): number {
    let pool = 0;
    while (pool < this.slots && this.records[pool * POOL_WORDS] !== POOL_NONE) pool++;
    if (pool === this.slots) this.slots++;
    if (this.slots * POOL_WORDS > this.records.length) {
      this.records = lengthened(this.records, new Int32Array(this.records.length * 2));
      this.counts = lengthened(this.counts, new Float64Array(this.counts.length * 2));
    }
    const at = pool * POOL_WORDS;
    this.records.fill(0, at, at + POOL_WORDS);
    this.counts.fill(0, pool * POOL_COUNTS, (pool + 1) * POOL_COUNTS);
    this.records[at + L_KIND] = kind;
    this.records[at + L_OWNER] = owner;
    this.records[at + L_SLOT] = slot;
    if (uuid !== undefined) this.records.set(uuid.subarray(0, 4), at + L_UUID);
    this.sharers[pool] = [];
    return pool;
  }

  remove(pool: number): void {
    this.records[pool * POOL_WORDS] = POOL_NONE;
    this.sharers[pool] = [];
  }

  save(to: StateWriter): void {
    to.array('pools', this.records, this.slots * POOL_WORDS);
    to.array('pool counters', this.counts, this.slots * POOL_COUNTS);
    to.array('shared pools', this.shared);
    to.array('sharers', Int32Array.from(this.sharers.flatMap((sharers) => [sharers.length, ...sharers])));
  }

  restore(from: StateReader): void {
    const records = from.array('pools', Int32Array);
    const counts = from.array('pool counters', Float64Array);
    this.slots = records.length / POOL_WORDS;
    const room = Math.max(this.slots, 16);
    this.records = lengthened(records, new Int32Array(room * POOL_WORDS));
    this.counts = lengthened(counts, new Float64Array(room * POOL_COUNTS));
    this.shared = from.array('shared pools', Int32Array).slice();
    const flat = from.array('sharers', Int32Array);
    this.sharers = [];
    for (let at = 0; at < flat.length; at += 1 + flat[at]) {
      this.sharers.push(Array.from(flat.subarray(at + 1, at + 1 + flat[at])));
    }
  }

  kindOf(pool: number): number {
    return this.records[pool * POOL_WORDS + L_KIND];
  }

  ownerOf(pool: number): number {
    return this.records[pool * POOL_WORDS + L_OWNER];
  }

  /** Whether the pool has this uuid. */
  hasUuid(pool: number, uuid: Uint32Array): boolean {
    const at = pool * POOL_WORDS + L_UUID;
    for (let word = 0; word < 4; word++) if (this.records[at + word] !== (uuid[word] | 0)) return false;
    return true;
  }

  /** The global slot whose shared pool has this uuid, or −1. */
  sharedSlotOf(uuid: Uint32Array): number {
    return this.shared.findIndex((pool) => pool >= 0 && this.hasUuid(pool, uuid));
  }
}
