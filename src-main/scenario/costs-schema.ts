import * as v from 'valibot';
import {
  CPU_CLASSES,
  type CpuClass,
  type CpuClassName,
  type CostProfile,
  DISK_CLASSES,
  type DiskClass,
  type DiskClassName,
} from '../host/costs.ts';
import { numberFrom, oneOf, whole } from './fields.ts';

const NS_PER_US = 1_000;
const Us = numberFrom(0, 10_000_000, 'of µs ');
const SomeUs = numberFrom(0.001, 10_000_000, 'of µs ');

const CPU_NAMES = Object.keys(CPU_CLASSES) as CpuClassName[];
const DISK_NAMES = Object.keys(DISK_CLASSES) as DiskClassName[];

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

const CpuSchema = v.union(
  [
    oneOf(CPU_NAMES),
    v.strictObject({
      hypercallUs: v.pipe(Us, v.description('Into the host and back: what a failed get costs.')),
      copyUs: v.pipe(Us, v.description('Copying a page of 4 KiB.')),
      cores: v.pipe(whole(1, 1_024), v.description('Cores that copies compete for.')),
    }),
  ],
  `must be one of ${quoted(CPU_NAMES)}, or the figures of a CPU`,
);

const DiskSchema = v.union(
  [
    oneOf(DISK_NAMES),
    v.strictObject({
      serviceUs: v.pipe(SomeUs, v.description('Serving a request of one page.')),
      nextPageUs: v.pipe(Us, v.description('Each further page of the same request.')),
      parallel: v.pipe(whole(1, 1_024), v.description('Requests that are served at once.')),
    }),
  ],
  `must be one of ${quoted(DISK_NAMES)}, or the figures of a disk`,
);

/** What operations cost. Without it nothing takes any time, and only counts of events differ between settings. */
export const CostsSchema = v.strictObject({
  cpu: v.pipe(CpuSchema, v.description('A class of CPU, or its figures.')),
  disks: v.pipe(
    v.array(DiskSchema),
    v.minLength(1, 'must have at least one disk'),
    v.maxLength(16, 'must have at most 16 disks'),
    v.description('Classes of disks, or their figures. Guests name theirs by the place in this list, from 0.'),
  ),
});

/** The costs as the model wants them. */
export function costsOf({ cpu, disks }: v.InferOutput<typeof CostsSchema>): CostProfile {
  return { cpu: cpuOf(cpu), disks: disks.map(diskOf) };
}

function cpuOf(cpu: v.InferOutput<typeof CpuSchema>): CpuClass {
  if (typeof cpu === 'string') return CPU_CLASSES[cpu];
  return { hypercallNs: ns(cpu.hypercallUs), copyNs: ns(cpu.copyUs), cores: cpu.cores };
}

function diskOf(disk: v.InferOutput<typeof DiskSchema>): DiskClass {
  if (typeof disk === 'string') return DISK_CLASSES[disk];
  return { serviceNs: ns(disk.serviceUs), nextPageNs: ns(disk.nextPageUs), parallel: disk.parallel };
}

function ns(us: number): number {
  return Math.round(us * NS_PER_US);
}
