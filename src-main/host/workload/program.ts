import { ConfigValueError } from '../config-value.ts';
import type { Random } from '../random.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { FileLayout } from './file-layout.ts';
import { FILE_READ, type Operation, type Workload } from './workload.ts';

/** Page numbers of a guest are kept in 32 bits; this leaves room for a host of 1 TiB of each kind. */
const MOST_PAGES = 0x1000_0000;

/** What all generated workloads have in common: their pages, their operation, their random numbers and how they are saved. */
export abstract class Program implements Workload {
  readonly filePages: number;
  readonly anonPages: number;
  operation: Operation = FILE_READ;
  page = 0;
  count = 1;
  protected readonly random: Random;
  private readonly name: string;
  private readonly files: FileLayout;

  /** @param name of its entry in a snapshot @throws ConfigValueError where there would be too many pages */
  constructor(name: string, place: string, files: FileLayout, anonPages: number, random: Random) {
    if (files.pages > MOST_PAGES || anonPages > MOST_PAGES) {
      const value = Math.max(files.pages, anonPages);
      throw new ConfigValueError(
        place,
        `a workload of at most ${MOST_PAGES} file pages and as many anonymous ones`,
        value,
      );
    }
    this.name = name;
    this.files = files;
    this.filePages = files.pages;
    this.anonPages = anonPages;
    this.random = random;
  }

  abstract thinkNs(): number;
  abstract next(): void;
  abstract restart(): void;

  /** Cursors and states that are not in {@link Program}, in a fixed order. */
  protected abstract position(): number[];
  protected abstract setPosition(numbers: Float64Array): void;

  /** Sets the operation that {@link next} advances to. */
  protected perform(operation: Operation, page: number, count = 1): void {
    this.operation = operation;
    this.page = page;
    this.count = count;
  }

  fileOf(page: number): number {
    return this.files.fileOf(page);
  }

  indexOf(page: number): number {
    return this.files.indexOf(page);
  }

  save(to: StateWriter): void {
    to.numbers(this.name, this.operation, this.page, this.count);
    to.numbers(`${this.name} position`, ...this.position());
    this.random.save(to);
  }

  restore(from: StateReader): void {
    const [operation, page, count] = from.numbers(this.name);
    this.perform(operation as Operation, page, count);
    this.setPosition(from.numbers(`${this.name} position`));
    this.random.restore(from);
  }
}
