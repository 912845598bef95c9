import type { CostProfile } from '../host/costs.ts';

/** What a guest asks of the machine, for each of its accesses on average. */
export interface Demand {
  /** Think time in ns; Infinity for a guest that does nothing. */
  readonly thinkNs: number;
  /** Misses of its own page cache that precache has, and those that go to the disk. */
  readonly precacheHits: number;
  readonly diskReads: number;
  /** Place of its disk in {@link CostProfile.disks}. */
  readonly disk: number;
}

/** How a guest fares. */
export interface Pace {
  /** Accesses a second. */
  readonly accessesPerS: number;
  /** Part of the time that it waits, 0 to 1, and what part of that it waits in queues. */
  readonly waitingPart: number;
  readonly queuedPart: number;
}

const NS_PER_S = 1e9;
const ROUNDS = 60;
const SETTLED = 1e-6;

/**
 * Throughput of guests in a closed loop, by mean values (Schweitzer's approximation of mean value analysis: Bard, 1979;
 * Schweitzer, 1979): each guest thinks, computes and waits for one page at a time, and finds at its disk the queue that the
 * others have there on average. A disk of m servers takes m − 1 requests without a queue. The CPU time of tmem is added as
 * if there were always a core.
 */
export function meanPaces(demands: readonly Demand[], { cpu, disks }: CostProfile): Pace[] {
  const { hypercallNs, copyNs } = cpu;
  const computeNs = demands.map(({ precacheHits, diskReads }) => {
    const misses = precacheHits + diskReads;
    // A get and a put for each miss; what is found and what is put is copied.
    return 2 * misses * hypercallNs + (misses + precacheHits) * copyNs;
  });
  const waitNs = demands.map(({ disk }) => disks[disk]?.serviceNs ?? 0);
  const queued = new Float64Array(demands.length);
  const perNs = (guest: number): number => {
    const { thinkNs, diskReads } = demands[guest];
    return 1 / (thinkNs + computeNs[guest] + diskReads * waitNs[guest]);
  };
  for (let round = 0; round < ROUNDS; round++) {
    let moved = 0;
    demands.forEach(({ diskReads }, guest) => {
      const next = perNs(guest) * diskReads * waitNs[guest];
      moved = Math.max(moved, Math.abs(next - queued[guest]));
      queued[guest] = (queued[guest] + next) / 2;
    });
    demands.forEach(({ disk }, guest) => {
      const { serviceNs, parallel } = disks[disk] ?? { serviceNs: 0, parallel: 1 };
      let others = 0;
      demands.forEach((demand, other) => {
        if (other !== guest && demand.disk === disk) others += queued[other];
      });
      waitNs[guest] = serviceNs + (serviceNs / parallel) * Math.max(0, others - (parallel - 1));
    });
    if (moved < SETTLED) break;
  }
  return demands.map(({ diskReads, disk }, guest) => {
    const rate = perNs(guest);
    const waitsNs = computeNs[guest] + diskReads * waitNs[guest];
    const queuesNs = diskReads * (waitNs[guest] - (disks[disk]?.serviceNs ?? 0));
    return {
      accessesPerS: rate * NS_PER_S,
      waitingPart: rate * waitsNs,
      queuedPart: waitsNs > 0 ? queuesNs / waitsNs : 0,
    };
  });
}
