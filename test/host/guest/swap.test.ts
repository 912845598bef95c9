import { describe, expect, it } from 'vitest';
import { DISK_CLASSES } from '#main/host/costs.ts';
import { ANON_FREE, ANON_READ, ANON_WRITE, FILE_READ } from '#main/host/workload/workload.ts';
import { hostOf, observe, scripted, sweep } from '../scripted-host.ts';

const swap = { cache: 'lru', swapPages: 400, swapClusterLog2: 0 } as const;

describe('anonymous memory, swap and preswap', () => {
  it('keeps what fits in RAM, and reads pages that were never written as zeros', () => {
    const host = hostOf(
      [scripted(1, [...sweep(ANON_WRITE, 0, 100), ...sweep(ANON_READ, 0, 200)], { kernel: swap })],
      50,
    );
    const seen = observe(host, 1_000);
    expect([seen.sum('accesses'), seen.sum('cacheHits'), seen.last('anonPages')]).toEqual([300, 300, 100]);
    expect(seen.sum('preswapPuts') + seen.sum('swapOuts')).toBe(0);
  });

  it.each(['lru', 'two-list'] as const)(
    'puts exactly maximum − RAM pages in preswap before the first one goes to the swap disk (%s)',
    (cache) => {
      const kernel = { ...swap, cache };
      const guest = scripted(1, sweep(ANON_WRITE, 0, 400), { kernel, ramPages: 100, maxPages: 175 });
      const host = hostOf([guest], 300);
      const before = observe(host, 1_000);
      expect([before.sum('preswapPuts'), before.last('persistentPages')]).toEqual([75, 75]);
      expect(before.sum('swapOuts')).toBe(400 - 100 - 75);
      expect(before.sum('preswapPutsFailed')).toBe(before.sum('swapOuts'));
      expect(before.last('swapPages')).toBe(300);
      const roomy = hostOf([{ ...guest, maxPages: 400 }], 300);
      expect(observe(roomy, 1_000).sum('swapOuts')).toBe(0);
    },
  );

  it('keeps the copy of a page that was loaded until the page is written to', () => {
    const steps = [...sweep(ANON_WRITE, 0, 150), ...sweep(ANON_READ, 0, 10), ...sweep(ANON_WRITE, 0, 4)];
    const host = hostOf([scripted(1, steps, { kernel: swap, maxPages: 300, gapNs: 10_000_000 })], 300);
    expect(observe(host, 2_000).last('preswapDuplicates')).toBeGreaterThan(0);
    const after = observe(host, 1_000);
    expect(after.last('preswapDuplicates')).toBe(6);
    // 150 − 100 went out at first; each page loaded pushed one out that had no copy.
    expect(after.last('persistentPages')).toBe(50 + 10 - 4);
  });

  it('drops a page whose copy is still there without putting it again', () => {
    // The ten pages that are loaded are pushed out again by ten others.
    const steps = [
      ...sweep(ANON_WRITE, 0, 150),
      ...sweep(ANON_READ, 0, 10),
      ...sweep(ANON_READ, 10, 40),
      ...sweep(ANON_READ, 50, 100),
    ];
    const host = hostOf([scripted(1, steps, { kernel: swap, maxPages: 300 })], 300);
    const seen = observe(host, 1_000);
    expect(seen.sum('preswapGets')).toBe(150);
    // Each of the 150 pages was put once; what went out a second time had its copy.
    expect(seen.sum('preswapPuts')).toBe(150);
    expect(seen.last('preswapDuplicates')).toBe(100);
  });

  it('lets copies go with the swap-in as soon as more than half of the slots are in use', () => {
    const steps = [...sweep(ANON_WRITE, 0, 150), ...sweep(ANON_READ, 0, 10)];
    const host = hostOf([scripted(1, steps, { kernel: { ...swap, swapPages: 80 }, maxPages: 300 })], 300);
    const seen = observe(host, 1_000);
    expect([seen.sum('preswapGets'), seen.last('preswapDuplicates')]).toEqual([10, 0]);
  });

  it('swaps groups of neighbouring slots in and out by one request', () => {
    const steps = [...sweep(ANON_WRITE, 0, 200), ...sweep(ANON_READ, 0, 8)];
    const kernel = { ...swap, swapClusterLog2: 3 };
    const costs = {
      cpu: { hypercallNs: 0, copyNs: 0, cores: 1 },
      disks: [{ serviceNs: 1_000_000, nextPageNs: 10_000, parallel: 1 }],
    };
    const host = hostOf([scripted(1, steps, { kernel, preswap: false })], 0, { costs });
    const seen = observe(host, 2_000);
    // Every eighth write of the second hundred sends 8 pages out; one read brings 8 in, which push others out.
    expect(seen.sum('swapIns')).toBe(8);
    expect(seen.sum('swapOuts')).toBe(104 + 8);
    const requests = 14 + 1;
    expect(seen.hostEach('diskBusyUs').reduce((a, b) => a + b, 0)).toBe(requests * (1_000 + 7 * 10));
  });

  it('frees slots and their copies with the memory', () => {
    const steps = [...sweep(ANON_WRITE, 0, 150), [ANON_FREE, 0, 400] as const];
    const host = hostOf([scripted(1, steps, { kernel: swap, maxPages: 300 })], 300);
    const seen = observe(host, 1_000);
    expect(seen.sum('preswapFlushes')).toBe(50);
    expect([seen.last('anonPages'), seen.last('swapPages'), seen.last('persistentPages')]).toEqual([0, 0, 0]);
  });

  it('kills the program when neither RAM nor swap is left, counts it, and goes on', () => {
    const steps = [...sweep(ANON_WRITE, 0, 130), ...sweep(ANON_WRITE, 0, 20), ...sweep(FILE_READ, 0, 10)];
    const host = hostOf([scripted(1, steps, { kernel: { ...swap, swapPages: 20 }, preswap: false })], 50);
    const seen = observe(host, 1_000);
    expect(seen.sum('oomKills')).toBe(1);
    // The 121st page was one too many; what was written after it is there.
    expect(seen.last('anonPages')).toBe(20 + 9);
    expect(seen.sum('accesses')).toBe(160);
  });

  it('sends pages to the disk while it is frozen, and gets those in preswap all the same', () => {
    const steps = [...sweep(ANON_WRITE, 0, 150), ...sweep(ANON_WRITE, 150, 50), ...sweep(ANON_READ, 0, 10)];
    const host = hostOf([scripted(1, steps, { kernel: swap, maxPages: 300, gapNs: 10_000_000 })], 300);
    expect(observe(host, 1_000).sum('swapOuts')).toBe(0);
    host.runTo(1_505);
    host.setFrozen(1, true);
    const seen = observe(host, 1_495);
    expect([seen.sum('preswapPuts'), seen.sum('preswapGets')]).toEqual([50, 10]);
    expect(seen.sum('swapOuts')).toBe(50 + 10);
  });

  it('waits for the disk that holds its swap', () => {
    const steps = [...sweep(ANON_WRITE, 0, 101), [ANON_READ, 0] as const];
    const costs = { cpu: { hypercallNs: 0, copyNs: 0, cores: 1 }, disks: [DISK_CLASSES.nvme, DISK_CLASSES.hdd] };
    const of = (swapDisk: number): number => {
      const host = hostOf([scripted(1, steps, { kernel: swap, preswap: false, swapDisk })], 0, { costs });
      return observe(host, 1_000).sum('stallUs');
    };
    // Written out and read in: the read stands behind the write where there is one server.
    expect(of(1)).toBe(8_000 + 8_000 - 1_000);
    expect(of(0)).toBe(80);
  });
});
