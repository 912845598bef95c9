import { afterEach, expect, it, vi } from 'vitest';
import { Kernel } from '#main/host/guest/kernel.ts';
import type { Precache } from '#main/host/guest/precache.ts';
import { FILE_READ, type Workload } from '#main/host/workload/workload.ts';
import { broken, methodOf, runClaim, shownVerdict, verdictOf } from './support.ts';

afterEach(() => vi.restoreAllMocks());

it('a: when every working set fits, tmem does nothing', async () => {
  expect(broken(await shownVerdict('a-fits'))).toEqual([]);
  const { precacheGets } = (await runClaim('a-fits')).guest('files');
  expect(precacheGets).toBeGreaterThan(1_000);
});

it('a: a guest that puts pages that fit is found out', async () => {
  const original = methodOf(Kernel.prototype, 'operate');
  vi.spyOn(Kernel.prototype, 'operate').mockImplementation(function (this: Kernel, ramPages) {
    original.call(this, ramPages);
    const { precache, workload } = this as unknown as { precache: Precache | null; workload: Workload };
    if (workload.operation !== FILE_READ) return;
    precache?.put(workload.page);
    precache?.get(workload.page);
  });
  const verdict = await verdictOf('a-fits');
  expect(verdict.holds).toBe(false);
  expect(broken(verdict)).toContainEqual(expect.stringMatching(/^precache puts of files: \d+, exactly 0$/));
});
