import type { Random } from '#main/host/random.ts';
import type { StateReader, StateWriter } from '#main/host/state.ts';
import {
  ANON_FREE,
  ANON_READ,
  ANON_WRITE,
  FILE_DROP,
  FILE_READ,
  FILE_WRITE,
  type Operation,
  type Workload,
} from '#main/host/workload/workload.ts';

/** How often each operation comes, in any unit. */
export interface Mix {
  readonly fileRead?: number;
  readonly fileWrite?: number;
  readonly fileDrop?: number;
  readonly anonRead?: number;
  readonly anonWrite?: number;
  readonly anonFree?: number;
}

/** Operations of all kinds at random on few pages: files of 8 pages, frees of up to 16. For tests. */
export class MixedWorkload implements Workload {
  readonly filePages: number;
  readonly anonPages: number;
  operation: Operation = FILE_READ;
  page = 0;
  count = 1;
  private readonly mix: readonly (readonly [Operation, number])[];
  private readonly meanThinkNs: number;
  private readonly random: Random;
  private restarts = 0;

  constructor(filePages: number, anonPages: number, mix: Mix, meanThinkNs: number, random: Random) {
    this.filePages = filePages;
    this.anonPages = anonPages;
    this.mix = [
      [FILE_READ, mix.fileRead ?? 0],
      [FILE_WRITE, mix.fileWrite ?? 0],
      [FILE_DROP, mix.fileDrop ?? 0],
      [ANON_READ, mix.anonRead ?? 0],
      [ANON_WRITE, mix.anonWrite ?? 0],
      [ANON_FREE, mix.anonFree ?? 0],
    ];
    this.meanThinkNs = meanThinkNs;
    this.random = random;
  }

  thinkNs(): number {
    return this.random.below(2 * this.meanThinkNs + 1);
  }

  next(): void {
    let place = this.random.below(this.mix.reduce((sum, [, often]) => sum + often, 0));
    let at = 0;
    while (place >= (this.mix[at]?.[1] ?? Infinity)) place -= this.mix[at++]?.[1] ?? 0;
    this.operation = this.mix[at]?.[0] ?? FILE_READ;
    this.count = 1;
    const isAnon = this.operation === ANON_READ || this.operation === ANON_WRITE || this.operation === ANON_FREE;
    this.page = this.random.below(isAnon ? this.anonPages : this.filePages);
    if (this.operation === ANON_FREE) {
      this.count = Math.min(1 + this.random.below(16), this.anonPages - this.page);
    } else if (this.operation === FILE_DROP) {
      this.page -= this.page % 8;
      this.count = Math.min(8, this.filePages - this.page);
    }
  }

  restart(): void {
    this.restarts++;
  }

  fileOf(page: number): number {
    return page >> 3;
  }

  indexOf(page: number): number {
    return page & 7;
  }

  save(to: StateWriter): void {
    this.random.save(to);
    to.numbers('mixed workload', this.restarts);
  }

  restore(from: StateReader): void {
    this.random.restore(from);
    [this.restarts = 0] = from.numbers('mixed workload');
  }
}
