import { afterEach, expect, it, vi } from 'vitest';
import { Precache } from '#main/host/guest/precache.ts';
import { Swap } from '#main/host/guest/swap.ts';
import { type ClaimRun, methodOf, runClaim, show } from './support.ts';
import { distinct, pagesRead } from './theory.ts';

afterEach(() => vi.restoreAllMocks());

const LOOKER_PAGES = 6_000;

function isClaimed(run: ClaimRun): void {
  // Precache: pages that were read so far are in the guest or in its pool. Its page cache is full from the first second on.
  const reader = run.configOf('reader');
  const pages = pagesRead(reader, run.config.seed, run.guest('reader').accesses);
  const accesses = run.course('reader', 'accesses');
  const ephemeral = run.course('reader', 'ephemeralPages');
  let done = 0;
  accesses.forEach((count, second) => {
    done += count;
    const read = distinct(pages.subarray(0, done));
    const cached = Math.min(reader.ramPages, read);
    expect(cached + (ephemeral[second] ?? NaN), `pages of the reader in second ${second}`).toBe(read);
  });
  for (const name of ['looker', 'writer']) {
    const { ramPages } = run.configOf(name);
    const inRam = run.course(name, 'anonPages');
    const inPreswap = run.course(name, 'persistentPages');
    run.course(name, 'preswapDuplicates').forEach((copies, second) => {
      const most = name === 'looker' ? ramPages : 0;
      expect(copies, `second copies of the ${name}`).toBeLessThanOrEqual(most);
      const pagesThere = (inRam[second] ?? NaN) + (inPreswap[second] ?? NaN) - copies;
      expect(pagesThere, `pages of the ${name}`).toBeLessThanOrEqual(LOOKER_PAGES);
      if (second === run.seconds - 1) expect(pagesThere, `pages of the ${name}`).toBe(LOOKER_PAGES);
    });
    expect(run.guest(name).swapOuts, `pages of the ${name} on the swap disk`).toBe(0);
  }
  expect(run.guest('looker').preswapDuplicates, 'second copies of the looker').toBeGreaterThan(0);
}

it('e: the second copy of a page is small and transient', async () => {
  const run = await runClaim('e-second-copies');
  show(
    run,
    ['guest', 'pages in RAM', 'precache', 'preswap', 'second copies', 'different pages'],
    ['reader', 'looker', 'writer'].map((name) => {
      const { anonPages, ramPages, ephemeralPages, persistentPages, preswapDuplicates } = run.guest(name);
      const inRam = name === 'reader' ? ramPages : anonPages;
      const different = inRam + ephemeralPages + persistentPages - preswapDuplicates;
      return [name, inRam, ephemeralPages, persistentPages, preswapDuplicates, different];
    }),
  );
  isClaimed(run);
});

it('e: a get that leaves the page, and a guest that never frees a slot, are found out', async () => {
  const get = methodOf(Precache.prototype, 'get');
  vi.spyOn(Precache.prototype, 'get').mockImplementation(function (this: Precache, page) {
    const found = get.call(this, page);
    if (found) this.put(page);
    return found;
  });
  const kept = await runClaim('e-second-copies');
  expect(() => isClaimed(kept)).toThrow(/pages of the reader in second/);
  vi.restoreAllMocks();

  vi.spyOn(Swap.prototype, 'release').mockImplementation(() => undefined);
  const unfreed = await runClaim('e-second-copies');
  expect(() => isClaimed(unfreed)).toThrow(/second copies of the writer/);
});
