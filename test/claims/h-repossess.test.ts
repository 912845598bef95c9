import { afterEach, expect, it, vi } from 'vitest';
import { TmemStore } from '#main/host/tmem/store.ts';
import { broken, methodOf, shownVerdict, verdictOf } from './support.ts';

afterEach(() => vi.restoreAllMocks());

const ASKED_MS = 20_000;

it('h: loaned memory is repossessed: a growing guest gets its pages at once, and the borrower only misses', async () => {
  expect(broken(await shownVerdict('h-repossess'))).toEqual([]);
});

it('h: a host that gives only what is fallow is found out', async () => {
  const growRam = methodOf(TmemStore.prototype, 'growRam');
  vi.spyOn(TmemStore.prototype, 'growRam').mockImplementation(function (this: TmemStore, domain, pages) {
    return growRam.call(this, domain, Math.min(pages, this.freePages));
  });
  expect(broken(await verdictOf('h-repossess')).join('\n')).toMatch(/RAM of owner one step later/);
});

it('h: a borrower whose pages are lost for good, and with them the pool, is found out', async () => {
  const growRam = methodOf(TmemStore.prototype, 'growRam');
  vi.spyOn(TmemStore.prototype, 'growRam').mockImplementation(function (this: TmemStore, domain, pages) {
    if (this.nowMs >= ASKED_MS) this.setEphemeralLimit(0);
    return growRam.call(this, domain, pages);
  });
  expect(broken(await verdictOf('h-repossess')).join('\n')).toMatch(/refused puts|disk reads of borrower/);
});
