import type { StateReader, StateWriter } from '../state.ts';
import { PAGE_LAYOUT } from './layout.ts';

const { PAGE_WORDS, P_OBJECT, P_INDEX, P_GLOBAL_NEXT, P_GLOBAL_PREV, P_OWNER_NEXT, P_OWNER_PREV } = PAGE_LAYOUT;

/**
 * Every page of the store: one record of 8 words in one `Int32Array`, found by a chained hash over (object, index) and
 * threaded through two intrusive lists. A *page handle* is the offset of its record; 0 is no page.
 *
 * List heads are records of their own (sentinels), so that unlinking needs to know no list and lists may be spliced.
 */

// Word 0 chains the pages of a bucket, and the free records.

/** Which of the two FIFO lists: the word of its forward link; the backward link is the word after it. */
export type ListLink = typeof P_GLOBAL_NEXT | typeof P_OWNER_NEXT;

export class PageTable {
  /** All records. Replaced when it grows: fetch it anew after every {@link add}. */
  records: Int32Array;
  /** Two words a page, by the number of its record: what the page holds, as a stand-in for its bytes. */
  contents: Int32Array;
  /** Heads of the hash chains; the length is a power of two. */
  buckets: Int32Array;
  /** Pages in the table, sentinels not counted. */
  count = 0;
  /** First word never used so far. */
  top: number = PAGE_WORDS;
  /** Free records, threaded through their first word. */
  freeHead = 0;
  /** Where {@link find} looked last: the bucket, and the page before the one found (0: it was the first). */
  private lastBucket = 0;
  private lastBefore = 0;

  constructor(expectedPages: number) {
    this.records = new Int32Array((expectedPages + 2) * PAGE_WORDS);
    this.contents = new Int32Array((expectedPages + 2) * 2);
    this.buckets = new Int32Array(powerOfTwoAtLeast(expectedPages));
  }

  /** The page of this object and index (as a signed 32-bit number), or 0. */
  find(object: number, index: number): number {
    const { records } = this;
    const bucket = this.bucketOf(object, index);
    let before = 0;
    let page = this.buckets[bucket];
    while (page !== 0 && (records[page + P_INDEX] !== index || records[page + P_OBJECT] !== object)) {
      before = page;
      page = records[page];
    }
    this.lastBucket = bucket;
    this.lastBefore = before;
    return page;
  }

  /** Adds a page that must not be there yet, in no list. @param index the index as a signed 32-bit number */
  add(object: number, index: number): number {
    if (this.count >= this.buckets.length) this.growBuckets();
    const free = this.freeHead;
    const page = free === 0 ? this.takeNewRecord() : free;
    const { records, buckets } = this;
    if (free !== 0) this.freeHead = records[free];
    const bucket = this.bucketOf(object, index);
    records[page] = buckets[bucket];
    buckets[bucket] = page;
    records[page + P_OBJECT] = object;
    records[page + P_INDEX] = index;
    this.count++;
    return page;
  }

  /** Takes a page out of the hash and frees its record; it must be in no list any more. */
  remove(page: number): void {
    const { records, buckets } = this;
    const bucket = this.bucketOf(records[page + P_OBJECT], records[page + P_INDEX]);
    let before = 0;
    for (let at = buckets[bucket]; at !== page; at = records[at]) before = at;
    if (before === 0) buckets[bucket] = records[page];
    else records[before] = records[page];
    this.free(page);
  }

  /** The same for the page that {@link find} has just found, with no other operation in between. */
  removeFound(page: number): void {
    const { records } = this;
    if (this.lastBefore === 0) this.buckets[this.lastBucket] = records[page];
    else records[this.lastBefore] = records[page];
    this.free(page);
  }

  /** A record that is the head of a list through both links, empty. */
  addSentinel(): number {
    const free = this.freeHead;
    const head = free === 0 ? this.takeNewRecord() : free;
    if (free !== 0) this.freeHead = this.records[free];
    this.makeEmpty(head, P_GLOBAL_NEXT);
    this.makeEmpty(head, P_OWNER_NEXT);
    this.records[head + P_OBJECT] = 0;
    return head;
  }

  /** Frees a sentinel. Records that still point at it must be gone or unlinked before they are touched again. */
  removeSentinel(head: number): void {
    this.records[head] = this.freeHead;
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
    to.array('page contents', this.contents, this.top / (PAGE_WORDS / 2));
    to.array('page buckets', this.buckets);
    to.numbers('page table', this.count, this.freeHead);
  }

  /** @param adopt take the snapshot's arrays over instead of copying them */
  restore(from: StateReader, adopt: boolean): void {
    const records = from.array('pages', Int32Array);
    const contents = from.array('page contents', Int32Array);
    const buckets = from.array('page buckets', Int32Array);
    this.records = adopt ? records : records.slice();
    this.contents = adopt ? contents : contents.slice();
    this.buckets = adopt ? buckets : buckets.slice();
    this.top = records.length;
    [this.count = 0, this.freeHead = 0] = from.numbers('page table');
  }

  /** Bytes held by the table, and those of them that are in use. */
  bytes(): { readonly held: number; readonly used: number } {
    const used = this.top * 5 + this.buckets.byteLength;
    return { held: this.records.byteLength + this.contents.byteLength + this.buckets.byteLength, used };
  }

  /**
   * Runs of 64 indexes of an object share a stretch of buckets, which keeps sequential access within few cache lines;
   * the stretches of different objects and runs are scattered.
   */
  private bucketOf(object: number, index: number): number {
    const run = Math.imul(object ^ Math.imul(index >>> 6, 0x9e3779b1), 0x85ebca6b);
    return ((run ^ (run >>> 15)) + (index & 63)) & (this.buckets.length - 1);
  }

  private free(page: number): void {
    this.records[page + P_OBJECT] = 0;
    this.records[page] = this.freeHead;
    this.freeHead = page;
    this.count--;
  }

  private takeNewRecord(): number {
    const page = this.top;
    this.top += PAGE_WORDS;
    if (this.top > this.records.length) {
      const longer = new Int32Array(this.records.length * 2);
      longer.set(this.records);
      this.records = longer;
      const contents = new Int32Array(this.contents.length * 2);
      contents.set(this.contents);
      this.contents = contents;
    }
    return page;
  }

  /** Doubles the buckets and chains every page anew, in order of its record. */
  private growBuckets(): void {
    this.buckets = new Int32Array(this.buckets.length * 2);
    const { records, buckets } = this;
    for (let page = PAGE_WORDS; page < this.top; page += PAGE_WORDS) {
      const object = records[page + P_OBJECT];
      if (object === 0) continue;
      const bucket = this.bucketOf(object, records[page + P_INDEX]);
      records[page] = buckets[bucket];
      buckets[bucket] = page;
    }
  }
}

/** The least power of two that is at least `n` and 16. */
export function powerOfTwoAtLeast(n: number): number {
  let size = 16;
  while (size < n) size *= 2;
  return size;
}
