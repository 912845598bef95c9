import type { CostProfile } from './costs.ts';
import type { ContentConfig, KernelConfig } from './guest/kernel-config.ts';
import type { SchedulerConfig } from './schedule/create-scheduler.ts';
import type { TimedCommand } from './timetable.ts';
import { CONTENT_CLASSES, type CompressorName } from './tmem/content-accounting.ts';
import type { CompactTrace } from './workload/compact-trace.ts';
import type { WorkloadConfig } from './workload/create-workload.ts';
import type { Pace } from './workload/trace-player.ts';

/** A guest as the host starts it. */
export interface GuestConfig {
  /** Client number in the store and order of tie-breaks, from 1, rising. */
  readonly id: number;
  readonly name: string;
  /**
   * The trace it plays, with its writes and contents (a trace without its `writes` is played as reads), and its pace;
   * {@link NO_TRACE} and {@link NO_PACE} where {@link workload} says what it runs.
   */
  readonly trace: CompactTrace;
  readonly pace: Pace;
  /** What it runs instead of a trace. */
  readonly workload?: WorkloadConfig;
  /**
   * RAM at the start and the bounds of its balloon target, in pages; min ≤ ram ≤ max. Its RAM and its persistent pages
   * together never exceed `maxPages`: what it has ballooned away is what it can put in preswap.
   */
  readonly ramPages: number;
  readonly minPages: number;
  readonly maxPages: number;
  /** Its own balloon driver stops here, whatever the target (Linux' minimum usable memory). Default 0. */
  readonly floorPages?: number;
  /** 0 … 65,535; 100 for a new guest. */
  readonly weight: number;
  /** Most ephemeral pages it may have (beyond Xen). Default Infinity: no cap. */
  readonly capPages?: number;
  /**
   * Host ms at which it starts, whole; Infinity: only when it is told to ({@link Host.startGuest}). Until then it has no
   * RAM and is no client of the store. Default 0.
   */
  readonly startMs?: number;
  /** What differs from `DEFAULT_KERNEL`: a plain LRU page cache, no swap. */
  readonly kernel?: Partial<KernelConfig>;
  /** Whether its kernel uses precache (cleancache) and preswap (frontswap; only where it has swap). Default true both. */
  readonly precache?: boolean;
  readonly preswap?: boolean;
  /** Places in {@link CostProfile.disks} of the disk with its files, default 0, and of its swap, default the same. */
  readonly fileDisk?: number;
  readonly swapDisk?: number;
  /** What its pages hold. Default: each page of its own content, incompressible. Counts only with `HostConfig.content`. */
  readonly content?: ContentConfig;
}

/** How the contents of stored pages are accounted for. */
interface HostContent {
  readonly compressor: CompressorName | null;
  readonly deduplicate: boolean;
  /**
   * Whether the store really keeps pages so, and memory holds more of them ({@link Packing}): then what ephemeral and
   * persistent pools take, in the host's samples, of its limit and of a guest's maximum, is memory and not pages, and only
   * ephemeral pages are deduplicated. Weights, caps and the ephemeral part of pool targets count pages as ever. Default
   * false: the store holds as many pages as without.
   */
  readonly packs?: boolean | undefined;
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
  /** Most ephemeral pages of all guests together. Default Infinity: as many as there is memory. 0: no precache at all. */
  readonly ephemeralLimitPages?: number;
  /** What operations cost. Default `NO_COSTS`: nothing takes any time. */
  readonly costs?: CostProfile;
  /** Memory schedulers, called in this order. Default none: targets are the administrator's. */
  readonly schedule?: readonly SchedulerConfig[];
  /**
   * Accounts for what compression and deduplication of stored pages would save; with costs, compressing takes CPU time.
   * Default: none.
   */
  readonly content?: HostContent;
  /** Commands that the host gets by itself at their times, in order of time. Default: none. */
  readonly commands?: readonly TimedCommand[];
}

/** The trace and the pace of a guest that plays none. */
export const NO_TRACE: CompactTrace = {
  pages: new Int32Array(0),
  timesUs: null,
  writes: null,
  tenants: null,
  distinctPages: 0,
  fileOfPage: new Int32Array(0),
  indexOfPage: new Uint32Array(0),
  fileNames: [],
};
export const NO_PACE: Pace = {
  phases: [{ ms: 1_000, accessesPerS: 0 }],
  gapJitterPermille: 0,
  lengthJitterPermille: 0,
  startMs: 0,
};

/**
 * Whether a host is what the curves and the scaled-down simulation of what-if assume: every guest plays a trace without
 * writes through a plain LRU page cache from the start, nothing that it waits for takes time, no setting changes by itself,
 * each stored page takes a page of memory, and what is stored of it names it. Otherwise only full runs are right.
 */
export function isOpenLoop({ commands = [], content, costs, schedule = [], guests }: HostConfig): boolean {
  const isFree = (cost: number): boolean => cost === 0;
  const takesNoTime =
    costs === undefined ||
    ([costs.cpu.hypercallNs, costs.cpu.copyNs].every(isFree) &&
      costs.disks.every((disk) => isFree(disk.serviceNs) && isFree(disk.nextPageNs)));
  return (
    takesNoTime &&
    content?.packs !== true &&
    schedule.length === 0 &&
    commands.length === 0 &&
    guests.every(
      ({ workload, kernel, precache = true, capPages = Infinity, startMs = 0, ...guest }) =>
        (workload === undefined || workload.kind === 'trace') &&
        (workload ?? guest).trace.writes === null &&
        (content === undefined || ((workload ?? guest).trace.contents === undefined && !hasZeroPages(guest))) &&
        (kernel?.cache ?? 'lru') === 'lru' &&
        precache &&
        capPages === Infinity &&
        startMs === 0,
    )
  );
}

/** Pages of zeros are one content: which page it was is not told by it. */
function hasZeroPages({ content }: Pick<GuestConfig, 'content'>): boolean {
  return content !== undefined && content.filePermille[CONTENT_CLASSES.indexOf('zero')] > 0;
}
