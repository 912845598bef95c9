import { afterEach, expect, it, vi } from 'vitest';
import { POLICIES } from '#main/host/tmem/policies/index.ts';
import { maxOverShare } from '#main/host/tmem/policies/max-over-share.ts';
import { broken, shownVerdict, verdictOf } from './support.ts';

afterEach(() => vi.restoreAllMocks());

it('i: memory that a guest does not use effectively goes to one that does', async () => {
  expect(broken(await shownVerdict('i-idle-memory'))).toEqual([]);
});

it('i: a policy that forgets the tax is found out', async () => {
  vi.spyOn(POLICIES, 'max-over-share').mockImplementation((holdings) => maxOverShare(holdings, { idleTaxPermille: 0 }));
  expect(broken(await verdictOf('i-idle-memory')).join('\n')).toMatch(
    /pages that sleeper still holds, by equal charges/,
  );
});
