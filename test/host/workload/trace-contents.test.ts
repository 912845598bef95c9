import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type GuestConfig, type HostConfig, isOpenLoop, NO_PACE } from '#main/host/host-config.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import type { CompressorName } from '#main/host/tmem/content-accounting.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { hostOf, observe } from '../scripted-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'tmem-contents-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ZEROS = createHash('md5').update(Buffer.alloc(4096)).digest('hex');
const SECTOR_OF_ZEROS = createHash('md5').update(Buffer.alloc(512)).digest('hex');
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** A request of a FIU trace: reads or writes a page that holds this; null: nobody knows what. */
function request(operation: 'R' | 'W', page: number, content: string | null): string {
  const digest = content === null ? '' : ` ${content === '0' ? ZEROS : md5(content)}`;
  return `1000 1 bash ${page * 8} 8 ${operation} 8 1${digest}`;
}

let files = 0;
async function traceOf(...lines: readonly string[]): Promise<CompactTrace> {
  const file = join(folder, `trace-${files++}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return readTrace(file, { format: 'fiu' });
}

const DENSE = { filePermille: [0, 1000, 0, 0], anonPermille: [1000, 0, 0, 0], imagePages: 0, image: 0 } as const;
/** One page of RAM, and ten references a second. */
function guest(id: number, trace: CompactTrace, config: Partial<GuestConfig> = {}): GuestConfig {
  return {
    ...{ id, name: `guest-${id}`, trace, ramPages: 1, minPages: 0, maxPages: 1, weight: 100, content: DENSE },
    pace: { ...NO_PACE, phases: [{ ms: 1_000, accessesPerS: 10 }] },
    ...config,
  };
}

const account = (compressor: CompressorName | null, deduplicate: boolean): Partial<HostConfig> => ({
  content: { compressor, deduplicate },
});

/** What lz4 makes of a page of the class "dense", and of zeros. */
const DENSE_BYTES = 2_560;
const ZERO_BYTES = 32;

/** After six references of each, of its pages all but the last are in precache: five of the one, four of the other. */
const ONE = [
  request('W', 0, 'x'),
  request('W', 1, 'x'),
  request('W', 2, 'y'),
  request('W', 3, '0'),
  request('R', 4, 'z'),
  request('R', 5, null),
];
/** Page 1 is put as "q", flushed when it is written, and put again as "x". */
const OTHER = [
  request('R', 4, 'v'),
  request('R', 0, 'y'),
  request('R', 1, 'q'),
  request('R', 2, 'y'),
  request('W', 1, 'x'),
  request('R', 3, 'w'),
];
/** Just after the sixth reference. */
const ONCE_MS = 601;

describe('the contents of a trace', () => {
  it('are what is deduplicated and compressed', async () => {
    const [one, other] = [await traceOf(...ONE), await traceOf(...OTHER)];
    const of = (...[compressor, deduplicate]: Parameters<typeof account>) => {
      const host = hostOf([guest(1, one), guest(2, other)], 30, account(compressor, deduplicate));
      host.runTo(ONCE_MS);
      return host;
    };
    // x: three pages, y: three, and one of each of zeros, z and v.
    expect(of('lz4', true).storedBytes).toBe(4 * DENSE_BYTES + ZERO_BYTES);
    expect(of('lz4', false).storedBytes).toBe(8 * DENSE_BYTES + ZERO_BYTES);
    expect(of(null, true).storedBytes).toBe(5 * 4_096);
    expect(of(null, false).storedBytes).toBe(9 * 4_096);
  });

  it('are known as shared to each guest that has one of them, and as compressed', async () => {
    // Quiet after the sixth reference.
    const phases = [
      { ms: 600, accessesPerS: 10 },
      { ms: 60_000, accessesPerS: 0 },
    ];
    const pace = { ...NO_PACE, phases };
    const guests = [guest(1, await traceOf(...ONE), { pace }), guest(2, await traceOf(...OTHER), { pace })];
    const seen = observe(hostOf(guests, 30, account('lz4', true)), 1_000);
    expect([seen.last('ephemeralPages', 0), seen.last('ephemeralPages', 1)]).toEqual([5, 4]);
    expect([seen.last('sharedPages', 0), seen.last('sharedPages', 1)]).toEqual([3, 3]);
    expect([seen.last('compressedPages', 0), seen.last('compressedPages', 1)]).toEqual([5, 4]);
    expect(seen.sum('flushes', 1)).toBe(1);
  });

  it('are new with a write that does not tell them, and stay with a read that does not', async () => {
    const lines = (operation: 'R' | 'W'): string[] => [
      request('R', 0, 'a'),
      request('R', 1, 'a'),
      request(operation, 1, null),
      request('R', 2, null),
      request('R', 3, null),
    ];
    // Pages 0 and 1 hold the same where 1 was only read.
    for (const [operation, shared] of [
      ['R', 2],
      ['W', 0],
    ] as const) {
      const trace = await traceOf(...lines(operation));
      const phases = [
        { ms: 500, accessesPerS: 10 },
        { ms: 60_000, accessesPerS: 0 },
      ];
      const host = hostOf([guest(1, trace, { pace: { ...NO_PACE, phases } })], 30, account(null, true));
      const seen = observe(host, 1_000);
      expect([seen.last('ephemeralPages'), seen.last('sharedPages')], operation).toEqual([3, shared]);
    }
  });

  it('of pages of zeros are known, from digests of pages and of sectors, and equal those of generated workloads', async () => {
    const sectors = `1000 1 bash 8 8 R 8 1 ${Array.from({ length: 8 }, () => SECTOR_OF_ZEROS).join(' ')}`;
    const trace = await traceOf(request('R', 0, '0'), sectors, request('R', 2, null));
    const zeros = { ...DENSE, filePermille: [0, 0, 0, 1000] as const };
    const scan = { kind: 'scan' as const, pages: 40, accessesPerS: 100, jitterPermille: 0 };
    const guests = [guest(1, trace), guest(2, trace, { workload: scan, content: zeros })];
    const host = hostOf(guests, 60, account('lz4', true));
    // Three references of the one, some thirty of the other.
    host.runTo(301);
    expect(host.storedBytes).toBe(ZERO_BYTES);
  });

  it('are compressed by class: equal ones alike, in the parts that the guest says', async () => {
    const lines = Array.from({ length: 400 }, (_, page) => request('R', page, `${page % 200}`));
    const trace = await traceOf(...lines, request('R', 400, null));
    const content = { ...DENSE, filePermille: [250, 500, 250, 0] as const };
    const pace = { ...NO_PACE, phases: [{ ms: 1_000, accessesPerS: 1_000 }] };
    const host = hostOf([guest(1, trace, { content, pace })], 500, account('lz4', false));
    // The 401st reference puts the 400th page.
    host.runTo(402);
    const all = host.storedBytes ?? NaN;
    // 400 pages of 250 ‰ × 4,096 + 500 ‰ × 2,560 + 250 ‰ × 1,638 bytes on average, by chance.
    const mean = 0.25 * 4_096 + 0.5 * DENSE_BYTES + 0.25 * 1_638;
    expect(Math.abs(all / 400 / mean - 1)).toBeLessThan(0.1);
    const deduplicated = hostOf([guest(1, trace, { content, pace })], 500, account('lz4', true));
    deduplicated.runTo(402);
    // Each content twice, so exactly half.
    expect(deduplicated.storedBytes).toBe(all / 2);
  });

  it('change nothing else, are played on from a snapshot, and begin again with the recording', async () => {
    const traces = [await traceOf(...ONE), await traceOf(...OTHER)];
    const guests = traces.map((trace, place) => guest(place + 1, trace));
    const plain = observe(hostOf(guests, 6), 20_000);
    const config = account('zstd', true);
    const host = hostOf(guests, 6, config);
    host.runTo(4_321);
    const copy = host.fork();
    const seen = observe(host, 20_000 - 4_321);
    copy.runTo(20_000);
    expect(copy.digest()).toBe(host.digest());
    for (const column of ['diskReads', 'precacheHits', 'flushes', 'diskWrites', 'evictedByOthers'] as const) {
      expect([seen.sum(column, 0), seen.sum(column, 1)], column).toEqual([plain.sum(column, 0), plain.sum(column, 1)]);
    }
  });

  it('are not known to engines that find a page by what is stored of it, where they count', async () => {
    const trace = { ...(await traceOf(...ONE)), writes: null };
    const config: HostConfig = {
      ...{ seed: 1, totalPages: 20, reservedPages: 10, policy: 'max-over-share', idleTaxPermille: 0 },
      ...{ idleTaxWindowS: 10, balloonPagesPerS: 1_000, guests: [guest(1, trace)] },
    };
    expect([isOpenLoop(config), isOpenLoop({ ...config, ...account(null, true) })]).toEqual([true, false]);
  });
});
