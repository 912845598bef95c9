import type { CompactTrace } from '#main/host/workload/compact-trace.ts';

/** A trace of these dense page numbers, all in one file, and of what else is known of it. */
export function traceOf(pages: readonly number[], known: Partial<CompactTrace> = {}): CompactTrace {
  const distinctPages = Math.max(-1, ...pages) + 1;
  return {
    pages: Int32Array.from(pages),
    timesUs: null,
    writes: null,
    tenants: null,
    distinctPages,
    fileOfPage: new Int32Array(distinctPages),
    indexOfPage: Uint32Array.from({ length: distinctPages }, (_, page) => page),
    fileNames: ['file'],
    ...known,
  };
}
