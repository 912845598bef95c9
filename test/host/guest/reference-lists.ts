/** A page of a file or an anonymous one. */
export type PageKind = 'file' | 'anon';
export interface Key {
  readonly kind: PageKind;
  readonly page: number;
}

/** The order in which pages are reclaimed, in plain lists, oldest first: what {@link PageOrder} must agree with. */
export interface ReferenceOrder {
  size(kind: PageKind): number;
  has(key: Key): boolean;
  touch(key: Key): void;
  /** @returns whether it is a refault */
  insert(key: Key, isReadAhead: boolean): boolean;
  evict(page: number): void;
  remove(key: Key): void;
  victim(canSwap: boolean): Key | null;
  nextAnon(): number | null;
}

const same = (a: Key, b: Key): boolean => a.kind === b.kind && a.page === b.page;

/** Least recently used first, over all pages. */
export class ReferenceLru implements ReferenceOrder {
  private pages: Key[] = [];
  private readonly evicted = new Set<number>();

  size(kind: PageKind): number {
    return this.pages.filter((key) => key.kind === kind).length;
  }
  has(key: Key): boolean {
    return this.pages.some((other) => same(other, key));
  }
  touch(key: Key): void {
    this.remove(key);
    this.pages.push(key);
  }
  insert(key: Key): boolean {
    this.pages.push(key);
    return key.kind === 'file' && this.evicted.has(key.page);
  }
  evict(page: number): void {
    this.remove({ kind: 'file', page });
    this.evicted.add(page);
  }
  remove(key: Key): void {
    this.pages = this.pages.filter((other) => !same(other, key));
    if (key.kind === 'file') this.evicted.delete(key.page);
  }
  victim(canSwap: boolean): Key | null {
    return this.pages.find(({ kind }) => kind === 'file' || canSwap) ?? null;
  }
  nextAnon(): number | null {
    return this.pages.find(({ kind }) => kind === 'anon')?.page ?? null;
  }
}

interface Lists {
  inactive: number[];
  active: number[];
  referenced: Set<number>;
  scanned: number;
  rotated: number;
}
const lists = (): Lists => ({ inactive: [], active: [], referenced: new Set(), scanned: 0, rotated: 0 });

/** Linux' active and inactive lists (mm/vmscan.c and mm/workingset.c of 5.2), for pages that are never dirty. */
export class ReferenceTwoLists implements ReferenceOrder {
  private readonly of = { file: lists(), anon: lists() };
  private readonly shadows = new Map<number, number>();
  private age = 0;
  private activations = 0;
  private activationsSeen = 0;
  private pass: { kind: PageKind; left: number } = { kind: 'file', left: 0 };
  private anonDue = 0;
  private readonly swappiness: number;

  constructor(swappiness: number) {
    this.swappiness = swappiness;
  }

  size(kind: PageKind): number {
    return this.of[kind].inactive.length + this.of[kind].active.length;
  }
  has({ kind, page }: Key): boolean {
    return this.of[kind].inactive.includes(page) || this.of[kind].active.includes(page);
  }

  touch({ kind, page }: Key): void {
    const list = this.of[kind];
    if (kind === 'file' && list.referenced.has(page) && list.inactive.includes(page)) {
      list.inactive = list.inactive.filter((other) => other !== page);
      list.active.push(page);
      list.referenced.delete(page);
      list.scanned++;
      list.rotated++;
      this.age++;
    } else {
      list.referenced.add(page);
    }
  }

  insert({ kind, page }: Key, isReadAhead: boolean): boolean {
    const list = this.of[kind];
    const shadow = kind === 'file' ? this.shadows.get(page) : undefined;
    const isActive =
      kind === 'anon' ? !isReadAhead : shadow !== undefined && this.age - shadow <= this.of.file.active.length;
    if (isActive && kind === 'file') {
      this.age++;
      this.activations++;
    }
    list[isActive ? 'active' : 'inactive'].push(page);
    if (!isReadAhead) list.referenced.add(page);
    list.scanned++;
    if (isActive) list.rotated++;
    if (kind === 'file') this.shadows.delete(page);
    return shadow !== undefined;
  }

  evict(page: number): void {
    this.remove({ kind: 'file', page });
    this.shadows.set(page, ++this.age);
  }

  remove({ kind, page }: Key): void {
    const list = this.of[kind];
    list.inactive = list.inactive.filter((other) => other !== page);
    list.active = list.active.filter((other) => other !== page);
    list.referenced.delete(page);
  }

  victim(canSwap: boolean): Key | null {
    for (;;) {
      const { kind } = this.pass;
      const isOver = this.pass.left <= 0 || this.size(kind) === 0 || (kind === 'anon' && !canSwap);
      if (isOver && !this.beginPass(canSwap)) return null;
      const list = this.of[this.pass.kind];
      const [page] = list.inactive;
      if (page === undefined) {
        this.deactivate(this.pass.kind);
        continue;
      }
      this.pass.left--;
      list.scanned++;
      if (this.pass.kind === 'file' || !list.referenced.has(page)) return { kind: this.pass.kind, page };
      list.inactive.shift();
      list.active.push(page);
      list.referenced.delete(page);
      list.rotated++;
    }
  }

  nextAnon(): number | null {
    const [page] = this.of.anon.inactive;
    if (page === undefined || this.of.anon.referenced.has(page)) return null;
    this.pass.left--;
    return page;
  }

  private beginPass(canSwap: boolean): boolean {
    for (const kind of ['file', 'anon'] as const) {
      const list = this.of[kind];
      if (list.scanned <= this.size(kind) / 4) continue;
      list.scanned = Math.floor(list.scanned / 2);
      list.rotated = Math.floor(list.rotated / 2);
    }
    const isLow = (kind: PageKind): boolean => this.of[kind].inactive.length < this.of[kind].active.length;
    const isFileLow = this.activations === this.activationsSeen ? isLow('file') : this.of.file.active.length > 0;
    const choices = (['file', 'anon'] as const).filter((kind) => this.size(kind) > 0 && (kind === 'file' || canSwap));
    const [only] = choices;
    if (only === undefined) return false;
    const kind = choices.length === 1 ? only : isLow('file') && this.isAnonDue() ? 'anon' : 'file';
    if (isFileLow) this.deactivate('file');
    if (canSwap && isLow('anon')) this.deactivate('anon');
    this.activationsSeen = this.activations;
    this.pass = { kind, left: 32 };
    return true;
  }

  private isAnonDue(): boolean {
    const { anon, file } = this.of;
    const forAnon = (this.swappiness * (anon.scanned + 1)) / (anon.rotated + 1);
    const forFile = ((200 - this.swappiness) * (file.scanned + 1)) / (file.rotated + 1);
    this.anonDue += forAnon / (forAnon + forFile);
    if (this.anonDue < 1) return false;
    this.anonDue--;
    return true;
  }

  private deactivate(kind: PageKind): void {
    const list = this.of[kind];
    for (const page of list.active.splice(0, 32)) {
      list.scanned++;
      if (kind === 'anon' && list.referenced.has(page)) list.rotated++;
      list.referenced.delete(page);
      list.inactive.push(page);
    }
  }
}
