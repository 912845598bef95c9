import type { GuestConfig } from '../../host/host-config.ts';
import { Random } from '../../host/random.ts';
import { createWorkload } from '../../host/workload/create-workload.ts';
import { FILE_READ } from '../../host/workload/workload.ts';

/** The first `count` pages of files that a guest's workload reads: it depends on nothing but its config and the seed. */
export function pagesRead({ id, workload: config, trace }: GuestConfig, seed: number, count: number): Int32Array {
  if (config === undefined)
    return Int32Array.from({ length: count }, (_, at) => trace.pages[at % trace.pages.length] ?? -1);
  const workload = createWorkload(config, new Random(seed, id));
  const pages = new Int32Array(count);
  for (let at = 0; at < count;) {
    if (workload.thinkNs() === Infinity) return pages.subarray(0, at);
    workload.next();
    if (workload.operation === FILE_READ) pages[at++] = workload.page;
  }
  return pages;
}

/** Misses of a cache of `size` pages in LRU order. */
export function lruMisses(pages: Int32Array, size: number): number {
  return lruMissed(pages, size).length;
}

/** The references that a cache of `size` pages in LRU order misses: the textbook's list, written for reading. */
export function lruMissed(pages: Int32Array, size: number): Int32Array {
  const places = Math.max(...reduced(pages)) + 1;
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
  };
  for (const page of pages) {
    if (older[page] === -1) {
      missed.push(page);
      cached++;
    } else unlink(page);
    const newest = older[head] ?? head;
    older[page] = newest;
    newer[newest] = page;
    older[head] = page;
    newer[page] = head;
    if (cached > size) {
      unlink(newer[head] ?? head);
      cached--;
    }
  }
  return Int32Array.from(missed);
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
