import type { StateReader, StateWriter } from '../state.ts';
import { PAGE_LAYOUT } from './layout.ts';
import { lengthened } from './memory.ts';

const { PAGE_WORDS, P_CHAIN_NEXT, P_CHAIN_PREV, P_OBJECT, P_INDEX } = PAGE_LAYOUT;
const { P_GLOBAL_NEXT, P_GLOBAL_PREV, P_OWNER_NEXT, P_OWNER_PREV } = PAGE_LAYOUT;

/**
 * Every page of the store: one record of 8 words in one `Int32Array`, found by a chained hash over (object, index) and
 * threaded through two intrusive lists. A *page handle* is the offset of its record; 0 is no page.
 *
 * List heads are records of their own (sentinels), so that unlinking needs to know no list and lists may be spliced.
 */

/** Which of the two FIFO lists: the word of its forward link; the backward link is the word after it. */
export type ListLink = typeof P_GLOBAL_NEXT | typeof P_OWNER_NEXT;

export class PageTable {
  /** All records. Replaced when it grows: fetch it anew after every {@link add}. */
  records: Int32Array;
  /**
   * What is seldom looked at, two words a page by the number of its record: host time of the put in ms modulo 2^32, and
   * the low word of what the page holds.
   */
  details: Uint32Array;
  /** By number of the record: high word of what the page holds; null while all are 0. */
  contentsHi: Uint32Array | null = null;
  /** By number of the record: bytes of a compressed page, 0 for others; null while no page is compressed. */
  compressedSizes: Uint16Array | null = null;
  /** Heads of the hash chains; the length is a power of two. */
  buckets: Int32Array;
  /** Pages in the table, sentinels not counted. */
  count = 0;
  /** First word never used so far. */
  top: number = PAGE_WORDS;
  /** Free records, threaded through their first word. */
  freeHead = 0;

  constructor(expectedPages: number) {
    this.records = new Int32Array((expectedPages + 2) * PAGE_WORDS);
    this.details = new Uint32Array((expectedPages + 2) * 2);
    this.buckets = new Int32Array(powerOfTwoAtLeast(expectedPages));
  }

  /** The page of this object and index (as a signed 32-bit number), or 0. */
  find(object: number, index: number): number {
    const { records } = this;
    let page = this.buckets[this.bucketOf(object, index)];
    while (page !== 0 && (records[page + P_INDEX] !== index || records[page + P_OBJECT] !== object)) {
      page = records[page + P_CHAIN_NEXT];
    }
    return page;
  }

  /** Notes what a page holds and when it came. */
  setDetails(page: number, timeMs: number, contentLo: number, contentHi: number): void {
    const at = page / (PAGE_WORDS / 2);
    this.details[at] = timeMs;
    this.details[at + 1] = contentLo;
    if (this.contentsHi !== null || contentHi !== 0) this.setContentHi(page, contentHi);
  }

  private setContentHi(page: number, contentHi: number): void {
    this.contentsHi ??= new Uint32Array(this.details.length / 2);
    this.contentsHi[page / PAGE_WORDS] = contentHi;
  }

  /** Bytes that a compressed page takes; 0 for a page that is not. */
  compressedSizeOf(page: number): number {
    return this.compressedSizes === null ? 0 : this.compressedSizes[page / PAGE_WORDS];
  }

  setCompressedSize(page: number, bytes: number): void {
    this.compressedSizes ??= new Uint16Array(this.details.length / 2);
    this.compressedSizes[page / PAGE_WORDS] = bytes;
  }

  /** Host time of a page's put in ms, modulo 2^32. */
  timeOf(page: number): number {
    return this.details[page / (PAGE_WORDS / 2)];
  }

  /** What a page holds, low and high word, unsigned. Also of a page removed since, until another takes its record. */
  contentLoOf(page: number): number {
    return this.details[page / (PAGE_WORDS / 2) + 1];
  }
  contentHiOf(page: number): number {
    return this.contentsHi === null ? 0 : this.contentsHi[page / PAGE_WORDS];
  }

  /** The object a page is in. */
  objectOf(page: number): number {
    return this.records[page + P_OBJECT];
  }

  /** The index of a page, as a signed 32-bit number. */
  indexOf(page: number): number {
    return this.records[page + P_INDEX];
  }

  /** Adds a page that must not be there yet, in no list. @param index the index as a signed 32-bit number */
  add(object: number, index: number): number {
    if (this.count >= this.buckets.length) this.growBuckets();
    const free = this.freeHead;
    const page = free === 0 ? this.takeNewRecord() : free;
    const { records, buckets } = this;
    if (free !== 0) this.freeHead = records[free + P_CHAIN_NEXT];
    const bucket = this.bucketOf(object, index);
    const next = buckets[bucket];
    buckets[bucket] = page;
    records[page + P_CHAIN_NEXT] = next;
    records[page + P_CHAIN_PREV] = ~bucket;
    if (next !== 0) records[next + P_CHAIN_PREV] = page;
    records[page + P_OBJECT] = object;
    records[page + P_INDEX] = index;
    this.count++;
    return page;
  }

  /** Takes a page out of the hash and frees its record; it must be in no list any more. */
  remove(page: number): void {
    const { records } = this;
    // Only stores to other records: nothing here waits for memory.
    const next = records[page + P_CHAIN_NEXT];
    const prev = records[page + P_CHAIN_PREV];
    if (prev < 0) this.buckets[~prev] = next;
    else records[prev + P_CHAIN_NEXT] = next;
    if (next !== 0) records[next + P_CHAIN_PREV] = prev;
    records[page + P_OBJECT] = 0;
    records[page + P_CHAIN_NEXT] = this.freeHead;
    this.freeHead = page;
    this.count--;
  }

  /** A record that is the head of a list through both links, empty. */
  addSentinel(): number {
    const free = this.freeHead;
    const head = free === 0 ? this.takeNewRecord() : free;
    if (free !== 0) this.freeHead = this.records[free + P_CHAIN_NEXT];
    this.makeEmpty(head, P_GLOBAL_NEXT);
    this.makeEmpty(head, P_OWNER_NEXT);
    this.records[head + P_OBJECT] = 0;
    return head;
  }

  /** Frees a sentinel. Records that still point at it must be gone or unlinked before they are touched again. */
  removeSentinel(head: number): void {
    this.records[head + P_CHAIN_NEXT] = this.freeHead;
    this.freeHead = head;
  }

  // ---- lists --------------------------------------------------------------------------------------------------------

  /** Appends at the tail of the list of this head. */
  append(head: number, page: number, link: ListLink): void {
    const { records } = this;
    const tail = records[head + link + 1];
    records[page + link] = head;
    records[page + link + 1] = tail;
    records[tail + link] = page;
    records[head + link + 1] = page;
  }

  /** Takes a page out of whatever list it is in; leaves its own links as they were. */
  unlink(page: number, link: ListLink): void {
    const { records } = this;
    const next = records[page + link];
    const prev = records[page + link + 1];
    records[prev + link] = next;
    records[next + link + 1] = prev;
  }

  /** Takes an ephemeral page out of both its lists. */
  unlinkBoth(page: number): void {
    const { records } = this;
    const globalNext = records[page + P_GLOBAL_NEXT];
    const globalPrev = records[page + P_GLOBAL_PREV];
    const ownerNext = records[page + P_OWNER_NEXT];
    const ownerPrev = records[page + P_OWNER_PREV];
    records[globalPrev + P_GLOBAL_NEXT] = globalNext;
    records[globalNext + P_GLOBAL_PREV] = globalPrev;
    records[ownerPrev + P_OWNER_NEXT] = ownerNext;
    records[ownerNext + P_OWNER_PREV] = ownerPrev;
  }

  /** Links a record to itself: an empty list, or a page in none. */
  makeEmpty(head: number, link: ListLink): void {
    this.records[head + link] = head;
    this.records[head + link + 1] = head;
  }

  /** Whether a head's list is empty, or a page is linked to nothing but itself. */
  isEmpty(head: number, link: ListLink): boolean {
    return this.records[head + link] === head;
  }

  /** Moves the whole list of `from` to the front of the list of `to`; `from` is empty then. */
  spliceToFront(from: number, to: number, link: ListLink): void {
    if (this.isEmpty(from, link)) return;
    const { records } = this;
    const first = records[from + link];
    const last = records[from + link + 1];
    const at = records[to + link];
    records[first + link + 1] = to;
    records[to + link] = first;
    records[last + link] = at;
    records[at + link + 1] = last;
    this.makeEmpty(from, link);
  }

  // ---- storage ------------------------------------------------------------------------------------------------------

  save(to: StateWriter): void {
    to.array('pages', this.records, this.top);
    to.array('page details', this.details, (2 * this.top) / PAGE_WORDS);
    to.array('page contents', this.contentsHi ?? new Uint32Array(0), this.top / PAGE_WORDS);
    to.array('compressed sizes', this.compressedSizes ?? new Uint16Array(0), this.top / PAGE_WORDS);
    to.array('page buckets', this.buckets);
    to.numbers('page table', this.count, this.freeHead);
  }

  /** @param adopt take the snapshot's arrays over instead of copying them */
  restore(from: StateReader, adopt: boolean): void {
    const records = from.array('pages', Int32Array);
    const details = from.array('page details', Uint32Array);
    const contents = from.array('page contents', Uint32Array);
    const sizes = from.array('compressed sizes', Uint16Array);
    const buckets = from.array('page buckets', Int32Array);
    this.records = adopt ? records : records.slice();
    this.details = adopt ? details : details.slice();
    this.contentsHi = contents.length === 0 ? null : adopt ? contents : contents.slice();
    this.compressedSizes = sizes.length === 0 ? null : sizes.slice();
    this.buckets = adopt ? buckets : buckets.slice();
    this.top = records.length;
    [this.count = 0, this.freeHead = 0] = from.numbers('page table');
  }

  /** Bytes held by the table, and those of them that are in use. */
  bytes(): { readonly held: number; readonly used: number } {
    const { records, details, contentsHi, buckets } = this;
    const held = records.byteLength + details.byteLength + (contentsHi?.byteLength ?? 0);
    const used = (held * this.top) / records.length;
    return { held: held + buckets.byteLength, used: used + buckets.byteLength };
  }

  /**
   * Runs of 64 indexes of an object share a stretch of buckets, which keeps sequential access within few cache lines;
   * the stretches of different objects and runs are scattered.
   */
  private bucketOf(object: number, index: number): number {
    const run = Math.imul(object ^ Math.imul(index >>> 6, 0x9e3779b1), 0x85ebca6b);
    return ((run ^ (run >>> 15)) + (index & 63)) & (this.buckets.length - 1);
  }

  private takeNewRecord(): number {
    const page = this.top;
    this.top += PAGE_WORDS;
    if (this.top > this.records.length) {
      const longer = new Int32Array(this.records.length * 2);
      longer.set(this.records);
      this.records = longer;
      const records = longer.length / PAGE_WORDS;
      this.details = lengthened(this.details, new Uint32Array(records * 2));
      if (this.contentsHi !== null) this.contentsHi = lengthened(this.contentsHi, new Uint32Array(records));
      if (this.compressedSizes !== null) {
        this.compressedSizes = lengthened(this.compressedSizes, new Uint16Array(records));
      }
    }
    return page;
  }

  /** Doubles the buckets and chains every page anew, in order of its record. */
  private growBuckets(): void {
    this.buckets = new Int32Array(this.buckets.length * 2);
    const { records, buckets } = this;
    for (let page: number = PAGE_WORDS; page < this.top; page += PAGE_WORDS) {
      const object = records[page + P_OBJECT];
      if (object === 0) continue;
      const bucket = this.bucketOf(object, records[page + P_INDEX]);
      const next = buckets[bucket];
      buckets[bucket] = page;
      records[page + P_CHAIN_NEXT] = next;
      records[page + P_CHAIN_PREV] = ~bucket;
      if (next !== 0) records[next + P_CHAIN_PREV] = page;
    }
  }
}

/** The least power of two that is at least `n` and 16. */
export function powerOfTwoAtLeast(n: number): number {
  let size = 16;
  while (size < n) size *= 2;
  return size;
}
