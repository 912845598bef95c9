import { afterEach, expect, it, vi } from 'vitest';
import { Preswap } from '#main/host/guest/preswap.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import { broken, methodOf, runClaim, shownVerdict, verdictOf } from './support.ts';

afterEach(() => vi.restoreAllMocks());

const QUOTA = 8_192;

/** Watches what preswap holds operation for operation, until it refuses a page for the first time. */
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

it("b: preswap turns swapping to disk into copies until the guest's quota is full", async () => {
  expect(broken(await shownVerdict('b-preswap-quota'))).toEqual([]);
});

it('b: the first page is refused exactly when the quota is full, not one earlier and not one later', async () => {
  const seen = watchPreswap();
  await runClaim('b-preswap-quota');
  expect([seen.atFirstRefusal, seen.mostHeld]).toEqual([QUOTA, QUOTA]);
});

it('b: a host that bills one page too many, or too few, is found out', async () => {
  const createDomain = methodOf(TmemStore.prototype, 'createDomain');
  for (const error of [-1, 1]) {
    vi.spyOn(TmemStore.prototype, 'createDomain').mockImplementation(function (this: TmemStore, id, ram, max) {
      return createDomain.call(this, id, ram, max + error);
    });
    expect(broken(await verdictOf('b-preswap-quota'))).toContain(
      `most pages in preswap at the end of any second: ${QUOTA + error}, exactly ${QUOTA}`,
    );
    vi.restoreAllMocks();
  }
});

it('b: preswap that refuses pages before the quota is full is found out', async () => {
  const store = methodOf(Preswap.prototype, 'store');
  let asked = 0;
  vi.spyOn(Preswap.prototype, 'store').mockImplementation(function (this: Preswap, slot, page) {
    return ++asked % 1_000 > 0 && store.call(this, slot, page);
  });
  const verdict = await verdictOf('b-preswap-quota');
  expect(broken(verdict).join('\n')).toMatch(/pages in preswap in the second of the first disk swap/);
});
