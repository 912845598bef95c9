import type { StateReader, StateWriter } from '../state.ts';
import type { FilePageStates } from './file-page-states.ts';

/** Stands for no victim. */
export const NO_VICTIM = -1;

/**
 * Which pages a guest has in RAM, and in which order they are reclaimed. File and anonymous pages are numbered apart; a
 * victim is the number of a file page, or {@link filePages} + the number of an anonymous one.
 */
export interface PageOrder {
  readonly filePages: number;
  /** Pages in RAM. */
  readonly fileSize: number;
  readonly anonSize: number;
  /** Looking for a victim found too many dirty pages: they are to be written now. The kernel clears it. */
  wantsFlusher: boolean;

  hasFile(page: number): boolean;
  /** A reference to a file page that is in RAM. */
  touchFile(page: number): void;
  /** A file page comes into RAM. @returns whether it is a refault: it was there before, and was evicted */
  insertFile(page: number): boolean;
  /** A victim leaves. */
  evictFile(page: number): void;
  /** A file page in RAM is truncated. */
  removeFile(page: number): void;

  hasAnon(page: number): boolean;
  touchAnon(page: number): void;
  /** An anonymous page comes into RAM: it was referenced, or read ahead. */
  insertAnon(page: number, isReadAhead: boolean): void;
  /** An anonymous page in RAM is swapped out, or freed. */
  removeAnon(page: number): void;

  /**
   * The page to reclaim next; it stays where it is. Looking may age pages.
   * @param canSwap whether an anonymous page without a swap slot could be given one
   * @param files which file pages are dirty
   */
  victim(canSwap: boolean, files: FilePageStates): number;
  /** The anonymous page to swap out next along with a victim, or {@link NO_VICTIM}. */
  nextAnon(): number;

  save(to: StateWriter): void;
  restore(from: StateReader): void;
}
