import { describe, expect, it } from 'vitest';
import { EVICTION_REASONS } from '#contract/samples.ts';
import { ENOMEM } from '#main/host/tmem/errno.ts';
import * as reasons from '#main/host/tmem/eviction-reasons.ts';
import { EPHEMERAL_PRIVATE, EPHEMERAL_SHARED, PERSISTENT_PRIVATE, type StoreOptions } from '#main/host/tmem/options.ts';
import { TmemStore } from '#main/host/tmem/store.ts';

const OID = Uint32Array.of(1, 0, 2, 0, 3, 0);

/** A store in default mode with so many guests, each with an ephemeral pool 0 and no RAM. */
function storeWith(guests: number, options: Partial<StoreOptions> = {}): TmemStore {
  const store = new TmemStore({ mode: 'default', heapPages: 100, policy: 'max-over-share', ...options });
  for (let guest = 0; guest < guests; guest++) {
    store.createDomain(guest + 1, 0, 1000);
    store.newPool(guest, EPHEMERAL_PRIVATE);
  }
  return store;
}
function putMany(store: TmemStore, guest: number, pages: number, from = 0, pool = 0): void {
  for (let index = from; index < from + pages; index++) store.put(guest, pool, OID, index, index, 0);
}
const heldBy = (store: TmemStore, guest: number): number => store.holdings.ephemeralPages[guest] ?? 0;

/** What a sink was told: victim, beneficiary, pool, reason, age. */
function recorder(): { readonly told: number[][]; readonly sink: StoreOptions['sink'] & object } {
  const told: number[][] = [];
  return { told, sink: { recordEviction: (...numbers) => void told.push(numbers.slice(0, 5)) } };
}

describe('memory', () => {
  it('gives fallow pages to puts, and evicts one page for one put when nothing is fallow', () => {
    const store = storeWith(2);
    putMany(store, 0, 100);
    expect([store.freePages, store.ephemeralPages]).toEqual([0, 100]);
    putMany(store, 1, 10);
    expect([heldBy(store, 0), heldBy(store, 1), store.freePages]).toEqual([90, 10, 0]);
    // Guest 0 lost its ten oldest.
    expect(store.get(0, 0, OID, 9)).toBe(0);
    expect(store.get(0, 0, OID, 10)).toBe(1);
  });

  it('leaves as many pages fallow as it is told to', () => {
    const store = storeWith(1, { reservePages: 30 });
    putMany(store, 0, 200);
    expect([store.freePages, store.ephemeralPages]).toEqual([30, 70]);
    expect(store.growRam(0, 30)).toBe(30);
    expect(store.ephemeralPages).toBe(70);
  });

  it('gives a growing guest the pages of whom the policy charges most, and only then nothing', () => {
    const { told, sink } = recorder();
    const store = storeWith(2, { sink });
    putMany(store, 0, 70);
    putMany(store, 1, 30);
    expect(store.growRam(1, 50)).toBe(50);
    expect([heldBy(store, 0), heldBy(store, 1)]).toEqual([25, 25]);
    expect(told.every(([, beneficiary, , reason]) => beneficiary === 1 && reason === reasons.REASON_BALLOON)).toBe(
      true,
    );
    expect(store.growRam(1, 80)).toBe(50);
    expect(store.ephemeralPages).toBe(0);
    expect(store.shrinkRam(1, 500)).toBe(100);
    expect(store.freePages).toBe(100);
  });

  it('bills persistent pages to the maximum of their guest, whatever is fallow', () => {
    const store = storeWith(1);
    const pool = store.newPool(0, PERSISTENT_PRIVATE);
    store.growRam(0, 10);
    store.setMaxPages(0, 13);
    putMany(store, 0, 5, 0, pool);
    expect([store.persistentPages, store.persistentPagesOf(0), store.freePages]).toEqual([3, 3, 87]);
    expect(store.put(0, pool, OID, 99, 0, 0)).toBe(ENOMEM);
    store.shrinkRam(0, 1);
    expect(store.put(0, pool, OID, 99, 0, 0)).toBe(1);
  });

  it('evicts ephemeral pages for a persistent put, never the other way', () => {
    const store = storeWith(2);
    const pool = store.newPool(0, PERSISTENT_PRIVATE);
    putMany(store, 1, 100);
    putMany(store, 0, 100, 0, pool);
    expect([store.persistentPages, store.ephemeralPages]).toEqual([100, 0]);
    expect(store.put(1, 0, OID, 5, 0, 0)).toBe(ENOMEM);
  });
});

describe('caps and limits', () => {
  it('holds a guest to its cap by its own oldest pages, at once and from then on', () => {
    const { told, sink } = recorder();
    const store = storeWith(2, { sink });
    putMany(store, 0, 50);
    putMany(store, 1, 5);
    expect(store.setCap(0, 20)).toBe(30);
    putMany(store, 0, 7, 50);
    expect([heldBy(store, 0), heldBy(store, 1)]).toEqual([20, 5]);
    expect(store.get(0, 0, OID, 36)).toBe(0);
    expect(store.get(0, 0, OID, 37)).toBe(1);
    expect(told.map(([victim, beneficiary, , reason]) => [victim, beneficiary, reason])).toEqual([
      ...new Array<number[]>(30).fill([0, -1, reasons.REASON_CAP]),
      ...new Array<number[]>(7).fill([0, 0, reasons.REASON_CAP]),
    ]);
  });

  it('holds a sharer to its cap when it inherits a shared pool', () => {
    const { told, sink } = recorder();
    const store = storeWith(2, { sink });
    const uuid = Uint32Array.of(1, 2, 3, 4);
    store.authorise(0, uuid, true);
    store.authorise(1, uuid, true);
    const shared = store.newPool(0, EPHEMERAL_SHARED, uuid);
    store.newPool(1, EPHEMERAL_SHARED, uuid);
    putMany(store, 0, 30, 0, shared);
    // Objects that the leaver used last go with it, so the heir uses this one.
    expect(store.get(1, 1, OID, 29)).toBe(1);
    store.setCap(1, 10);
    putMany(store, 1, 5);
    told.length = 0;
    store.destroyDomain(0);
    expect(heldBy(store, 1)).toBe(10);
    expect(store.ephemeralPages).toBe(10);
    expect(told.every(([victim, , , reason]) => victim === 1 && reason === reasons.REASON_CAP)).toBe(true);
    expect(told).toHaveLength(30 + 5 - 10);
  });

  it('refuses puts at cap 0, and takes everything back when the cap goes', () => {
    const store = storeWith(1);
    store.setCap(0, 0);
    expect(store.put(0, 0, OID, 1, 0, 0)).toBe(ENOMEM);
    store.setCap(0, Infinity);
    putMany(store, 0, 100);
    expect(heldBy(store, 0)).toBe(100);
  });

  it('keeps all guests together within the limit', () => {
    const store = storeWith(2);
    putMany(store, 0, 60);
    putMany(store, 1, 30);
    expect(store.setEphemeralLimit(40)).toBe(50);
    expect([heldBy(store, 0), heldBy(store, 1)]).toEqual([20, 20]);
    putMany(store, 1, 30, 100);
    expect([store.ephemeralPages, store.freePages]).toEqual([40, 60]);
  });

  it('shrinks with the heap', () => {
    const store = storeWith(2);
    putMany(store, 0, 90);
    expect(store.setHeapPages(80)).toBe(10);
    expect([store.freePages, store.ephemeralPages]).toEqual([0, 80]);
  });
});

describe('the eviction sink', () => {
  it('has the numbers of its reasons from the contract', () => {
    const { REASON_COUNT, ...all } = reasons;
    const names = Object.entries(all).sort(([, a], [, b]) => a - b);
    expect(names.map(([name]) => name.replace('REASON_', '').replace('_', '-').toLowerCase())).toEqual([
      ...EVICTION_REASONS,
    ]);
    expect(REASON_COUNT).toBe(EVICTION_REASONS.length);
  });

  it('is told who lost which page to whom, from which pool, why, and how old it was', () => {
    const { told, sink } = recorder();
    const store = storeWith(2, { heapPages: 3, sink });
    store.nowMs = 1000;
    putMany(store, 0, 2);
    store.nowMs = 1500;
    putMany(store, 0, 1, 2);
    store.nowMs = 4000;
    putMany(store, 1, 1);
    store.evict(1, -1);
    store.flushMem(4);
    const pool = store.poolOf(0, 0);
    expect(told).toEqual([
      [0, 1, pool, reasons.REASON_PUT, 3000],
      [0, -1, pool, reasons.REASON_RELINQUISH, 3000],
      [0, -1, pool, reasons.REASON_FLUSH, 2500],
    ]);
  });

  it('is told of the pages of a pool that is destroyed, by its guest or with it, and of no persistent ones', () => {
    const { told, sink } = recorder();
    const store = storeWith(2, { sink });
    const persistent = store.newPool(0, PERSISTENT_PRIVATE);
    putMany(store, 0, 3);
    putMany(store, 0, 2, 0, persistent);
    putMany(store, 1, 2);
    const pools = [store.poolOf(0, 0), store.poolOf(1, 0)];
    store.destroyPool(0, 0);
    expect(told).toEqual(new Array<number[]>(3).fill([0, 0, pools[0] ?? NaN, reasons.REASON_POOL_DESTROYED, 0]));
    store.destroyPool(0, persistent);
    store.destroyDomain(1);
    expect(told.slice(3)).toEqual(
      new Array<number[]>(2).fill([1, -1, pools[1] ?? NaN, reasons.REASON_POOL_DESTROYED, 0]),
    );
  });

  it('can ask for the key of the page that goes', () => {
    const keys: number[][] = [];
    const oid = new Uint32Array(6);
    const store = storeWith(1, {
      heapPages: 1,
      sink: {
        recordEviction: (_victim, _beneficiary, _pool, _reason, _ageMs, page) => {
          const index = store.keyOf(page, oid);
          keys.push([...oid, index]);
        },
      },
    });
    putMany(store, 0, 1, 2 ** 32 - 1);
    putMany(store, 0, 1, 7);
    store.flushMem(4);
    expect(keys).toEqual([
      [...OID, 2 ** 32 - 1],
      [...OID, 7],
    ]);
  });

  it('counts ages beyond 2^32 ms of host time', () => {
    const { told, sink } = recorder();
    const store = storeWith(1, { heapPages: 1, sink });
    store.nowMs = 2 ** 32 - 10;
    putMany(store, 0, 1);
    store.nowMs = 2 ** 32 + 15;
    putMany(store, 0, 1, 1);
    expect(told[0]?.[4]).toBe(25);
  });
});

describe('effective use', () => {
  it.each([
    [750, 'leaves a guest what it re-reads, and takes idle loans back for a newcomer'],
    [0, 'without the tax divides by weight alone'],
  ])('at a tax of %i permille %s', (idleTaxPermille) => {
    const store = storeWith(3, { idleTaxPermille, heapPages: 400 });
    putMany(store, 0, 180);
    putMany(store, 1, 220);
    // Guest 0 re-reads its pages every ten seconds, guest 1 sleeps; guest 2 comes and wants all it can have.
    for (let second = 0; second < 60; second++) {
      for (let index = (second % 10) * 18; index < (second % 10) * 18 + 18; index++) {
        if (store.get(0, 0, OID, index) === 1) store.put(0, 0, OID, index, index, 0);
      }
      store.tick();
      if (second >= 10) putMany(store, 2, 20, second * 20);
    }
    const [used = 0, idle = 0, newcomer = 0] = store.holdings.ephemeralPages;
    expect(used + idle + newcomer).toBe(400);
    expect(Math.abs(idle - newcomer)).toBeLessThanOrEqual(2);
    // A used page is charged a quarter of an idle one, so 180 used pages weigh less than a third of what there is.
    if (idleTaxPermille > 0) expect(used).toBe(180);
    else expect(Math.abs(used - newcomer)).toBeLessThanOrEqual(1);
  });

  it('forgets hits over the window', () => {
    const store = storeWith(1, { useWindowSeconds: 10 });
    putMany(store, 0, 50);
    for (let index = 0; index < 50; index++) store.get(0, 0, OID, index);
    store.tick();
    expect(store.holdings.usedPages[0]).toBe(50);
    store.tick();
    expect(store.holdings.usedPages[0]).toBe(45);
    for (let second = 0; second < 60; second++) store.tick();
    expect(store.holdings.usedPages[0]).toBe(0);
  });
});

describe('default mode', () => {
  it('hands a shared pool on with exactly its pages, in order of age', () => {
    const store = storeWith(2);
    const uuid = Uint32Array.of(7, 0, 8, 0);
    store.setSharedAuthGlobal(true);
    for (const guest of [0, 1]) store.newPool(guest, EPHEMERAL_SHARED, uuid);
    putMany(store, 0, 3);
    putMany(store, 0, 3, 10, 1);
    putMany(store, 1, 3);
    // Read by guest 1, so that they survive their owner, and are the youngest of all in this order.
    for (const index of [12, 10, 11]) store.get(1, 1, OID, index);
    store.destroyPool(0, 1);
    expect([heldBy(store, 0), heldBy(store, 1)]).toEqual([3, 6]);
    const { owners, contents } = store.ephemeralPagesByAge();
    expect([...owners]).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 1]);
    expect([...contents].slice(-3)).toEqual([12, 10, 11]);
    // They can be evicted, as any page.
    expect(store.evict(99, -1)).toBe(9);
  });

  it('takes a dead guest out of the total of weights', () => {
    const store = storeWith(2);
    store.setWeight(0, 300);
    store.destroyDomain(0);
    expect(store.holdings.totalWeight).toBe(100);
    expect(store.createDomain(9, 0, 10)).toBe(0);
  });

  it('flushes an object of pages far apart as one of neighbours', () => {
    const store = storeWith(1);
    for (const index of [0, 5, 70_000, 0x7fff_ffff, 0xffff_ffff]) store.put(0, 0, OID, index, 1, 0);
    const other = Uint32Array.of(2, 0, 2, 0, 3, 0);
    store.put(0, 0, other, 5, 1, 0);
    expect(store.flushObject(0, 0, OID)).toBe(1);
    expect(store.ephemeralPages).toBe(1);
    expect(store.get(0, 0, other, 5)).toBe(1);
  });
});
