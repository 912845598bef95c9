import { describe, expect, it } from 'vitest';
import type { Host } from '#main/host/host.ts';
import type { SchedulerConfig } from '#main/host/schedule/create-scheduler.ts';
import type { WorkloadConfig } from '#main/host/workload/create-workload.ts';
import { guestOf, hostOf, readingsOf } from './scheduled-host.ts';

/** Reads for ten seconds, far more than it has RAM for, and then nothing for ever. */
const endsAt10s: WorkloadConfig = {
  kind: 'phases', repeat: false,
  phases: [{ ms: 10_000, work: { kind: 'scan', pages: 9000, accessesPerS: 2000 } }, { ms: 1, work: null }],
}; // prettier-ignore
const busy: WorkloadConfig = { kind: 'zipf-files', files: 4000, pagesPerFile: 1, alpha: 0.6, accessesPerS: 4000 };

/** Two guests of 500 pages, the first of which ends at 10 s, and a pool of 2,000. */
function twoGuests(...schedule: SchedulerConfig[]): Host {
  return hostOf({
    totalPages: 3000,
    policy: 'fifo',
    schedule,
    guests: [guestOf(1, endsAt10s, { ramPages: 500 }), guestOf(2, busy, { ramPages: 500 })],
  });
}
const held = (host: Host): number[] => [1, 2].map((id) => readingsOf(host, id).ephemeralPages);

describe('pool targets on a host', () => {
  it('that are static keep half the pool for a guest that is gone quiet', () => {
    const host = twoGuests({ kind: 'static-shares' });
    host.runTo(60_000);
    // The busy guest is at its target, but for the gaps that its own gets make.
    const [quiet = 0, busyOne = 0] = held(host);
    expect(quiet).toBe(1000);
    expect(busyOne).toBeGreaterThan(900);
    expect(busyOne).toBeLessThanOrEqual(1000);
  });

  it('that are reconfigured give all of it to the first guest that uses it, and halves from the second on', () => {
    const late: WorkloadConfig = { kind: 'phases', repeat: false, phases: [{ ms: 20_500, work: null }, { ms: 1, work: busy }] }; // prettier-ignore
    const host = hostOf({
      totalPages: 3000,
      policy: 'fifo',
      schedule: [{ kind: 'reconfigured-static' }],
      guests: [guestOf(1, endsAt10s, { ramPages: 500 }), guestOf(2, late, { ramPages: 500 })],
    });
    host.runTo(20_000);
    expect(held(host)).toEqual([2000, 0]);
    host.runTo(22_100);
    expect(held(host)[0]).toBe(1000);
  });

  it('of smart-alloc move pages from the quiet guest to the hungry one, as fast as the rule says', () => {
    const host = twoGuests({ kind: 'smart-alloc', percent: 5 });
    host.runTo(12_000);
    const first = held(host)[0] ?? 0;
    expect(first).toBeGreaterThan(500);
    for (let second = 13; second <= 72; second++) {
      host.runTo(second * 1000 + 100);
      // Each round the hungry guest asks for 5 % of the pool more, and all are scaled down to fit: by 1.05.
      const bound = Math.max(first * 1.05 ** -(second - 13), 0) + 60;
      expect(held(host)[0], `at ${second} s`).toBeLessThanOrEqual(bound);
    }
    const [quiet = 0, busyOne = 0] = held(host);
    expect(quiet).toBeLessThan(120);
    expect(busyOne).toBeGreaterThan(1800);
    expect(quiet + busyOne).toBeLessThanOrEqual(2000);
  });

  it('of smart-alloc spare the busy guest disk reads that static ones cost it', () => {
    const reads = (schedule: SchedulerConfig): number => {
      const host = twoGuests(schedule);
      host.runTo(60_000);
      const before = readingsOf(host, 2).diskReads;
      host.runTo(120_000);
      return readingsOf(host, 2).diskReads - before;
    };
    // 500 + 1,000 pages against 500 + nearly 2,000, of 4,000.
    expect(reads({ kind: 'smart-alloc', percent: 5 })).toBeLessThan(0.75 * reads({ kind: 'static-shares' }));
  });

  it('bind preswap too: a put beyond the target goes to the disk', () => {
    const grows: WorkloadConfig = {
      kind: 'idle',
      filePages: 0,
      anonPages: 3000,
      accessesPerS: 0.001,
      jobPagesPerS: 500,
    };
    const host = hostOf({
      totalPages: 8000,
      schedule: [{ kind: 'static-shares' }],
      guests: [1, 2, 3, 4, 5].map((id) => guestOf(id, id === 1 ? grows : busy, { ramPages: 1000, maxPages: 5000, kernel: { swapPages: 4000 } })), // prettier-ignore
    });
    host.runTo(10_000);
    const guest = readingsOf(host, 1);
    // 3,000 pages for five: 600.
    expect(guest.persistentPages).toBe(600);
    expect(guest.preswapPutsFailed).toBeGreaterThanOrEqual(1400);
    expect(guest.preswapPutsFailed).toBeLessThan(1408);
    expect(guest.ephemeralPages).toBe(0);
  });
});
