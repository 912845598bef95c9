import type { HostConfig } from '#main/host/host-config.ts';
import { hostConfigOf, readScenario } from '#main/host-thread/scenario.ts';
import { readTrace } from '#main/trace/read-trace.ts';

/** The shipped scenario on its real traces. */
export async function exampleConfig(): Promise<HostConfig> {
  const scenario = await readScenario('resources/scenarios/three-real-traces.json');
  const traces = await Promise.all(scenario.guests.map((guest) => readTrace(`resources/traces/${guest.trace}`, {})));
  return hostConfigOf(scenario, scenario.seed, traces);
}
