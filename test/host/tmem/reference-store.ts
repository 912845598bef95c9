/**
 * The tmem store once more, written for reading: one object a page, arrays as lists, nothing kept that can be counted.
 * It follows TMEM-SEMANTICS paragraph by paragraph (numbers in brackets) and is what the real store is compared with.
 */

export type PoolKind = 'ephemeral' | 'shared' | 'persistent';

/** A list of pages, oldest first, that a page knows it is in. */
type PageList = RefPage[];

export interface RefPage {
  readonly object: RefObject;
  readonly index: number;
  content: string;
  compressed: number;
  /** The list of some client (not always the owner's: quirk Q5), or a ring that hangs on none. */
  ownerList: PageList;
}

export interface RefObject {
  readonly pool: RefPool;
  readonly oid: string;
  readonly pages: Map<number, RefPage>;
  lastClient: number;
}

export interface RefPool {
  readonly kind: PoolKind;
  readonly uuid: string;
  owner: RefClient;
  slot: number;
  dying: boolean;
  readonly objects: Map<string, RefObject>;
  sharers: RefClient[];
  readonly max: { pages: number; objects: number; nodes: number };
  readonly count: Record<'ps' | 'pt' | 'pd' | 'pr' | 'px' | 'gs' | 'gt' | 'fs' | 'ft' | 'os' | 'ot', number>;
}

/** A domain, and the client it becomes. */
export interface RefClient {
  readonly number: number;
  readonly id: number;
  ram: number;
  tot: number;
  max: number;
  isClient: boolean;
  weight: number;
  frozen: boolean;
  compress: boolean;
  cap: number;
  used: number;
  hitsOfSecond: number;
  /** As Xen counts, which its quirks make differ from what the client has. */
  ephemeral: number;
  ephemeralMax: number;
  list: PageList;
  readonly pools: (RefPool | null | 'freed')[];
  readonly authorised: string[];
  readonly count: Record<'Ge' | 'Pp' | 'Gp' | 'cp' | 'cb', number>;
}

/** Stands for an assertion of Xen's debug build. */
export class RefAbort extends Error {}

/** Chooses a victim: a client, or 'oldest' of all. */
export type RefPolicy = (store: ReferenceStore, requester: RefClient | null) => RefClient | 'oldest';

export interface ReferenceOptions {
  readonly quirks: boolean;
  readonly heapPages: number;
  readonly reservePages: number;
  readonly policy: RefPolicy;
  /** Whether a victim without evictable pages sends the policy to the oldest page of all (Xen's policies: no). */
  readonly fallsBack: boolean;
  readonly compress: boolean;
  readonly windowSeconds: number;
  readonly ephemeralLimit: number;
}

const NO_UUID = 'ffffffffffffffff:ffffffffffffffff';

export class ReferenceStore {
  readonly options: ReferenceOptions;
  heap: number;
  free: number;
  onList = 0;
  ephemeralLimit: number;
  sharedAuthGlobal = false;
  readonly domains: (RefClient | null)[] = [];
  /** Clients in order of creation. */
  clients: RefClient[] = [];
  /** Weight of dead clients that Xen keeps in its total (quirk Q2). */
  leakedWeight = 0;
  readonly shared: (RefPool | null)[] = new Array<RefPool | null>(16).fill(null);
  /** All ephemeral pages, oldest first. */
  global: RefPage[] = [];
  /** Lists that hang on no client. */
  private readonly rings = new WeakSet<PageList>();
  /** The object a put is running on. */
  private locked: RefObject | null = null;
  readonly count: Record<
    'Tt' | 'Te' | 'Pf' | 'Et' | 'Ea' | 'Rt' | 'Ra' | 'Rx' | 'Em' | 'Om' | 'Nm' | 'Pm' | 'Fm' | 'Ep',
    number
  > = { Tt: 0, Te: 0, Pf: 0, Et: 0, Ea: 0, Rt: 0, Ra: 0, Rx: 0, Em: 0, Om: 0, Nm: 0, Pm: 0, Fm: 0, Ep: 0 };

  constructor(options: ReferenceOptions) {
    this.options = options;
    this.heap = options.heapPages;
    this.free = options.heapPages;
    this.ephemeralLimit = options.ephemeralLimit;
  }

  // ---- what there is ------------------------------------------------------------------------------------------------

  get pools(): RefPool[] {
    const all = this.clients.flatMap((client) => client.pools.filter((pool) => pool !== null && pool !== 'freed'));
    return [...new Set([...all, ...this.shared.filter((pool) => pool !== null)])];
  }
  get objects(): RefObject[] {
    return this.pools.flatMap((pool) => [...pool.objects.values()]);
  }
  get pages(): RefPage[] {
    return this.objects.flatMap((object) => [...object.pages.values()]);
  }
  /** Frames that hold ephemeral, or persistent, data. */
  frames(kind: 'ephemeral' | 'persistent'): number {
    return this.pages.filter((page) => page.compressed === 0 && this.isPersistent(page) === (kind === 'persistent'))
      .length;
  }
  get totalWeight(): number {
    return this.leakedWeight + this.clients.reduce((sum, client) => sum + client.weight, 0);
  }
  /** A client is gone, and a shared pool still knows it (possible only with quirk Q6). */
  get hasDeadOwner(): boolean {
    return this.pools.some((pool) => [pool.owner, ...pool.sharers].some((client) => !this.clients.includes(client)));
  }
  private isPersistent(page: RefPage): boolean {
    return page.object.pool.kind === 'persistent';
  }

  // ---- domains and memory (5) -----------------------------------------------------------------------------------------

  createDomain(id: number, ram: number, max: number): RefClient {
    const free = this.options.quirks ? -1 : this.domains.indexOf(null);
    const domain: RefClient = {
      number: free < 0 ? this.domains.length : free,
      ...{ id, ram: 0, tot: 0, max, isClient: false, weight: 0, frozen: false, compress: false, cap: Infinity },
      ...{ used: 0, hitsOfSecond: 0, ephemeral: 0, ephemeralMax: 0, list: [] },
      pools: new Array<null>(16).fill(null),
      authorised: new Array<string>(16).fill(NO_UUID),
      count: { Ge: 0, Pp: 0, Gp: 0, cp: 0, cb: 0 },
    };
    this.domains[domain.number] = domain;
    this.growRam(domain, ram);
    return domain;
  }

  growRam(domain: RefClient, pages: number): number {
    const requester = domain.isClient ? domain : null;
    for (let got = 0; got < pages; got++) {
      if (!this.options.quirks && domain.tot >= domain.max) return got;
      if (!this.takeFromHeap(requester)) return got;
      if (domain.tot >= domain.max) {
        this.free++;
        return got;
      }
      domain.ram++;
      domain.tot++;
    }
    return pages;
  }

  shrinkRam(domain: RefClient, pages: number): number {
    const given = Math.min(pages, domain.ram);
    domain.ram -= given;
    domain.tot -= given;
    this.free += given;
    return given;
  }

  destroyDomain(domain: RefClient): void {
    if (domain.isClient) {
      for (let slot = 0; slot < 16; slot++) {
        const pool = domain.pools[slot] ?? null;
        if (pool !== null) this.flushPool(pool, domain, slot);
        domain.pools[slot] = null;
      }
      this.clients = this.clients.filter((client) => client !== domain);
      if (this.options.quirks) this.leakedWeight += domain.weight;
    }
    this.domains[domain.number] = null;
    this.shrinkRam(domain, domain.ram);
  }

  /** The heap gives a page, at or below the reserve only out of tmem while that has any (5.1). */
  private takeFromHeap(requester: RefClient | null): boolean {
    if (!this.options.quirks) {
      if (this.free === 0 && !this.evict(requester)) return false;
      this.free--;
      return true;
    }
    if (this.free <= this.options.reservePages && this.onList + this.frames('ephemeral') > 0) {
      return this.relinquish(requester);
    }
    if (this.free === 0) return false;
    this.free--;
    return true;
  }

  /** 5.4 */
  private relinquish(requester: RefClient | null): boolean {
    this.count.Ra++;
    let evictions = 0;
    while (this.onList === 0 && evictions < 10 && this.evict(requester)) evictions++;
    this.count.Rx = Math.max(this.count.Rx, evictions);
    if (this.onList === 0) return false;
    this.onList--;
    this.count.Rt++;
    return true;
  }

  /** A frame for the data of a page of this pool. */
  private takeFrame(pool: RefPool, requester: RefClient): boolean {
    const { owner } = pool;
    const had = this.findFrame(pool, requester);
    if (had === 'none') this.count.Pf++;
    if (had === 'found' && pool.kind === 'persistent') owner.tot++;
    return had === 'found';
  }

  private findFrame(pool: RefPool, requester: RefClient): 'found' | 'none' | 'refused' {
    const { owner } = pool;
    if (pool.kind === 'persistent') {
      if (owner.tot >= owner.max) return 'none';
    } else if (owner.ephemeral >= owner.cap) {
      if (!this.evictOldest(owner.list, owner)) return 'refused';
    } else if (this.global.length >= this.ephemeralLimit && !this.evict(requester)) {
      return 'refused';
    }
    if (!this.options.quirks) {
      if (this.free <= this.options.reservePages && !this.evict(requester)) return 'none';
      this.free--;
      return 'found';
    }
    if (this.onList > 0) {
      this.onList--;
      return 'found';
    }
    return this.takeFromHeap(requester) ? 'found' : 'none';
  }

  /** Gives back what the data of a page is in. */
  private releaseData(page: RefPage): void {
    const { pool } = page.object;
    if (page.compressed > 0) {
      pool.owner.count.cp--;
      pool.owner.count.cb -= page.compressed;
      page.compressed = 0;
      return;
    }
    if (pool.kind === 'persistent') pool.owner.tot--;
    if (this.options.quirks) this.onList++;
    else this.free++;
  }

  // ---- eviction (5.3) -------------------------------------------------------------------------------------------------

  evict(requester: RefClient | null): boolean {
    const victim = this.options.policy(this, requester);
    if (victim !== 'oldest' && victim.list.length > 0) {
      if (victim.list.some((page) => this.isEvictable(page))) return this.evictOldest(victim.list, victim);
      if (!this.options.fallsBack) {
        this.count.Ea++;
        return false;
      }
    }
    return this.evictOldest(this.global, null);
  }

  /** Evicts the first evictable page of a list. @param charged whose count falls; null: the owner's */
  evictOldest(list: readonly RefPage[], charged: RefClient | null): boolean {
    this.count.Ea++;
    const page = list.find((candidate) => this.isEvictable(candidate));
    if (page === undefined) return false;
    const account = charged ?? page.object.pool.owner;
    remove(page.ownerList, page);
    remove(this.global, page);
    account.ephemeral--;
    if (account.ephemeral < 0 && this.options.quirks) throw new RefAbort('client->eph_count >= 0');
    this.releaseData(page);
    this.leaveObject(page);
    this.count.Et++;
    return true;
  }

  private isEvictable(page: RefPage): boolean {
    return !this.options.quirks || (!page.object.pool.dying && page.object !== this.locked);
  }

  // ---- operations of guests (2, 3) ------------------------------------------------------------------------------------

  /** Counts an operation. @returns its client, made by the first one; null for a domain that does not exist */
  private begin(number: number): RefClient | null {
    this.count.Tt++;
    const domain = this.domains[number] ?? null;
    if (domain !== null && !domain.isClient) this.makeClient(domain);
    return domain;
  }

  private makeClient(domain: RefClient): void {
    domain.isClient = true;
    domain.weight = this.options.quirks ? 0 : 100;
    domain.compress = this.options.compress;
    this.clients.push(domain);
  }

  private done(result: number): number {
    if (result < 0) this.count.Te++;
    return result;
  }

  /** 2.2 */
  newPool(number: number, flags: number, uuid: string): number {
    const client = this.begin(number);
    if (client === null) return this.done(-12);
    const persistent = (flags & 1) !== 0;
    let shared = (flags & 2) !== 0;
    if (flags >>> 24 !== 1 || (persistent && shared) || (flags & 0xf4) !== 0 || (flags & 0xffff00) !== 0) {
      return this.done(-1);
    }
    const slot = client.pools.indexOf(null);
    if (slot < 0) return this.done(-1);
    shared &&= uuid !== NO_UUID && (this.sharedAuthGlobal || client.authorised.includes(uuid));
    const existing = shared ? this.shared.find((candidate) => candidate?.uuid === uuid) : undefined;
    if (existing !== undefined && existing !== null) {
      existing.sharers.push(client);
      client.pools[slot] = existing;
      return slot;
    }
    const place = this.shared.indexOf(null);
    if (shared && place < 0) {
      if (this.options.quirks) client.pools[slot] = 'freed';
      return this.done(-1);
    }
    const pool: RefPool = {
      kind: persistent ? 'persistent' : shared ? 'shared' : 'ephemeral',
      ...{ uuid: shared ? uuid : '0:0', owner: client, slot, dying: false, sharers: shared ? [client] : [] },
      objects: new Map(),
      max: { pages: 0, objects: 0, nodes: 0 },
      count: { ps: 0, pt: 0, pd: 0, pr: 0, px: 0, gs: 0, gt: 0, fs: 0, ft: 0, os: 0, ot: 0 },
    };
    if (shared) this.shared[place] = pool;
    client.pools[slot] = pool;
    return slot;
  }

  /** 2.3 */
  destroyPool(number: number, slot: number): number {
    const client = this.begin(number);
    if (client === null) return this.done(-12);
    const pool = client.pools[slot] ?? null;
    if (pool === null) return 0;
    client.pools[slot] = null;
    this.flushPool(pool, client, slot);
    return 1;
  }

  /** The pool for an operation on pages, or the operation's result where there is none (2.1). */
  private open(number: number, slot: number): { pool: RefPool; caller: RefClient } | number {
    const caller = this.begin(number);
    if (caller === null) return this.done(-12);
    const pool = caller.pools[slot] ?? null;
    if (pool === 'freed') throw new RefAbort('pool->client != NULL');
    return pool === null ? this.done(-19) : { pool, caller };
  }

  /** 3.1 */
  put(number: number, slot: number, oid: string, index: number, content: string, packedSize: number): number {
    const opened = this.open(number, slot);
    if (typeof opened === 'number') return opened;
    const { pool, caller } = opened;
    if (this.options.quirks && !this.ensureAvailable(caller)) return this.done(-12);
    const { owner, count } = pool;
    count.pt++;
    const object = pool.objects.get(oid);
    const page = object?.pages.get(index);
    if (object !== undefined && page !== undefined) return this.overwrite(page, caller, content, packedSize);
    if (owner.frozen) {
      if (object !== undefined) count.px++;
      return this.done(-1000);
    }
    return this.putNew(pool, oid, index, caller, content, packedSize);
  }

  private putNew(
    pool: RefPool,
    oid: string,
    index: number,
    caller: RefClient,
    content: string,
    packedSize: number,
  ): number {
    const { owner, count } = pool;
    const object = pool.objects.get(oid) ?? { pool, oid, pages: new Map<number, RefPage>(), lastClient: -1 };
    pool.objects.set(oid, object);
    // Until it has its memory the page counts as a descriptor, not as a frame.
    const page: RefPage = { object, index, content, compressed: Infinity, ownerList: [] };
    object.pages.set(index, page);
    this.noteMaxima(pool);
    this.locked = object;
    const packs = this.options.quirks && owner.compress;
    const stored = packs || this.takeFrame(pool, caller);
    page.compressed = 0;
    this.locked = null;
    if (!stored) {
      this.leaveObject(page);
      count.px++;
      return this.done(-12);
    }
    if (packs) this.pack(page, packedSize);
    this.noteMaxima(pool);
    count.ps++;
    if (pool.kind === 'persistent') {
      owner.count.Pp++;
      return 1;
    }
    this.global.push(page);
    owner.list.push(page);
    page.ownerList = owner.list;
    owner.ephemeral++;
    owner.ephemeralMax = Math.max(owner.ephemeralMax, owner.ephemeral);
    this.count.Em = Math.max(this.count.Em, this.global.length);
    this.count.Ep++;
    if (pool.kind === 'shared') object.lastClient = owner.id;
    return 1;
  }

  private overwrite(page: RefPage, caller: RefClient, content: string, packedSize: number): number {
    const { pool } = page.object;
    const { owner, count } = pool;
    const packs = this.options.quirks && owner.compress && page.compressed > 0;
    const restores = this.options.quirks ? true : pool.kind === 'persistent' && owner.tot > owner.max;
    if (restores) {
      this.releaseData(page);
      page.compressed = Infinity;
      this.locked = page.object;
      const stored = packs || this.takeFrame(pool, caller);
      this.locked = null;
      if (!stored) {
        this.delist(page);
        this.leaveObject(page);
        count.pd++;
        return this.done(-28);
      }
      page.compressed = 0;
      if (packs) this.pack(page, packedSize);
      this.noteMaxima(pool);
    }
    page.content = content;
    count.pr++;
    count.ps++;
    if (pool.kind === 'persistent') owner.count.Pp++;
    if (pool.kind === 'shared') page.object.lastClient = owner.id;
    return 1;
  }

  private pack(page: RefPage, size: number): void {
    page.compressed = size;
    page.object.pool.owner.count.cp++;
    page.object.pool.owner.count.cb += size;
  }

  /** 5.2 */
  private ensureAvailable(requester: RefClient): boolean {
    for (let failures = 0; failures < 10;) {
      const available = BigInt.asUintN(64, BigInt(this.onList) + BigInt(this.free) - BigInt(this.options.reservePages));
      if (available >> 8n !== 0n) return true;
      if (!this.evict(requester)) failures++;
    }
    return false;
  }

  /** 3.2. @returns the code, and the content where it is 1 */
  get(number: number, slot: number, oid: string, index: number): { result: number; content?: string } {
    const opened = this.open(number, slot);
    if (typeof opened === 'number') return { result: opened };
    const { pool, caller } = opened;
    if (pool.objects.size === 0) return { result: this.done(-1001) };
    pool.count.gt++;
    const page = pool.objects.get(oid)?.pages.get(index);
    if (page === undefined) return { result: 0 };
    pool.count.gs++;
    if (pool.kind === 'persistent') {
      pool.owner.count.Gp++;
    } else {
      pool.owner.count.Ge++;
      pool.owner.hitsOfSecond++;
      if (pool.kind === 'ephemeral') {
        this.delete(page);
      } else {
        remove(this.global, page);
        this.global.push(page);
        remove(page.ownerList, page);
        page.ownerList = pool.owner.list;
        page.ownerList.push(page);
        page.object.lastClient = caller.id;
      }
    }
    return { result: 1, content: page.content };
  }

  /** 3.3 */
  flushPage(number: number, slot: number, oid: string, index: number): number {
    const opened = this.open(number, slot);
    if (typeof opened === 'number') return opened;
    const { pool } = opened;
    pool.count.ft++;
    const page = pool.objects.get(oid)?.pages.get(index);
    if (page !== undefined) {
      this.delete(page);
      pool.count.fs++;
    }
    return this.done(pool.owner.frozen ? -1000 : 1);
  }

  flushObject(number: number, slot: number, oid: string): number {
    const opened = this.open(number, slot);
    if (typeof opened === 'number') return opened;
    const { pool } = opened;
    pool.count.ot++;
    const object = pool.objects.get(oid);
    if (object !== undefined) {
      this.deleteObject(object);
      pool.count.os++;
    }
    return this.done(pool.owner.frozen ? -1000 : 1);
  }

  private delete(page: RefPage): void {
    this.releaseData(page);
    this.delist(page);
    this.leaveObject(page);
  }

  private deleteObject(object: RefObject): void {
    for (const page of [...object.pages.values()]) this.delete(page);
  }

  /** Out of the lists, on the owner's account. */
  private delist(page: RefPage): void {
    if (this.isPersistent(page)) return;
    const { owner } = page.object.pool;
    const isAloneInRing = page.ownerList.length === 1 && this.rings.has(page.ownerList);
    if (!this.options.quirks || !isAloneInRing) owner.ephemeral--;
    if (this.options.quirks && owner.ephemeral < 0) throw new RefAbort('client->eph_count >= 0');
    remove(page.ownerList, page);
    remove(this.global, page);
  }

  private leaveObject(page: RefPage): void {
    const { object } = page;
    object.pages.delete(page.index);
    if (object.pages.size === 0) object.pool.objects.delete(object.oid);
  }

  private noteMaxima(pool: RefPool): void {
    const { max } = pool;
    max.pages = Math.max(max.pages, pagesOf(pool));
    max.objects = Math.max(max.objects, pool.objects.size);
    max.nodes = Math.max(max.nodes, nodesOf(pool));
    const { count } = this;
    count.Pm = Math.max(count.Pm, this.pages.length);
    count.Om = Math.max(count.Om, this.objects.length);
    count.Nm = Math.max(count.Nm, sum(this.pools.map(nodesOf)));
    count.Fm = Math.max(count.Fm, this.frames('ephemeral') + this.frames('persistent'));
  }

  // ---- shared pools (4.3) ---------------------------------------------------------------------------------------------

  private flushPool(pool: RefPool | 'freed', leaver: RefClient, slot: number): void {
    if (pool === 'freed') throw new RefAbort('pool->client != NULL');
    if (pool.kind === 'shared' && this.leave(pool, leaver, slot) > 0) return;
    for (const object of [...pool.objects.values()]) this.deleteObject(object);
    pool.owner.pools[pool.slot] = null;
  }

  private leave(pool: RefPool, leaver: RefClient, slot: number): number {
    const { quirks } = this.options;
    const others = [...pool.sharers];
    others.splice(others.indexOf(leaver), 1);
    if (quirks || !others.includes(leaver)) {
      const used = [...pool.objects.values()].filter((object) => object.lastClient === leaver.id);
      used.forEach((object) => this.deleteObject(object));
    }
    pool.sharers = others;
    if (quirks) pool.dying = true;
    if (pool.owner === leaver && others[0] !== undefined) {
      if (quirks) this.handOffAsXen(pool, leaver, others[0]);
      else if (others.includes(leaver)) pool.slot = slotOf(pool, leaver, slot);
      else this.handOff(pool, leaver, others[0]);
    }
    const place = this.shared.indexOf(pool);
    if (others.length === 0 && place >= 0) this.shared[place] = null;
    return others.length;
  }

  private handOffAsXen(pool: RefPool, from: RefClient, to: RefClient): void {
    from.pools[pool.slot] = null;
    const slot = slotOf(pool, to, -1);
    if (slot < 0) throw new RefAbort('poolid != MAX_POOLS_PER_DOMAIN');
    to.ephemeral += pagesOf(pool);
    from.ephemeral -= pagesOf(pool);
    // Splicing a list into itself leaves its pages in a ring without a head.
    const moved = from.list.splice(0);
    if (from !== to) to.list.unshift(...moved);
    if (from === to) this.rings.add(moved);
    moved.forEach((page) => (page.ownerList = from === to ? moved : to.list));
    pool.owner = to;
    pool.slot = slot;
  }

  private handOff(pool: RefPool, from: RefClient, to: RefClient): void {
    pool.owner = to;
    pool.slot = slotOf(pool, to, -1);
    for (const client of [from, to]) {
      client.list = this.global.filter((page) => page.object.pool.owner === client);
      client.list.forEach((page) => (page.ownerList = client.list));
      client.ephemeral = client.list.length;
    }
    to.ephemeralMax = Math.max(to.ephemeralMax, to.ephemeral);
    while (to.ephemeral > to.cap) this.evictOldest(to.list, to);
  }

  // ---- control operations (6) -----------------------------------------------------------------------------------------

  private targets(number: number | 'all'): RefClient[] {
    if (number === 'all') return this.clients;
    const domain = this.domains[number] ?? null;
    return domain?.isClient === true ? [domain] : [];
  }

  setWeight(number: number | 'all', weight: number): number {
    for (const client of this.targets(number)) {
      client.weight = weight;
      if (number === 'all' && this.options.quirks) client.compress = false;
    }
    return this.targets(number).length > 0 ? 0 : -2;
  }

  setCompress(number: number | 'all', on: boolean): number {
    for (const client of this.targets(number)) {
      client.compress = on;
      if (number === 'all' && this.options.quirks) client.weight = 0;
    }
    return this.targets(number).length > 0 ? 0 : -2;
  }

  setFrozen(number: number | 'all', frozen: boolean): number {
    this.targets(number).forEach((client) => (client.frozen = frozen));
    return number === 'all' || this.targets(number).length > 0 ? 0 : -1;
  }

  setCap(number: number, pages: number): void {
    for (const client of this.targets(number)) {
      client.cap = pages;
      while (client.ephemeral > pages) this.evictOldest(client.list, client);
    }
  }

  authorise(number: number | 'all', uuid: string, allowed: boolean): number {
    if (number === 'all' && !this.options.quirks) {
      this.sharedAuthGlobal = allowed;
      return 1;
    }
    const domain = number === 'all' ? null : (this.domains[number] ?? null);
    if (domain === null) return -12;
    if (!domain.isClient) this.makeClient(domain);
    const place = domain.authorised.indexOf(allowed ? NO_UUID : uuid);
    if (place < 0) return allowed ? -12 : 1;
    domain.authorised[place] = allowed ? uuid : NO_UUID;
    return 1;
  }

  flushMem(kib: number): number {
    const wanted = Math.ceil(kib / 4);
    let flushed = 0;
    if (!this.options.quirks) {
      while (flushed < wanted && this.evictOldest(this.global, null)) flushed++;
      return flushed * 4;
    }
    while (this.onList < wanted && this.evictOldest(this.global, null));
    flushed = this.onList;
    this.free += this.onList;
    this.onList = 0;
    return flushed * 4;
  }

  setEphemeralLimit(pages: number): void {
    this.ephemeralLimit = pages;
    while (this.global.length > pages && this.evict(null));
  }

  setHeapPages(pages: number): void {
    this.free += pages - this.heap;
    this.heap = pages;
    while (this.free < 0 && this.evict(null));
  }

  tick(): void {
    const window = this.options.windowSeconds;
    for (const client of this.clients) {
      client.used = Math.floor((client.used * (window - 1)) / window) + client.hitsOfSecond;
      client.hitsOfSecond = 0;
    }
  }
}

export function pagesOf(pool: RefPool): number {
  return sum([...pool.objects.values()].map((object) => object.pages.size));
}

/** Radix nodes of a pool by the formula of (1). */
export function nodesOf(pool: RefPool): number {
  return sum([...pool.objects.values()].map(({ pages }) => nodesFor([...pages.keys()])));
}

function nodesFor(indexes: readonly number[]): number {
  let height = 0;
  while (64 ** height <= Math.max(...indexes)) height++;
  let nodes = 0;
  for (let level = 1; level <= height; level++) {
    nodes += new Set(indexes.map((index) => Math.floor(index / 64 ** level))).size;
  }
  return nodes;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function slotOf(pool: RefPool, client: RefClient, except: number): number {
  return client.pools.findIndex((candidate, slot) => candidate === pool && slot !== except);
}

function remove(list: RefPage[], page: RefPage): void {
  const at = list.indexOf(page);
  if (at >= 0) list.splice(at, 1);
}
