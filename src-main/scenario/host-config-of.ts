import { ConsoleError } from '#contract/errors.ts';
import { mibToPages } from '#contract/units.ts';
import { type GuestConfig, type HostConfig, NO_PACE, NO_TRACE } from '../host/host-config.ts';
import type { CompactTrace } from '../host/workload/compact-trace.ts';
import { costsOf } from './costs-schema.ts';
import type { ScenarioGuest } from './guest-schema.ts';
import { contentOf, kernelOf } from './kernel-schema.ts';
import type { Scenario } from './scenario-schema.ts';
import { schedulersOf } from './schedule-schema.ts';
import { timedCommands } from './timed-commands.ts';
import { paceOf, playedTrace } from './trace-schema.ts';
import { workloadOf } from './workload-schema.ts';

/**
 * The scenario as the host model wants it. Settings that the file leaves out are left out.
 * @param traces of the guests by place; null for those that play none
 */
export function hostConfigOf(scenario: Scenario, seed: number, traces: readonly (CompactTrace | null)[]): HostConfig {
  const { host, schedule, costs, content, events } = scenario;
  const schedulers = schedulersOf(
    schedule,
    scenario.guests.map(({ name }) => name),
  );
  return {
    seed,
    totalPages: mibToPages(host.totalMiB),
    reservedPages: mibToPages(host.reservedMiB),
    policy: scenario.policy,
    idleTaxPermille: Math.round(scenario.idleTax * 1000),
    idleTaxWindowS: scenario.idleTaxWindowS,
    balloonPagesPerS: mibToPages(host.balloonMiBPerS),
    guests: scenario.guests.map((guest, place) => guestConfigOf(guest, place, traces[place] ?? null)),
    ...(host.poolLimitMiB === undefined ? {} : { ephemeralLimitPages: mibToPages(host.poolLimitMiB) }),
    ...(costs === undefined ? {} : { costs: costsOf(costs) }),
    ...(schedulers.length === 0 ? {} : { schedule: schedulers }),
    ...(content === undefined ? {} : { content }),
    ...(events.length === 0 ? {} : { commands: timedCommands(scenario) }),
  };
}

function guestConfigOf(guest: ScenarioGuest, place: number, trace: CompactTrace | null): GuestConfig {
  const kernel = kernelOf(guest.kernel);
  const startMs = guest.starts ? Math.round(guest.startS * 1000) : Infinity;
  return {
    id: place + 1,
    name: guest.name,
    ...playedBy(guest, trace),
    ramPages: mibToPages(guest.ramMiB),
    minPages: mibToPages(guest.minMiB),
    maxPages: mibToPages(guest.maxMiB),
    weight: guest.weight,
    ...(guest.floorMiB === undefined ? {} : { floorPages: mibToPages(guest.floorMiB) }),
    ...(guest.capMiB === undefined ? {} : { capPages: mibToPages(guest.capMiB) }),
    ...(startMs === 0 ? {} : { startMs }),
    ...(Object.keys(kernel).length === 0 ? {} : { kernel }),
    ...(guest.precache ? {} : { precache: false }),
    ...(guest.preswap ? {} : { preswap: false }),
    ...(guest.fileDisk === 0 ? {} : { fileDisk: guest.fileDisk }),
    ...(guest.swapDisk === undefined ? {} : { swapDisk: guest.swapDisk }),
    ...(guest.content === undefined ? {} : { content: contentOf(guest.content) }),
  };
}

function playedBy(
  { name, pace, workload, writes }: ScenarioGuest,
  trace: CompactTrace | null,
): Pick<GuestConfig, 'trace' | 'pace' | 'workload'> {
  if (workload !== undefined) return { trace: NO_TRACE, pace: NO_PACE, workload: workloadOf(workload) };
  if (trace === null || pace === undefined) throw new ConsoleError('internal', `No trace was read for guest ${name}.`);
  return { trace: playedTrace(trace, writes), pace: paceOf(pace) };
}
