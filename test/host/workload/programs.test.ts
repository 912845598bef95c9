import { describe, expect, it } from 'vitest';
import type { WorkloadConfig } from '#main/host/workload/create-workload.ts';
import { ANON_FREE, ANON_READ, ANON_WRITE, FILE_DROP, FILE_READ, FILE_WRITE } from '#main/host/workload/workload.ts';
import {
  chiSquare, chiSquareBound, drive, driveUntil, isAnonTouch, isAnonWrite, isFile, isFree, isRead, isWrite, pageOf, range, tally, workloadOf,
} from './drive.ts'; // prettier-ignore

describe('a sequential scan', () => {
  it('reads every page in order, over and over, in requests', () => {
    const steps = drive(
      workloadOf({ kind: 'scan', pages: 10, requestPages: 4, accessesPerS: 1000, jitterPermille: 0 }),
      25,
    );
    expect(steps.map(pageOf)).toEqual([...range(0, 10), ...range(0, 10), ...range(0, 5)]);
    expect(steps.every(isRead)).toBe(true);
    // Requests of 4, 4 and 2: each thinks for its pages.
    expect(steps.slice(0, 11).map(({ atNs }) => atNs / 1e6)).toEqual([4, 4, 4, 4, 8, 8, 8, 8, 10, 10, 14]);
  });

  it('ends after its passes', () => {
    const workload = workloadOf({ kind: 'scan', pages: 10, passes: 3, accessesPerS: 1000 });
    expect(drive(workload, 100)).toHaveLength(30);
    expect(workload.thinkNs()).toBe(Infinity);
  });

  it('writes where it is told to', () => {
    expect(drive(workloadOf({ kind: 'scan', pages: 10, write: true, accessesPerS: 1000 }), 30).every(isWrite)).toBe(
      true,
    );
  });
});

describe('a database', () => {
  const config: WorkloadConfig & { kind: 'database' } = {
    kind: 'database', tablePages: 1000, hotPages: 100, hotPermille: 900, accessesPerS: 1000,
  }; // prettier-ignore

  it('asks for hot pages as often as told, evenly, and evenly for the others', () => {
    const steps = drive(workloadOf(config), 100_000);
    expect(steps.every(isRead)).toBe(true);
    const counts = tally(1000, steps.map(pageOf));
    const hot = counts.slice(0, 100).reduce((sum, count) => sum + count, 0);
    expect(Math.abs(hot - 90_000)).toBeLessThan(4 * Math.sqrt(100_000 * 0.9 * 0.1));
    expect(chiSquare(counts.slice(0, 100), () => 900)).toBeLessThan(chiSquareBound(99));
    expect(chiSquare(counts.slice(100), () => 10_000 / 900)).toBeLessThan(chiSquareBound(899));
  });

  it('writes back what it updates, and a page of the log for so many updates, in turn', () => {
    const steps = drive(workloadOf({ ...config, updatePermille: 400, updatesPerLogPage: 5, logPages: 30 }), 50_000);
    const reads = steps.filter(isRead);
    const updates = steps.filter((step) => isWrite(step) && step.page < 1000);
    const log = steps.filter(({ page }) => page >= 1000);
    expect(Math.abs(updates.length / reads.length - 0.4)).toBeLessThan(4 * Math.sqrt(0.24 / reads.length));
    expect(log).toHaveLength(Math.floor(updates.length / 5));
    expect(log.map(pageOf)).toEqual(log.map((_, i) => 1000 + (i % 30)));
    // An update follows the read of its page at once.
    steps.forEach((step, i) => {
      if (isWrite(step) && step.page < 1000) expect(steps[i - 1]).toEqual({ ...step, operation: FILE_READ });
    });
  });

  it('writes a buffer of its own for each query', () => {
    const steps = drive(workloadOf({ ...config, bufferPages: 64 }), 1000);
    steps.forEach((step, i) => {
      if (i % 2 === 0) expect(isRead(step)).toBe(true);
      else expect(step).toMatchObject({ operation: ANON_WRITE, page: (steps[i - 1]?.page ?? -1) % 64 });
    });
  });

  it('scans stretches of the table now and then, at its own pace', () => {
    const steps = driveUntil(workloadOf({ ...config, scanEveryMs: 1000, scanPages: 320, jitterPermille: 0 }), 60_000);
    // A second of 1,000 queries, then 320 pages: 1.32 s a round.
    expect(Math.abs(steps.length - 60_000)).toBeLessThan(33);
    let run = 0;
    let scans = 0;
    steps.forEach(({ page }, i) => {
      run = page === ((steps[i - 1]?.page ?? -2) + 1) % 1000 ? run + 1 : 0;
      if (run === 319) scans++;
    });
    expect(scans).toBe(Math.floor(60 / 1.32));
  });
});

describe('compiling a source tree', () => {
  const config: WorkloadConfig & { kind: 'compile' } = {
    kind: 'compile', units: 6, pagesPerSource: 3, headers: 10, pagesPerHeader: 2, headersPerUnit: 5, anonPagesPerUnit: 20,
    pagesPerObject: 2, imagePages: 7, unitMs: 100, passes: 2,
  }; // prettier-ignore
  /** 6 sources of 3 pages, 10 headers of 2, 6 objects of 2, an image of 7. */
  const [headersAt, objectsAt, imageAt, end] = [18, 38, 50, 57];

  it('compiles every unit once a pass, then links, and cleans before the next pass', () => {
    const workload = workloadOf(config);
    expect(workload.filePages).toBe(end);
    const steps = drive(workload, 10_000);
    // A unit: 3 + 5·2 + 20 + 20 + 2 + 1 = 56. A pass: 6·56 + 12 read + 7 written = 355. The second cleans 6 objects.
    expect(steps).toHaveLength(355 * 2 + 6);
    expect(workload.thinkNs()).toBe(Infinity);
    const [first, clean, second] = [steps.slice(0, 355), steps.slice(355, 361), steps.slice(361)];
    expect(clean.map(({ operation, page, count }) => [operation, page, count])).toEqual(
      range(0, 6).map((unit) => [FILE_DROP, objectsAt + unit * 2, 2]),
    );
    for (const pass of [first, second]) {
      const reads = pass.filter(isRead).map(pageOf);
      expect(reads.filter((page) => page < headersAt)).toEqual(range(0, headersAt));
      expect(reads.filter((page) => page >= headersAt && page < objectsAt)).toHaveLength(60);
      expect(reads.filter((page) => page >= objectsAt)).toEqual(range(objectsAt, imageAt));
      expect(pass.filter(isWrite).map(pageOf)).toEqual(range(objectsAt, end));
      expect(pass.filter(isAnonWrite).map(pageOf)).toEqual(range(0, 6).flatMap(() => range(0, 20)));
      expect(pass.filter(isFree)).toHaveLength(6);
      expect(pass.filter(isFree).every(({ page, count }) => page === 0 && count === 20)).toBe(true);
    }
  });

  it('includes popular headers most: by Zipf`s law with alpha 1', () => {
    const steps = drive(workloadOf({ ...config, passes: 0, units: 200, anonPagesPerUnit: 0 }), 100_000);
    // 200 sources of 3 pages come first.
    const firsts = steps.map(({ page }) => page - 600).filter((page) => page >= 0 && page < 20 && page % 2 === 0);
    const counts = tally(
      10,
      firsts.map((page) => page / 2),
    );
    const harmonic = range(1, 11).reduce((sum, k) => sum + 1 / k, 0);
    expect(chiSquare(counts, (i) => firsts.length / (i + 1) / harmonic)).toBeLessThan(chiSquareBound(9));
  });

  it('takes the computing time of its units', () => {
    const steps = drive(workloadOf({ ...config, jitterPermille: 0 }), 6 * 56);
    const seconds = (steps.at(-1)?.atNs ?? 0) / 1e9;
    expect(seconds).toBeCloseTo(0.6, 4);
  });

  it('begins the unit again that ran out of memory', () => {
    const workload = workloadOf(config);
    drive(workload, 56 * 2 + 30);
    workload.restart();
    expect(drive(workload, 3).map(pageOf)).toEqual([6, 7, 8]);
  });
});

describe('growing anonymous memory', () => {
  const config: WorkloadConfig & { kind: 'usemem' } = {
    kind: 'usemem', maxPages: 25, stepPages: 10, sweeps: 2, holdMs: 1000, pauseMs: 5000, accessesPerS: 1000,
    jitterPermille: 0, cycles: 2,
  }; // prettier-ignore

  it('grows by steps, goes over all it has after each, holds, and gives all back', () => {
    const workload = workloadOf(config);
    const steps = drive(workload, 100_000);
    expect(workload.filePages).toBe(0);
    const grown = [
      ...[range(0, 10), range(0, 10), range(0, 10)],
      ...[range(10, 20), range(0, 20), range(0, 20)],
      ...[range(20, 25), range(0, 25), range(0, 25)],
    ].flat();
    expect(steps.slice(0, grown.length).map(pageOf)).toEqual(grown);
    const free = steps.findIndex(isFree);
    expect(steps[free]).toMatchObject({ operation: ANON_FREE, page: 0, count: 25 });
    // 1,000 accesses/s for a second at its maximum: the last of them is the one that gives all back.
    expect(free).toBe(grown.length + 999);
    expect(steps.slice(grown.length, free).map(pageOf)).toEqual(range(0, 999).map((i) => i % 25));
    // Then it pauses.
    expect((steps[free + 1]?.atNs ?? 0) - (steps[free]?.atNs ?? 0)).toBe(5_001_000_000);
    expect(steps).toHaveLength(2 * (free + 1));
    expect(workload.thinkNs()).toBe(Infinity);
  });

  it('writes the part of its sweeps that it is told', () => {
    const steps = drive(workloadOf({ ...config, writePermille: 300, holdMs: 20_000, maxPages: 10, sweeps: 0 }), 10_010);
    const writes = steps.slice(10).filter(isAnonWrite).length;
    expect(steps.slice(10).filter(({ operation }) => operation === ANON_READ)).toHaveLength(10_000 - writes);
    expect(Math.abs(writes - 3000)).toBeLessThan(4 * Math.sqrt(2100));
  });

  it('begins with nothing after it ran out of memory', () => {
    const workload = workloadOf(config);
    drive(workload, 95);
    workload.restart();
    expect(drive(workload, 12).map(pageOf)).toEqual([...range(0, 10), 0, 1]);
  });
});

describe('booting', () => {
  const config: WorkloadConfig & { kind: 'boot' } = {
    kind: 'boot', startMs: 2000, imagePages: 100, pagesPerFile: 8, residentPages: 50, accessesPerS: 1000,
    jitterPermille: 0, idle: { accessesPerS: 10, filePages: 20, anonPages: 5 },
  }; // prettier-ignore

  it('waits for its start, then reads the image in order and fills its memory meanwhile', () => {
    const steps = drive(workloadOf(config), 150);
    expect(steps[0]?.atNs).toBe(2_032_000_000);
    expect(steps.filter(isRead).map(pageOf)).toEqual(range(0, 100));
    expect(steps.filter(isAnonWrite).map(pageOf)).toEqual(range(0, 50));
    // Evenly: one write in every three.
    expect(range(0, 50).every((i) => steps.slice(i * 3, i * 3 + 3).filter(isAnonWrite).length === 1)).toBe(true);
    // 150 operations at 1,000/s
    expect(steps.at(-1)?.atNs).toBe(2_150_000_000);
  });

  it('then idles on the first pages of its image and memory', () => {
    const steps = drive(workloadOf(config), 2150).slice(150);
    const files = steps.filter(isFile);
    expect(files.every(({ page }) => page < 20)).toBe(true);
    expect(steps.filter(isAnonTouch).every(({ page }) => page < 5)).toBe(true);
    // 20 of 25 pages are of files; a tenth of the touches write.
    expect(Math.abs(files.length - 1600)).toBeLessThan(4 * Math.sqrt(2000 * 0.8 * 0.2));
    const writes = steps.filter(({ operation }) => operation === FILE_WRITE || operation === ANON_WRITE).length;
    expect(Math.abs(writes - 200)).toBeLessThan(4 * Math.sqrt(2000 * 0.1 * 0.9));
    expect((steps.at(-1)?.atNs ?? 0) - 2_150_000_000).toBeGreaterThan(150e9);
  });

  it('boots again where it is told to, and gives its memory back before', () => {
    const steps = drive(workloadOf({ ...config, rebootEveryMs: 10_000 }), 1000);
    const frees = steps.flatMap((step, i) => (isFree(step) ? [i] : []));
    // 10 s of idling at 10/s after each boot, instead of the 100th it shuts down.
    expect(frees.slice(0, 3)).toEqual([249, 499, 749]);
    expect(steps[frees[0] ?? 0]).toMatchObject({ page: 0, count: 50 });
    const again = steps.slice((frees[0] ?? 0) + 1, (frees[0] ?? 0) + 151);
    expect(again.filter(isRead).map(pageOf)).toEqual(range(0, 100));
  });
});

describe('idling', () => {
  it('writes its memory once, then touches files and memory evenly at a trickle', () => {
    const steps = drive(workloadOf({ kind: 'idle', filePages: 30, anonPages: 70, accessesPerS: 2 }), 20_070);
    expect(steps.slice(0, 70).map(pageOf)).toEqual(range(0, 70));
    expect(steps.slice(0, 70).every(isAnonWrite)).toBe(true);
    const counts = tally(
      100,
      steps.slice(70).map((step) => step.page + (isFile(step) ? 0 : 30)),
    );
    expect(chiSquare(counts, () => 200)).toBeLessThan(chiSquareBound(99));
    const seconds = ((steps.at(-1)?.atNs ?? 0) - (steps[69]?.atNs ?? 0)) / 1e9;
    expect(Math.abs(seconds - 10_000)).toBeLessThan(4 * Math.sqrt(20_000 / 48));
  });

  it('reads through its job`s files now and then, and never touches them else', () => {
    const config: WorkloadConfig = {
      kind: 'idle', filePages: 30, anonPages: 0, accessesPerS: 10, jobEveryMs: 60_000, jobPages: 200, jitterPermille: 0,
    }; // prettier-ignore
    const steps = driveUntil(workloadOf(config), 600_000);
    const job = steps.filter(({ page }) => page >= 30);
    // A minute of idling and 0.2 s of the job.
    expect(job.map(pageOf)).toEqual(range(0, 9).flatMap(() => range(30, 230)));
  });
});
