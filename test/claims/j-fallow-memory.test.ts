import { afterEach, expect, it, vi } from 'vitest';
import { TmemStore } from '#main/host/tmem/store.ts';
import { broken, shownVerdict, verdictOf } from './support.ts';

afterEach(() => vi.restoreAllMocks());

it('j: tmem has value with neither ballooning nor deduplication', async () => {
  expect(broken(await shownVerdict('j-fallow-memory'))).toEqual([]);
});

it('j: a host that ignores caps is found out', async () => {
  vi.spyOn(TmemStore.prototype, 'setCap').mockReturnValue(0);
  expect(broken(await verdictOf('j-fallow-memory')).join('\n')).toMatch(/disk reads of web with tmem/);
});
