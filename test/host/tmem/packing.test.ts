import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, StateWriter } from '#main/host/state.ts';
import { CONTENT_CLASSES } from '#main/host/tmem/content-accounting.ts';
import { DONE, ENOMEM, ENOSPC } from '#main/host/tmem/errno.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT } from '#main/host/tmem/layout.ts';
import { EPHEMERAL_PRIVATE, EPHEMERAL_SHARED, PERSISTENT_PRIVATE, type StoreOptions } from '#main/host/tmem/options.ts';
import type { PackingOptions } from '#main/host/tmem/packing.ts';
import { POLICY_NAMES } from '#main/host/tmem/policies/index.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import { histories, play } from './histories.ts';

/** In these tests the class of a content is its high word. */
const classOf = (_lo: number, hi: number): number => hi;
const WHOLE = CONTENT_CLASSES.indexOf('incompressible');
const DENSE = CONTENT_CLASSES.indexOf('dense');
const LOOSE = CONTENT_CLASSES.indexOf('loose');
/** By class, what a page is kept in. */
const BYTES = { none: [4_096, 4_096, 4_096, 4_096], lz4: [4_096, 2_560, 1_638, 32], zstd: [4_096, 1_950, 1_170, 32] };
const lz4 = (deduplicate: boolean): PackingOptions => ({ compressor: 'lz4', deduplicate, classOf });
const OID = new Uint32Array(6);
const EPHEMERAL = 0;
const PERSISTENT = 1;
const SHARED = 2;

/** A store with so many pages and guests 0 and 1, with four pages of RAM and twelve at the most, and a pool of each kind. */
function storeOf(packing: PackingOptions | null, freePages: number, options: Partial<StoreOptions> = {}): TmemStore {
  const store = new TmemStore({
    ...{ mode: 'default', heapPages: freePages + 8, policy: 'fifo', ...options },
    ...(packing === null ? {} : { packing }),
  });
  store.setSharedAuthGlobal(true);
  for (const guest of [0, 1]) {
    store.createDomain(guest + 1, 4, 12);
    for (const flags of [EPHEMERAL_PRIVATE, PERSISTENT_PRIVATE, EPHEMERAL_SHARED]) {
      store.newPool(guest, flags, Uint32Array.of(1, 2, 3, 4));
    }
  }
  return store;
}

const free = (store: TmemStore): number => store.freePages;
/** Puts this many pages from `first` on, of a class and each of its own content; tells how many were stored. */
function fill(store: TmemStore, pool: number, first: number, count: number, kind: number): number {
  let stored = 0;
  for (let index = first; index < first + count; index++) {
    if (store.put(0, pool, OID, index, index, kind) === DONE) stored++;
  }
  return stored;
}

describe('a store that packs its pages', () => {
  it('holds as many of them as their bytes fit into memory', () => {
    // Ten pages of memory: 16 × 2,560 bytes fill them to the byte; 25 × 1,638 leave 10.
    for (const [kind, fits] of [
      [WHOLE, 10],
      [DENSE, 16],
      [LOOSE, 25],
    ] as const) {
      const store = storeOf(lz4(false), 10);
      fill(store, EPHEMERAL, 0, fits, kind);
      expect([store.ephemeralPages, free(store), store.core.counters.evicted], String(kind)).toEqual([fits, 0, 0]);
      fill(store, EPHEMERAL, fits, 1, kind);
      expect([store.ephemeralPages, store.core.counters.evicted], String(kind)).toEqual([fits, 1]);
      expect([store.get(0, EPHEMERAL, OID, 0), store.get(0, EPHEMERAL, OID, 1)]).toEqual([0, DONE]);
    }
  });

  it('keeps equal ephemeral pages once, of whatever guest, until the last of them goes', () => {
    const store = storeOf(lz4(true), 10);
    for (let index = 0; index < 1_000; index++) store.put(index % 2, EPHEMERAL, OID, index, 7, WHOLE);
    expect([store.ephemeralPages, store.ephemeralMemoryPages, free(store)]).toEqual([1_000, 1, 9]);
    for (let index = 0; index < 999; index++) store.flushPage(index % 2, EPHEMERAL, OID, index);
    expect([store.ephemeralPages, free(store)]).toEqual([1, 9]);
    expect(store.get(1, EPHEMERAL, OID, 999)).toBe(DONE);
    expect([store.contentLo, store.ephemeralPages, free(store)]).toEqual([7, 0, 10]);
  });

  it('bills a guest the memory that its persistent pages take, equal ones each for itself', () => {
    const store = storeOf(lz4(true), 20);
    // Eight pages up to its maximum: 12 × 2,560 bytes fit, and no thirteenth.
    for (let index = 0; index < 12; index++) expect(store.put(0, PERSISTENT, OID, index, 7, DENSE)).toBe(DONE);
    expect([store.persistentPages, store.totalPagesOf(0), free(store)]).toEqual([8, 12, 12]);
    expect(store.put(0, PERSISTENT, OID, 12, 7, DENSE)).toBe(ENOMEM);
    store.flushPage(0, PERSISTENT, OID, 3);
    expect(store.put(0, PERSISTENT, OID, 12, 7, DENSE)).toBe(DONE);
  });

  it('makes room for a put or a growing guest with as many evictions as it takes', () => {
    const store = storeOf(lz4(true), 2);
    // The two oldest are equal: no memory comes of the first, half a page of the second.
    for (const [index, content] of [1, 1, 2, 3].entries()) store.put(0, EPHEMERAL, OID, index, content, DENSE);
    expect([store.ephemeralMemoryPages, free(store)]).toEqual([2, 0]);
    store.put(0, EPHEMERAL, OID, 9, 9, DENSE);
    expect([store.core.counters.evicted, store.ephemeralPages, store.ephemeralMemoryPages]).toEqual([2, 3, 2]);
    // Three of 2,560 bytes: two have to go before one page of memory is free.
    expect(store.growRam(1, 1)).toBe(1);
    expect([store.core.counters.evicted, store.ephemeralPages, store.ephemeralMemoryPages]).toEqual([4, 1, 1]);
    expect(store.growRam(1, 1)).toBe(1);
    expect([store.ephemeralPages, free(store)]).toEqual([0, 0]);
  });

  it('replaces the data of a page by one that takes more, or loses it where there is no memory for that', () => {
    const store = storeOf(lz4(false), 2);
    fill(store, EPHEMERAL, 0, 3, DENSE);
    // 4,096 + 2 × 2,560 bytes are more than two pages: the oldest other page goes, the one replaced keeps its place.
    expect(store.put(0, EPHEMERAL, OID, 1, 50, WHOLE)).toBe(DONE);
    expect([store.ephemeralPages, store.ephemeralMemoryPages]).toEqual([2, 2]);
    expect(store.get(0, EPHEMERAL, OID, 0)).toBe(0);
    // With another of two whole pages the replaced one is the oldest, and has to go itself.
    expect(store.put(0, EPHEMERAL, OID, 2, 60, WHOLE)).toBe(DONE);
    expect(store.growRam(1, 1)).toBe(1);
    expect([store.ephemeralPages, free(store)]).toEqual([1, 0]);
    const alone = storeOf(lz4(false), 1);
    alone.put(0, EPHEMERAL, OID, 0, 1, LOOSE);
    alone.put(0, EPHEMERAL, OID, 1, 2, LOOSE);
    expect(alone.put(0, EPHEMERAL, OID, 0, 3, WHOLE)).toBe(ENOSPC);
    expect([alone.ephemeralPages, alone.get(0, EPHEMERAL, OID, 0), alone.get(0, EPHEMERAL, OID, 1)]).toEqual([
      1,
      0,
      DONE,
    ]);
  });

  it('limits precache by memory, and flushes as much of it as it is told', () => {
    const store = storeOf(lz4(false), 20, { ephemeralLimitPages: 5 });
    fill(store, EPHEMERAL, 0, 30, DENSE);
    expect([store.ephemeralPages, store.ephemeralMemoryPages]).toEqual([8, 5]);
    store.setEphemeralLimit(2);
    expect([store.ephemeralPages, store.ephemeralMemoryPages]).toEqual([3, 2]);
    expect(store.flushMem(4)).toBe(4);
    expect([store.ephemeralPages, store.ephemeralMemoryPages]).toEqual([1, 1]);
  });

  it('is none in conformance mode', () => {
    expect(() => storeOf(lz4(true), 400, { mode: 'conformance' })).toThrow('conformance mode');
  });

  it('does what the plain reference store does where no page compresses or equals another', () => {
    const packing = { compressor: 'lz4', deduplicate: false, classOf: () => WHOLE } as const;
    fc.assert(
      fc.property(histories('default'), ({ beginning, steps }) => play('default', { ...beginning, packing }, steps)),
      { numRuns: 60 },
    );
  });

  it('accounts for every page of memory after every operation, whatever comes and goes', () => {
    const step = fc.tuple(
      fc.constantFrom(
        'put',
        'put',
        'put',
        'put',
        'get',
        'flush',
        'flushObject',
        'grow',
        'shrink',
        'cap',
        'limit',
        'evict',
      ),
      fc.tuple(fc.nat(1), fc.nat(2), fc.nat(15), fc.nat(9), fc.nat(3)),
    );
    const beginning = fc.record({
      policy: fc.constantFrom(...POLICY_NAMES),
      reservePages: fc.constantFrom(0, 0, 3),
      compressor: fc.constantFrom(null, 'lz4' as const, 'zstd' as const),
      deduplicate: fc.boolean(),
      freePages: fc.nat(14),
    });
    fc.assert(
      fc.property(beginning, fc.array(step, { maxLength: 150, size: 'max' }), (begun, steps) => {
        const { compressor, deduplicate, freePages, ...options } = begun;
        const store = storeOf({ compressor, deduplicate, classOf }, freePages, options);
        const model = new Kept(store);
        for (const [operation, [guest, pool, index, content, kind]] of steps) {
          model.step(operation, guest, pool, index, content, kind);
          checkMemory(store, deduplicate, BYTES[compressor ?? 'none']);
        }
        const copy = store.fork();
        for (const one of [store, copy])
          for (let put = 0; put < 20; put++) one.put(0, EPHEMERAL, OID, put, put % 7, put % 4);
        expect(stateOf(copy)).toBe(stateOf(store));
      }),
      { numRuns: 80 },
    );
  });
});

function stateOf(store: TmemStore): string {
  const to = new StateWriter();
  store.save(to);
  return digestOf(to.entries);
}

/** What was stored and may or must be there: an ephemeral page as it was put last, a persistent one in any case. */
class Kept {
  private readonly store: TmemStore;
  private readonly contents = new Map<string, readonly [number, number]>();

  constructor(store: TmemStore) {
    this.store = store;
  }

  step(operation: string, guest: number, pool: number, index: number, content: number, kind: number): void {
    const { contents, store } = this;
    const key = pool === SHARED ? `shared ${index}` : `${guest} ${pool} ${index}`;
    switch (operation) {
      case 'put': {
        if (store.put(guest, pool, OID, index, content, kind) === DONE) contents.set(key, [content, kind]);
        else contents.delete(key);
        return;
      }
      case 'get': {
        const isFound = store.get(guest, pool, OID, index) === DONE;
        if (isFound) expect([store.contentLo, store.contentHi]).toEqual(contents.get(key));
        if (pool === PERSISTENT) expect(isFound).toBe(contents.has(key));
        if (pool === EPHEMERAL) contents.delete(key);
        return;
      }
      case 'flush':
        store.flushPage(guest, pool, OID, index);
        contents.delete(key);
        return;
      case 'flushObject':
        store.flushObject(guest, pool, OID);
        for (let at = 0; at < 16; at++) contents.delete(pool === SHARED ? `shared ${at}` : `${guest} ${pool} ${at}`);
        return;
      case 'grow':
        store.growRam(guest, index);
        return;
      case 'shrink':
        store.shrinkRam(guest, index);
        return;
      case 'cap':
        store.setCap(guest, index === 15 ? Infinity : index);
        return;
      case 'limit':
        store.setEphemeralLimit(index === 0 ? 2 : Infinity);
        return;
      default:
        store.evict(index, guest);
    }
  }
}

/** Looks everything up in the tables. */
function checkMemory(store: TmemStore, deduplicate: boolean, bytesOf: readonly number[]): void {
  const { pages, objects, pools, clients, memory } = store.core;
  const ephemeral = new Map<string, number>();
  let bytes = 0;
  const billed = [0, 0];
  for (let page: number = PAGE_LAYOUT.PAGE_WORDS; page < pages.top; page += PAGE_LAYOUT.PAGE_WORDS) {
    const object = pages.objectOf(page);
    if (object === 0) continue;
    const pool = pools.list[objects.records[object + OBJECT_LAYOUT.O_POOL] ?? NaN];
    const [lo, hi] = [pages.contentLoOf(page), pages.contentHiOf(page)];
    const kept = bytesOf[hi] ?? NaN;
    if (pool === undefined) throw new Error('A page is in no pool.');
    if (pool.kind === 'persistent') billed[pool.owner.number] = (billed[pool.owner.number] ?? NaN) + kept;
    else {
      bytes += kept;
      ephemeral.set(`${lo} ${hi}`, kept);
    }
  }
  if (deduplicate) bytes = [...ephemeral.values()].reduce((sum, one) => sum + one, 0);
  const frames = (of: number): number => Math.ceil(of / 4_096);
  expect(memory.ephemeralPages, 'memory of ephemeral pages').toBe(frames(bytes));
  const persistent = clients.domains.map((domain) => (domain === null ? 0 : domain.totPages - domain.ramPages));
  expect(persistent, 'memory that guests are billed').toEqual(billed.map(frames));
  expect(memory.persistentPages).toBe(persistent.reduce((sum, one) => sum + one, 0));
  for (const domain of clients.domains) {
    expect(domain?.totPages).toBeLessThanOrEqual(domain?.maxPages ?? NaN);
    expect(clients.ephemeralPages[domain?.number ?? NaN]).toBeLessThanOrEqual(domain?.cap ?? NaN);
  }
  const ram = clients.domains.reduce((sum, domain) => sum + (domain?.ramPages ?? 0), 0);
  expect(memory.freePages, 'free pages').toBeGreaterThanOrEqual(0);
  expect(memory.freePages + memory.ephemeralPages + memory.persistentPages + ram, 'all memory').toBe(memory.heapPages);
  expect(memory.ephemeralPages).toBeLessThanOrEqual(store.ephemeralLimit);
}
