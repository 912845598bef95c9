import type { StateReader, StateWriter } from '../state.ts';
import type { FilePageStates } from './file-page-states.ts';
import { NO_VICTIM, type PageOrder } from './page-order.ts';

/** The lists, and the index of the inactive one of each kind. An active list follows its inactive one. */
const ANON = 0;
const FILE = 2;
const ACTIVE = 1;
const LISTS = 4;
/** Bits of a page's state: in RAM, in an active list, used since it was last looked at; evicted, and active when it was. */
const PRESENT = 1;
const IN_ACTIVE = 2;
const REFERENCED = 4;
const EVICTED = 8;
const NONE = -1;
/** Pages that a pass of reclaim takes, and ages (Linux' SWAP_CLUSTER_MAX). */
const PASS_PAGES = 32;
const PAGES_PER_GIB = 262_144;
/** Scanned pages count half as soon as they are more than this part of the pages there are. */
const SCAN_MEMORY = 4;

/**
 * Linux' two lists for pages of files and two for anonymous pages, with refault distance: mm/vmscan.c, mm/swap.c and
 * mm/workingset.c as of 5.2, the last kernel with the Xen tmem driver.
 *
 * - A file page comes in inactive; its second reference moves it to the active list (`mark_page_accessed`). An anonymous
 *   page comes in active (`lru_cache_add_active_or_unevictable`), one read ahead inactive (`lru_cache_add_anon`).
 * - The oldest inactive page is reclaimed. A dirty file page (`shrink_page_list`, activate_locked) and an anonymous page
 *   used meanwhile go to the active list instead.
 * - A pass that meets only dirty pages has them written (`wakeup_flusher_threads`).
 * - In each pass of 32 pages, the oldest active pages become inactive while the inactive list is low:
 *   inactive · √(10 · GiB of both) < active; and always while refaults are activated (`inactive_list_is_low`).
 * - File or anonymous: files alone while their inactive list is not low, else in the ratio
 *   swappiness · (scanned + 1) / (rotated + 1) of each kind (`get_scan_count`).
 * - A refault whose distance (evictions and activations since the page went) is at most the size of the active file list
 *   comes in active (`workingset_refault`). Shadow entries are kept for ever; Linux gives up the oldest under pressure.
 *
 * Layout: two links and a state a page, file pages first; a number of 32 bits for the shadow entry of each file page.
 */
export class TwoListOrder implements PageOrder {
  readonly filePages: number;
  private readonly swappiness: number;
  private readonly links: Int32Array;
  private readonly states: Uint8Array;
  private readonly shadows: Uint32Array;
  /** By list: its most and least recently added page, and its size. */
  private readonly newest = new Int32Array(LISTS).fill(NONE);
  private readonly oldest = new Int32Array(LISTS).fill(NONE);
  private readonly sizes = new Int32Array(LISTS);
  /** By list (inactive ones): pages looked at, and pages that went back to active, of late. */
  private readonly scanned = new Float64Array(LISTS);
  private readonly rotated = new Float64Array(LISTS);
  /** Linux' inactive_age, modulo 2^32: evictions and activations of file pages. */
  private age = 0;
  /** Refaults that were activated, and as many as there were when the last pass ended. */
  private activations = 0;
  private activationsSeen = 0;
  /** What is left of the pass under way, which kind it takes, and the part of a pass that is due to anonymous pages. */
  private passLeft = 0;
  private passKind = FILE;
  private anonDue = 0;
  /** Dirty pages met in it. */
  private passDirty = 0;
  /** A whole pass met nothing but dirty pages: they are to be written. For the kernel to see and to clear. */
  wantsFlusher = false;

  constructor(filePages: number, anonPages: number, swappiness: number) {
    this.filePages = filePages;
    this.swappiness = swappiness;
    this.links = new Int32Array(2 * (filePages + anonPages));
    this.states = new Uint8Array(filePages + anonPages);
    this.shadows = new Uint32Array(filePages);
  }

  get fileSize(): number {
    return this.sizes[FILE] + this.sizes[FILE + ACTIVE];
  }
  get anonSize(): number {
    return this.sizes[ANON] + this.sizes[ANON + ACTIVE];
  }

  hasFile(page: number): boolean {
    return (this.states[page] & PRESENT) !== 0;
  }

  touchFile(page: number): void {
    const state = this.states[page];
    if ((state & REFERENCED) === 0) {
      this.states[page] = state | REFERENCED;
    } else if ((state & IN_ACTIVE) === 0) {
      this.unlink(page, FILE);
      this.states[page] = state & ~REFERENCED;
      this.link(page, FILE + ACTIVE);
      this.countAdded(FILE, true);
      this.age = (this.age + 1) >>> 0;
    }
  }

  insertFile(page: number): boolean {
    const isRefault = (this.states[page] & EVICTED) !== 0;
    const distance = (this.age - this.shadows[page]) >>> 0;
    const isActive = isRefault && distance <= this.sizes[FILE + ACTIVE];
    if (isActive) {
      this.age = (this.age + 1) >>> 0;
      this.activations++;
    }
    // Its first reference is the one that brings it in.
    this.states[page] = PRESENT | REFERENCED;
    this.link(page, isActive ? FILE + ACTIVE : FILE);
    this.countAdded(FILE, isActive);
    return isRefault;
  }

  evictFile(page: number): void {
    this.unlink(page, FILE);
    this.age = (this.age + 1) >>> 0;
    this.shadows[page] = this.age;
    this.states[page] = EVICTED;
  }

  removeFile(page: number): void {
    this.unlink(page, FILE);
    this.states[page] = 0;
  }

  hasAnon(page: number): boolean {
    return (this.states[this.filePages + page] & PRESENT) !== 0;
  }

  touchAnon(page: number): void {
    this.states[this.filePages + page] |= REFERENCED;
  }

  insertAnon(page: number, isReadAhead: boolean): void {
    const at = this.filePages + page;
    this.states[at] = isReadAhead ? PRESENT : PRESENT | REFERENCED;
    this.link(at, isReadAhead ? ANON : ANON + ACTIVE);
    this.countAdded(ANON, !isReadAhead);
  }

  removeAnon(page: number): void {
    const at = this.filePages + page;
    this.unlink(at, ANON);
    this.states[at] = 0;
  }

  victim(canSwap: boolean, files: FilePageStates): number {
    // Twice round everything: pages spared in the first round are spared only once.
    for (let left = 2 * (this.fileSize + this.anonSize) + 1; left > 0; left--) {
      if (this.passLeft <= 0 || this.isExhausted(this.passKind, canSwap)) {
        if (!this.beginPass(canSwap)) return NO_VICTIM;
      }
      const kind = this.passKind;
      const page = this.oldest[kind];
      if (page === NONE) {
        this.deactivate(kind);
        continue;
      }
      this.passLeft--;
      this.scanned[kind]++;
      const isSpared = kind === FILE ? files.isBusy(page) : (this.states[page] & REFERENCED) !== 0;
      if (!isSpared) return page;
      this.activate(page, kind);
      if (kind === FILE && ++this.passDirty === PASS_PAGES) this.wantsFlusher = true;
    }
    return NO_VICTIM;
  }

  nextAnon(): number {
    const page = this.oldest[ANON];
    if (page === NONE || (this.states[page] & REFERENCED) !== 0) return NO_VICTIM;
    this.passLeft--;
    return page - this.filePages;
  }

  /** `update_page_reclaim_stat`: pages that come in, or become active, count as looked at. */
  private countAdded(kind: number, isActive: boolean): void {
    this.scanned[kind]++;
    if (isActive) this.rotated[kind]++;
  }

  private isExhausted(kind: number, canSwap: boolean): boolean {
    return this.sizes[kind] + this.sizes[kind + ACTIVE] === 0 || (kind === ANON && !canSwap);
  }

  /** Begins a pass: ages the lists that need it and chooses which kind gives pages. @returns false where none can */
  private beginPass(canSwap: boolean): boolean {
    this.settleScans(FILE);
    this.settleScans(ANON);
    const hasFiles = this.fileSize > 0;
    const hasAnon = canSwap && this.anonSize > 0;
    if (!hasFiles && !hasAnon) return false;
    if (hasFiles && hasAnon) this.passKind = this.isRatioLow(FILE) && this.isAnonDue() ? ANON : FILE;
    else this.passKind = hasFiles ? FILE : ANON;
    if (this.isLow(FILE)) this.deactivate(FILE);
    if (canSwap && this.isLow(ANON)) this.deactivate(ANON);
    this.activationsSeen = this.activations;
    this.passLeft = PASS_PAGES;
    this.passDirty = 0;
    return true;
  }

  /** Whether this pass is one for anonymous pages, in the ratio that the success of scanning suggests. */
  private isAnonDue(): boolean {
    const anon = (this.swappiness * (this.scanned[ANON] + 1)) / (this.rotated[ANON] + 1);
    const file = ((200 - this.swappiness) * (this.scanned[FILE] + 1)) / (this.rotated[FILE] + 1);
    this.anonDue += anon / (anon + file);
    if (this.anonDue < 1) return false;
    this.anonDue--;
    return true;
  }

  private settleScans(kind: number): void {
    if (this.scanned[kind] <= (this.sizes[kind] + this.sizes[kind + ACTIVE]) / SCAN_MEMORY) return;
    this.scanned[kind] = Math.floor(this.scanned[kind] / 2);
    this.rotated[kind] = Math.floor(this.rotated[kind] / 2);
  }

  /** Whether active pages are to become inactive; of files always while refaults are activated. */
  private isLow(kind: number): boolean {
    if (kind === FILE && this.activations !== this.activationsSeen) return this.sizes[FILE + ACTIVE] > 0;
    return this.isRatioLow(kind);
  }

  private isRatioLow(kind: number): boolean {
    const inactive = this.sizes[kind];
    const active = this.sizes[kind + ACTIVE];
    const gib = Math.floor((inactive + active) / PAGES_PER_GIB);
    return inactive * (gib > 0 ? Math.floor(Math.sqrt(10 * gib)) : 1) < active;
  }

  /** `shrink_active_list`: the 32 oldest active pages become inactive, and have to be used again to come back. */
  private deactivate(kind: number): void {
    for (let left = PASS_PAGES; left > 0 && this.sizes[kind + ACTIVE] > 0; left--) {
      const page = this.oldest[kind + ACTIVE];
      this.scanned[kind]++;
      // Referenced pages of files count only where programs map them, which these do not.
      if (kind === ANON && (this.states[page] & REFERENCED) !== 0) this.rotated[kind]++;
      this.unlink(page, kind);
      this.states[page] &= ~(IN_ACTIVE | REFERENCED);
      this.link(page, kind);
    }
  }

  private activate(page: number, kind: number): void {
    this.rotated[kind]++;
    this.unlink(page, kind);
    this.states[page] &= ~REFERENCED;
    this.link(page, kind + ACTIVE);
  }

  private link(page: number, list: number): void {
    const { links, newest } = this;
    if ((list & ACTIVE) !== 0) this.states[page] |= IN_ACTIVE;
    links[page * 2] = NONE;
    links[page * 2 + 1] = newest[list];
    if (newest[list] === NONE) this.oldest[list] = page;
    else links[newest[list] * 2] = page;
    newest[list] = page;
    this.sizes[list]++;
  }

  /** Takes a page out of its list; the caller changes its state. */
  private unlink(page: number, kind: number): void {
    const { links } = this;
    const list = (this.states[page] & IN_ACTIVE) === 0 ? kind : kind + ACTIVE;
    this.states[page] &= ~IN_ACTIVE;
    const previous = links[page * 2];
    const next = links[page * 2 + 1];
    if (previous === NONE) this.newest[list] = next;
    else links[previous * 2 + 1] = next;
    if (next === NONE) this.oldest[list] = previous;
    else links[next * 2] = previous;
    this.sizes[list]--;
  }

  save(to: StateWriter): void {
    to.array('two lists', this.links);
    to.array('two lists states', this.states);
    to.array('two lists shadows', this.shadows);
    to.numbers('two lists ends', ...this.newest, ...this.oldest, ...this.sizes);
    to.numbers('two lists scans', ...this.scanned, ...this.rotated);
    const { age, activations, activationsSeen, passLeft, passKind, passDirty, anonDue } = this;
    to.numbers('two lists pass', age, activations, activationsSeen, passLeft, passKind, passDirty, anonDue);
  }

  restore(from: StateReader): void {
    this.links.set(from.array('two lists', Int32Array));
    this.states.set(from.array('two lists states', Uint8Array));
    this.shadows.set(from.array('two lists shadows', Uint32Array));
    const ends = from.numbers('two lists ends');
    this.newest.set(ends.subarray(0, LISTS));
    this.oldest.set(ends.subarray(LISTS, 2 * LISTS));
    this.sizes.set(ends.subarray(2 * LISTS));
    const scans = from.numbers('two lists scans');
    this.scanned.set(scans.subarray(0, LISTS));
    this.rotated.set(scans.subarray(LISTS));
    [this.age, this.activations, this.activationsSeen, this.passLeft, this.passKind, this.passDirty, this.anonDue] =
      from.numbers('two lists pass');
  }
}
