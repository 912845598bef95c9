import { describe, expect, it } from 'vitest';
import { DISK_CLASSES } from '#main/host/costs.ts';
import { FILE_DROP, FILE_READ, FILE_WRITE } from '#main/host/workload/workload.ts';
import { hostOf, observe, scripted, sweep } from '../scripted-host.ts';

const noCpu = { hypercallNs: 0, copyNs: 0, cores: 1 };

describe('dirty file pages', () => {
  it('are written by themselves when they have expired, neighbours by one request', () => {
    const kernel = { writebackS: 2, dirtyExpireS: 3 };
    const costs = { cpu: noCpu, disks: [{ serviceNs: 1_000_000, nextPageNs: 0, parallel: 1 }] };
    const host = hostOf([scripted(1, sweep(FILE_WRITE, 0, 8), { kernel })], 0, { costs });
    const seen = observe(host, 8_000);
    expect(seen.each('dirtyPages')).toEqual([8, 8, 8, 8, 0, 0, 0, 0]);
    // Wake-ups at 2, 4, 6 s: at 4 s the pages of second 0 are older than 3 s.
    expect(seen.each('diskWrites')).toEqual([0, 0, 0, 0, 8, 0, 0, 0]);
    expect(seen.sum('stallUs')).toBe(0);
    expect(seen.hostEach('diskBusyUs')[4]).toBe(1_000);
  });

  it('are written in the background above one bound, and make the writer wait above another', () => {
    const kernel = { dirtyBackgroundPermille: 100, dirtyPermille: 200 };
    const slow = { cpu: noCpu, disks: [DISK_CLASSES.hdd] };
    // Every 32nd page, so that none has a neighbour: 125 writes a second is what the disk can do.
    const apart = Array.from({ length: 100 }, (_, at) => [FILE_WRITE, at * 32] as const);
    const of = (count: number) =>
      observe(hostOf([scripted(1, apart.slice(0, count), { kernel, filePages: 3_200 })], 0, { costs: slow }), 3_000);
    expect(of(10).sum('diskWrites')).toBe(0);
    const some = of(20);
    expect([some.sum('diskWrites'), some.sum('stallUs'), some.last('dirtyPages')]).toEqual([10, 0, 10]);
    const many = of(100);
    expect(many.sum('stallUs')).toBeGreaterThan(500_000);
    // Beyond the first twenty each write waits for a place: 100 pages take as long as the disk needs for eighty.
    expect(many.sum('stallUs') + 100_000).toBeGreaterThan(80 * 8_000);
    expect(many.sum('stallUs') + 100_000).toBeLessThan(90 * 8_000);
  });

  it.each(['lru', 'two-list'] as const)(
    'are written before they leave, and only then are put in precache (%s)',
    (cache) => {
      const steps = [...sweep(FILE_WRITE, 0, 60), ...sweep(FILE_READ, 100, 100), ...sweep(FILE_READ, 0, 60)];
      const kernel = { cache, dirtyBackgroundPermille: 900, dirtyPermille: 950 };
      const host = hostOf([scripted(1, steps, { kernel, ramPages: 80 })], 500);
      const seen = observe(host, 1_000);
      expect(seen.sum('diskWrites')).toBe(60);
      expect(seen.last('dirtyPages')).toBe(0);
      // All of them come back out of precache, as they were written: a stale page would have been noticed.
      expect([seen.sum('diskReads'), seen.sum('precacheHits')]).toEqual([
        100,
        cache === 'lru' ? 60 : expect.any(Number),
      ]);
    },
  );

  it('flush what precache has of a page, so that no stale copy comes back', () => {
    const steps = [
      ...sweep(FILE_READ, 0, 100),
      ...sweep(FILE_READ, 100, 100),
      ...sweep(FILE_WRITE, 0, 50),
      ...sweep(FILE_READ, 200, 100),
      ...sweep(FILE_READ, 0, 100),
    ];
    const host = hostOf([scripted(1, steps, {})], 500);
    const seen = observe(host, 1_000);
    expect(seen.sum('flushes')).toBe(50);
    expect(seen.sum('precacheHits')).toBe(100);
    expect(seen.sum('diskReads')).toBe(300);
  });

  it('need not be written when their file is truncated, and nothing of it is left in precache', () => {
    const steps = [
      ...sweep(FILE_READ, 0, 32),
      ...sweep(FILE_READ, 32, 100),
      ...sweep(FILE_WRITE, 0, 8),
      [FILE_DROP, 0, 32] as const,
    ];
    const kernel = { dirtyBackgroundPermille: 900, dirtyPermille: 950, writebackS: 1, dirtyExpireS: 1 };
    const host = hostOf([scripted(1, steps, { kernel })], 500);
    const seen = observe(host, 4_000);
    expect(seen.sum('diskWrites')).toBe(0);
    expect([seen.last('dirtyPages'), seen.last('ephemeralPages')]).toEqual([0, 8]);
    expect(host.readings().guests[0]?.cachePages).toBe(92);
  });
});
