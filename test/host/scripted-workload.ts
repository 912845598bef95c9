import type { StateReader, StateWriter } from '#main/host/state.ts';
import type { Operation, Workload } from '#main/host/workload/workload.ts';

/** An operation, its page, and how many (1 where it is not said). */
export type Step = readonly [operation: Operation, page: number, count?: number];

/** A workload that does what it is told, once, with equal think times; pages of files in files of 32. For tests. */
export class ScriptedWorkload implements Workload {
  readonly filePages: number;
  readonly anonPages: number;
  operation: Operation = 0;
  page = 0;
  count = 1;
  private readonly steps: readonly Step[];
  private readonly gapNs: number;
  private at = 0;
  restarts = 0;

  constructor(filePages: number, anonPages: number, steps: readonly Step[], gapNs: number) {
    this.filePages = filePages;
    this.anonPages = anonPages;
    this.steps = steps;
    this.gapNs = gapNs;
  }

  thinkNs(): number {
    return this.at < this.steps.length ? this.gapNs : Infinity;
  }

  next(): void {
    const [operation, page, count = 1] = this.steps[this.at++] ?? [0, 0];
    this.operation = operation;
    this.page = page;
    this.count = count;
  }

  restart(): void {
    this.restarts++;
  }

  fileOf(page: number): number {
    return page >> 5;
  }

  indexOf(page: number): number {
    return page & 31;
  }

  save(to: StateWriter): void {
    to.numbers('scripted workload', this.at, this.restarts);
  }

  restore(from: StateReader): void {
    [this.at = 0, this.restarts = 0] = from.numbers('scripted workload');
  }
}
