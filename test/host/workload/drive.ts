import { Random } from '#main/host/random.ts';
import { StateReader, StateWriter } from '#main/host/state.ts';
import { createWorkload, type WorkloadConfig } from '#main/host/workload/create-workload.ts';
import { ANON_FREE, ANON_READ, ANON_WRITE, FILE_DROP, FILE_READ, FILE_WRITE } from '#main/host/workload/workload.ts';
import type { Operation, Workload } from '#main/host/workload/workload.ts';

/** What a workload did: when, in ns of work since it began, and what. */
export interface Step {
  readonly atNs: number;
  readonly operation: Operation;
  readonly page: number;
  readonly count: number;
}

export function workloadOf(config: WorkloadConfig, seed = 1): Workload {
  return createWorkload(config, new Random(seed, 1));
}

/** Lets a workload take so many steps, or fewer if it ends. */
export function drive(workload: Workload, steps: number, fromNs = 0): Step[] {
  const taken: Step[] = [];
  let atNs = fromNs;
  while (taken.length < steps) {
    const gapNs = workload.thinkNs();
    if (gapNs === Infinity) break;
    atNs += gapNs;
    workload.next();
    taken.push({ atNs, operation: workload.operation, page: workload.page, count: workload.count });
  }
  return taken;
}

/** All that a workload does before `untilMs` of work. */
export function driveUntil(workload: Workload, untilMs: number): Step[] {
  const taken: Step[] = [];
  for (let atNs = workload.thinkNs(); atNs < untilMs * 1e6; atNs += workload.thinkNs()) {
    workload.next();
    taken.push({ atNs, operation: workload.operation, page: workload.page, count: workload.count });
  }
  return taken;
}

/** A second workload of the same config in the same state. */
export function copyOf(workload: Workload, config: WorkloadConfig): Workload {
  const to = new StateWriter();
  workload.save(to);
  const copy = workloadOf(config, 12_345);
  copy.restore(new StateReader(to.entries));
  return copy;
}

export const isFile = ({ operation }: Step): boolean =>
  operation === FILE_READ || operation === FILE_WRITE || operation === FILE_DROP;
export const isRead = ({ operation }: Step): boolean => operation === FILE_READ;
export const isWrite = ({ operation }: Step): boolean => operation === FILE_WRITE;
export const isAnonWrite = ({ operation }: Step): boolean => operation === ANON_WRITE;
export const isAnonTouch = ({ operation }: Step): boolean => operation === ANON_WRITE || operation === ANON_READ;
export const isFree = ({ operation }: Step): boolean => operation === ANON_FREE;
export const pageOf = ({ page }: Step): number => page;
export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** How often each number from 0 to length − 1 comes. */
export function tally(length: number, numbers: readonly number[]): number[] {
  const counts = new Float64Array(length);
  for (const number of numbers) counts[number] = (counts[number] ?? 0) + 1;
  return [...counts];
}

/** The sum of (count − expected)² / expected. */
export function chiSquare(counts: readonly number[], expectedOf: (place: number) => number): number {
  return counts.reduce((sum, count, place) => sum + (count - expectedOf(place)) ** 2 / expectedOf(place), 0);
}

/** Five standard deviations above the mean of chi-square with so many degrees of freedom. */
export const chiSquareBound = (freedom: number): number => freedom + 5 * Math.sqrt(2 * freedom);
