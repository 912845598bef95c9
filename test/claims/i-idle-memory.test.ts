import { afterEach, expect, it, vi } from 'vitest';
import { POLICIES } from '#main/host/tmem/policies/index.ts';
import { maxOverShare } from '#main/host/tmem/policies/max-over-share.ts';
import { type ClaimRun, runClaim, show } from './support.ts';

afterEach(() => vi.restoreAllMocks());

const IDLE_FROM_S = 40;
const WINDOW_S = 10;
const TAX = 0.75;

/** The pages that count as used, second by second, by the rule of the tax: hits, decaying by 1 / window a second. */
function used(run: ClaimRun, name: string): number[] {
  let pages = 0;
  return run
    .course(name, 'precacheHits')
    .map((hits) => (pages = Math.floor((pages * (WINDOW_S - 1)) / WINDOW_S) + hits));
}

/** The most that the idle guest may hold at the end of a second: charges are equal. */
function fairHolding(run: ClaimRun, second: number): number {
  // While the last second went on, what was used had decayed up to the end of the one before.
  const u = used(run, 'sleeper')[second - 1] ?? NaN;
  return run.poolPages / 5 + 0.6 * u;
}

function isClaimed(run: ClaimRun): void {
  const twoWindowsOn = IDLE_FROM_S + 2 * WINDOW_S - 1;
  const held = run.course('sleeper', 'ephemeralPages')[twoWindowsOn] ?? NaN;
  const borrowed = run.course('worker', 'ephemeralPages')[twoWindowsOn] ?? NaN;
  expect(used(run, 'worker')[twoWindowsOn], 'the worker uses all that it holds').toBeGreaterThanOrEqual(borrowed);
  expect(held, 'pages that the idle guest still holds').toBeLessThanOrEqual(fairHolding(run, twoWindowsOn) + 1);
  expect(held, 'pages that the idle guest still holds').toBeLessThanOrEqual(run.poolPages / 4);
  // Gets that found their page since the last put have left that many pages fallow: at most one.
  expect(borrowed, 'pages that the worker has').toBeGreaterThanOrEqual(run.poolPages - held - 1);
}

it('i: memory that a guest does not use effectively goes to one that does', async () => {
  const run = await runClaim('i-idle-memory');
  const untaxed = await runClaim('i-idle-memory', { settings: ['idleTax=0'] });
  const held = run.course('sleeper', 'ephemeralPages');
  const heldUntaxed = untaxed.course('sleeper', 'ephemeralPages');
  show(
    run,
    ['host second', 'idle guest holds', `at most, with τ = ${TAX}`, 'without the tax'],
    [39, 44, 49, 54, 59].map((second) => [
      second + 1,
      held[second] ?? NaN,
      second < IDLE_FROM_S ? '' : Math.floor(fairHolding(run, second)),
      heldUntaxed[second] ?? NaN,
    ]),
  );
  isClaimed(run);
  expect(heldUntaxed[59]).toBeGreaterThan(0.95 * (heldUntaxed[39] ?? NaN));
});

it('i: a policy that forgets the tax is found out', async () => {
  vi.spyOn(POLICIES, 'max-over-share').mockImplementation((holdings) => maxOverShare(holdings, { idleTaxPermille: 0 }));
  const broken = await runClaim('i-idle-memory');
  expect(() => isClaimed(broken)).toThrow(/pages that the idle guest still holds/);
});
