import { describe, expect, it } from 'vitest';
import { Random } from '#main/host/random.ts';
import { digestOf, StateReader, StateWriter } from '#main/host/state.ts';
import { EPHEMERAL_PRIVATE, EPHEMERAL_SHARED, PERSISTENT_PRIVATE, type StoreMode } from '#main/host/tmem/options.ts';
import { TmemStore } from '#main/host/tmem/store.ts';

const UUID = Uint32Array.of(1, 0, 2, 0);

function newStore(mode: StoreMode): TmemStore {
  const store = new TmemStore({ mode, heapPages: 1500, policy: 'max-over-share', idleTaxPermille: 750 });
  store.setSharedAuthGlobal(true);
  for (let guest = 0; guest < 5; guest++) {
    store.createDomain(10 + guest, 40, 200);
    store.newPool(guest, EPHEMERAL_PRIVATE);
    store.newPool(guest, PERSISTENT_PRIVATE);
    store.newPool(guest, EPHEMERAL_SHARED, UUID);
    store.setWeight(guest, 50 * guest);
  }
  return store;
}

/** A history of everything that guests and administrators do, always the same for a seed. @returns all results, added up */
function live(store: TmemStore, steps: number, seed: number): number {
  const random = new Random(seed, 0);
  const oid = new Uint32Array(6);
  let results = 0;
  for (let step = 0; step < steps; step++) {
    store.nowMs += random.below(20);
    const [guest, pool] = [random.below(5), random.below(3)];
    oid[0] = random.below(6);
    oid[5] = random.below(2);
    const index = random.below(300) * (random.below(50) === 0 ? 1_000_003 : 1);
    const act = random.below(100);
    if (act < 55) results += store.put(guest, pool, oid, index, index, act === 0 ? act + 1 : 0);
    else if (act < 85) results += store.get(guest, pool, oid, index);
    else if (act < 92) results += store.flushPage(guest, pool, oid, index);
    else if (act < 94) results += store.flushObject(guest, pool, oid);
    else if (act < 95) results += store.growRam(guest, random.below(20)) - store.shrinkRam(guest, random.below(20));
    else if (act < 96) results += store.setWeight(guest, random.below(300));
    else if (act < 97) results += store.evict(random.below(5), guest);
    else if (act < 98) results += random.below(2) === 0 ? store.freeze(guest) : store.thaw(guest);
    else if (act < 99) store.tick();
    else if (random.below(40) === 0)
      results += store.destroyPool(guest, pool) + store.newPool(guest, EPHEMERAL_PRIVATE);
  }
  return results;
}
function entriesOf(store: TmemStore): StateWriter['entries'] {
  const writer = new StateWriter();
  store.save(writer);
  return writer.entries;
}

describe.each(['default', 'conformance'] as const)('a store in %s mode', (mode) => {
  it('goes on from a snapshot exactly as it would have without', () => {
    const store = newStore(mode);
    live(store, 8_000, 1);
    const entries = entriesOf(store);
    const restored = new TmemStore({ mode, heapPages: 1, policy: 'fifo' });
    restored.restore(new StateReader(entries));
    expect(digestOf(entriesOf(restored))).toBe(digestOf(entries));
    expect(live(restored, 8_000, 2)).toBe(live(store, 8_000, 2));
    expect(digestOf(entriesOf(restored))).toBe(digestOf(entriesOf(store)));
  });

  it('forks into a store that lives its own life', () => {
    const store = newStore(mode);
    live(store, 8_000, 3);
    const before = digestOf(entriesOf(store));
    const fork = store.fork();
    const forksFuture = live(fork, 8_000, 4);
    expect(digestOf(entriesOf(store))).toBe(before);
    expect(live(store, 8_000, 4)).toBe(forksFuture);
    expect(digestOf(entriesOf(store))).toBe(digestOf(entriesOf(fork)));
  });

  it('keeps a snapshot as it was, whatever the store does later', () => {
    const store = newStore(mode);
    live(store, 3_000, 5);
    const entries = entriesOf(store);
    const before = digestOf(entries);
    const restored = new TmemStore({ mode, heapPages: 1, policy: 'fifo' });
    restored.restore(new StateReader(entries));
    live(restored, 3_000, 6);
    live(store, 3_000, 7);
    expect(digestOf(entries)).toBe(before);
  });
});

describe('a fixed history', () => {
  // The digests change with every change of the model or of the snapshot's layout, never with the machine or the runtime.
  it.each([
    ['default', '1d76cb50dc61ef08'],
    ['conformance', '37f64dd3dc9c84a2'],
  ] as const)('has its golden digest in %s mode', (mode, digest) => {
    const store = newStore(mode);
    live(store, 20_000, 42);
    expect(digestOf(entriesOf(store))).toBe(digest);
  });
});

it('refuses a snapshot of the other mode', () => {
  const store = new TmemStore({ mode: 'default', heapPages: 9, policy: 'fifo' });
  expect(() => store.restore(new StateReader(entriesOf(newStore('conformance'))))).toThrow('conformance mode');
});
