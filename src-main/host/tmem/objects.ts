import type { StateReader, StateWriter } from '../state.ts';
import { powerOfTwoAtLeast } from './page-table.ts';
import { OBJECT_LAYOUT } from './layout.ts';

const {
  OBJECT_WORDS,
  O_CHAIN,
  O_POOL,
  O_ID,
  O_PAGES,
  O_LOWEST_INDEX,
  O_HIGHEST_INDEX,
  O_LAST_CLIENT,
  O_POOL_NEXT,
  O_POOL_PREV,
} = OBJECT_LAYOUT;

/**
 * The objects of all pools: one record of 16 words each, found by a chained hash over (pool, object id). An *object
 * handle* is the offset of its record; 0 is no object. A pool's objects are linked for the flush of a whole pool.
 */

export const NO_LAST_CLIENT = -1;

export class ObjectTable {
  records: Int32Array = new Int32Array(64 * OBJECT_WORDS);
  buckets: Int32Array = new Int32Array(64);
  count = 0;
  top: number = OBJECT_WORDS;
  freeHead = 0;

  /** The object of this pool and id, or 0. */
  find(pool: number, oid: Uint32Array): number {
    let object = this.buckets[this.bucketOf(pool, oid)];
    const { records } = this;
    while (object !== 0 && (records[object + O_POOL] !== pool || !this.has(object, oid))) {
      object = records[object + O_CHAIN];
    }
    return object;
  }

  /** Whether this record has this id. */
  has(object: number, oid: Uint32Array): boolean {
    const { records } = this;
    return (
      records[object + O_ID] === (oid[0] | 0) &&
      records[object + O_ID + 1] === (oid[1] | 0) &&
      records[object + O_ID + 2] === (oid[2] | 0) &&
      records[object + O_ID + 3] === (oid[3] | 0) &&
      records[object + O_ID + 4] === (oid[4] | 0) &&
      records[object + O_ID + 5] === (oid[5] | 0)
    );
  }

  /** Adds an object without pages, which must not be there yet, at the front of its pool's list. */
  add(pool: number, oid: Uint32Array, firstOfPool: number): number {
    if (this.count >= this.buckets.length) this.growBuckets();
    let object = this.freeHead;
    if (object !== 0) {
      this.freeHead = this.records[object + O_CHAIN];
    } else {
      object = this.top;
      this.top += OBJECT_WORDS;
      if (this.top > this.records.length) this.growRecords();
    }
    const { records } = this;
    const bucket = this.bucketOf(pool, oid);
    records[object + O_CHAIN] = this.buckets[bucket];
    this.buckets[bucket] = object;
    records[object + O_POOL] = pool;
    for (let word = 0; word < 6; word++) records[object + O_ID + word] = oid[word];
    records[object + O_PAGES] = 0;
    records[object + O_LOWEST_INDEX] = -1;
    records[object + O_HIGHEST_INDEX] = 0;
    records[object + O_LAST_CLIENT] = NO_LAST_CLIENT;
    records[object + O_POOL_NEXT] = firstOfPool;
    records[object + O_POOL_PREV] = 0;
    if (firstOfPool !== 0) records[firstOfPool + O_POOL_PREV] = object;
    this.count++;
    return object;
  }

  /** Removes an object that has no pages. @returns the first object of its pool from now on, if it was the first; else −1 */
  remove(object: number): number {
    const { records, buckets } = this;
    const bucket = this.bucketOfRecord(object);
    let at = buckets[bucket];
    if (at === object) {
      buckets[bucket] = records[object + O_CHAIN];
    } else {
      let before = at;
      while ((at = records[before + O_CHAIN]) !== object) before = at;
      records[before + O_CHAIN] = records[object + O_CHAIN];
    }
    const next = records[object + O_POOL_NEXT];
    const prev = records[object + O_POOL_PREV];
    if (next !== 0) records[next + O_POOL_PREV] = prev;
    if (prev !== 0) records[prev + O_POOL_NEXT] = next;
    records[object + O_POOL] = -1;
    records[object + O_CHAIN] = this.freeHead;
    this.freeHead = object;
    this.count--;
    return prev === 0 ? next : -1;
  }

  save(to: StateWriter): void {
    to.array('objects', this.records, this.top);
    to.array('object buckets', this.buckets);
    to.numbers('object table', this.count, this.freeHead);
  }

  /** @param adopt take the snapshot's arrays over instead of copying them */
  restore(from: StateReader, adopt: boolean): void {
    const records = from.array('objects', Int32Array);
    const buckets = from.array('object buckets', Int32Array);
    this.records = adopt ? records : records.slice();
    this.buckets = adopt ? buckets : buckets.slice();
    this.top = records.length;
    [this.count = 0, this.freeHead = 0] = from.numbers('object table');
  }

  bytes(): { readonly held: number; readonly used: number } {
    const used = this.top * 4 + this.buckets.byteLength;
    return { held: this.records.byteLength + this.buckets.byteLength, used };
  }

  private bucketOf(pool: number, oid: Uint32Array): number {
    const hash = hashOf(pool, oid[0], oid[1], oid[2], oid[3], oid[4], oid[5]);
    return hash & (this.buckets.length - 1);
  }

  private bucketOfRecord(object: number): number {
    const { records } = this;
    const id = object + O_ID;
    const pool = records[object + O_POOL];
    const hash = hashOf(
      pool,
      records[id],
      records[id + 1],
      records[id + 2],
      records[id + 3],
      records[id + 4],
      records[id + 5],
    );
    return hash & (this.buckets.length - 1);
  }

  private growRecords(): void {
    const longer = new Int32Array(this.records.length * 2);
    longer.set(this.records);
    this.records = longer;
  }

  private growBuckets(): void {
    this.buckets = new Int32Array(powerOfTwoAtLeast(this.buckets.length * 2));
    for (let object = OBJECT_WORDS; object < this.top; object += OBJECT_WORDS) {
      if (this.records[object + O_POOL] < 0) continue;
      const bucket = this.bucketOfRecord(object);
      this.records[object + O_CHAIN] = this.buckets[bucket];
      this.buckets[bucket] = object;
    }
  }
}

/** Pool and the six words of an id, mixed. */
function hashOf(pool: number, a: number, b: number, c: number, d: number, e: number, f: number): number {
  let hash = Math.imul(pool ^ 0x2545f491, 0x9e3779b1) ^ a;
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ b;
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35) ^ c;
  hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f) ^ d;
  hash = Math.imul(hash ^ (hash >>> 15), 0x165667b1) ^ e;
  hash = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) ^ f;
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 16);
}
