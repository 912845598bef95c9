import { ALL_CLIENTS, type StoreMode } from '#main/host/tmem/options.ts';
import type { PackingOptions } from '#main/host/tmem/packing.ts';
import type { PolicyName } from '#main/host/tmem/policies/index.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import { referencePolicy } from './reference-policies.ts';
import { ReferenceStore } from './reference-store.ts';

/** What a history begins with. */
export interface Beginning {
  readonly policy: PolicyName;
  readonly taxPermille: number;
  readonly heapPages: number;
  readonly reservePages: number;
  readonly compress: boolean;
  /** Of the real store; the reference gives each page a page of memory. */
  readonly packing?: PackingOptions;
}

/** A real store and the reference, told the same. */
export class Pair {
  readonly real: TmemStore;
  readonly reference: ReferenceStore;
  readonly mode: StoreMode;

  constructor(mode: StoreMode, beginning: Beginning) {
    const { policy, taxPermille, heapPages, reservePages, compress, packing } = beginning;
    const quirks = mode === 'conformance';
    this.mode = mode;
    this.real = new TmemStore({
      ...{ mode, heapPages, reservePages, policy, compress },
      ...(packing === undefined ? {} : { packing }),
      idleTaxPermille: taxPermille,
      expectedPages: 0,
      countRadixNodes: true,
    });
    this.reference = new ReferenceStore({
      ...{ quirks, heapPages, reservePages, compress, windowSeconds: 10, ephemeralLimit: Infinity },
      policy: referencePolicy(policy, taxPermille),
      fallsBack: !policy.startsWith('xen-'),
    });
  }

  /** Everything that can be seen of the real store, in the words of {@link referenceText}. */
  realText(): string {
    const { memory, clients } = this.real.core;
    const domains = clients.domains.map((domain) =>
      domain === null
        ? '-'
        : `${domain.id}:${domain.ramPages}/${domain.totPages}/${domain.maxPages}/${clients.usedPages[domain.number] ?? 0}`,
    );
    const { freePages, listPages, ephemeralPages, persistentPages } = memory;
    return (
      `free=${freePages} list=${listPages} ephemeral=${ephemeralPages} ` +
      `persistent=${persistentPages} weight=${clients.totalWeight} domains=${domains.join(' ')}\n` +
      (this.real.list(ALL_CLIENTS, true) ?? '')
    );
  }
}
