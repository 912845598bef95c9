import { describe, expect, it } from 'vitest';
import { Random } from '#main/host/random.ts';
import type { WorkloadConfig } from '#main/host/workload/create-workload.ts';
import { power, ZipfTable, zipfTable } from '#main/host/workload/zipf-table.ts';
import { chiSquare, chiSquareBound, drive, isWrite, tally, workloadOf } from './drive.ts';

describe('powers by square roots', () => {
  it.each([0.1, 0.5, 0.8, 0.99, 1, 1.2, 2.75, 4])('are within the stated error of x to the %d', (exponent) => {
    for (const x of [1, 2, 3, 10, 1000, 12_345, 1_000_000, 16_777_216]) {
      const error = power(x, exponent) / x ** exponent - 1;
      expect(Math.abs(error)).toBeLessThan((Math.log(x) / 2) * 2 ** -20 + 1e-13);
    }
  });

  it('are exact for multiples of a quarter, as far as square roots are', () => {
    expect(power(16, 0.25)).toBe(2);
    expect(power(81, 1.75)).toBe(2187);
    expect(power(7, 3)).toBe(343);
    expect(power(123, 0)).toBe(1);
  });
});

describe('drawing by Zipf`s law', () => {
  /** Chi-square of 400,000 draws at one alpha against the law at another. */
  function deviation(ranks: number, alpha: number, lawAlpha: number): number {
    const draws = 400_000;
    const random = new Random(11, 1);
    const table = new ZipfTable(ranks, alpha);
    const counts = tally(
      ranks,
      Array.from({ length: draws }, () => table.draw(random)),
    );
    const weights = counts.map((_, rank) => (rank + 1) ** -lawAlpha);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return chiSquare(counts, (rank) => (draws * (weights[rank] ?? 0)) / sum);
  }

  it.each([
    [1000, 0.8],
    [1000, 1],
    [200, 0],
    [50, 1.5],
    [3, 0.6],
  ])('gives each of %d ranks its part at alpha %d (seed 11)', (ranks, alpha) => {
    expect(deviation(ranks, alpha, alpha)).toBeLessThan(chiSquareBound(ranks - 1));
  });

  it('is measured well enough to tell an alpha from another by 0.02', () => {
    expect(deviation(1000, 0.82, 0.8)).toBeGreaterThan(chiSquareBound(999));
  });

  it('keeps tables that are asked for again, and not too many of them', () => {
    const table = zipfTable(100, 0.7);
    for (let ranks = 1; ranks < 8; ranks++) zipfTable(ranks, 0.7);
    expect(zipfTable(100, 0.7)).toBe(table);
    for (let ranks = 1; ranks <= 8; ranks++) zipfTable(ranks, 0.7);
    expect(zipfTable(100, 0.7)).not.toBe(table);
  });
});

describe('a file server', () => {
  const config: WorkloadConfig = {
    kind: 'zipf-files', files: 100, pagesPerFile: 10, alpha: 0.9, requestPages: 4, writePermille: 250, accessesPerS: 1000,
  }; // prettier-ignore

  it('reads stretches of its files, from every place of them, and writes the part of requests that it is told', () => {
    const steps = drive(workloadOf(config), 40_000);
    const places: number[] = [];
    let writes = 0;
    for (let request = 0; request < 10_000; request++) {
      const four = steps.slice(request * 4, request * 4 + 4);
      const [first] = four;
      if (first === undefined) throw new Error('too few steps');
      expect(four.map(({ page }) => page - first.page)).toEqual([0, 1, 2, 3]);
      expect(Math.floor(first.page / 10)).toBe(Math.floor((first.page + 3) / 10));
      expect(new Set(four.map(({ operation }) => operation)).size).toBe(1);
      places.push(first.page % 10);
      writes += isWrite(first) ? 1 : 0;
    }
    // 10,000 · 0.25 ± 4 · √(10,000 · 0.25 · 0.75)
    expect(Math.abs(writes - 2500)).toBeLessThan(174);
    expect(chiSquare(tally(7, places), () => 10_000 / 7)).toBeLessThan(chiSquareBound(6));
  });

  it('thinks before each request, and keeps its rate', () => {
    const steps = drive(workloadOf({ ...config, jitterPermille: 300 }), 40_000);
    const gaps = steps.map(({ atNs }, i) => atNs - (steps[i - 1]?.atNs ?? 0));
    const thoughts = gaps.filter((_, i) => i % 4 === 0);
    expect(gaps.every((gap, i) => i % 4 === 0 || gap === 0)).toBe(true);
    // Four accesses at 1,000/s: 4 ms ± 30 %.
    expect(Math.min(...thoughts)).toBeGreaterThanOrEqual(2_800_000);
    expect(Math.max(...thoughts)).toBeLessThanOrEqual(5_200_000);
    const mean = thoughts.reduce((sum, gap) => sum + gap, 0) / thoughts.length;
    // Standard deviation of an even draw: 2.4 ms / √12, over √10,000.
    expect(Math.abs(mean - 4_000_000)).toBeLessThan(4 * 6928);
  });

  it('reads whole files where no request size is given', () => {
    const { requestPages: _, ...whole } = config;
    const steps = drive(workloadOf(whole), 200);
    expect(steps.every(({ page }, i) => page % 10 === i % 10)).toBe(true);
  });
});
