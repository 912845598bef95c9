import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { XenAssertion } from '#main/host/tmem/assertion.ts';
import { ALL_CLIENTS, EPHEMERAL_SHARED } from '#main/host/tmem/options.ts';
import type { StoreMode } from '#main/host/tmem/options.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import { TraceError } from '#main/trace/trace-error.ts';
import type { XenListing } from '#main/trace/xen-listing.ts';
import { formatXenListing, parseXenListing, readXenListing } from '#main/trace/xen-listing.ts';
import { isXenListing, readXenListings } from '#main/trace/xen-listing-log.ts';
import { histories } from '../host/tmem/histories.ts';
import type { Question } from '../host/tmem/operations.ts';
import { OPERATIONS } from '../host/tmem/operations.ts';
import { Pair } from '../host/tmem/pair.ts';
import type { RefClient, RefPool } from '../host/tmem/reference-store.ts';
import { RefAbort, pagesOf } from '../host/tmem/reference-store.ts';
import { errorOf, repository, temporaryFolder } from './support.ts';

const folder = temporaryFolder();

/** Printed by Xen's own code. */
const SHORT = `G=Tt:1546,Te:1,Cf:0,Af:0,Pf:0,Ta:20,Lm:0,Et:485,Ea:485,Rt:0,Ra:0,Rx:0,Fp:0
S=SI:0,PT:ES,U0:aabbccdd00112233,U1:5566,SC:1,SC:7
C=CI:1,ww:60,co:0,fr:0,Tc:0,Ge:20,Pp:40,Gp:20
P=CI:1,PI:0,PT:EP,U0:0,U1:0
P=CI:1,PI:1,PT:PP,U0:0,U1:0
P=CI:1,PI:2,PT:ES,U0:aabbccdd00112233,U1:5566
C=CI:2,ww:30,co:0,fr:1,Tc:0,Ge:20,Pp:0,Gp:0
P=CI:2,PI:0,PT:EP,U0:0,U1:0
C=CI:7,ww:0,co:0,fr:0,Tc:0,Ge:0,Pp:0,Gp:0
P=CI:7,PI:2,PT:ES,U0:aabbccdd00112233,U1:5566
T
`;
const POOL = 'Pc:40,Pm:40,Oc:1,Om:1,Nc:1,Nm:1,ps:40,pt:40,pd:0,pr:0,px:0,gs:20,gt:20,fs:0,ft:0,os:0,ot:0';
const ONE_CLIENT = `C=CI:7,ww:0,co:0,fr:0,Tc:0,Ge:0,Pp:0,Gp:0,Ec:0,Em:0,cp:0,cb:0,cn:0,cm:0
P=CI:7,PI:2,PT:ES,U0:aabbccdd00112233,U1:5566,${POOL}
`;

describe('a listing of tmem', () => {
  it('says who holds what', () => {
    const listing = parseXenListing(SHORT);
    expect(listing.global?.counters).toMatchObject({ operations: 1546, errors: 1, listPages: 20, evicted: 485 });
    expect(listing.global?.detail).toBeNull();
    const uuid = { low: 'aabbccdd00112233', high: '5566' };
    expect(listing.sharedPools).toEqual([
      { identity: { slot: 0, kind: 'ephemeral shared', uuid }, sharers: [1, 7], detail: null },
    ]);
    expect(listing.clients.map(({ domain, weight, pools }) => [domain, weight, pools.length])).toEqual([
      [1, 60, 3],
      [2, 30, 1],
      [7, 0, 1],
    ]);
    expect(listing.clients[1]?.counters).toMatchObject({ frozen: 1, ephemeralHits: 20 });
    expect(listing.clients[0]?.pools[1]).toEqual({
      kind: 'persistent private',
      slot: 1,
      uuid: { low: '0', high: '0' },
      detail: null,
    });
    expect([listing.isWhole, listing.times, listing.notes]).toEqual([true, {}, []]);
  });

  it('of one client has no global counters', () => {
    const listing = parseXenListing(ONE_CLIENT);
    expect([listing.global, listing.isWhole]).toEqual([null, true]);
    expect(listing.clients[0]?.pools[0]?.detail).toMatchObject({ pages: 40, goodPuts: 40, hits: 20, objectFlushes: 0 });
  });

  it.each([SHORT, ONE_CLIENT])('is written as it was read', (text) => {
    expect(formatXenListing(parseXenListing(text))).toBe(text);
  });

  it('of older versions has caps and times', () => {
    const old = SHORT.replace('ww:60,', 'ww:60,ca:500,').replace('T\n', 'T=Gn:5,Gt:900,Gx:300,Gm:100\n');
    const listing = parseXenListing(old);
    expect(listing.clients.map(({ cap }) => cap)).toEqual([500, null, null]);
    expect(listing.times).toEqual({ Gn: 5, Gt: 900, Gx: 300, Gm: 100 });
    expect(formatXenListing(listing)).toBe(old);
  });

  it('may hold what a later version adds, come with carriage returns and blank lines, or be packed', async () => {
    const listing = parseXenListing(SHORT);
    const more = SHORT.replace('Gp:20\n', 'Gp:20,Zz:5\n').replaceAll('\n', '\r\n\r\n');
    expect(parseXenListing(more)).toEqual(listing);
    for (const pack of [(text: string) => text, gzipSync, zstdCompressSync]) {
      const file = join(folder, 'listing');
      writeFileSync(file, pack(SHORT));
      expect(await readXenListing(file)).toEqual(listing);
    }
  });

  it('that ends between two records says so', () => {
    const listing = parseXenListing(SHORT.slice(0, SHORT.indexOf('C=CI:7')));
    expect([listing.clients.length, listing.isWhole]).toEqual([2, false]);
    expect(listing.notes).toEqual([expect.stringContaining('cut off between two records')]);
  });

  it.each<[string, (text: string) => string, number, string]>([
    ['nothing', () => '\n', 1, 'it has no record'],
    ['another text', () => 'Domain-0 0 1024\n', 1, '"Domain-0 0 1024" is no record of a listing'],
    ['a record cut off', (text) => text.slice(0, text.indexOf(',Rt')), 1, 'the record has no "Rt"'],
    ['a value cut off', (text) => text.slice(0, text.indexOf('Fp:') + 3), 1, '"Fp:" is not a tag'],
    ['a pool of another client', (text) => text.replace('P=CI:2', 'P=CI:3'), 8, 'the pool of domain 3 is not below'],
    ['an unknown kind', (text) => text.replace('PT:PP', 'PT:XX'), 5, 'the kind of the pool (PT) is "XX"'],
    ['a bad UUID', (text) => text.replace('U0:0', 'U0:xyz'), 4, 'the half of the UUID (U0) is "xyz"'],
    ['a number too large', (text) => text.replace('1546', '99999999999999999'), 1, 'the value of "Tt"'],
    ['a counter twice', (text) => text.replace('Te:1', 'Tt:1'), 1, 'the record has "Tt" twice'],
    ['half of the details', (text) => text.replace('Fp:0', 'Fp:0,Ec:5'), 1, 'the record has no "Em"'],
    ['two listings', (text) => text + text, 12, 'something follows the last record'],
    ['two listings without ends', (text) => (text + text).replaceAll('T\n', ''), 11, 'a second listing begins'],
    [
      'a shared pool in the wrong place',
      (text) => text.replace('T\n', 'S=SI:1,PT:ES,U0:1,U1:1\nT\n'),
      11,
      'stands after',
    ],
    ['a damaged shared pool', (text) => text.replace('SI:0', 'SI:x'), 2, 'is no record of a shared pool'],
  ])('with %s is refused where it is wrong', async (_, change, line, reason) => {
    const file = join(folder, 'bad');
    writeFileSync(file, change(SHORT));
    const { message, code } = await errorOf(readXenListing(file));
    expect(code).toBe('bad-trace');
    expect(message).toContain(`${file}: line ${line}: `);
    expect(message).toContain(reason);
  });

  it('is read, or refused with its line, however it is damaged', () => {
    let read = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(SHORT, ONE_CLIENT, SHORT.replace('SC:7', `SC:7,${POOL}`)),
        fc.nat(),
        fc.oneof(fc.nat(3), fc.nat(60)),
        fc.oneof(
          fc.string({ maxLength: 20 }),
          fc.constantFrom('\n', 'S=', ',SC:1', ':', 'Pc:99999999999999999999', '='),
        ),
        (text, place, length, put) => {
          const at = place % text.length;
          try {
            parseXenListing(text.slice(0, at) + put + text.slice(at + length));
            read++;
          } catch (error) {
            if (!(error instanceof TraceError)) throw error;
            expect(error.message).toMatch(/^line \d+: .*\.$/);
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(20);
  });
});

describe('a log of listings', () => {
  it('is cut into them, with the lines and times that it tells', async () => {
    const file = join(folder, 'log');
    writeFileSync(
      file,
      `\n1400000000\n${SHORT}\n2014-05-13T18:53:27+02:00\n${SHORT}${SHORT.replace('Tt:1546', 'Tt:1547')}`,
    );
    const found = await readXenListings(file);
    expect(found.map(({ line, wallMs }) => [line, wallMs])).toEqual([
      [3, 1_400_000_000_000],
      [16, 1_400_000_007_000],
      [27, null],
    ]);
    expect(found.map(({ listing }) => listing.global?.counters.operations)).toEqual([1546, 1546, 1547]);
    expect(formatXenListing(found[1]?.listing ?? parseXenListing(''))).toBe(SHORT);
    expect(await isXenListing(file)).toBe(true);
    writeFileSync(file, '1400000000\n1400000001\n1400000002\n');
    expect(await isXenListing(file)).toBe(false);
  });

  it('is read, or refused with its line, however it is damaged', async () => {
    const file = join(folder, 'damaged-log');
    const text = `1400000000\n${SHORT}1400000009\n${SHORT}`;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length),
        fc.nat(200),
        fc.constantFrom('', '\n', 'G=', 'T\n', '1400000005\n', 'x'),
        async (at, length, instead) => {
          writeFileSync(file, text.slice(0, at) + instead + text.slice(at + length));
          try {
            for (const { listing } of await readXenListings(file)) formatXenListing(listing);
          } catch (error) {
            if (!(error instanceof TraceError)) throw error;
            expect(error.message).toMatch(/damaged-log: (?:line \d+: |the file is empty)/);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('what Xen itself printed', () => {
  const outputs = join(repository, 'test/host/tmem/conformance');
  const listings = readdirSync(outputs)
    .filter((name) => name.endsWith('.out.gz'))
    .flatMap(
      (name) =>
        gunzipSync(readFileSync(join(outputs, name)))
          .toString()
          .match(/^(?:[GSCP]=.*\n|T\n)+/gm) ?? [],
    );

  it('is there', () => expect(listings.length).toBeGreaterThan(20));

  it('comes back as it was, record for record', () => {
    for (const text of listings) {
      const listing = parseXenListing(text);
      expect(listing.notes).toEqual([]);
      expect(formatXenListing(listing)).toBe(text);
    }
  });

  it('adds up: what the clients hold is what there is', () => {
    for (const { global, clients } of listings.map(parseXenListing)) {
      if (!global?.detail) continue;
      const held = clients.map(({ detail }) => detail?.ephemeralPages ?? 0).reduce((sum, pages) => sum + pages, 0);
      expect(held).toBe(global.detail.ephemeralPages);
    }
  });
});

/** A listing in the words of the plain reference store. */
function summary({ sharedPools, clients }: XenListing): object {
  return {
    shared: sharedPools.map(({ detail }) => [detail?.pages, detail?.puts, detail?.gets]),
    clients: clients.map(({ domain, weight, counters, detail, pools }) => ({
      ...{ domain, weight, frozen: counters.frozen, hits: counters.ephemeralHits, held: detail?.ephemeralPages },
      pools: pools.map((pool) => [pool.kind, pool.slot, pool.detail?.pages, pool.detail?.puts, pool.detail?.hits]),
    })),
  };
}

function referenceSummary({ reference }: Pair): object {
  const isPool = (pool: RefPool | null | 'freed'): pool is RefPool => pool !== null && pool !== 'freed';
  const kinds = { ephemeral: 'ephemeral private', shared: 'ephemeral shared', persistent: 'persistent private' };
  return {
    shared: reference.shared.filter(isPool).map((pool) => [pagesOf(pool), pool.count.pt, pool.count.gt]),
    clients: reference.clients.map(({ id, weight, frozen, count, ephemeral, pools }: RefClient) => ({
      ...{ domain: id, weight, frozen: Number(frozen), hits: count.Ge, held: ephemeral },
      pools: pools.filter(isPool).map((pool) => {
        const kind = (kinds as Record<string, string>)[pool.kind];
        return [kind, pool.slot, pagesOf(pool), pool.count.pt, pool.count.gs];
      }),
    })),
  };
}

describe.each<StoreMode>(['default', 'conformance'])('the listing of a store in %s mode', (mode) => {
  it('says what is in it, after any history', () => {
    let pools = 0;
    let overwritten = 0;
    fc.assert(
      fc.property(histories(mode), ({ beginning, steps }) => {
        const pair = new Pair(mode, beginning);
        for (const id of [3, 9, 12]) {
          pair.real.createDomain(id, 10, 60);
          pair.reference.createDomain(id, 10, 60);
        }
        const share: typeof steps = [
          ['shareAll', 1, 1, 1, 1, 1],
          ...[0, 1, 2].map((at): (typeof steps)[number] => ['newPool', at, 4, at, at, at]),
        ];
        if (!play(pair, [...share, ...steps])) return;
        const text = pair.real.list(ALL_CLIENTS, true) ?? '';
        const listing = parseXenListing(text);
        expect(summary(listing)).toEqual(referenceSummary(pair));
        pools += listing.sharedPools.length;
        const lost = listing.sharedPools.filter(({ identity }) => identity === null).length;
        overwritten += lost;
        if (mode === 'default') expect(lost).toBe(0);
        if (lost === 0) expect(formatXenListing(listing)).toBe(text);
        else expect(listing.notes[0]).toContain('wrote the first shared pool');
        for (const { number } of pair.reference.clients) {
          const one = pair.real.list(number, false) ?? '';
          expect(formatXenListing(parseXenListing(one))).toBe(one);
        }
        parseXenListing(pair.real.list(ALL_CLIENTS, false) ?? '');
      }),
      { numRuns: 150 },
    );
    expect(pools).toBeGreaterThan(50);
    if (mode === 'conformance') expect(overwritten).toBeGreaterThan(5);
  });
});

it('reads the listing of shared pools whose records Xen tears', () => {
  const store = new TmemStore({ mode: 'conformance', heapPages: 400, policy: 'xen-shipped' });
  store.createDomain(5, 10, 60);
  store.setSharedAuthGlobal(true);
  const uuids = [[1, 0, 2, 0], [0xabcd_ef01, 0xabcd_ef01, 0xabcd_ef01, 0x1234_5678], [3, 0, 0xffff, 0xff]]; // prettier-ignore
  for (const uuid of uuids) store.newPool(0, EPHEMERAL_SHARED, Uint32Array.from(uuid));
  const short = parseXenListing(store.list(ALL_CLIENTS, false) ?? '');
  expect(short.sharedPools[0]?.identity?.uuid).toEqual({ low: '1', high: '2' });
  expect(short.clients[0]?.pools).toHaveLength(3);
  expect(short.notes).toContainEqual(expect.stringContaining('remains of shared pools'));
  const long = parseXenListing(store.list(ALL_CLIENTS, true) ?? '');
  expect(long.sharedPools.map(({ detail }) => detail?.pages)).toEqual([0, 0, 0]);
});

/** Plays the steps on both stores; false when they end in an assertion of Xen's, or in what it does not define. */
function play(pair: Pair, steps: readonly (readonly [keyof typeof OPERATIONS, ...number[]])[]): boolean {
  for (const [operation, a = 0, b = 0, c = 0, d = 0, e = 0] of steps) {
    const ask: (pair: Pair, ...numbers: number[]) => Question[] = OPERATIONS[operation];
    try {
      for (const question of ask(pair, a, b, c, d, e)) for (const tell of question) tell();
    } catch (error) {
      if (error instanceof XenAssertion || error instanceof RefAbort) return false;
      throw error;
    }
    if (pair.reference.hasDeadOwner) return false;
  }
  return true;
}
