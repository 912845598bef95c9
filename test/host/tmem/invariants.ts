import { OBJECT_LAYOUT, PAGE_LAYOUT } from '#main/host/tmem/layout.ts';
import type { TmemStore } from '#main/host/tmem/store.ts';

const { PAGE_WORDS, P_OBJECT, P_INDEX, P_GLOBAL_NEXT, P_GLOBAL_PREV, P_OWNER_NEXT, P_OWNER_PREV } = PAGE_LAYOUT;
const { O_POOL, O_PAGES } = OBJECT_LAYOUT;

/**
 * What must hold of a store in default mode after every operation, looked up in its tables: each page is in exactly one
 * place, counts add up, memory is constant, and lists are in order of age.
 * @throws Error that names the rule that is broken
 */
export function checkInvariants(store: TmemStore): void {
  const { pages, objects, pools, clients, memory, globalHead } = store.core;
  const { records } = pages;
  const walk = (head: number, next: number, prev: number): number[] => {
    const found: number[] = [];
    for (let page = at(records, head + next); page !== head; page = at(records, page + next)) {
      found.push(page);
      same('a list is the same in both directions', at(records, at(records, page + next) + prev), page);
    }
    return found;
  };
  const poolOf = (page: number): number => at(objects.records, at(records, page + P_OBJECT) + O_POOL);
  const all: number[] = [];
  for (let page: number = PAGE_WORDS; page < pages.top; page += PAGE_WORDS) {
    if (at(records, page + P_OBJECT) !== 0) all.push(page);
  }
  const byAge = walk(globalHead, P_GLOBAL_NEXT, P_GLOBAL_PREV);
  const persistent = pools.list.filter(({ kind }) => kind === 'persistent');
  const stored = persistent.flatMap(({ listHead }) => walk(listHead, P_OWNER_NEXT, P_OWNER_PREV));
  sameList('each page is in exactly one list', [...byAge, ...stored].sort(ascending), all);
  same('the table counts its pages', pages.count, all.length);
  for (const page of all) {
    const found = pages.find(at(records, page + P_OBJECT), at(records, page + P_INDEX));
    same('each page is found by its key', found, page);
  }
  for (const client of clients.order) {
    const isOwn = (page: number): boolean => pools.list[poolOf(page)]?.owner === client;
    const own = byAge.filter(isOwn);
    sameList("a client's list is in order of age", walk(client.listHead, P_OWNER_NEXT, P_OWNER_PREV), own);
    same('a client counts its ephemeral pages', at(clients.ephemeralPages, client.number), own.length);
    same('a cap holds', own.length <= client.cap, true);
    same('RAM and persistent pages are billed', client.totPages, client.ramPages + stored.filter(isOwn).length);
  }
  for (const pool of pools.list) {
    if (pool.kind === 'none') continue;
    const own = all.filter((page) => poolOf(page) === pool.number);
    const ids = new Set(own.map((page) => at(records, page + P_OBJECT)));
    sameList('a pool counts its pages and objects', [pool.pages, pool.objects], [own.length, ids.size]);
    for (const object of ids) {
      const count = own.filter((page) => records[page + P_OBJECT] === object).length;
      same('an object counts its pages', at(objects.records, object + O_PAGES), count);
    }
  }
  same('ephemeral pages add up', clients.totalEphemeralPages, byAge.length);
  sameList('each page has a frame', [memory.ephemeralPages, memory.persistentPages], [byAge.length, stored.length]);
  const ram = clients.domains.reduce((sum, domain) => sum + (domain?.ramPages ?? 0), 0);
  same('nothing is free that is not there', memory.freePages >= 0, true);
  same('memory is constant', memory.freePages + memory.listPages + ram + all.length, memory.heapPages);
  const weights = clients.order.reduce((sum, { number }) => sum + at(clients.weights, number), 0);
  same('weights add up', clients.totalWeight, weights);
  same('the limit holds', byAge.length <= store.ephemeralLimit, true);
}

const ascending = (a: number, b: number): number => a - b;

function same(rule: string, found: number | boolean, due: number | boolean): void {
  if (found !== due) throw new Error(`Broken: ${rule} (${found} where ${due} was due).`);
}

function sameList(rule: string, found: readonly number[], due: readonly number[]): void {
  if (found.join() !== due.join()) throw new Error(`Broken: ${rule} (${found.join()} where ${due.join()} was due).`);
}

function at(values: Int32Array | Float64Array, place: number): number {
  const value = values[place];
  if (value === undefined) throw new Error(`There is no word ${place}.`);
  return value;
}
