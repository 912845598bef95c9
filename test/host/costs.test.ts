import { describe, expect, it } from 'vitest';
import { type CostProfile, CPU_CLASSES, DISK_CLASSES } from '#main/host/costs.ts';
import { FILE_READ } from '#main/host/workload/workload.ts';
import { hostOf, observe, scripted, sweep } from './scripted-host.ts';

const free = { hypercallNs: 0, copyNs: 0, cores: 1 };
/** Reads that all miss. */
const misses = Array.from({ length: 40 }, () => sweep(FILE_READ, 0, 400)).flat();
const scanner = (id: number, config: Parameters<typeof scripted>[2] = {}) =>
  scripted(id, misses, { ramPages: 10, precache: false, gapNs: 2_000_000, ...config });
const rate = (costs: CostProfile, guests: number, config: Parameters<typeof scripted>[2] = {}): number => {
  const all = Array.from({ length: guests }, (_, at) => scanner(at + 1, config));
  const seen = observe(hostOf(all, 0, { costs }), 10_000);
  return all.reduce((sum, _, place) => sum + seen.sum('accesses', place), 0) / 10;
};

describe('the cost of operations', () => {
  it('is lost throughput: an access a think time and a disk read', () => {
    expect(rate({ cpu: free, disks: [DISK_CLASSES.hdd] }, 1)).toBe(1_000 / (2 + 8));
    expect(rate({ cpu: free, disks: [{ ...DISK_CLASSES.hdd, serviceNs: 0, nextPageNs: 0 }] }, 1)).toBeCloseTo(500, 0);
  });

  it('grows in the queue that all guests share: a disk serves no more than its service time and servers allow', () => {
    expect(rate({ cpu: free, disks: [DISK_CLASSES.hdd] }, 4)).toBeCloseTo(125, 0);
    expect(rate({ cpu: free, disks: [{ ...DISK_CLASSES.hdd, parallel: 4 }] }, 4)).toBeCloseTo(400, 0);
  });

  it('keeps guests on different disks apart', () => {
    const costs = { cpu: free, disks: [DISK_CLASSES.hdd, DISK_CLASSES.hdd] };
    const seen = observe(hostOf([scanner(1), scanner(2, { fileDisk: 1 })], 0, { costs }), 10_000);
    expect([seen.sum('accesses', 0), seen.sum('accesses', 1)]).toEqual([1_000, 1_000]);
  });

  it('counts waiting, busy time and the queue', () => {
    const costs = { cpu: free, disks: [DISK_CLASSES.hdd] };
    const seen = observe(hostOf([scanner(1), scanner(2), scanner(3)], 0, { costs }), 10_000);
    expect(seen.hostEach('diskBusyUs').slice(1)).toEqual(Array.from({ length: 9 }, () => 1_000_000));
    expect(
      seen
        .hostEach('diskQueue')
        .slice(1)
        .every((queue) => queue >= 2 && queue <= 3),
    ).toBe(true);
    // In 10 s each guest thinks 2 ms for each of its 417 accesses or so, and waits the rest.
    const thought = seen.sum('accesses') * 2_000;
    expect(Math.abs(seen.sum('stallUs') - (10_000_000 - thought))).toBeLessThan(30_000);
  });

  it('has failed gets cost a hypercall, and hits and puts a copy too', () => {
    const costs = {
      cpu: { hypercallNs: 1_000, copyNs: 4_000, cores: 4 },
      disks: [{ ...DISK_CLASSES.hdd, serviceNs: 0, nextPageNs: 0 }],
    };
    const steps = [...sweep(FILE_READ, 0, 20), ...sweep(FILE_READ, 0, 10)];
    const seen = observe(hostOf([scripted(1, steps, { ramPages: 10 })], 100, { costs }), 1_000);
    expect([seen.sum('precacheGets'), seen.sum('precacheHits'), seen.sum('precachePuts')]).toEqual([30, 10, 20]);
    expect(seen.sum('tmemCpuUs')).toBe(30 + 10 * 4 + 20 * 5);
    expect(seen.sum('stallUs')).toBe(seen.sum('tmemCpuUs'));
  });

  it('has copies wait for a core', () => {
    const of = (cores: number): number => {
      const costs = {
        cpu: { hypercallNs: 0, copyNs: 1_000_000, cores },
        disks: [{ ...DISK_CLASSES.hdd, serviceNs: 0, nextPageNs: 0 }],
      };
      const guests = [1, 2, 3, 4].map((id) => scripted(id, misses, { ramPages: 10, gapNs: 0 }));
      const seen = observe(hostOf(guests, 2_000, { costs }), 10_000);
      return guests.reduce(
        (sum, _, place) => sum + seen.sum('precachePuts', place) + seen.sum('precacheHits', place),
        0,
      );
    };
    expect(of(1)).toBeCloseTo(10_000, -2);
    expect(of(4)).toBeCloseTo(40_000, -2);
    expect(of(8)).toBeCloseTo(40_000, -2);
  });

  it('takes a stated amount of time by default', () => {
    // The design's table; whoever changes it changes every scenario.
    expect([CPU_CLASSES.modern.copyNs, CPU_CLASSES.old.copyNs, CPU_CLASSES.old.cores]).toEqual([800, 2_000, 1]);
    expect(Object.values(DISK_CLASSES).map(({ serviceNs, parallel }) => [serviceNs, parallel])).toEqual([
      [8_000_000, 1],
      [100_000, 32],
      [80_000, 64],
    ]);
  });
});
