import type { CompactTrace } from './workload/compact-trace.ts';
import type { Pace } from './workload/trace-player.ts';

/** A guest as the host starts it. */
export interface GuestConfig {
  /** Client number in the store and order of tie-breaks, from 1, rising. */
  readonly id: number;
  readonly name: string;
  readonly trace: CompactTrace;
  readonly pace: Pace;
  /** RAM at the start and the bounds of its balloon target, in pages; min ≤ ram ≤ max. */
  readonly ramPages: number;
  readonly minPages: number;
  readonly maxPages: number;
  /** 0 … 65,535; 100 for a new guest. */
  readonly weight: number;
}

/** All that a run of the model depends on, besides the commands it is given. */
export interface HostConfig {
  /** 0 … 2^53 − 1. */
  readonly seed: number;
  /** All RAM of the host, and what it keeps for itself, in pages. */
  readonly totalPages: number;
  readonly reservedPages: number;
  readonly policy: 'fifo' | 'xen-shipped' | 'xen-documented' | 'max-over-share';
  /** Idle tax τ in thousandths (750 = 0.75; 0 = none) and its window in host seconds. */
  readonly idleTaxPermille: number;
  readonly idleTaxWindowS: number;
  /** Most pages that one balloon moves in a host second. */
  readonly balloonPagesPerS: number;
  /** In order of id. */
  readonly guests: readonly GuestConfig[];
}
