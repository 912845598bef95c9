import { MAX_POOLS } from './clients.ts';
import type { StoreCore } from './core.ts';
import { ALL_CLIENTS } from './options.ts';
import { MAX_SHARED_POOLS } from './pools.ts';
import { POOL_COUNTERS, POOL_KIND, POOL_LAYOUT } from './layout.ts';

const { POOL_WORDS, L_KIND, L_SLOT, L_PAGES, L_OBJECTS, L_NODES, L_UUID } = POOL_LAYOUT;
const { POOL_NONE, POOL_SHARED_EPHEMERAL, POOL_PERSISTENT } = POOL_KIND;
const { POOL_COUNTS } = POOL_COUNTERS;

/** Xen's buffer for one record of a listing. */
const RECORD_BYTES = 1024;

/** The text of `tmem-list` (TMEM-SEMANTICS 7). See {@link TmemStore.list}. */
export function listText(core: StoreCore, domain: number, long: boolean): string | null {
  if (domain !== ALL_CLIENTS) return core.clients.isClient(domain) ? clientText(core, domain, long) : null;
  const clients = core.clients.order.map((client) => clientText(core, client, long));
  return globalRecord(core, long) + sharedText(core, long) + clients.join('') + 'T\n';
}

function globalRecord(core: StoreCore, long: boolean): string {
  const { counters: g, memory } = core;
  const short =
    `G=Tt:${g.operations},Te:${g.errors},Cf:0,Af:0,Pf:${g.pagesFailed},Ta:${memory.listPages},Lm:0,` +
    `Et:${g.evicted},Ea:${g.evictAttempts},` +
    `Rt:${g.relinquished},Ra:${g.relinquishAttempts},Rx:${g.maxEvictionsPerRelinquish},Fp:0`;
  if (!long) return short + '\n';
  return (
    `${short},Ec:${core.clients.totalEphemeralPages},Em:${g.ephemeralMax},Oc:${core.objects.count},Om:${g.objectsMax},` +
    `Nc:${g.nodes},Nm:${g.nodesMax},Pc:${core.pages.count},Pm:${g.descriptorsMax},Fc:${memory.ephemeralPages + memory.persistentPages},Fm:${g.framesMax},` +
    `Sc:0,Sm:0,Ep:${g.goodEphemeralPuts},Gd:0,Zt:0,Gz:0\n`
  );
}

function clientText(core: StoreCore, client: number, long: boolean): string {
  const { clients: c, pools } = core;
  const id = c.domainIds[client];
  let text =
    `C=CI:${id},ww:${c.weights[client] | 0},co:${c.compress[client]},fr:${c.frozen[client]},` +
    `Tc:0,Ge:${c.ephemeralHits[client]},Pp:${c.persistentPuts[client]},Gp:${c.persistentHits[client]}`;
  if (long) {
    text +=
      `,Ec:${c.ephemeralPages[client]},Em:${c.ephemeralMax[client]},` +
      `cp:${c.compressedPages[client]},cb:${c.compressedBytes[client]},` +
      `cn:${c.compressPoor[client]},cm:${c.compressNoMemory[client]}`;
  }
  text += '\n';
  for (let slot = 0; slot < MAX_POOLS; slot++) {
    const pool = c.poolSlots[client * MAX_POOLS + slot];
    if (pool < 0 || pools.kindOf(pool) === POOL_NONE) continue;
    const at = pool * POOL_WORDS;
    text += `P=CI:${id},PI:${pools.records[at + L_SLOT]},PT:${kindLetters(core, pool)},${uuidText(core, pool)}`;
    text += long ? `,${poolCounters(core, pool)}\n` : '\n';
  }
  return text;
}

/**
 * The records of the shared pools. Xen writes each behind the last one's text into the same buffer, but counts from the
 * buffer's start, so every record after the first comes out with the beginning of the first (quirk Q7).
 */
function sharedText(core: StoreCore, long: boolean): string {
  const { pools } = core;
  const buffer = new Uint8Array(RECORD_BYTES);
  let length = 0;
  let text = '';
  const write = (at: number, part: string): number => {
    const fits = Math.max(0, Math.min(part.length, RECORD_BYTES - at - 1));
    for (let i = 0; i < fits; i++) buffer[at + i] = part.charCodeAt(i);
    return fits;
  };
  for (let global = 0; global < MAX_SHARED_POOLS; global++) {
    const pool = pools.shared[global];
    if (pool < 0) continue;
    const header = `S=SI:${global},PT:${kindLetters(core, pool)},${uuidText(core, pool)}`;
    length = write(core.quirks ? length : 0, header);
    for (const sharer of pools.sharers[pool]) length += write(length, `,SC:${core.clients.domainIds[sharer]}`);
    length += write(length, long ? `,${poolCounters(core, pool)}\n` : '\n');
    text += String.fromCharCode(...buffer.subarray(0, length));
  }
  return text;
}

function kindLetters(core: StoreCore, pool: number): string {
  const kind = core.pools.records[pool * POOL_WORDS + L_KIND];
  return kind === POOL_PERSISTENT ? 'PP' : kind === POOL_SHARED_EPHEMERAL ? 'ES' : 'EP';
}

function uuidText(core: StoreCore, pool: number): string {
  const at = pool * POOL_WORDS + L_UUID;
  const word = core.pools.records;
  return `U0:${hex64(word[at], word[at + 1])},U1:${hex64(word[at + 2], word[at + 3])}`;
}

/** A 64-bit number in lower-case hex without leading zeros. */
function hex64(lo: number, hi: number): string {
  if (hi === 0) return (lo >>> 0).toString(16);
  return (hi >>> 0).toString(16) + (lo >>> 0).toString(16).padStart(8, '0');
}

function poolCounters(core: StoreCore, pool: number): string {
  const at = pool * POOL_WORDS;
  const now = core.pools.records;
  const count = core.pools.counts.subarray(pool * POOL_COUNTS, (pool + 1) * POOL_COUNTS);
  const names = ['ps', 'pt', 'pd', 'pr', 'px', 'gs', 'gt', 'fs', 'ft', 'os', 'ot'];
  return (
    `Pc:${now[at + L_PAGES]},Pm:${now[at + L_PAGES + 1]},Oc:${now[at + L_OBJECTS]},Om:${now[at + L_OBJECTS + 1]},` +
    `Nc:${now[at + L_NODES]},Nm:${now[at + L_NODES + 1]},` +
    names.map((name, i) => `${name}:${count[i]}`).join(',')
  );
}
