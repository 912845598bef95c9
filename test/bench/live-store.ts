import { EPHEMERAL_PRIVATE } from '#main/host/tmem/options.ts';
import type { PolicyName } from '#main/host/tmem/policies/index.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import type { BenchTrace } from './generate.ts';

/** Bits of a page's number within its object: each client's pages are one volume, as in the block traces, or files of 16 MiB. */
const VOLUME_BITS = 30;
export const FILE_BITS = 12;

export interface LiveResult {
  /** CPU time. */
  readonly ms: number;
  readonly hits: number;
  readonly bytesPerPage: number;
}

/**
 * Runs a trace against the live store through its full interface: each access is an exclusive get, then a put. Pages are
 * dealt to the clients by number.
 */
export function runLive(trace: BenchTrace, clients: number, policy: PolicyName, objectBits = VOLUME_BITS): LiveResult {
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
  // Who asks for which of its pages is made beforehand, as the keys of the reference loop are.
  const askedBy = Uint8Array.from(trace.pages, (page) => page % clients);
  const asked = trace.pages.map((page) => Math.floor(page / clients));
  const oid = new Uint32Array(6);
  const mask = (1 << objectBits) - 1;
  let hits = 0;
  const start = process.cpuUsage();
  for (let i = 0; i < asked.length; i++) {
    const client = askedBy[i] ?? 0;
    const page = asked[i] ?? 0;
    oid[0] = page >>> objectBits;
    const index = page & mask;
    if (store.get(client, 0, oid, index) === 1) hits++;
    store.put(client, 0, oid, index, page, 0);
  }
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  const { pages: table, objects } = store.core;
  const bytes = table.bytes().used + objects.bytes().used;
  return { ms, hits, bytesPerPage: bytes / trace.poolPages };
}
