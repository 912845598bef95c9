import type { StateReader, StateWriter } from '../state.ts';

/** Reads a page of a file. */
export const FILE_READ = 0;
/** Writes a whole page of a file: what it held before need not be read. The page is dirty until it is written back. */
export const FILE_WRITE = 1;
/** Reads an anonymous page. One that was never written reads as zeros and costs nothing (Linux maps its zero page). */
export const ANON_READ = 2;
/** Writes an anonymous page; the first write allocates it. */
export const ANON_WRITE = 3;
/** Gives `count` anonymous pages back from `page` on (munmap, exit), wherever they are; those never written are passed over. */
export const ANON_FREE = 4;
/** Truncates a whole file: `page` is its first page and `count` the pages it has. Dirty ones need not be written any more. */
export const FILE_DROP = 5;
export type Operation =
  typeof FILE_READ | typeof FILE_WRITE | typeof ANON_READ | typeof ANON_WRITE | typeof ANON_FREE | typeof FILE_DROP;

/**
 * What a guest runs: a program, or several in turn, as a sequence of operations on pages.
 *
 * The guest's kernel asks in strict alternation: {@link thinkNs}, and when that time has passed {@link next}, whose
 * operation it then reads from the fields. The loop is closed: think time counts from the *completion* of the operation
 * before (for the first: from the start of the guest), so a guest that waits for its disk does less work. A workload never
 * learns how long an operation took, nor what the host does; it depends on its config and its {@link Random} alone.
 *
 * Pages are dense numbers with bounds fixed at construction, because the kernel allocates its tables once: file pages
 * 0 … filePages − 1 and, numbered apart from them, anonymous pages 0 … anonPages − 1. The pages of a file that is ever
 * dropped must follow each other in both numberings. Nothing may be allocated per operation.
 */
export interface Workload {
  readonly filePages: number;
  readonly anonPages: number;

  /** The operation that {@link next} advanced to, its page, and its pages: 1 but for ANON_FREE and FILE_DROP. */
  readonly operation: Operation;
  readonly page: number;
  readonly count: number;

  /**
   * Where a workload knows what its file pages hold: two words of a hash of each content, the low one first, content 1 at
   * index 0, so that equal contents of different guests are equal here. Never changes. Absent where it knows nothing.
   */
  readonly contentHashes?: Uint32Array | undefined;
  /**
   * What the page of the FILE_READ or FILE_WRITE holds when it is done, by number from 1; 0: not known. A page that is
   * read keeps what it held where this is 0, and one that is written holds something new. Of use with contentHashes only.
   */
  readonly content?: number | undefined;

  /**
   * Whole nanoseconds from the completion of the last operation to the start of the next one, 0 or more; Infinity: the
   * workload has ended and does nothing any more. (0 is for pages of one request; a workload must not stay at 0 for ever,
   * as host time would stand still where operations cost nothing.)
   */
  thinkNs(): number;

  /** Goes on to the next operation. */
  next(): void;

  /**
   * The kernel ran out of memory and killed the program: all its anonymous pages are gone. From now on the workload is
   * what follows a restart of the program. The random numbers go on where they are, so that it need not fail alike again.
   */
  restart(): void;

  /** The file of a file page (any whole number from 0 to 2^32 − 1) and the page's index within it. Must never change. */
  fileOf(page: number): number;
  indexOf(page: number): number;

  /** Everything that its future depends on, the random generator included. */
  save(to: StateWriter): void;
  restore(from: StateReader): void;
}
