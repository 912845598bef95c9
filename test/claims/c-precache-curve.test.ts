import { afterEach, expect, it, vi } from 'vitest';
import { Precache } from '#main/host/guest/precache.ts';
import { type ClaimRun, methodOf, runClaim, show } from './support.ts';
import { distinct, lruMisses, pagesRead } from './theory.ts';

afterEach(() => vi.restoreAllMocks());

const NAME = 'web';

/** What the miss-ratio curve says for the accesses of the run. */
function curve(run: ClaimRun): { alone: number; withPool: number; first: number } {
  const guest = run.configOf(NAME);
  const pages = pagesRead(guest, run.config.seed, run.guest(NAME).accesses);
  return {
    alone: lruMisses(pages, guest.ramPages),
    withPool: lruMisses(pages, guest.ramPages + run.poolPages),
    first: distinct(pages),
  };
}

function isClaimed(withTmem: ClaimRun, withoutTmem: ClaimRun): void {
  expect(withTmem.guest(NAME).diskReads, 'disk reads with precache').toBe(curve(withTmem).withPool);
  expect(withoutTmem.guest(NAME).diskReads, 'disk reads without').toBe(curve(withoutTmem).alone);
  const refaults = (run: ClaimRun): number => run.guest(NAME).diskReads - curve(run).first;
  expect(refaults(withTmem), 'refaults').toBeLessThan(refaults(withoutTmem));
}

it('c: precache reduces refaults, by what the miss-ratio curve says', async () => {
  const withTmem = await runClaim('c-precache-curve');
  const withoutTmem = await runClaim('c-precache-curve', { settings: ['guests.web.precache=false'] });
  show(
    withTmem,
    ['', 'accesses', 'disk reads', 'by the curve', 'of these refaults', 'accesses/s'],
    [withoutTmem, withTmem].map((run, at) => {
      const { accesses, diskReads } = run.guest(NAME);
      const { alone, withPool, first } = curve(run);
      const told = at === 0 ? alone : withPool;
      return [['no tmem', 'precache'][at] ?? '', accesses, diskReads, told, diskReads - first, accesses / run.seconds];
    }),
  );
  isClaimed(withTmem, withoutTmem);
});

it('c: precache that forgets every hundredth page it is asked for is found out', async () => {
  const get = methodOf(Precache.prototype, 'get');
  let asked = 0;
  vi.spyOn(Precache.prototype, 'get').mockImplementation(function (this: Precache, page) {
    return get.call(this, page) && ++asked % 100 > 0;
  });
  const broken = await runClaim('c-precache-curve');
  const withoutTmem = await runClaim('c-precache-curve', { settings: ['guests.web.precache=false'] });
  expect(() => isClaimed(broken, withoutTmem)).toThrow(/disk reads with precache/);
});
