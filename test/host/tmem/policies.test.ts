import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POLICIES, type PolicyName } from '#main/host/tmem/policies/index.ts';
import {
  type EvictionPolicy,
  GLOBAL_OLDEST,
  type Holdings,
  NO_CLIENT,
  type PolicyFactory,
} from '#main/host/tmem/policies/policy.ts';

interface Guest {
  readonly pages: number;
  readonly weight?: number;
  readonly used?: number;
}

function holdingsOf(guests: readonly Guest[]): Holdings {
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  return {
    clientSlots: guests.length,
    ephemeralPages: Int32Array.from(guests, ({ pages }) => pages),
    weights: Float64Array.from(guests, ({ weight }) => weight ?? 100),
    usedPages: Int32Array.from(guests, ({ used }) => used ?? 0),
    totalEphemeralPages: total(guests.map(({ pages }) => pages)),
    totalWeight: total(guests.map(({ weight }) => weight ?? 100)),
  };
}
const maxOverShare = (guests: readonly Guest[], idleTaxPermille = 0): EvictionPolicy =>
  POLICIES['max-over-share'](holdingsOf(guests), { idleTaxPermille });

/** Puts a page for each requester in turn into a full pool, as often as asked. @returns who holds what then */
function compete(policyName: PolicyName, guests: readonly Guest[], puts: number[]): number[] {
  const holdings = holdingsOf(guests);
  const policy = POLICIES[policyName](holdings, { idleTaxPermille: 0 });
  const byAge = guests.flatMap(({ pages }, guest) => new Array<number>(pages).fill(guest));
  for (const requester of puts) {
    const victim = policy.victim(requester);
    const [lost = 0] = byAge.splice(victim === GLOBAL_OLDEST ? 0 : byAge.indexOf(victim), 1);
    byAge.push(requester);
    holdings.ephemeralPages[lost] = (holdings.ephemeralPages[lost] ?? 0) - 1;
    policy.changed(lost);
    holdings.ephemeralPages[requester] = (holdings.ephemeralPages[requester] ?? 0) + 1;
    policy.changed(requester);
  }
  return [...holdings.ephemeralPages];
}

describe('max-over-share', () => {
  it('takes from who holds most for its weight', () => {
    expect(maxOverShare([{ pages: 100 }, { pages: 101 }]).victim(0)).toBe(1);
    expect(maxOverShare([{ pages: 100, weight: 50 }, { pages: 199, weight: 100 }]).victim(1)).toBe(0); // prettier-ignore
    expect(maxOverShare([{ pages: 100, weight: 50 }, { pages: 201, weight: 100 }]).victim(0)).toBe(1); // prettier-ignore
  });

  it('breaks ties for the lower client number, and passes over who holds nothing', () => {
    expect(maxOverShare([{ pages: 0 }, { pages: 7 }, { pages: 7 }]).victim(NO_CLIENT)).toBe(1);
    expect(maxOverShare([{ pages: 0 }, { pages: 0 }]).victim(0)).toBe(GLOBAL_OLDEST);
  });

  it('takes from weight 0 first, the largest holder before the rest, and treats all of weight 0 as equal', () => {
    const among = [{ pages: 900 }, { pages: 2, weight: 0 }, { pages: 3, weight: 0 }];
    expect(maxOverShare(among).victim(0)).toBe(2);
    const none = [{ pages: 4, weight: 0 }, { pages: 5, weight: 0 }]; // prettier-ignore
    expect(maxOverShare(none).victim(0)).toBe(1);
  });

  it('taxes pages that are not used: at 750 ‰ an idle page weighs four used ones', () => {
    const guests = (idle: number): Guest[] => [{ pages: 400, used: 400 }, { pages: idle, used: 0 }]; // prettier-ignore
    expect(maxOverShare(guests(100), 750).victim(0)).toBe(0);
    expect(maxOverShare(guests(101), 750).victim(0)).toBe(1);
    expect(maxOverShare(guests(101), 0).victim(0)).toBe(0);
  });

  it('counts no more pages as used than are held', () => {
    const guests = [{ pages: 100, used: 1_000_000 }, { pages: 99, used: 99 }]; // prettier-ignore
    expect(maxOverShare(guests, 999).victim(1)).toBe(0);
  });

  it('compares exactly where rounded charges would be equal', () => {
    const pages = 2 ** 27;
    const guests = [{ pages: pages - 1, weight: 65_534 }, { pages, weight: 65_535 }]; // prettier-ignore
    // (2^27 − 1)/65,534 > 2^27/65,535, by one part in 10^9.
    expect(maxOverShare(guests).victim(0)).toBe(0);
  });

  it('gives unused shares to the others by weight, whoever came first', () => {
    const guests = [{ pages: 960, weight: 100 }, { pages: 0, weight: 200 }, { pages: 0, weight: 300 }]; // prettier-ignore
    const turns = (...who: number[]): number[] => Array.from({ length: 6000 }, (_, i) => who[i % who.length] ?? 0);
    // To within the page that is just changing hands.
    const offBy = (held: readonly number[], due: readonly number[]): number =>
      Math.max(...held.map((pages, guest) => Math.abs(pages - (due[guest] ?? 0))));
    expect(offBy(compete('max-over-share', guests, turns(0, 1, 2)), [160, 320, 480])).toBeLessThanOrEqual(1);
    expect(offBy(compete('max-over-share', guests, turns(0, 1)), [320, 640, 0])).toBeLessThanOrEqual(1);
    // Who stops asking keeps its share of what the askers share: without a tax that never ends.
    expect(offBy(compete('max-over-share', guests, turns(2)), [240, 0, 720])).toBeLessThanOrEqual(1);
  });

  it('decides as a look at every client would, after any changes', () => {
    const guest = fc.record({ pages: fc.nat(50), weight: fc.constantFrom(0, 1, 50, 100, 65_535), used: fc.nat(60) });
    const change = fc.tuple(fc.nat(69), guest);
    fc.assert(
      fc.property(
        fc.array(guest, { minLength: 1, maxLength: 70 }),
        fc.array(change, { maxLength: 40 }),
        fc.constantFrom(0, 750),
        (guests, changes, tax) => {
          const holdings = holdingsOf(guests);
          const policy = POLICIES['max-over-share'](holdings, { idleTaxPermille: tax });
          for (const [place, { pages, weight, used }] of changes) {
            const client = place % guests.length;
            holdings.totalWeight += weight - (holdings.weights[client] ?? 0);
            holdings.ephemeralPages[client] = pages;
            holdings.weights[client] = weight;
            holdings.usedPages[client] = used;
            policy.changed(client);
            expect(policy.victim(NO_CLIENT)).toBe(mostCharged(holdings, tax));
          }
        },
      ),
    );
  });
});

it('decides as a look at every client would while clients come one by one', () => {
  const holdings = holdingsOf([{ pages: 5 }]);
  const policy = POLICIES['max-over-share'](holdings, { idleTaxPermille: 0 });
  for (let client = 1; client < 40; client++) {
    const { ephemeralPages, weights, usedPages } = holdingsOf(
      Array.from({ length: client + 1 }, (_, place) => ({ pages: (place * 37) % 41, weight: 100 + place })),
    );
    Object.assign(holdings, { clientSlots: client + 1, ephemeralPages, weights, usedPages });
    holdings.totalWeight = weights.reduce((sum, weight) => sum + weight, 0);
    policy.changed(client);
    expect(policy.victim(NO_CLIENT)).toBe(mostCharged(holdings, 0));
  }
});

/** The victim by looking at every client, in exact numbers. */
function mostCharged(holdings: Holdings, tax: number): number {
  const { clientSlots, ephemeralPages, weights, usedPages, totalWeight } = holdings;
  let worst = GLOBAL_OLDEST;
  const at = (values: ArrayLike<number>, client: number): bigint => BigInt(values[client] ?? 0);
  const isWorse = (a: number, b: number): boolean => {
    const charge = (client: number): bigint => {
      const [held, used] = [at(ephemeralPages, client), at(usedPages, client)];
      return 1000n * held - BigInt(tax) * (used < held ? used : held);
    };
    if (totalWeight === 0) return charge(a) > charge(b);
    if (weights[a] === 0 && weights[b] === 0) return at(ephemeralPages, a) > at(ephemeralPages, b);
    if (weights[a] === 0 || weights[b] === 0) return weights[a] === 0;
    return charge(a) * at(weights, b) > charge(b) * at(weights, a);
  };
  for (let client = 0; client < clientSlots; client++) {
    if (at(ephemeralPages, client) > 0n && (worst === GLOBAL_OLDEST || isWorse(client, worst))) worst = client;
  }
  return worst;
}

describe("Xen's quota rules", () => {
  const guests = [{ pages: 1000, weight: 50 }, { pages: 0, weight: 50 }]; // prettier-ignore
  const onlyTheSecond = new Array<number>(5000).fill(1);

  it('as shipped starve a newcomer at one page for ever', () => {
    expect(compete('xen-shipped', guests, onlyTheSecond)).toEqual([999, 1]);
  });

  it('as documented hold a newcomer to its share', () => {
    expect(compete('xen-documented', guests, onlyTheSecond)).toEqual([499, 501]);
    const uneven = [{ pages: 1000, weight: 90 }, { pages: 0, weight: 10 }]; // prettier-ignore
    expect(compete('xen-documented', uneven, onlyTheSecond)).toEqual([899, 101]);
  });

  it('do not apply without weights, to who holds nothing, or to the host', () => {
    for (const name of ['xen-shipped', 'xen-documented'] as const) {
      const victim = (holders: readonly Guest[], requester: number): number => {
        const make: PolicyFactory = POLICIES[name];
        return make(holdingsOf(holders), { idleTaxPermille: 0 }).victim(requester);
      };
      expect(victim([{ pages: 9, weight: 0 }, { pages: 1, weight: 0 }], 1)).toBe(GLOBAL_OLDEST); // prettier-ignore
      expect(victim(guests, 1)).toBe(GLOBAL_OLDEST);
      expect(victim([{ pages: 500 }, { pages: 1 }], NO_CLIENT)).toBe(GLOBAL_OLDEST);
    }
  });
});

it('fifo looks at nobody', () => {
  expect(compete('fifo', [{ pages: 10 }, { pages: 0 }], new Array<number>(10).fill(1))).toEqual([0, 10]); // prettier-ignore
});
