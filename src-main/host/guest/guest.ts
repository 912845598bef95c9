import type { GuestConfig } from '../host-config.ts';
import { Random } from '../random.ts';
import { GUEST, GUEST_WIDTH } from '../sample-columns.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { EPHEMERAL_PRIVATE } from '../tmem/options.ts';
import type { TmemStore } from '../tmem/store.ts';
import { TracePlayer } from '../workload/trace-player.ts';
import { NO_PAGE, PageCache } from './page-cache.ts';

/**
 * A guest kernel with plain LRU page cache over its whole RAM, and Linux' cleancache hooks (TMEM-SEMANTICS 8.2): on a miss
 * it asks precache before the disk; a clean page that leaves the cache is put there. What a get returned is checked
 * against what was put: the model never goes on with a wrong page.
 */
export class Guest {
  readonly id: number;
  readonly name: string;
  readonly minPages: number;
  readonly maxPages: number;
  /** RAM it has, and RAM its balloon is moving to, in pages. */
  ramPages: number;
  targetPages: number;
  weight: number;
  /** What happened within the current host second, by column (gauges are filled in when the second ends). */
  readonly counts = new Float64Array(GUEST_WIDTH);
  readonly player: TracePlayer;
  private readonly store: TmemStore;
  /** Number of this guest in the store, and of its precache pool. */
  private readonly domain: number;
  private readonly pool: number;
  private readonly fileOfPage: Int32Array;
  private readonly indexOfPage: Uint32Array;
  private readonly cache: PageCache;
  private readonly oid = new Uint32Array(6);

  /** Creates the guest in the store, which must have its RAM. @param place from 0, in order of id */
  constructor(config: GuestConfig, place: number, seed: number, store: TmemStore) {
    this.id = config.id;
    this.name = config.name;
    this.minPages = config.minPages;
    this.maxPages = config.maxPages;
    this.targetPages = config.ramPages;
    this.weight = config.weight;
    this.store = store;
    this.domain = store.createDomain(config.id, config.ramPages, config.maxPages);
    if (this.domain !== place)
      throw new Error(`Guest ${config.name} is number ${this.domain} of the store, not ${place}.`);
    this.ramPages = store.ramPagesOf(this.domain);
    this.pool = store.newPool(this.domain, EPHEMERAL_PRIVATE);
    if (this.pool < 0) throw new Error(`Guest ${config.name} was refused its precache pool (${this.pool}).`);
    store.setWeight(this.domain, config.weight);
    this.fileOfPage = config.trace.fileOfPage;
    this.indexOfPage = config.trace.indexOfPage;
    this.cache = new PageCache(config.trace.distinctPages);
    this.player = new TracePlayer(config.trace, config.pace, new Random(seed, config.id));
  }

  /** One page reference of the workload. */
  access(page: number): void {
    const { cache, counts } = this;
    counts[GUEST.accesses]++;
    if (cache.has(page)) {
      counts[GUEST.cacheHits]++;
      cache.touch(page);
      return;
    }
    this.readIn(page);
    cache.insert(page);
    this.reclaimTo(this.ramPages);
  }

  setWeight(weight: number): void {
    this.weight = weight;
    this.store.setWeight(this.domain, weight);
  }

  /** Moves RAM towards the target, `most` pages at the most: each page is reclaimed before it is given to the host. */
  moveBalloon(most: number): void {
    const wanted = this.targetPages - this.ramPages;
    if (wanted > 0) {
      this.ramPages += this.store.growRam(this.domain, Math.min(wanted, most));
      return;
    }
    for (let moved = 0; moved < Math.min(-wanted, most); moved++) {
      this.reclaimTo(this.ramPages - 1);
      if (this.store.shrinkRam(this.domain, 1) !== 1) return;
      this.ramPages--;
    }
  }

  /** A page that is not cached: from precache, else from the disk. */
  private readIn(page: number): void {
    const { counts, store } = this;
    counts[GUEST.precacheGets]++;
    this.oid[0] = this.fileOfPage[page];
    if (store.get(this.domain, this.pool, this.oid, this.indexOfPage[page]) === 1) {
      if (store.contentLo !== page) {
        throw new Error(`Guest ${this.name} put page ${page} and got page ${store.contentLo} back.`);
      }
      counts[GUEST.precacheHits]++;
    } else {
      counts[GUEST.diskReads]++;
    }
  }

  /** Drops least recently used pages until at most `pages` are cached, and puts each in precache. */
  private reclaimTo(pages: number): void {
    const { cache, counts, store } = this;
    while (cache.size > pages) {
      const page = cache.removeOldest();
      if (page === NO_PAGE) return;
      this.oid[0] = this.fileOfPage[page];
      const stored = store.put(this.domain, this.pool, this.oid, this.indexOfPage[page], page, 0) === 1;
      counts[stored ? GUEST.precachePuts : GUEST.precachePutsFailed]++;
    }
  }

  /** Fills in the gauges. The parameters are pages as the store counts them. */
  readGauges(ephemeralPages: number, usedPages: number, persistentPages: number): void {
    const { counts } = this;
    counts[GUEST.ramPages] = this.ramPages;
    counts[GUEST.targetPages] = this.targetPages;
    counts[GUEST.weight] = this.weight;
    counts[GUEST.ephemeralPages] = ephemeralPages;
    counts[GUEST.persistentPages] = persistentPages;
    counts[GUEST.usedPages] = Math.min(usedPages, ephemeralPages);
  }

  save(to: StateWriter): void {
    to.numbers('guest', this.id, this.ramPages, this.targetPages, this.weight);
    to.array('guest counts', this.counts);
    this.player.save(to);
    this.cache.save(to);
  }

  restore(from: StateReader): void {
    const [, ramPages, targetPages, weight] = from.numbers('guest');
    this.ramPages = ramPages;
    this.targetPages = targetPages;
    this.weight = weight;
    this.counts.set(from.array('guest counts', Float64Array));
    this.player.restore(from);
    this.cache.restore(from);
  }
}
