/**
 * What operations cost, as data. Times are whole nanoseconds of host time. The defaults are those of the design page
 * (measured for 4 KiB pages); hypercall costs and the gain of neighbouring pages are orders of magnitude from data sheets.
 */

/** What tmem's hypercalls cost on a kind of CPU, and how many of them can run at once. */
export interface CpuClass {
  /** Going into the host and back, and looking a page up: what a failed get, a refused put and a flush cost. */
  readonly hypercallNs: number;
  /** Copying a page of 4 KiB that no cache holds: on top of it, for each page that is stored or found. */
  readonly copyNs: number;
  /** Cores of the host that tmem's copies compete for. */
  readonly cores: number;
}

export const CPU_CLASSES = {
  modern: { hypercallNs: 200, copyNs: 800, cores: 8 },
  old: { hypercallNs: 1_000, copyNs: 2_000, cores: 1 },
} as const satisfies Record<string, CpuClass>;
export type CpuClassName = keyof typeof CPU_CLASSES;

/** A disk of the host: one queue, served in order of arrival by `parallel` servers. Reads and writes cost the same. */
export interface DiskClass {
  /** Serving a request of one page. */
  readonly serviceNs: number;
  /** Each further page of the same request, which follows its predecessor on the disk. */
  readonly nextPageNs: number;
  /** Requests that are served at once, from 1. */
  readonly parallel: number;
}

export const DISK_CLASSES = {
  hdd: { serviceNs: 8_000_000, nextPageNs: 30_000, parallel: 1 },
  'sata-ssd': { serviceNs: 100_000, nextPageNs: 8_000, parallel: 32 },
  nvme: { serviceNs: 80_000, nextPageNs: 1_500, parallel: 64 },
} as const satisfies Record<string, DiskClass>;
export type DiskClassName = keyof typeof DISK_CLASSES;

/** What a host's time is made of. */
export interface CostProfile {
  readonly cpu: CpuClass;
  /** The host's disks, at least one. A guest names the ones it uses by their places here. */
  readonly disks: readonly DiskClass[];
}

/** Nothing takes any time: throughput is what the workloads ask for, and only counts of events differ between settings. */
export const NO_COSTS: CostProfile = {
  cpu: { hypercallNs: 0, copyNs: 0, cores: 1 },
  disks: [{ serviceNs: 0, nextPageNs: 0, parallel: 1 }],
};
