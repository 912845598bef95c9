import type { StoreCore } from './core.ts';
import { OBJECT_LAYOUT, PAGE_LAYOUT } from './layout.ts';

const { P_OBJECT, P_INDEX, P_GLOBAL_NEXT } = PAGE_LAYOUT;
const { O_POOL, O_ID } = OBJECT_LAYOUT;
/** Words of an object id. */
const ID_WORDS = 6;

/** See {@link TmemStore.ephemeralPagesByAge}. */
export function pagesByAge(core: StoreCore): { readonly owners: Int32Array; readonly contents: Uint32Array } {
  const { pages, objects, pools } = core;
  const { records } = pages;
  const owners = new Int32Array(core.clients.totalEphemeralPages);
  const contents = new Uint32Array(owners.length);
  let page = records[core.globalHead + P_GLOBAL_NEXT];
  for (let at = 0; page !== core.globalHead; at++) {
    owners[at] = pools.list[objects.records[records[page + P_OBJECT] + O_POOL]].owner.number;
    contents[at] = pages.contentLoOf(page);
    page = records[page + P_GLOBAL_NEXT];
  }
  return { owners, contents };
}

/** See {@link TmemStore.keyOf}. */
export function keyOf(core: StoreCore, page: number, oid: Uint32Array): number {
  const object = core.pages.records[page + P_OBJECT];
  for (let word = 0; word < ID_WORDS; word++) oid[word] = core.objects.records[object + O_ID + word];
  return core.pages.records[page + P_INDEX] >>> 0;
}
