import { expect, it } from 'vitest';
import { withHostPageCache } from '../bench/host-page-cache.ts';
import { prepareClaim } from './support.ts';
import { fileUses, lruMissed } from '#main/scenario/claims/theory.ts';

it("the benefit benchmark's host page cache is an LRU cache of what its guests miss", async () => {
  const run = await prepareClaim('c-precache-curve');
  const cached = withHostPageCache(() => run());
  const { config, poolPages } = cached;
  const { accesses, diskReads, precacheHits } = cached.guest('web');
  const [web] = config.guests;
  if (web === undefined) throw new Error('There is no guest.');
  const missed = lruMissed(fileUses(web, config.seed, accesses), web.ramPages);
  expect(diskReads).toBe(lruMissed({ pages: missed }, poolPages).length);
  expect(diskReads + precacheHits).toBe(missed.length);
  // And it is gone afterwards.
  expect(run().guest('web').precacheHits).toBeGreaterThan(precacheHits);
});
