import type { StateReader, StateWriter } from '../state.ts';

/** No page. */
export const NO_PAGE = -1;
/** Last use of a page that is not cached: never was or was removed, and evicted. */
const ABSENT = 0;
const EVICTED = -1;
const LEAST = 64;

/**
 * Pages in plain least-recently-used order, over dense page numbers: a guest's page cache.
 *
 * Layout: a log of uses, oldest first, and for each page the place of its last use in it (counted from 1). An entry is
 * live iff it is the last use of its page; the oldest page is found by moving a cursor past dead entries, and a full log
 * is closed up. So a use costs two writes, one of them in order, where links would have to be changed in six places.
 * Nothing is allocated per reference; the log has room for at least twice the pages that are cached.
 */
export class PageCache {
  private readonly lastUse: Int32Array;
  private log = new Int32Array(LEAST);
  /** Parallel to the log: when each use was, by {@link now}. Empty where nobody asks. */
  private times: Float64Array;
  /** All entries before `first` are dead; `end` is one past the newest. */
  private first = 0;
  private end = 0;
  /** Pages cached now. */
  size = 0;
  /** What the use that comes next is stamped with. */
  now = 0;

  /**
   * @param distinctPages how many page numbers there are; references are 0 … distinctPages − 1
   * @param isTimed whether {@link oldestTime} will be asked for
   */
  constructor(distinctPages: number, isTimed = false) {
    this.lastUse = new Int32Array(distinctPages);
    this.times = new Float64Array(isTimed ? LEAST : 0);
  }

  /** Whether the page is cached. */
  has(page: number): boolean {
    return this.lastUse[page] > ABSENT;
  }

  /** Whether the page is not cached, but was until it was evicted: reading it in is a refault. */
  wasEvicted(page: number): boolean {
    return this.lastUse[page] === EVICTED;
  }

  /** The least recently used page, or {@link NO_PAGE}. */
  get oldestPage(): number {
    if (this.size === 0) return NO_PAGE;
    const { lastUse, log } = this;
    while (lastUse[log[this.first]] !== this.first + 1) this.first++;
    return log[this.first];
  }

  /** When it was used last; call after {@link oldestPage}, where there is one. */
  get oldestTime(): number {
    return this.times[this.first];
  }

  /** Makes a cached page the most recently used. */
  touch(page: number): void {
    if (this.lastUse[page] !== this.end) this.append(page);
    else if (this.times.length > 0) this.times[this.end - 1] = this.now;
  }

  /** Caches a page that is not cached, as the most recently used. */
  insert(page: number): void {
    this.append(page);
    this.size++;
  }

  /** Evicts the least recently used page and returns it, or {@link NO_PAGE} when the cache is empty. */
  removeOldest(): number {
    const page = this.oldestPage;
    if (page === NO_PAGE) return page;
    this.lastUse[page] = EVICTED;
    this.first++;
    this.size--;
    return page;
  }

  /** Removes a cached page because it is no more: it was truncated, or freed. */
  remove(page: number): void {
    this.lastUse[page] = ABSENT;
    this.size--;
  }

  private append(page: number): void {
    if (this.end === this.log.length) this.closeUp();
    this.log[this.end] = page;
    if (this.times.length > 0) this.times[this.end] = this.now;
    this.lastUse[page] = ++this.end;
  }

  /** Leaves dead entries out, and doubles the log if more than half of it is live. */
  private closeUp(): void {
    const { lastUse, log, times } = this;
    const isTimed = times.length > 0;
    const room = this.size * 2 > log.length ? log.length * 2 : log.length;
    const to = room === log.length ? log : new Int32Array(room);
    const timesTo = room === log.length ? times : new Float64Array(isTimed ? room : 0);
    let live = 0;
    for (let at = this.first; at < this.end; at++) {
      const page = log[at];
      if (lastUse[page] !== at + 1) continue;
      to[live] = page;
      if (isTimed) timesTo[live] = times[at];
      lastUse[page] = ++live;
    }
    this.log = to;
    this.times = timesTo;
    this.first = 0;
    this.end = live;
  }

  save(to: StateWriter): void {
    to.array('page cache', this.lastUse);
    to.numbers('page cache log', this.log.length, this.first, this.size);
    to.array('page cache uses', this.log, this.end);
    if (this.times.length > 0) to.array('page cache times', this.times, this.end);
  }

  restore(from: StateReader): void {
    this.lastUse.set(from.array('page cache', Int32Array));
    const [room, first, size] = from.numbers('page cache log');
    const log = from.array('page cache uses', Int32Array);
    this.log = new Int32Array(room);
    this.log.set(log);
    this.first = first;
    this.end = log.length;
    this.size = size;
    if (this.times.length === 0) return;
    this.times = new Float64Array(room);
    this.times.set(from.array('page cache times', Float64Array));
  }
}
