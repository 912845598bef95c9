import { EPHEMERAL_PRIVATE } from '#main/host/tmem/options.ts';
import type { PolicyName } from '#main/host/tmem/policies/index.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import type { BenchTrace } from './generate.ts';

/** Pages of one object in the benchmarks: files of 16 MiB. */
const PAGES_PER_OBJECT = 4096;

export interface LiveResult {
  /** CPU time. */
  readonly ms: number;
  readonly hits: number;
  readonly bytesPerPage: number;
}

/**
 * Runs a trace against the live store through its full interface: each access is an exclusive get, then a put. Pages are
 * dealt to the clients by number, each client's pages lie in objects of 16 MiB.
 */
export function runLive(trace: BenchTrace, clients: number, policy: PolicyName): LiveResult {
  const store = new TmemStore({
    mode: 'default',
    heapPages: trace.poolPages,
    policy,
    idleTaxPermille: policy === 'max-over-share' ? 750 : 0,
    expectedPages: trace.poolPages,
  });
  for (let client = 0; client < clients; client++) {
    store.createDomain(client + 1, 0, 0);
    store.newPool(client, EPHEMERAL_PRIVATE);
    store.setWeight(client, 100 + 10 * client);
  }
  const { pages } = trace;
  const oid = new Uint32Array(6);
  let hits = 0;
  const start = process.cpuUsage();
  for (let i = 0; i < pages.length; i++) {
    const page = pages[i] ?? 0;
    const client = page % clients;
    const own = (page - client) / clients;
    oid[0] = own / PAGES_PER_OBJECT;
    const index = own & (PAGES_PER_OBJECT - 1);
    if (store.get(client, 0, oid, index) === 1) hits++;
    store.put(client, 0, oid, index, page, 0);
  }
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  const { pages: table, objects } = store.core;
  const bytes = table.bytes().used + objects.bytes().used;
  return { ms, hits, bytesPerPage: bytes / trace.poolPages };
}
