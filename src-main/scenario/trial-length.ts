import type { Scenario } from './scenario-schema.ts';

/** Host time of a run where nobody says how long, in seconds. */
const DEFAULT_S = 60;

/** How long a scenario is worth running: whole host seconds, as the run is sampled once in each. */
export function trialSeconds({ forS }: Pick<Scenario, 'forS'>): number {
  return Math.max(1, Math.round(forS ?? DEFAULT_S));
}
