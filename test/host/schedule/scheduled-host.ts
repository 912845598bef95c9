import { Host } from '#main/host/host.ts';
import { type GuestConfig, type HostConfig, NO_PACE, NO_TRACE } from '#main/host/host-config.ts';
import type { GuestReadings } from '#main/host/schedule/scheduler.ts';
import type { WorkloadConfig } from '#main/host/workload/create-workload.ts';

/** A guest that runs a workload, on a host where nothing takes time. */
export function guestOf(id: number, workload: WorkloadConfig, changes: Partial<GuestConfig>): GuestConfig {
  const ramPages = changes.ramPages ?? 1000;
  return {
    id,
    name: `guest ${id}`,
    trace: NO_TRACE,
    pace: NO_PACE,
    workload,
    ramPages,
    minPages: 0,
    maxPages: ramPages,
    weight: 100,
    ...changes,
  };
}

/** A host whose balloons reach their targets at the next step. */
export function hostOf(changes: Partial<HostConfig> & Pick<HostConfig, 'totalPages' | 'guests'>): Host {
  return new Host({
    seed: 1,
    reservedPages: 0,
    policy: 'max-over-share',
    idleTaxPermille: 0,
    idleTaxWindowS: 10,
    balloonPagesPerS: 10_000_000,
    ...changes,
  });
}

/** What a guest has now. */
export function readingsOf(host: Host, id: number): GuestReadings {
  const guest = host.readings().guests.find((one) => one.id === id);
  if (guest === undefined) throw new Error(`There is no guest ${id}.`);
  return { ...guest };
}
