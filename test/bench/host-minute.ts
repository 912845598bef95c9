import { type CostProfile, CPU_CLASSES, DISK_CLASSES, NO_COSTS } from '#main/host/costs.ts';
import { Host } from '#main/host/host.ts';
import { type GuestConfig, type HostConfig, NO_PACE, NO_TRACE } from '#main/host/host-config.ts';
import { GUEST, GUEST_WIDTH } from '#main/host/sample-columns.ts';
import type { WorkloadConfig } from '#main/host/workload/create-workload.ts';

const GUESTS = 16;
const ACCESSES_PER_S = 20_000;
const MINUTE_MS = 60_000;
const PAGES_PER_GIB = 262_144;
/** CPU seconds that a minute may take. */
const LIMIT_S = 6;

const tempo = { accessesPerS: ACCESSES_PER_S };
/** Two file servers, one that writes too; a database with updates; a program that uses more anonymous memory than it gets. */
const WORKLOADS: readonly WorkloadConfig[] = [
  { kind: 'zipf-files', files: 50_000, pagesPerFile: 8, alpha: 0.9, ...tempo },
  { kind: 'zipf-files', files: 20_000, pagesPerFile: 16, alpha: 1, writePermille: 100, ...tempo },
  { kind: 'database', tablePages: 300_000, hotPages: 50_000, hotPermille: 900, updatePermille: 200, ...tempo },
  {
    kind: 'together',
    works: [
      { kind: 'usemem', maxPages: 80_000, accessesPerS: ACCESSES_PER_S / 8 },
      {
        kind: 'database',
        tablePages: 200_000,
        hotPages: 10_000,
        hotPermille: 950,
        accessesPerS: ACCESSES_PER_S * (7 / 8),
      },
    ],
  },
];

function guest(place: number): GuestConfig {
  const workload = WORKLOADS[place % WORKLOADS.length];
  return {
    id: place + 1,
    name: `guest-${place + 1}`,
    trace: NO_TRACE,
    pace: NO_PACE,
    ...(workload === undefined ? {} : { workload }),
    kernel: { cache: place < GUESTS / 2 ? 'lru' : 'two-list', swapPages: 200_000 },
    ramPages: PAGES_PER_GIB / 4,
    minPages: PAGES_PER_GIB / 8,
    maxPages: PAGES_PER_GIB / 2,
    weight: 100,
  };
}

function config(costs: CostProfile): HostConfig {
  return {
    seed: 1,
    totalPages: 8 * PAGES_PER_GIB,
    reservedPages: PAGES_PER_GIB / 4,
    policy: 'max-over-share',
    idleTaxPermille: 750,
    idleTaxWindowS: 10,
    balloonPagesPerS: 25_600,
    guests: Array.from({ length: GUESTS }, (_, place) => guest(place)),
    costs,
  };
}

/**
 * Runs the second host minute of 16 guests of four kinds, half of them with two lists, with and without costs, on one
 * core. Where operations take time the guests do less: the loop is closed.
 */
export function benchHostMinute(print: (line: string) => void): void {
  const cases = [
    ['nothing takes time', NO_COSTS],
    ['modern CPU, NVMe', { cpu: CPU_CLASSES.modern, disks: [DISK_CLASSES.nvme] }],
    ['old CPU, SATA SSD', { cpu: CPU_CLASSES.old, disks: [DISK_CLASSES['sata-ssd']] }],
  ] as const;
  for (const [name, costs] of cases) {
    const host = new Host(config(costs));
    host.runTo(MINUTE_MS);
    host.takeSamples();
    const start = process.cpuUsage();
    host.runTo(2 * MINUTE_MS);
    const { user, system } = process.cpuUsage(start);
    const { guests } = host.takeSamples();
    const sum = (column: number): number =>
      guests.reduce((total, value, at) => total + (at % GUEST_WIDTH === column ? value : 0), 0);
    const seconds = (user + system) / 1e6;
    const accesses = sum(GUEST.accesses);
    const misses = accesses - sum(GUEST.cacheHits);
    print(
      `  ${name.padEnd(20)} ${seconds.toFixed(1).padStart(5)} s of ${LIMIT_S} s, ${(accesses / 1e6).toFixed(1).padStart(5)} M accesses, ` +
        `${((100 * misses) / accesses).toFixed(0).padStart(3)} % missed RAM, ${((seconds / accesses) * 1e9).toFixed(0)} ns an access`,
    );
  }
}
