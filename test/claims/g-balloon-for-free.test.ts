import { afterEach, expect, it, vi } from 'vitest';
import { TmemStore } from '#main/host/tmem/store.ts';
import { broken, runClaim, shownVerdict, verdictOf } from './support.ts';

afterEach(() => vi.restoreAllMocks());

it('g: ballooning down by B while the pool gains B costs no disk read', async () => {
  expect(broken(await shownVerdict('g-balloon-for-free'))).toEqual([]);
});

it('g: a balloon that takes memory and does not give it to the host is found out', async () => {
  vi.spyOn(TmemStore.prototype, 'shrinkRam').mockImplementation((_domain, pages) => pages);
  const run = await runClaim('g-balloon-for-free');
  vi.restoreAllMocks();
  const verdict = await verdictOf('g-balloon-for-free', { 'as-is': run });
  expect(broken(verdict).join('\n')).toMatch(/disk reads, ballooned down, against the curve \+ steps/);
});

it('g: compression and deduplication multiply what ballooning gains', async () => {
  expect(broken(await shownVerdict('g-compressed-clones'))).toEqual([]);
});

it('g: clones of different images, and pages that do not compress, are found out', async () => {
  const variant = async (name: string): Promise<string> =>
    broken(await verdictOf('g-compressed-clones', { 'as-is': await runClaim('g-compressed-clones', { variant: name }) })).join('\n'); // prettier-ignore
  expect(await variant('strangers')).toMatch(/pages stored once for two/);
  expect(await variant('media')).toMatch(/pages compressed/);
});

it('g: a store that packs without deduplication, and one with more memory than packed pages need, are found out', async () => {
  const name = 'g-compressed-clones';
  const right = {
    'as-is': await runClaim(name),
    packed: await runClaim(name, { variant: 'packed' }),
    'not-packed': await runClaim(name, { variant: 'not-packed' }),
  };
  const wrong = async (runs: Partial<typeof right>): Promise<string> =>
    broken(await verdictOf(name, { ...right, ...runs })).join('\n');
  expect(await wrong({})).toBe('');
  const alone = await runClaim(name, { variant: 'packed', settings: ['content.deduplicate=false'] });
  expect(await wrong({ packed: alone })).toMatch(/disk reads of clone-1, packed/);
  const larger = await runClaim(name, { settings: ['content.packs=true', 'host.totalMiB=26'] });
  expect(await wrong({ packed: larger })).toMatch(/memory for precache, packed/);
  expect(await wrong({ 'not-packed': right['as-is'] })).toMatch(/disk reads of clone-2, not packed, of its accesses/);
});
