import { afterEach, expect, it, vi } from 'vitest';
import { Precache } from '#main/host/guest/precache.ts';
import { Swap } from '#main/host/guest/swap.ts';
import { broken, methodOf, shownVerdict, verdictOf } from './support.ts';

afterEach(() => vi.restoreAllMocks());

it('e: the second copy of a page is small and transient', async () => {
  expect(broken(await shownVerdict('e-second-copies'))).toEqual([]);
});

it('e: a get that leaves the page, and a guest that never frees a slot, are found out', async () => {
  const get = methodOf(Precache.prototype, 'get');
  vi.spyOn(Precache.prototype, 'get').mockImplementation(function (this: Precache, page) {
    const found = get.call(this, page);
    if (found) this.put(page);
    return found;
  });
  expect(broken(await verdictOf('e-second-copies')).join('\n')).toMatch(/pages of reader in two places or none/);
  vi.restoreAllMocks();

  vi.spyOn(Swap.prototype, 'release').mockImplementation(() => undefined);
  expect(broken(await verdictOf('e-second-copies')).join('\n')).toMatch(/second copies of writer/);
});
