import { EPHEMERAL_PRIVATE } from '#main/host/tmem/options.ts';
import { TmemStore } from '#main/host/tmem/store.ts';

const CLIENTS = 64;
const PAGES = 16_000_000;
const PAGES_PER_OBJECT = 4096;

/** Fills a store with 16 million resident pages of 64 clients and says what the process then takes. */
export function measureMemory(print: (line: string) => void): void {
  const before = process.memoryUsage().rss;
  const store = new TmemStore({ mode: 'default', heapPages: PAGES, policy: 'max-over-share', idleTaxPermille: 750 });
  for (let client = 0; client < CLIENTS; client++) {
    store.createDomain(client + 1, 0, 0);
    store.newPool(client, EPHEMERAL_PRIVATE);
  }
  const oid = new Uint32Array(6);
  const start = performance.now();
  for (let page = 0; page < PAGES; page++) {
    const client = page % CLIENTS;
    const own = Math.floor(page / CLIENTS);
    oid[0] = Math.floor(own / PAGES_PER_OBJECT);
    store.put(client, 0, oid, own % PAGES_PER_OBJECT, page, 0);
  }
  const seconds = (performance.now() - start) / 1000;
  const taken = process.memoryUsage().rss - before;
  print(
    `  ${store.ephemeralPages.toLocaleString('en')} pages of ${CLIENTS} clients resident: ${(taken / 2 ** 30).toFixed(2)} GiB ` +
      `(${(taken / PAGES).toFixed(0)} bytes a page), filled in ${seconds.toFixed(0)} s with the tables growing`,
  );
}
