import type { HostConfig } from '#main/host/host-config.ts';
import { hostConfigOf } from '#main/scenario/host-config-of.ts';
import { readScenario } from '#main/scenario/read-scenario.ts';
import { readTrace } from '#main/trace/read-trace.ts';

/** The shipped scenario on its real traces. */
export async function exampleConfig(): Promise<HostConfig> {
  const scenario = await readScenario('resources/scenarios/three-real-traces.json');
  const traces = await Promise.all(scenario.guests.map(({ trace = '' }) => readTrace(`resources/traces/${trace}`, {})));
  return hostConfigOf(scenario, scenario.seed, traces);
}
