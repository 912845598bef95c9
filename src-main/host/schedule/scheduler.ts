import type { StateReader, StateWriter } from '../state.ts';

/** A guest as a memory scheduler sees it. Gauges are in pages and of now; counts began with the run and only rise. */
export interface GuestReadings {
  readonly id: number;
  /** False before its start, and after it was removed; its other values then mean nothing. */
  readonly present: boolean;
  readonly minPages: number;
  readonly maxPages: number;
  readonly weight: number;
  /** RAM it has, and the balloon target it is moving to. */
  readonly ramPages: number;
  readonly targetPages: number;
  /** What its RAM holds. The rest of its RAM is free. */
  readonly cachePages: number;
  readonly dirtyPages: number;
  readonly anonPages: number;
  /** Linux' Committed_AS: its anonymous pages wherever they are, in RAM or swapped out. */
  readonly committedPages: number;
  /** Swap slots in use, and the part of them that is in preswap (Linux' frontswap_curr_pages). */
  readonly swapPages: number;
  readonly preswapPages: number;
  /** What it holds in the store. */
  readonly ephemeralPages: number;
  readonly persistentPages: number;
  readonly precacheGets: number;
  readonly precacheHits: number;
  readonly precachePuts: number;
  readonly precachePutsFailed: number;
  readonly preswapPuts: number;
  readonly preswapPutsFailed: number;
  readonly swapIns: number;
  readonly swapOuts: number;
  readonly diskReads: number;
  readonly diskWrites: number;
  readonly refaults: number;
  readonly oomKills: number;
}

/** The host as a memory scheduler sees it, in pages of memory (a guest's ephemeral pages are those that it has stored). */
export interface HostReadings {
  readonly hostMs: number;
  readonly totalPages: number;
  readonly reservedPages: number;
  readonly ephemeralPages: number;
  readonly persistentPages: number;
  readonly fallowPages: number;
  /** By place. The objects are the host's own and are filled anew for each call. */
  readonly guests: readonly GuestReadings[];
}

/** What a memory scheduler may ask for, by place. It finds there what is in force, and changes what it wants changed. */
export interface ScheduleTargets {
  /** Balloon targets, in pages; kept within the guest's bounds by the host. */
  readonly targetPages: Float64Array;
  /**
   * Most pages a guest may have in the store, ephemeral and persistent together; Infinity: no target (greedy). Beyond it
   * preswap puts are refused, precache puts replace the guest's own oldest page, and ephemeral pages over it go at once.
   */
  readonly poolPages: Float64Array;
  /**
   * Pages that shall be in preswap at most: what is beyond is brought back into the guest's RAM (frontswap_shrink).
   * Infinity, which it is again before each call: none need.
   */
  readonly preswapPages: Float64Array;
}

/** A policy that sets balloon targets or pool targets from what it reads, every interval. */
export interface Scheduler {
  /** Whole host ms between two calls, a multiple of 100. The first call is one interval after the run began. */
  readonly intervalMs: number;

  /** Reads, and sets targets. Deterministic: what it does depends on its config, its state and the readings alone. */
  decide(readings: HostReadings, targets: ScheduleTargets): void;

  save(to: StateWriter): void;
  restore(from: StateReader): void;
}
