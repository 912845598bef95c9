import { afterEach, expect, it, vi } from 'vitest';
import type { Host } from '#main/host/host.ts';
import type { ContentAccounting } from '#main/host/tmem/content-accounting.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import { type ClaimRun, runClaim, show } from './support.ts';
import { lruMisses, pagesRead } from './theory.ts';

afterEach(() => vi.restoreAllMocks());

const NAME = 'web';
const BALLOON_STEPS_PER_S = 10;
const LZ4_DENSE_BYTES = 2_560;
const PAGE_BYTES = 4_096;
const CLONES_END_MS = 20_000;

/** Misses of one LRU cache of all that the guest and the pool have together. */
function byCurve(run: ClaimRun): number {
  const guest = run.configOf(NAME);
  const pages = pagesRead(guest, run.config.seed, run.guest(NAME).accesses);
  return lruMisses(pages, guest.ramPages + run.poolPages);
}

/** The number of steps of 100 ms that the balloon took to get from its first to its last size. */
function steps(run: ClaimRun): number {
  const ram = run.course(NAME, 'ramPages');
  const moved = (ram[0] ?? 0) - (ram.at(-1) ?? 0);
  return Math.ceil((moved * BALLOON_STEPS_PER_S) / run.config.balloonPagesPerS) + 1;
}

function isClaimed(run: ClaimRun): void {
  const reads = run.guest(NAME).diskReads;
  expect(reads, 'disk reads').toBeGreaterThanOrEqual(byCurve(run));
  expect(reads, 'disk reads').toBeLessThanOrEqual(byCurve(run) + steps(run));
}

const MOVED = 'g-balloon-for-free';
const small = ['guests.web.ramMiB=8', 'events=[]'];

it('g: ballooning down by B while the pool gains B costs no disk read', async () => {
  const ballooned = await runClaim(MOVED);
  const stayed = await runClaim(MOVED, { settings: ['events=[]'] });
  const wasSmall = await runClaim(MOVED, { settings: small });
  const alone = await runClaim(MOVED, { settings: [...small, 'guests.web.precache=false'] });
  show(
    ballooned,
    ['', 'RAM at the end', 'accesses', 'disk reads', 'by the curve'],
    Object.entries({ 'ballooned down': ballooned, 'stayed at 24 MiB': stayed, '8 MiB from the start': wasSmall }).map(
      ([name, run]) => {
        const { accesses, diskReads, ramPages } = run.guest(NAME);
        return [name, ramPages, accesses, diskReads, byCurve(run)];
      },
    ),
  );
  isClaimed(ballooned);
  expect(ballooned.guest(NAME).ramPages).toBe(2_048);
  expect(stayed.guest(NAME).diskReads).toBe(byCurve(stayed));
  expect(wasSmall.guest(NAME).diskReads).toBe(byCurve(wasSmall));
  expect(alone.guest(NAME).diskReads, 'disk reads of the small guest without tmem').toBeGreaterThan(
    2 * wasSmall.guest(NAME).diskReads,
  );
});

it('g: a balloon that takes memory and does not give it to the host is found out', async () => {
  vi.spyOn(TmemStore.prototype, 'shrinkRam').mockImplementation((_domain, pages) => pages);
  const broken = await runClaim(MOVED);
  expect(() => isClaimed(broken)).toThrow(/disk reads/);
});

/** The run, and the bytes that the pages in the pool would take at its end. */
async function clones(...settings: readonly string[]): Promise<ClaimRun & { readonly bytes: number }> {
  let bytes = NaN;
  const look = (host: Host): void => {
    bytes = (host as unknown as { machine: { contents: { accounting: ContentAccounting } } }).machine.contents
      .accounting.bytes;
  };
  const run = await runClaim('g-compressed-clones', { settings, at: { [CLONES_END_MS]: look } });
  return { ...run, bytes };
}

function areClones(run: Awaited<ReturnType<typeof clones>>): void {
  const { sharedPages, compressedPages, ephemeralPages } = run.host;
  const { ramPages } = run.configOf('clone-1');
  const left = 4_096 - ramPages;
  expect(ephemeralPages, 'pages in precache').toBe(2 * left);
  expect(compressedPages, 'pages compressed').toBe(2 * left);
  expect(sharedPages, 'pages stored once for two').toBe(2 * left);
  expect(run.bytes, 'bytes that they need').toBe(left * LZ4_DENSE_BYTES);
  expect((ephemeralPages * PAGE_BYTES) / run.bytes, 'factor').toBeCloseTo(3.2, 10);
  for (const name of ['clone-1', 'clone-2']) expect(run.guest(name).diskReads, `disk reads of ${name}`).toBe(4_096);
}

it('g: compression and deduplication multiply what ballooning gains', async () => {
  const run = await clones();
  const { sharedPages, compressedPages, ephemeralPages } = run.host;
  show(
    run,
    ['pages in precache', 'compressed', 'stored once for two', 'pages of memory they need', 'factor'],
    [[ephemeralPages, compressedPages, sharedPages, run.bytes / PAGE_BYTES, (ephemeralPages * PAGE_BYTES) / run.bytes]],
  );
  areClones(run);
});

it('g: clones of different images, and pages that do not compress, are found out', async () => {
  const strangers = await clones('guests.clone-2.content.image=2');
  expect(() => areClones(strangers)).toThrow(/pages stored once for two/);
  const media = await clones('guests.clone-1.content.file.dense=0', 'guests.clone-2.content.file.dense=0');
  expect(() => areClones(media)).toThrow(/pages compressed/);
});
