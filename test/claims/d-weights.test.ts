import { afterEach, expect, it, vi } from 'vitest';
import { fifo } from '#main/host/tmem/policies/fifo.ts';
import { POLICIES } from '#main/host/tmem/policies/index.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import { broken, methodOf, runClaim, shownVerdict, verdictOf } from './support.ts';

afterEach(() => vi.restoreAllMocks());

it('d: honoured weights hold an ephemeral hog to its share, and the rule that Xen shipped makes it worse', async () => {
  const verdict = await shownVerdict('d-ephemeral-hog');
  expect(broken(verdict)).toEqual([]);
  expect(verdict.checks.map(({ what }) => what)).toEqual(
    expect.arrayContaining([
      'most pages of backup',
      'change of the disk reads per access of wiki',
      'most pages of backup under fifo',
      'disk reads of the others under xen-shipped',
    ]),
  );
});

it('d: a quota holds a hoarder of preswap to its share', async () => {
  expect(broken(await shownVerdict('d-preswap-hoarder'))).toEqual([]);
});

it('d: honoured weights hold a flood of operations to its share', async () => {
  const verdict = await shownVerdict('d-flood');
  expect(broken(verdict)).toEqual([]);
  expect(verdict.checks.map(({ what }) => what)).toContain('work of mail, against that alone');
});

it('d: a policy that ignores weights, and a host that does not bill preswap, are found out', async () => {
  const doubled = async (name: string, without: string): Promise<string[]> => {
    const run = await runClaim(name);
    vi.restoreAllMocks();
    return broken(await verdictOf(name, { 'as-is': run, [without]: await runClaim(name, { variant: without }) }));
  };
  vi.spyOn(POLICIES, 'max-over-share').mockImplementation(fifo);
  const hog = await doubled('d-ephemeral-hog', 'without-hog');
  expect(hog.join('\n')).toMatch(/most pages of backup: .*change of the disk reads per access of web/s);
  vi.spyOn(POLICIES, 'max-over-share').mockImplementation(fifo);
  expect((await doubled('d-flood', 'without-flood')).join('\n')).toMatch(/most pages of flooder:/);

  const createDomain = methodOf(TmemStore.prototype, 'createDomain');
  vi.spyOn(TmemStore.prototype, 'createDomain').mockImplementation(function (this: TmemStore, id, ram, _max) {
    return createDomain.call(this, id, ram, 1 << 24);
  });
  expect((await doubled('d-preswap-hoarder', 'without-hoarder')).join('\n')).toMatch(/most pages of hoarder:/);
});

it('d: a shipped rule that were honest, and fifo that were fair, are found out', async () => {
  const fair = await runClaim('d-ephemeral-hog');
  const found = broken(await verdictOf('d-ephemeral-hog', { unweighted: fair, shipped: fair }));
  expect(found).toHaveLength(4);
  expect(found.join('\n')).toMatch(/disk reads of the others under/);
});
