import { type EvictionLedger, poolKindOf } from './eviction-ledger.ts';
import { contentClass } from './guest/page-contents.ts';
import type { HostConfig } from './host-config.ts';
import { StoredContents } from './machine/stored-contents.ts';
import { TmemStore } from './tmem/store.ts';

/** Makes the account of what a host's stored pages hold; null where there is to be none. */
export function createContents({ content, guests }: HostConfig): StoredContents | null {
  return content === undefined
    ? null
    : new StoredContents(guests.length, content.compressor, content.deduplicate, content.packs);
}

/** Makes the store of a host, which tells the ledger of each page it evicts and the contents of all that come and go. */
export function createStore(config: HostConfig, ledger: EvictionLedger, contents: StoredContents | null): TmemStore {
  const store: TmemStore = new TmemStore({
    mode: 'default',
    heapPages: config.totalPages - config.reservedPages,
    policy: config.policy,
    idleTaxPermille: config.idleTaxPermille,
    useWindowSeconds: config.idleTaxWindowS,
    ...(config.ephemeralLimitPages === undefined ? {} : { ephemeralLimitPages: config.ephemeralLimitPages }),
    ...(contents === null ? {} : { contentSink: contents }),
    ...(config.content?.packs === true ? { packing: { ...config.content, classOf: contentClass } } : {}),
    sink: {
      recordEviction: (victim, beneficiary, pool, reason, ageMs, page) => {
        contents?.evicting(victim);
        const kind = poolKindOf(store.core.pools.list[pool].kind);
        ledger.record(victim, beneficiary, kind, reason, ageMs, page, store);
      },
    },
  });
  return store;
}
