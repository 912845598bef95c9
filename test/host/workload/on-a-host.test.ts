import { describe, expect, it } from 'vitest';
import { CPU_CLASSES, DISK_CLASSES } from '#main/host/costs.ts';
import { Host } from '#main/host/host.ts';
import { NO_PACE, NO_TRACE } from '#main/host/host-config.ts';
import { GUEST, GUEST_WIDTH } from '#main/host/sample-columns.ts';
import type { WorkloadConfig } from '#main/host/workload/create-workload.ts';

const WORKLOADS: Record<string, WorkloadConfig> = {
  'zipf-files': { kind: 'zipf-files', files: 300, pagesPerFile: 8, alpha: 0.9, writePermille: 100, accessesPerS: 2000 },
  scan: { kind: 'scan', pages: 3000, accessesPerS: 2000 },
  database: {
    kind: 'database', tablePages: 3000, hotPages: 200, hotPermille: 900, updatePermille: 300, bufferPages: 300,
    scanEveryMs: 5000, scanPages: 1000, accessesPerS: 2000,
  },
  compile: { kind: 'compile', units: 40, anonPagesPerUnit: 300, headers: 200, imagePages: 200, unitMs: 100 },
  usemem: { kind: 'usemem', maxPages: 900, holdMs: 3000, pauseMs: 3000, accessesPerS: 2000 },
  boot: {
    kind: 'boot', imagePages: 1500, residentPages: 400, accessesPerS: 3000, rebootEveryMs: 4000,
    idle: { accessesPerS: 50, filePages: 300, anonPages: 200 },
  },
  idle: { kind: 'idle', filePages: 600, anonPages: 300, accessesPerS: 200, jobEveryMs: 4000, jobPages: 1500 },
}; // prettier-ignore

/** Two guests with little RAM and the same workload: on slow disks where `isSlow`, with swap where `swapPages`. */
function hostOf(workload: WorkloadConfig, isSlow: boolean, swapPages = 2000): Host {
  const guest = (id: number) => ({
    id,
    name: `guest ${id}`,
    trace: NO_TRACE,
    pace: NO_PACE,
    workload,
    ramPages: 500,
    minPages: 100,
    maxPages: 800,
    weight: 100,
    kernel: { cache: 'two-list' as const, swapPages },
  });
  return new Host({
    seed: 9,
    totalPages: 1800,
    reservedPages: 50,
    policy: 'max-over-share',
    idleTaxPermille: 750,
    idleTaxWindowS: 10,
    balloonPagesPerS: 1000,
    costs: isSlow
      ? { cpu: CPU_CLASSES.modern, disks: [DISK_CLASSES.hdd] }
      : {
          cpu: { ...CPU_CLASSES.modern, hypercallNs: 0, copyNs: 0 },
          disks: [{ serviceNs: 0, nextPageNs: 0, parallel: 1 }],
        },
    guests: [guest(1), guest(2)],
  });
}

const pagesIn = (host: Host): number => {
  const { ephemeralPages, fallowPages, guests, persistentPages, reservedPages } = host.readings();
  return guests.reduce(
    (sum, { ramPages }) => sum + ramPages,
    reservedPages + ephemeralPages + persistentPages + fallowPages,
  );
};
/** Accesses of both guests in the seconds that were taken. */
function accessesOf(host: Host): number {
  const batch = host.takeSamples();
  return batch.guests.reduce((sum, value, i) => sum + (i % GUEST_WIDTH === GUEST.accesses ? value : 0), 0);
}

describe.each(Object.entries(WORKLOADS))('guests that run the workload %s', (_name, workload) => {
  it('keep the host`s books, and go on from a fork as if nothing had happened', () => {
    const host = hostOf(workload, true);
    host.runTo(7300);
    const fork = host.fork();
    for (const one of [host, fork]) one.runTo(20_000);
    expect(pagesIn(host)).toBe(1800);
    expect(fork.digest()).toBe(host.digest());
  });

  it('do less work where they have to wait for a disk', () => {
    const [fast, slow] = [hostOf(workload, false), hostOf(workload, true)];
    for (const host of [fast, slow]) host.runTo(20_000);
    expect(accessesOf(slow)).toBeLessThan(accessesOf(fast));
  });
});

describe('a program that asks for more than there is', () => {
  it('is killed when memory runs out, begins again, and the guest goes on', () => {
    const host = hostOf({ kind: 'usemem', maxPages: 900, holdMs: 3000, pauseMs: 3000, accessesPerS: 2000 }, false, 100);
    host.runTo(60_000);
    const [guest] = host.readings().guests;
    // 500 pages of RAM and 100 of swap for 900: killed each time it grows, and each time it takes a second and a half.
    expect(guest?.oomKills).toBeGreaterThan(20);
    expect(guest?.committedPages).toBeLessThanOrEqual(600);
    expect(pagesIn(host)).toBe(1800);
  });
});
