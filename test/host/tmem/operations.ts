import { compressedSize } from '#main/host/tmem/compression.ts';
import { ALL_CLIENTS } from '#main/host/tmem/options.ts';
import { NO_CLIENT } from '#main/host/tmem/policies/policy.ts';
import type { Pair } from './pair.ts';
import type { RefClient, ReferenceStore } from './reference-store.ts';

const DOMAINS = 4;
const NO_SUCH_DOMAIN = 999;
const OIDS = [[0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1], [7, 9, 11, 13, 15, 17]] as const; // prettier-ignore
const INDEXES = [0, 1, 64, 4096, 0x8000_0000, 0xffff_ffff, 100, 101, 102, 103, 104, 105];
/** Mostly the domains and pools that a history begins with, now and then one that need not be there. */
const DOMAIN_CHOICE = [0, 1, 2, 0, 1, 2, 0, 1, 2, 3];
const SLOT_CHOICE = [0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 4, 0, 2];

/** Which page: the domain that asks, its pool, the object id, the index. */
type Key = readonly [domain: number, pool: number, oid: readonly number[], index: number];
/** The pages that three of four operations are about, so that the same are met again. */
const OFTEN: readonly Key[] = [
  [0, 0, OIDS[0], 0],
  [0, 0, OIDS[0], 100],
  [0, 0, OIDS[1], 4096],
  [0, 1, OIDS[0], 0],
  [0, 1, OIDS[3], 0xffff_ffff],
  [0, 2, OIDS[0], 101],
  [1, 2, OIDS[0], 101],
  [2, 2, OIDS[0], 101],
  [1, 2, OIDS[2], 64],
  [1, 0, OIDS[0], 0],
  [1, 1, OIDS[0], 0],
];

/** The number of the domain in this place among those alive; of none where there are fewer. */
function numberAt(reference: ReferenceStore, place: number): number {
  const alive = reference.domains.filter((domain) => domain !== null);
  return alive[place]?.number ?? NO_SUCH_DOMAIN;
}

function keyOf(reference: ReferenceStore, domain: number, slot: number, oid: number, index: number): Key {
  const [place, ...rest]: Key =
    index % 4 === 0
      ? [pick(DOMAIN_CHOICE, domain), pick(SLOT_CHOICE, slot), pick(OIDS, oid), pick(INDEXES, index / 4)]
      : pick(OFTEN, domain + slot + oid);
  return [numberAt(reference, place), ...rest];
}

const UUIDS = [[0xaaaa, 0, 0xbbbb, 0], [0, 1, 0, 0], [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff]] as const; // prettier-ignore
const FLAGS = [0x0100_0000, 0x0100_0000, 0x0100_0001, 0x0100_0001, 0x0100_0002, 0x0100_0002, 0x0100_0002, 0x0100_0003, 0, 0x0200_0000, 0x0100_0004, 0x0100_0010, 0x0100_0100]; // prettier-ignore
const WEIGHTS = [0, 1, 10, 50, 100, 300, 65_535];

const pick = <T>(from: readonly T[], number: number): T => {
  const found = from[number % from.length];
  if (found === undefined) throw new Error('Nothing to pick from.');
  return found;
};
const uuidText = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]): string =>
  `${(a + b * 2 ** 32).toString(16)}:${(c + d * 2 ** 32).toString(16)}`;
const uuidKey = (uuid: readonly number[]): string =>
  uuid[0] === 0xffff_ffff ? 'ffffffffffffffff:ffffffffffffffff' : uuidText(uuid);
/** A domain or, now and then, all of them, as each store says it. */
function targetsOf(reference: ReferenceStore, number: number): readonly [real: number, reference: number | 'all'] {
  if (number % 6 === 5) return [ALL_CLIENTS, 'all'];
  const domain = numberAt(reference, pick(DOMAIN_CHOICE, number));
  return [domain, domain];
}

/** The same asked of the real store and of the reference. */
export type Question = readonly [real: () => unknown, reference: () => unknown];

/** The operations: what each asks of both stores. Numbers may name domains and pools that are not there. */
export const OPERATIONS = {
  createDomain: ({ real, reference }: Pair, ram: number, room: number): Question[] => {
    const alive = reference.domains.filter((domain) => domain !== null);
    const id = 1 + alive.length + 10 * room;
    if (alive.length >= DOMAINS || alive.some((domain) => domain.id === id)) return [];
    const max = (ram % 30) + (room % 30);
    return [[() => real.createDomain(id, ram % 40, max), () => reference.createDomain(id, ram % 40, max).number]];
  },
  destroyDomain: (pair: Pair, number: number): Question[] => {
    return onDomain(pair, number, (domain) => [
      () => pair.real.destroyDomain(domain.number),
      () => pair.reference.destroyDomain(domain),
    ]);
  },
  grow: (pair: Pair, number: number, pages: number): Question[] => {
    return onDomain(pair, number, (domain) => [
      () => pair.real.growRam(domain.number, pages % 15),
      () => pair.reference.growRam(domain, pages % 15),
    ]);
  },
  shrink: (pair: Pair, number: number, pages: number): Question[] => {
    return onDomain(pair, number, (domain) => [
      () => pair.real.shrinkRam(domain.number, pages % 40),
      () => pair.reference.shrinkRam(domain, pages % 40),
    ]);
  },
  setMax: (pair: Pair, number: number, pages: number): Question[] => {
    return onDomain(pair, number, (domain) => [
      () => pair.real.setMaxPages(domain.number, pages),
      () => void (domain.max = pages),
    ]);
  },
  newPool: ({ real, reference }: Pair, number: number, kind: number, which: number): Question[] => {
    const uuid = pick(UUIDS, which);
    const flags = pick(FLAGS, kind);
    return [
      [
        () => real.newPool(numberAt(reference, pick(DOMAIN_CHOICE, number)), flags, Uint32Array.from(uuid)),
        () => reference.newPool(numberAt(reference, pick(DOMAIN_CHOICE, number)), flags, uuidKey(uuid)),
      ],
    ];
  },
  destroyPool: ({ real, reference }: Pair, number: number, slot: number): Question[] => {
    const domain = numberAt(reference, pick(DOMAIN_CHOICE, number));
    return [
      [
        () => real.destroyPool(domain, pick(SLOT_CHOICE, slot)),
        () => reference.destroyPool(domain, pick(SLOT_CHOICE, slot)),
      ],
    ];
  },
  put: (
    { real, reference }: Pair,
    number: number,
    slot: number,
    oid: number,
    index: number,
    word: number,
  ): Question[] => {
    const [lo, hi] = [word, word % 3 === 0 ? word : 0];
    const [domain, pool, id, at] = keyOf(reference, number, slot, oid, index);
    return [
      [
        () => real.put(domain, pool, Uint32Array.from(id), at, lo, hi),
        () => reference.put(domain, pool, id.join('.'), at, `${lo}/${hi}`, compressedSize(lo, hi)),
      ],
    ];
  },
  /** Puts of neighbouring pages: what makes memory short and evictions frequent. */
  fill: (
    { real, reference }: Pair,
    number: number,
    slot: number,
    oid: number,
    from: number,
    pages: number,
  ): Question[] => {
    const [domain, pool, id] = keyOf(reference, number, slot, oid, 0);
    return Array.from({ length: pages % 24 }, (_, i): Question => {
      const index = 100 + (from % 12) + i;
      return [
        () => real.put(domain, pool, Uint32Array.from(id), index, index, 0),
        () => reference.put(domain, pool, id.join('.'), index, `${index}/0`, compressedSize(index, 0)),
      ];
    });
  },
  get: ({ real, reference }: Pair, number: number, slot: number, oid: number, index: number): Question[] => {
    const [domain, pool, id, at] = keyOf(reference, number, slot, oid, index);
    const readReal = (): unknown => {
      const result = real.get(domain, pool, Uint32Array.from(id), at);
      return result === 1 ? { result, content: `${real.contentLo}/${real.contentHi}` } : { result };
    };
    return [[readReal, () => reference.get(domain, pool, id.join('.'), at)]];
  },
  flushPage: ({ real, reference }: Pair, number: number, slot: number, oid: number, index: number): Question[] => {
    const [domain, pool, id, at] = keyOf(reference, number, slot, oid, index);
    return [
      [
        () => real.flushPage(domain, pool, Uint32Array.from(id), at),
        () => reference.flushPage(domain, pool, id.join('.'), at),
      ],
    ];
  },
  flushObject: ({ real, reference }: Pair, number: number, slot: number, oid: number): Question[] => {
    const [domain, pool, id] = keyOf(reference, number, slot, oid, 0);
    return [
      [
        () => real.flushObject(domain, pool, Uint32Array.from(id)),
        () => reference.flushObject(domain, pool, id.join('.')),
      ],
    ];
  },
  weight: ({ real, reference }: Pair, number: number, weight: number): Question[] => {
    const [one, other] = targetsOf(reference, number);
    const value = pick(WEIGHTS, weight);
    return [[() => real.setWeight(one, value), () => reference.setWeight(other, value)]];
  },
  compress: ({ real, reference, mode }: Pair, number: number, on: number): Question[] => {
    const [one, other] = targetsOf(reference, number);
    if (mode === 'default') return [];
    const isOn = on % 2 === 1;
    return [[() => real.setCompress(one, isOn), () => reference.setCompress(other, isOn)]];
  },
  freeze: ({ real, reference }: Pair, number: number, on: number): Question[] => {
    const [one, other] = targetsOf(reference, number);
    const frozen = on % 2 === 1;
    return [[() => (frozen ? real.freeze(one) : real.thaw(one)), () => reference.setFrozen(other, frozen)]];
  },
  authorise: ({ real, reference }: Pair, number: number, which: number, on: number): Question[] => {
    const [one, other] = targetsOf(reference, number);
    const uuid = pick(UUIDS, which);
    const allowed = on % 4 !== 0;
    return [
      [
        () => real.authorise(one, Uint32Array.from(uuid), allowed),
        () => reference.authorise(other, uuidKey(uuid), allowed),
      ],
    ];
  },
  shareAll: ({ real, reference }: Pair, on: number): Question[] => {
    const isOn = on % 2 === 1;
    return [[() => real.setSharedAuthGlobal(isOn), () => void (reference.sharedAuthGlobal = isOn)]];
  },
  flushMem: ({ real, reference }: Pair, kib: number): Question[] => {
    return [[() => real.flushMem(kib * 2), () => reference.flushMem(kib * 2)]];
  },
  evict: ({ real, reference }: Pair, times: number, number: number): Question[] => {
    const domain = reference.domains[numberAt(reference, number % 5)] ?? null;
    const requester = domain?.isClient === true ? domain : null;
    const evictReference = (): number => {
      let evicted = 0;
      while (evicted < times % 8 && reference.evict(requester)) evicted++;
      return evicted;
    };
    return [[() => real.evict(times % 8, domain?.number ?? NO_CLIENT), evictReference]];
  },
  cap: ({ real, reference, mode }: Pair, number: number, pages: number): Question[] => {
    if (mode === 'conformance') return [];
    const cap = pages % 5 === 0 ? Infinity : pages % 30;
    const domain = numberAt(reference, pick(DOMAIN_CHOICE, number));
    return [[() => void real.setCap(domain, cap), () => reference.setCap(domain, cap)]];
  },
  limit: ({ real, reference, mode }: Pair, pages: number): Question[] => {
    if (mode === 'conformance') return [];
    const limit = pages % 3 === 0 ? Infinity : pages;
    return [[() => void real.setEphemeralLimit(limit), () => reference.setEphemeralLimit(limit)]];
  },
  resizeHeap: ({ real, reference, mode }: Pair, pages: number): Question[] => {
    if (mode === 'conformance') return [];
    const heap = real.heapPages - real.freePages - real.ephemeralPages + pages;
    return [[() => void real.setHeapPages(heap), () => reference.setHeapPages(heap)]];
  },
  tick: ({ real, reference }: Pair): Question[] => {
    return [[() => real.tick(), () => reference.tick()]];
  },
} as const;

function onDomain(pair: Pair, number: number, ask: (domain: RefClient) => Question): Question[] {
  const domain = pair.reference.domains[numberAt(pair.reference, pick(DOMAIN_CHOICE, number))] ?? null;
  return domain === null ? [] : [ask(domain)];
}
