import type { CpuClass } from '../host/costs.ts';

/** What counts of an outcome: a guest's or the host's. */
interface Reads {
  readonly precacheHits: number;
  readonly diskReads: number;
}

/** At which costs tmem begins to pay for itself. */
export interface BreakEven {
  /** Time of a disk read in ns, above which tmem saves time on this CPU; null: it saves nothing at any. */
  readonly serviceNs: number | null;
  /** Time of a copy of a page in ns, below which it does with disks of `diskNs`; null: at no copy cost, or no disk was given. */
  readonly copyNs: number | null;
}

/**
 * The costs at which precache is worth as much as it costs.
 *
 * Every page that it has would be a disk read without it: a page cache alone misses what it has and what it has not, H + D. For that
 * it takes a get and a put for each of those misses (a page that comes in drives one out) and copies what is put and what
 * is found: 2 (H + D) hypercalls and (H + D) + H copies. It pays when H reads take longer than these. Waiting in queues is left
 * out, so the true break-even lies lower where disks are busy, and higher where cores are.
 */
export function breakEven({ precacheHits, diskReads }: Reads, cpu: CpuClass, diskNs?: number): BreakEven {
  if (precacheHits <= 0) return { serviceNs: null, copyNs: null };
  const calls = 2 * (precacheHits + diskReads);
  const copies = 2 * precacheHits + diskReads;
  const serviceNs = (calls * cpu.hypercallNs + copies * cpu.copyNs) / precacheHits;
  const leftNs = diskNs === undefined ? -1 : precacheHits * diskNs - calls * cpu.hypercallNs;
  return { serviceNs, copyNs: leftNs > 0 ? leftNs / copies : null };
}
