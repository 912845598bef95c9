import { afterEach, expect, it, vi } from 'vitest';
import { Precache } from '#main/host/guest/precache.ts';
import { broken, methodOf, shownVerdict, verdictOf } from './support.ts';

afterEach(() => vi.restoreAllMocks());

it('c: precache reduces refaults, by what the miss-ratio curve says', async () => {
  expect(broken(await shownVerdict('c-precache-curve'))).toEqual([]);
});

it('c: precache that forgets every hundredth page it is asked for is found out', async () => {
  const get = methodOf(Precache.prototype, 'get');
  let asked = 0;
  vi.spyOn(Precache.prototype, 'get').mockImplementation(function (this: Precache, page) {
    return get.call(this, page) && ++asked % 100 > 0;
  });
  expect(broken(await verdictOf('c-precache-curve')).join('\n')).toMatch(/disk reads of web with tmem/);
});
