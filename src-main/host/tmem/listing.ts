import type { StoreCore } from './core.ts';
import { type Domain, NO_POOL, type Pool } from './entities.ts';
import { ALL_CLIENTS } from './options.ts';

/** Xen's buffer for one record of a listing. */
const RECORD_BYTES = 1024;

/** The text of `tmem-list` (TMEM-SEMANTICS 7). See {@link TmemStore.list}. */
export function listText(core: StoreCore, domain: number, long: boolean): string | null {
  if (domain !== ALL_CLIENTS) {
    const client = core.clients.clientAt(domain);
    return client === null ? null : clientText(core, client, long);
  }
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
    `${short},Ec:${core.clients.totalEphemeralPages},Em:${g.ephemeralMax},` +
    `Oc:${core.objects.count},Om:${g.objectsMax},Nc:${g.nodes},Nm:${g.nodesMax},` +
    `Pc:${core.pages.count},Pm:${g.descriptorsMax},` +
    `Fc:${memory.ephemeralPages + memory.persistentPages},Fm:${g.framesMax},` +
    `Sc:0,Sm:0,Ep:${g.goodEphemeralPuts},Gd:0,Zt:0,Gz:0\n`
  );
}

function clientText(core: StoreCore, c: Domain, long: boolean): string {
  const { clients } = core;
  let text =
    `C=CI:${c.id},ww:${clients.weights[c.number] | 0},co:${Number(c.compress)},fr:${Number(c.frozen)},` +
    `Tc:0,Ge:${c.ephemeralHits},Pp:${c.persistentPuts},Gp:${c.persistentHits}`;
  if (long) {
    text +=
      `,Ec:${clients.ephemeralPages[c.number]},Em:${c.ephemeralMax},` +
      `cp:${c.compressedPages},cb:${c.compressedBytes},cn:${c.compressPoor},cm:0`;
  }
  text += '\n';
  for (const pool of c.pools.toArray()) {
    if (pool === null || pool === NO_POOL) continue;
    text += `P=CI:${c.id},PI:${pool.slot},PT:${kindLetters(pool)},${uuidText(pool)}`;
    text += long ? `,${poolCounters(pool)}\n` : '\n';
  }
  return text;
}

/**
 * The records of the shared pools. Xen writes each behind the last one's text into the same buffer, but counts from the
 * buffer's start, so every record after the first comes out with the beginning of the first (quirk Q7).
 */
function sharedText(core: StoreCore, long: boolean): string {
  const buffer = new Uint8Array(RECORD_BYTES);
  let length = 0;
  let text = '';
  const write = (at: number, part: string): number => {
    const fits = Math.max(0, Math.min(part.length, RECORD_BYTES - at - 1));
    for (let i = 0; i < fits; i++) buffer[at + i] = part.charCodeAt(i);
    return fits;
  };
  core.pools.shared.forEach((pool, global) => {
    if (pool === null) return;
    const header = `S=SI:${global},PT:${kindLetters(pool)},${uuidText(pool)}`;
    length = write(core.quirks ? length : 0, header);
    for (const sharer of pool.sharers) length += write(length, `,SC:${sharer.id}`);
    length += write(length, long ? `,${poolCounters(pool)}\n` : '\n');
    text += String.fromCharCode(...buffer.subarray(0, length));
  });
  return text;
}

function kindLetters(pool: Pool): string {
  return pool.kind === 'persistent' ? 'PP' : pool.kind === 'shared' ? 'ES' : 'EP';
}

function uuidText({ uuid }: Pool): string {
  return `U0:${hex64(uuid[0], uuid[1])},U1:${hex64(uuid[2], uuid[3])}`;
}

/** A 64-bit number in lower-case hex without leading zeros. */
function hex64(lo: number, hi: number): string {
  return hi === 0 ? lo.toString(16) : hi.toString(16) + lo.toString(16).padStart(8, '0');
}

function poolCounters(p: Pool): string {
  return (
    `Pc:${p.pages},Pm:${p.pagesMax},Oc:${p.objects},Om:${p.objectsMax},Nc:${p.nodes},Nm:${p.nodesMax},` +
    `ps:${p.goodPuts},pt:${p.puts},pd:${p.overwritesLost},pr:${p.overwrites},px:${p.putsFailed},` +
    `gs:${p.hits},gt:${p.gets},fs:${p.flushesFound},ft:${p.flushes},` +
    `os:${p.objectFlushesFound},ot:${p.objectFlushes}`
  );
}
