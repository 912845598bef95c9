import { describe, expect, it } from 'vitest';
import { digestOf, StateWriter } from '#main/host/state.ts';
import type { WorkloadConfig } from '#main/host/workload/create-workload.ts';
import { ANON_FREE, ANON_READ, ANON_WRITE, FILE_DROP, type Workload } from '#main/host/workload/workload.ts';
import { traceOf } from '../trace-of.ts';
import { copyOf, drive, isFile, type Step, workloadOf } from './drive.ts';

const zipf: WorkloadConfig = {
  kind: 'zipf-files', files: 50, pagesPerFile: 8, alpha: 0.9, requestPages: 3, writePermille: 100, accessesPerS: 5000,
}; // prettier-ignore
const scan: WorkloadConfig = { kind: 'scan', pages: 100, requestPages: 7, passes: 20, accessesPerS: 2000 };
const database: WorkloadConfig = {
  kind: 'database', tablePages: 500, hotPages: 40, hotPermille: 900, updatePermille: 300, updatesPerLogPage: 4,
  logPages: 16, bufferPages: 64, scanEveryMs: 50, scanPages: 90, accessesPerS: 4000,
}; // prettier-ignore
const compile: WorkloadConfig = {
  kind: 'compile', units: 5, headers: 20, headersPerUnit: 4, anonPagesPerUnit: 30, pagesPerObject: 2, imagePages: 9,
  unitMs: 20,
}; // prettier-ignore
const usemem: WorkloadConfig = {
  kind: 'usemem', maxPages: 200, stepPages: 30, sweeps: 2, writePermille: 400, holdMs: 50, pauseMs: 20,
  accessesPerS: 10_000,
}; // prettier-ignore
const boot: WorkloadConfig = {
  kind: 'boot', startMs: 30, imagePages: 100, pagesPerFile: 16, residentPages: 60, accessesPerS: 3000,
  idle: { accessesPerS: 200, filePages: 20, anonPages: 10 }, rebootEveryMs: 500,
}; // prettier-ignore
const idle: WorkloadConfig = {
  kind: 'idle', filePages: 30, anonPages: 40, jobEveryMs: 300, jobPages: 90, accessesPerS: 100,
}; // prettier-ignore
const trace: WorkloadConfig = {
  kind: 'trace', trace: traceOf([0, 1, 2, 1, 3]),
  pace: { phases: [{ ms: 100, accessesPerS: 1000 }], gapJitterPermille: 300, lengthJitterPermille: 100, startMs: 0 },
}; // prettier-ignore
const written: WorkloadConfig = {
  ...trace,
  trace: traceOf([0, 1, 2, 1, 3], {
    writes: Uint8Array.of(0, 1, 0, 0, 1), contents: Int32Array.of(1, 2, 0, 2, 1),
    contentHashes: Uint32Array.of(11, 12, 21, 22),
  }),
}; // prettier-ignore

/** One of each kind, with everything switched on, small enough to be driven round many times. */
const CONFIGS: Record<string, WorkloadConfig> = {
  'zipf-files': zipf,
  scan,
  database,
  compile,
  usemem,
  boot,
  'boot without memory': { ...boot, residentPages: 0, idle: { ...boot.idle, anonPages: 0 } },
  idle,
  trace: written,
  'idle without files': { kind: 'idle', filePages: 0, anonPages: 5, accessesPerS: 100 },
  phases: {
    kind: 'phases',
    lengthJitterPermille: 200,
    phases: [
      { ms: 70, work: usemem, exit: true },
      { ms: 40, work: null },
      { ms: 90, work: compile },
      { ms: 60, work: zipf },
    ],
  },
  together: { kind: 'together', works: [database, usemem, written, idle, trace] },
  'on-off': { kind: 'on-off', work: scan, onMs: 30, offMs: 50, lengthJitterPermille: 300 },
  'day-night': { kind: 'day-night', work: compile, dayMs: 2400, startMs: 600 },
  nested: {
    kind: 'phases',
    phases: [
      { ms: 50, work: { kind: 'together', works: [scan, usemem] } },
      { ms: 80, work: { kind: 'on-off', onMs: 9, offMs: 5, work: { kind: 'together', works: [written, compile] } } },
    ],
  },
};
const STEPS = 6000;

function stateOf(workload: Workload): string {
  const to = new StateWriter();
  workload.save(to);
  return digestOf(to.entries);
}

describe.each(Object.entries(CONFIGS))('the workload %s', (_name, config) => {
  it('keeps to its pages', () => {
    const workload = workloadOf(config);
    const steps = drive(workload, STEPS);
    expect(steps.length).toBeGreaterThan(1000);
    const outside = steps.filter((step) => {
      const pages = isFile(step) ? workload.filePages : workload.anonPages;
      const isWhole = Number.isInteger(step.page) && Number.isInteger(step.count);
      const isMany = step.operation === ANON_FREE || step.operation === FILE_DROP;
      return (
        !isWhole || step.page < 0 || step.count < 1 || step.page + step.count > pages || (!isMany && step.count > 1)
      );
    });
    expect(outside.slice(0, 3)).toEqual([]);
  });

  it('thinks whole nanoseconds, and never stands still', () => {
    const steps = drive(workloadOf(config), STEPS);
    expect(steps.every(({ atNs }) => Number.isInteger(atNs))).toBe(true);
    const longestRun = steps.reduce(
      ({ run, longest }, { atNs }, i) => {
        const next = i > 0 && atNs === steps[i - 1]?.atNs ? run + 1 : 1;
        return { run: next, longest: Math.max(longest, next) };
      },
      { run: 0, longest: 0 },
    );
    expect(longestRun.longest).toBeLessThanOrEqual(128);
  });

  it('names each of its file pages by a file and an index of its own, and drops whole files only', () => {
    const workload = workloadOf(config);
    const pagesOf = new Map<number, number[]>();
    const keys = new Set<string>();
    for (let page = 0; page < workload.filePages; page++) {
      const file = workload.fileOf(page);
      keys.add(`${file}/${workload.indexOf(page)}`);
      pagesOf.set(file, [...(pagesOf.get(file) ?? []), page]);
    }
    expect(keys.size).toBe(workload.filePages);
    for (const { count, operation, page } of drive(workload, STEPS)) {
      if (operation !== FILE_DROP) continue;
      const pages = pagesOf.get(workload.fileOf(page));
      expect(pages).toEqual(Array.from({ length: count }, (_, i) => page + i));
      expect(pages?.map((each) => workload.indexOf(each))).toEqual(Array.from({ length: count }, (_, i) => i));
    }
  });

  it('does the same again with the same seed, and something else with another', () => {
    const of = (seed: number): Step[] => drive(workloadOf(config, seed), 500);
    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
  });

  it('goes on from a snapshot as if nothing had happened, between any two steps and while it thinks', () => {
    const workload = workloadOf(config, 3);
    for (let i = 0; i < 40; i++) {
      drive(workload, 37);
      const copy = copyOf(workload, config);
      expect(drive(copy, 150)).toEqual(drive(copyOf(workload, config), 150));
      expect(stateOf(copyOf(workload, config))).toBe(stateOf(workload));
    }
    const rest = drive(copyOf(workload, config), 3000);
    expect(drive(workload, 3000)).toEqual(rest);
    // In the middle of a thought: what was to come must come.
    if (workload.thinkNs() === Infinity) return;
    const copy = copyOf(workload, config);
    copy.next();
    workload.next();
    expect([copy.operation, copy.page, copy.count]).toEqual([workload.operation, workload.page, workload.count]);
    expect(drive(copy, 100)).toEqual(drive(workload, 100));
  });

  it('begins anew after its memory was lost: reads no anonymous page that it has not written since', () => {
    const workload = workloadOf(config, 5);
    for (let round = 0; round < 30; round++) {
      drive(workload, 101);
      workload.restart();
      const written = new Set<number>();
      const unwritten = drive(workload, 400).filter(({ operation, page, count }) => {
        if (operation === ANON_WRITE) written.add(page);
        if (operation === ANON_FREE) for (let i = 0; i < count; i++) written.delete(page + i);
        return operation === ANON_READ && !written.has(page);
      });
      expect(unwritten.slice(0, 3)).toEqual([]);
    }
  });
});
