import type { StateReader, StateWriter } from '../state.ts';
import { FILE_DROP, FILE_READ, FILE_WRITE, type Operation, type Workload } from './workload.ts';

/**
 * Several workloads in one guest, each with its own files and its own memory: what the ones have comes first in the
 * numbering, then what the next have. The base of workloads that are made of others.
 */
export abstract class Parts implements Workload {
  readonly filePages: number;
  readonly anonPages: number;
  operation: Operation = FILE_READ;
  page = 0;
  count = 1;
  content = 0;
  readonly contentHashes: Uint32Array | undefined;
  protected readonly parts: readonly Workload[];
  /** First page and first file of each part. */
  private readonly fileBases: readonly number[];
  private readonly anonBases: readonly number[];
  private readonly numberBases: readonly number[];
  private readonly contentBases: readonly number[];

  constructor(parts: readonly Workload[]) {
    this.parts = parts;
    this.filePages = parts.reduce((sum, part) => sum + part.filePages, 0);
    this.anonPages = parts.reduce((sum, part) => sum + part.anonPages, 0);
    const basesOf = (sizeOf: (part: Workload) => number): number[] => {
      let base = 0;
      return parts.map((part) => {
        base += sizeOf(part);
        return base - sizeOf(part);
      });
    };
    this.fileBases = basesOf((part) => part.filePages);
    this.anonBases = basesOf((part) => part.anonPages);
    this.contentBases = basesOf((part) => (part.contentHashes?.length ?? 0) / 2);
    this.contentHashes = hashesOf(parts);
    // Counting files takes a look at every page, so only where there are several parts.
    this.numberBases = parts.length > 1 ? basesOf(filesOf) : [0];
  }

  abstract thinkNs(): number;
  abstract next(): void;
  abstract restart(): void;

  /** Lets a part go on to its next operation, and makes that the guest's. */
  protected advance(place: number): void {
    const part = this.parts[place];
    part.next();
    const isFile = part.operation <= FILE_WRITE || part.operation === FILE_DROP;
    this.operation = part.operation;
    this.page = part.page + (isFile ? this.fileBases : this.anonBases)[place];
    this.count = part.count;
    if (this.contentHashes === undefined) return;
    const content = part.content ?? 0;
    this.content = content === 0 ? 0 : content + this.contentBases[place];
  }

  /** The first of a part's anonymous pages. */
  protected firstAnonPageOf(place: number): number {
    return this.anonBases[place];
  }

  fileOf(page: number): number {
    const place = this.placeOf(page);
    return this.numberBases[place] + this.parts[place].fileOf(page - this.fileBases[place]);
  }

  indexOf(page: number): number {
    const place = this.placeOf(page);
    return this.parts[place].indexOf(page - this.fileBases[place]);
  }

  /** The part that a file page belongs to. */
  private placeOf(page: number): number {
    let place = this.parts.length - 1;
    while (page < this.fileBases[place]) place--;
    return place;
  }

  /** Numbers of the part beyond those of its parts, in a fixed order. */
  protected abstract position(): number[];
  protected abstract setPosition(numbers: Float64Array): void;

  save(to: StateWriter): void {
    to.numbers('parts', this.operation, this.page, this.count, ...this.position());
    for (const part of this.parts) part.save(to);
  }

  restore(from: StateReader): void {
    const numbers = from.numbers('parts');
    this.operation = numbers[0] as Operation;
    this.page = numbers[1];
    this.count = numbers[2];
    this.setPosition(numbers.subarray(3));
    for (const part of this.parts) part.restore(from);
  }
}

/** The contents that the parts know, one part's after the other's; undefined where none knows any. */
function hashesOf(parts: readonly Workload[]): Uint32Array | undefined {
  const known = parts.flatMap(({ contentHashes }) => contentHashes ?? []);
  if (known.length === 0) return undefined;
  const hashes = new Uint32Array(known.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of known) {
    hashes.set(part, at);
    at += part.length;
  }
  return hashes;
}

/** Files of a workload: one more than the highest number that a page of it has. */
function filesOf(part: Workload): number {
  let files = 0;
  for (let page = 0; page < part.filePages; page++) files = Math.max(files, part.fileOf(page) + 1);
  return files;
}
