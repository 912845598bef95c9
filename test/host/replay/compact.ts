import type { CompactTrace } from '#main/host/workload/compact-trace.ts';

/** A compact trace of any page numbers, numbered anew in order of first reference. */
export function compactTrace(pages: readonly number[], timesUs: readonly number[] | null = null): CompactTrace {
  const numbers = new Map<number, number>();
  for (const page of pages) if (!numbers.has(page)) numbers.set(page, numbers.size);
  return {
    pages: Int32Array.from(pages, (page) => numbers.get(page) ?? 0),
    timesUs: timesUs && Float64Array.from(timesUs),
    writes: null,
    tenants: null,
    distinctPages: numbers.size,
    fileOfPage: new Int32Array(numbers.size),
    indexOfPage: Uint32Array.from(numbers.keys()),
    fileNames: ['pages'],
  };
}
