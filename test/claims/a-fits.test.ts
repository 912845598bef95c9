import { afterEach, expect, it, vi } from 'vitest';
import { Kernel } from '#main/host/guest/kernel.ts';
import type { Precache } from '#main/host/guest/precache.ts';
import { FILE_READ, type Workload } from '#main/host/workload/workload.ts';
import { type ClaimRun, methodOf, runClaim, show } from './support.ts';

afterEach(() => vi.restoreAllMocks());

const NAMES = ['files', 'db', 'idle'] as const;
const without = NAMES.flatMap((name) => [`guests.${name}.precache=false`, `guests.${name}.preswap=false`]);
const HYPERCALL_S = 0.2e-6;
/** Think times are drawn from half the mean up, so that no guest is ever faster than twice its rate. */
const FASTEST = 2;

function isClaimed(withTmem: ClaimRun, withoutTmem: ClaimRun): void {
  for (const name of NAMES) {
    const { precachePuts, precachePutsFailed, preswapPuts, preswapPutsFailed, ...did } = withTmem.guest(name);
    expect(precachePuts + precachePutsFailed, `precache puts of ${name}`).toBe(0);
    expect(preswapPuts + preswapPutsFailed, `preswap puts of ${name}`).toBe(0);
    const { accesses } = withoutTmem.guest(name);
    const lost = (FASTEST * accesses * (did.precacheGets - did.precacheHits) * HYPERCALL_S) / withTmem.seconds + 1;
    expect(accesses - did.accesses, `accesses lost by ${name}`).toBeLessThanOrEqual(lost);
  }
}

it('a: when every working set fits, tmem does nothing', async () => {
  const withTmem = await runClaim('a-fits');
  const withoutTmem = await runClaim('a-fits', { settings: without });
  show(
    withTmem,
    ['guest', 'accesses', 'without tmem', 'gets that failed', 'puts'],
    NAMES.map((name) => {
      const { accesses, precacheGets, precachePuts, preswapPuts } = withTmem.guest(name);
      return [name, accesses, withoutTmem.guest(name).accesses, precacheGets, precachePuts + preswapPuts];
    }),
  );
  isClaimed(withTmem, withoutTmem);
  expect(withTmem.guest('files').precacheGets).toBeGreaterThan(1_000);
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
  const broken = await runClaim('a-fits');
  const withoutTmem = await runClaim('a-fits', { settings: without });
  expect(() => isClaimed(broken, withoutTmem)).toThrow(/precache puts of files/);
});
