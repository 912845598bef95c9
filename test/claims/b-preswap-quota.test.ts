import { afterEach, expect, it, vi } from 'vitest';
import { Preswap } from '#main/host/guest/preswap.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import { type ClaimRun, methodOf, runClaim, show } from './support.ts';

afterEach(() => vi.restoreAllMocks());

/** Watches what preswap holds, until it refuses a page for the first time. */
function watchPreswap(): { held: number; atFirstRefusal: number | null; mostHeld: number } {
  const seen = { held: 0, atFirstRefusal: null as number | null, mostHeld: 0 };
  const store = methodOf(Preswap.prototype, 'store');
  const invalidate = methodOf(Preswap.prototype, 'invalidate');
  vi.spyOn(Preswap.prototype, 'store').mockImplementation(function (this: Preswap, slot, page) {
    const isStored = store.call(this, slot, page);
    if (isStored) seen.mostHeld = Math.max(seen.mostHeld, ++seen.held);
    else seen.atFirstRefusal ??= seen.held;
    return isStored;
  });
  vi.spyOn(Preswap.prototype, 'invalidate').mockImplementation(function (this: Preswap, slot) {
    seen.held--;
    invalidate.call(this, slot);
  });
  return seen;
}

function isClaimed(run: ClaimRun, seen: ReturnType<typeof watchPreswap>): void {
  const { ramPages, maxPages } = run.configOf('grower');
  expect(run.guest('grower').swapOuts, 'pages on the swap disk').toBeGreaterThan(0);
  expect(seen.atFirstRefusal, 'pages in preswap at the first disk swap').toBe(maxPages - ramPages);
  expect(seen.mostHeld, 'most pages in preswap').toBe(maxPages - ramPages);
  const outs = run.course('grower', 'swapOuts');
  const first = outs.findIndex((pages) => pages > 0);
  expect(Math.max(...run.course('grower', 'persistentPages').slice(0, first), 0)).toBeLessThanOrEqual(
    maxPages - ramPages,
  );
}

it("b: preswap turns swapping to disk into copies until the guest's quota is full", async () => {
  const seen = watchPreswap();
  const run = await runClaim('b-preswap-quota');
  const outs = run.course('grower', 'swapOuts');
  const stored = run.course('grower', 'preswapPuts');
  const held = run.course('grower', 'persistentPages');
  const shown = [4, 8, 12, 16, 20, 24, 29];
  show(
    run,
    ['host second', 'in preswap', 'copied to preswap', 'written to the swap disk'],
    shown.map((second) => [second, held[second] ?? 0, stored[second] ?? 0, outs[second] ?? 0]),
  );
  isClaimed(run, seen);
});

it('b: a host that bills one page too many, or too few, is found out', async () => {
  const createDomain = methodOf(TmemStore.prototype, 'createDomain');
  for (const [error, reason] of [
    [-1, /first disk swap: expected 8191 to be 8192/],
    [1, /first disk swap: expected 8193 to be 8192/],
  ] as const) {
    vi.spyOn(TmemStore.prototype, 'createDomain').mockImplementation(function (this: TmemStore, id, ram, max) {
      return createDomain.call(this, id, ram, max + error);
    });
    const seen = watchPreswap();
    const broken = await runClaim('b-preswap-quota');
    expect(() => isClaimed(broken, seen)).toThrow(reason);
    vi.restoreAllMocks();
  }
});
