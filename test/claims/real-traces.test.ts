import { afterEach, expect, it, vi } from 'vitest';
import { Precache } from '#main/host/guest/precache.ts';
import type { ClaimRun } from '#main/scenario/claims/claim-run.ts';
import { fileUses, lruMisses } from '#main/scenario/claims/theory.ts';
import { runClaim } from './support.ts';

afterEach(() => vi.restoreAllMocks());

const NAMES = ['build', 'search', 'db'] as const;

/** Whatever the shares do, each guest reads between what all of the pool and what none of it would spare it. */
function isBounded(run: ClaimRun): void {
  for (const name of NAMES) {
    const guest = run.configOf(name);
    const { accesses, diskReads } = run.guest(name);
    const uses = fileUses(guest, run.config.seed, accesses);
    expect(diskReads, `disk reads of ${name}`).toBeGreaterThanOrEqual(lruMisses(uses, guest.ramPages + run.poolPages));
    expect(diskReads, `disk reads of ${name}`).toBeLessThanOrEqual(lruMisses(uses, guest.ramPages));
  }
}

it('the three real traces stay between the curves at RAM and at RAM + pool', async () => {
  isBounded(await runClaim('three-real-traces', { seconds: 60 }));
});

it('precache that claims to have every page is found out; without a page of it, a guest reads by its own curve', async () => {
  const get = vi.spyOn(Precache.prototype, 'get').mockReturnValue(true);
  const generous = await runClaim('three-real-traces', { seconds: 60 });
  expect(() => isBounded(generous)).toThrow(/disk reads of build/);
  get.mockReturnValue(false);
  const none = await runClaim('three-real-traces', { seconds: 60, settings: ['guests.build.ramMiB=8'] });
  const { accesses, diskReads } = none.guest('build');
  const uses = fileUses(none.configOf('build'), none.config.seed, accesses);
  expect(diskReads).toBe(lruMisses(uses, none.configOf('build').ramPages));
});
