import type { GuestConfig } from '../../host/host-config.ts';
import { Random } from '../../host/random.ts';
import { createWorkload } from '../../host/workload/create-workload.ts';
import { ANON_FREE, FILE_DROP, FILE_READ, FILE_WRITE } from '../../host/workload/workload.ts';

/** What is done to files, page by page, in order. */
interface FileUses {
  readonly pages: Int32Array;
  /** FILE_READ, FILE_WRITE (of the whole page: it is not read for it) or FILE_DROP for each; absent: all are read. */
  readonly operations?: Uint8Array;
}

/**
 * What a guest's workload does to its files within its first `accesses` accesses (those of anonymous memory count): it
 * depends on nothing but its config and the seed.
 */
export function fileUses(
  { id, workload: config, trace }: GuestConfig,
  seed: number,
  accesses: number,
): Required<FileUses> {
  const pages: number[] = [];
  const operations: number[] = [];
  if (config === undefined) {
    for (let at = 0; at < accesses; at++) {
      const place = at % trace.pages.length;
      pages.push(trace.pages[place] ?? -1);
      operations.push(trace.writes?.[place] === 1 ? FILE_WRITE : FILE_READ);
    }
    return { pages: Int32Array.from(pages), operations: Uint8Array.from(operations) };
  }
  const workload = createWorkload(config, new Random(seed, id));
  for (let done = 0; done < accesses && workload.thinkNs() !== Infinity;) {
    workload.next();
    const { operation, page, count } = workload;
    if (operation !== ANON_FREE && operation !== FILE_DROP) done++;
    if (operation !== FILE_READ && operation !== FILE_WRITE && operation !== FILE_DROP) continue;
    for (let at = 0; at < count; at++) {
      pages.push(page + at);
      operations.push(operation);
    }
  }
  return { pages: Int32Array.from(pages), operations: Uint8Array.from(operations) };
}

/** Reads that a cache of `size` pages in LRU order misses. */
export function lruMisses(uses: FileUses, size: number): number {
  return lruMissed(uses, size).length;
}

/**
 * The pages that a cache of `size` pages in LRU order must read, in order: the textbook's list, written for reading. A page
 * that is written comes in without being read, one that is dropped leaves its place free.
 */
export function lruMissed({ pages, operations }: FileUses, size: number): Int32Array {
  const places = Math.max(-1, ...reduced(pages)) + 1;
  /** Neighbours of each cached page in order of use; the place after the last is the head: newest next, oldest previous. */
  const newer = new Int32Array(places + 1).fill(-1);
  const older = new Int32Array(places + 1).fill(-1);
  const head = places;
  newer[head] = older[head] = head;
  let cached = 0;
  const missed: number[] = [];
  const unlink = (page: number): void => {
    older[newer[page] ?? head] = older[page] ?? head;
    newer[older[page] ?? head] = newer[page] ?? head;
    older[page] = -1;
    cached--;
  };
  for (const [at, page] of pages.entries()) {
    const operation = operations?.[at] ?? FILE_READ;
    if (older[page] !== -1) unlink(page);
    else if (operation === FILE_READ) missed.push(page);
    if (operation === FILE_DROP) continue;
    cached++;
    const newest = older[head] ?? head;
    older[page] = newest;
    newer[newest] = page;
    older[head] = page;
    newer[page] = head;
    if (cached > size) unlink(newer[head] ?? head);
  }
  return Int32Array.from(missed);
}

/**
 * How many reads are of pages that were neither read nor written before, or not since they were dropped: no cache can have
 * those, so that they are in every number of misses. What is left of it are refaults.
 */
export function firstReads({ pages, operations }: FileUses): number {
  const known = new Set<number>();
  let first = 0;
  for (const [at, page] of pages.entries()) {
    const operation = operations?.[at] ?? FILE_READ;
    if (operation === FILE_READ && !known.has(page)) first++;
    if (operation === FILE_DROP) known.delete(page);
    else known.add(page);
  }
  return first;
}

/** How many different pages there are. */
export function distinct(pages: Int32Array): number {
  return new Set(pages).size;
}

/** The greatest of each stretch of numbers: a spread of all of them would not fit on the stack. */
function reduced(pages: Int32Array): number[] {
  const greatest: number[] = [];
  for (let at = 0; at < pages.length; at += 4_096) greatest.push(Math.max(...pages.subarray(at, at + 4_096)));
  return greatest;
}
