import { describe, expect, it } from 'vitest';
import { FILE_READ } from '#main/host/workload/workload.ts';
import { hostOf, observe, scripted, sweep } from '../scripted-host.ts';
import type { Step } from '../scripted-workload.ts';

/** 40 hot pages read twice, then a hot page after each ten of a scan that never comes back. */
const hotAndScan: Step[] = [
  ...sweep(FILE_READ, 0, 40),
  ...sweep(FILE_READ, 0, 40),
  ...Array.from({ length: 300 }, (_, at) => [
    ...sweep(FILE_READ, 100 + at * 10, 10),
    [FILE_READ, at % 40] as Step,
  ]).flat(),
];
const run = (steps: readonly Step[], cache: 'lru' | 'two-list', ramPages: number) =>
  observe(hostOf([scripted(1, steps, { kernel: { cache }, ramPages, filePages: 4_000, precache: false })], 0), 10_000);

describe("Linux' two lists", () => {
  it('protect pages that were used twice from a scan, which plain LRU does not', () => {
    // Between two uses of a hot page lie 39 others and 400 pages of the scan; the first six come back before 100 others.
    expect(run(hotAndScan, 'lru', 100).sum('diskReads')).toBe(40 + 3_000 + 300 - 6);
    expect(run(hotAndScan, 'two-list', 100).sum('diskReads')).toBe(40 + 3_000);
  });

  it('let a new working set in by its refault distance, though it is larger than the inactive list', () => {
    // Old pages fill the active list and are never used again; the new ones come round every 60 references.
    const steps = [
      ...sweep(FILE_READ, 0, 70),
      ...sweep(FILE_READ, 0, 70),
      ...Array.from({ length: 40 }, () => sweep(FILE_READ, 200, 60)).flat(),
    ];
    const seen = run(steps, 'two-list', 80);
    // Without refault distance all 40 rounds would miss; with it they settle after the second.
    expect(seen.sum('diskReads')).toBeLessThan(70 + 4 * 60);
    expect(seen.sum('refaults')).toBeGreaterThan(0);
  });
});
