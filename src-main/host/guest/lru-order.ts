import type { StateReader, StateWriter } from '../state.ts';
import { NO_PAGE, PageCache } from './page-cache.ts';
import { NO_VICTIM, type PageOrder } from './page-order.ts';

/**
 * One order of last use over all pages: the least recently used is reclaimed first, be it a file's or anonymous. Kept as
 * an order of each kind, and where there are both, the times of the uses, so that anonymous pages which cannot be swapped
 * out cost nothing.
 */
export class LruOrder implements PageOrder {
  readonly filePages: number;
  /** Never: a dirty victim is written and waited for. */
  wantsFlusher = false;
  private readonly files: PageCache;
  private readonly anons: PageCache;
  private readonly hasAnons: boolean;
  /** Number of the last use of any page; not counted without anonymous pages. */
  private uses = 0;

  constructor(filePages: number, anonPages: number) {
    this.filePages = filePages;
    this.hasAnons = anonPages > 0;
    this.files = new PageCache(filePages, this.hasAnons);
    this.anons = new PageCache(anonPages, this.hasAnons);
  }

  get fileSize(): number {
    return this.files.size;
  }
  get anonSize(): number {
    return this.anons.size;
  }

  hasFile(page: number): boolean {
    return this.files.has(page);
  }

  touchFile(page: number): void {
    if (this.hasAnons) this.files.now = ++this.uses;
    this.files.touch(page);
  }

  insertFile(page: number): boolean {
    if (this.hasAnons) this.files.now = ++this.uses;
    const isRefault = this.files.wasEvicted(page);
    this.files.insert(page);
    return isRefault;
  }

  evictFile(_page: number): void {
    this.files.removeOldest();
  }

  removeFile(page: number): void {
    this.files.remove(page);
  }

  hasAnon(page: number): boolean {
    return this.anons.has(page);
  }

  touchAnon(page: number): void {
    this.anons.now = ++this.uses;
    this.anons.touch(page);
  }

  insertAnon(page: number): void {
    this.anons.now = ++this.uses;
    this.anons.insert(page);
  }

  removeAnon(page: number): void {
    this.anons.remove(page);
  }

  victim(canSwap: boolean): number {
    const file = this.files.oldestPage;
    const anon = canSwap ? this.anons.oldestPage : NO_PAGE;
    if (anon === NO_PAGE) return file === NO_PAGE ? NO_VICTIM : file;
    const isFileOlder = file !== NO_PAGE && this.files.oldestTime < this.anons.oldestTime;
    return isFileOlder ? file : this.filePages + anon;
  }

  nextAnon(): number {
    const anon = this.anons.oldestPage;
    return anon === NO_PAGE ? NO_VICTIM : anon;
  }

  save(to: StateWriter): void {
    this.files.save(to);
    if (!this.hasAnons) return;
    this.anons.save(to);
    to.numbers('uses', this.uses);
  }

  restore(from: StateReader): void {
    this.files.restore(from);
    if (!this.hasAnons) return;
    this.anons.restore(from);
    [this.uses] = from.numbers('uses');
  }
}
