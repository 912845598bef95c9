import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CPU_CLASSES, DISK_CLASSES } from '#main/host/costs.ts';
import type { GuestConfig, HostConfig } from '#main/host/host-config.ts';
import { FILE_DROP, FILE_READ, FILE_WRITE } from '#main/host/workload/workload.ts';
import { type ClaimRun, ObservedRun } from '#main/scenario/claims/claim-run.ts';
import { byCurve } from '#main/scenario/claims/measures/by-curve.ts';
import { scripted } from '../host/scripted-host.ts';
import type { Step } from '../host/scripted-workload.ts';

/** Files of the script have 32 pages. */
const FILES = 6;
const FILE_PAGES = 32;
const PAGES = FILES * FILE_PAGES;

function hostFor(guest: GuestConfig, pool: number): HostConfig {
  return {
    ...{ seed: 1, totalPages: guest.ramPages + pool + 10, reservedPages: 10, balloonPagesPerS: 100 },
    ...{ policy: 'max-over-share', idleTaxPermille: 0, idleTaxWindowS: 10, guests: [guest] },
    costs: { cpu: CPU_CLASSES.modern, disks: [DISK_CLASSES['sata-ssd']] },
  };
}

function runThrough(config: HostConfig, seconds: number): ClaimRun {
  const run = new ObservedRun(config, seconds);
  while (run.advance());
  return run.result();
}

/** The figures of the by-curve claim for a guest with precache and the same without. */
function measured(guest: GuestConfig, pool: number, seconds: number) {
  const withTmem = runThrough(hostFor(guest, pool), seconds);
  const without = runThrough(hostFor({ ...guest, precache: false }, pool), seconds);
  const claim = { kind: 'by-curve' as const, guests: [guest.name], without: 'without' };
  const { checks, table } = byCurve.measure(claim, (variant) => (variant === 'without' ? without : withTmem));
  const column = table.head.indexOf('refaults');
  return { checks, refaults: table.rows.map((row) => row[column]), diskReads: withTmem.guest(guest.name).diskReads };
}

/** Disk reads that a script costs without precache and RAM for `ram` pages, of pages that were used before: written for reading. */
function refaultsOf(steps: readonly Step[], ram: number): number {
  let cached: number[] = [];
  const used = new Set<number>();
  let refaults = 0;
  for (const [operation, first, count = 1] of steps) {
    for (let page = first; page < first + count; page++) {
      const wasCached = cached.includes(page);
      cached = cached.filter((other) => other !== page);
      if (operation === FILE_DROP) {
        used.delete(page);
        continue;
      }
      if (operation === FILE_READ && !wasCached && used.has(page)) refaults++;
      used.add(page);
      cached = [...cached, page].slice(-ram);
    }
  }
  return refaults;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: fc.nat(PAGES - 1).map((page): Step => [FILE_READ, page]) },
  { weight: 15, arbitrary: fc.nat(PAGES - 1).map((page): Step => [FILE_WRITE, page]) },
  { weight: 1, arbitrary: fc.nat(FILES - 1).map((file): Step => [FILE_DROP, file * FILE_PAGES, FILE_PAGES]) },
);

describe('the claim by the curve, for a guest that also writes and truncates', () => {
  it('holds to the digit, and tells refaults that are disk reads of pages used before', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 300, maxLength: 900 }),
        fc.integer({ min: 8, max: 60 }),
        fc.integer({ min: 4, max: 60 }),
        (steps, ramPages, pool) => {
          const guest = scripted(1, steps, { filePages: PAGES, anonPages: 0, ramPages });
          const { checks, refaults } = measured(guest, pool, 2);
          expect(checks.filter(({ what, holds }) => what.startsWith('disk reads') && !holds)).toEqual([]);
          expect(refaults).toEqual([refaultsOf(steps, ramPages), refaultsOf(steps, ramPages + pool)]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('counts a page that was written and never read as nothing that a cache could miss', () => {
    const all = Array.from({ length: PAGES }, (_, page) => page);
    const steps: Step[] = [...all.map((page): Step => [FILE_WRITE, page]), [FILE_READ, 0], [FILE_READ, PAGES - 1]];
    const guest = scripted(1, steps, { filePages: PAGES, anonPages: 0, ramPages: 32 });
    // 192 pages are written; the first has left RAM when it is read, and precache has room for the last 16 of those.
    expect(measured(guest, 16, 1)).toMatchObject({ refaults: [1, 1], diskReads: 1 });
  });

  it('counts a program that uses anonymous memory beside its files by what it really did', () => {
    const workload = { kind: 'compile', units: 60, headers: 200, anonPagesPerUnit: 100, unitMs: 50 } as const;
    const guest: GuestConfig = { ...scripted(1, [], { ramPages: 400, kernel: { swapPages: 400 } }), workload };
    const { refaults, diskReads } = measured(guest, 100, 10);
    for (const count of refaults) {
      expect(count).toBeGreaterThanOrEqual(0);
      expect(count).toBeLessThan(diskReads);
    }
  });
});
