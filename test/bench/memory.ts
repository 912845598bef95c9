import { EPHEMERAL_PRIVATE } from '#main/host/tmem/options.ts';
import { TmemStore } from '#main/host/tmem/store.ts';

const CLIENTS = 64;
const PAGES = 16_000_000;
const FORK_PAGES = 1_000_000;
const PAGES_PER_OBJECT = 4096;

/** Fills a store with 16 million resident pages of 64 clients and says what the process then takes. */
export function measureMemory(print: (line: string) => void): void {
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const store = filledStore(PAGES);
  const seconds = (performance.now() - start) / 1000;
  const taken = process.memoryUsage().rss - before;
  print(
    `  ${store.ephemeralPages.toLocaleString('en')} pages of ${CLIENTS} clients resident: ${(taken / 2 ** 30).toFixed(2)} GiB ` +
      `(${(taken / PAGES).toFixed(0)} bytes a page), filled in ${seconds.toFixed(0)} s with the tables growing`,
  );
}

/** How long a fork of a store of 1 million pages takes. */
export function measureFork(print: (line: string) => void): void {
  const store = filledStore(FORK_PAGES);
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    store.fork();
    return performance.now() - start;
  });
  const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;
  print(`  fork of ${FORK_PAGES.toLocaleString('en')} pages: ${median.toFixed(1)} ms`);
}

function filledStore(pages: number): TmemStore {
  const store = new TmemStore({ mode: 'default', heapPages: pages, policy: 'max-over-share', idleTaxPermille: 750 });
  for (let client = 0; client < CLIENTS; client++) {
    store.createDomain(client + 1, 0, 0);
    store.newPool(client, EPHEMERAL_PRIVATE);
  }
  const oid = new Uint32Array(6);
  for (let page = 0; page < pages; page++) {
    const client = page % CLIENTS;
    const own = Math.floor(page / CLIENTS);
    oid[0] = Math.floor(own / PAGES_PER_OBJECT);
    store.put(client, 0, oid, own % PAGES_PER_OBJECT, page, 0);
  }
  return store;
}
