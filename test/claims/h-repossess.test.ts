import { afterEach, expect, it, vi } from 'vitest';
import type { Host } from '#main/host/host.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import { type ClaimRun, methodOf, runClaim, show } from './support.ts';
import { lruMisses, pagesRead } from './theory.ts';

afterEach(() => vi.restoreAllMocks());

const OWNER_ID = 1;
/** When the owner asks, and one step of the balloon later. */
const ASKED_MS = 20_000;
const STEP_MS = 100;
const GROWN_PAGES = 8_192;
const GROWTH_PAGES = 6_144;

interface Watched {
  readonly run: ClaimRun;
  readonly ramAfterStep: number;
}

async function watched(): Promise<Watched> {
  let ramAfterStep = NaN;
  const look = (host: Host): void => {
    ramAfterStep = host.guest(OWNER_ID)?.ramPages ?? NaN;
  };
  const run = await runClaim('h-repossess', { at: { [ASKED_MS + STEP_MS]: look } });
  return { run, ramAfterStep };
}

function bounds(run: ClaimRun): { least: number; most: number } {
  const borrower = run.configOf('borrower');
  const pages = pagesRead(borrower, run.config.seed, run.guest('borrower').accesses);
  const all = borrower.ramPages + run.poolPages;
  return { least: lruMisses(pages, all), most: lruMisses(pages, all - GROWTH_PAGES) };
}

function isClaimed({ run, ramAfterStep }: Watched): void {
  expect(ramAfterStep, 'RAM of the owner one step later').toBe(GROWN_PAGES);
  const { precachePutsFailed, oomKills, diskReads, accesses } = run.guest('borrower');
  expect(precachePutsFailed, 'refused puts').toBe(0);
  expect(oomKills, 'times out of memory').toBe(0);
  const { least, most } = bounds(run);
  expect(diskReads, 'disk reads of the borrower').toBeGreaterThanOrEqual(least);
  expect(diskReads, 'disk reads of the borrower').toBeLessThanOrEqual(most);
  expect(accesses / run.seconds, 'work of the borrower').toBeGreaterThan(4_900);
}

it('h: loaned memory is repossessed: a growing guest gets its pages at once, and the borrower only misses', async () => {
  const seen = await watched();
  const { run } = seen;
  const course = (column: 'ramPages' | 'ephemeralPages' | 'diskReads', name: string): number[] =>
    run.course(name, column);
  show(
    run,
    ['host second', 'RAM of the owner', 'precache of the borrower', 'its disk reads'],
    [18, 19, 20, 21, 22].map((second) => [
      second,
      course('ramPages', 'owner')[second] ?? NaN,
      course('ephemeralPages', 'borrower')[second] ?? NaN,
      course('diskReads', 'borrower')[second] ?? NaN,
    ]),
  );
  isClaimed(seen);
  expect(run.course('borrower', 'ephemeralPages')[ASKED_MS / 1000 - 1], 'all is lent out').toBe(run.poolPages);
});

it('h: a host that gives only what is fallow is found out', async () => {
  const growRam = methodOf(TmemStore.prototype, 'growRam');
  vi.spyOn(TmemStore.prototype, 'growRam').mockImplementation(function (this: TmemStore, domain, pages) {
    return growRam.call(this, domain, Math.min(pages, this.freePages));
  });
  const broken = await watched();
  expect(() => isClaimed(broken)).toThrow(/RAM of the owner one step later/);
});

it('h: a borrower whose pages are lost for good, and with them the pool, is found out', async () => {
  const growRam = methodOf(TmemStore.prototype, 'growRam');
  vi.spyOn(TmemStore.prototype, 'growRam').mockImplementation(function (this: TmemStore, domain, pages) {
    if (this.nowMs >= ASKED_MS) this.setEphemeralLimit(0);
    return growRam.call(this, domain, pages);
  });
  const broken = await watched();
  expect(() => isClaimed(broken)).toThrow(/refused puts|disk reads of the borrower/);
});
