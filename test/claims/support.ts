import { resolve } from 'node:path';
import type { Verdict } from '#contract/claims.ts';
import { verdictText } from '#main/cli/run/verdict-text.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { type ClaimRun, ObservedRun } from '#main/scenario/claims/claim-run.ts';
import { makeVerdict } from '#main/scenario/claims/make-verdict.ts';
import { isMeasurable, probesOf } from '#main/scenario/claims/measure.ts';
import { hostConfigOf } from '#main/scenario/host-config-of.ts';
import { parsePathSetting } from '#main/scenario/path-setting.ts';
import { readScenario } from '#main/scenario/read-scenario.ts';
import type { Scenario } from '#main/scenario/scenario-schema.ts';
import { trialSeconds } from '#main/scenario/trial-length.ts';
import { traceFilesIn } from '#main/scenario/open-scenario.ts';
import { readTrace } from '#main/trace/read-trace.ts';

interface Running {
  /** As `run --set`. */
  readonly settings?: readonly string[];
  readonly seconds?: number;
  /** One of the scenario's own. */
  readonly variant?: string;
}

/** Runs a scenario of the gallery. */
export async function runClaim(name: string, running: Running = {}): Promise<ClaimRun> {
  const run = await prepareClaim(name, running);
  return run();
}

/** Reads a scenario of the gallery. @returns what runs it, each time anew */
export async function prepareClaim(name: string, running: Running = {}): Promise<() => ClaimRun> {
  const { scenario, config } = await openClaim(name, running);
  const { claim } = scenario;
  const probesMs = isMeasurable(claim) ? probesOf(claim) : [];
  return () => {
    const run = new ObservedRun(config, running.seconds ?? trialSeconds(scenario), { probesMs });
    while (run.advance());
    return run.result();
  };
}

async function openClaim(
  name: string,
  { settings = [], variant }: Running = {},
): Promise<{ scenario: Scenario; config: HostConfig }> {
  const file = resolve('resources/scenarios', `${name}.json`);
  const scenario = await readScenario(file, settings.map(parsePathSetting), variant);
  const traces = await Promise.all(
    traceFilesIn(scenario, file, []).map(async (one) => (one === null ? null : await readTrace(one, {}))),
  );
  return { scenario, config: hostConfigOf(scenario, scenario.seed, traces) };
}

/**
 * Makes the runs that a scenario's claim names and measures it, as the console does.
 * @param given runs that were made otherwise, by their variants: those of a broken double, say
 */
export async function verdictOf(name: string, given: Readonly<Record<string, ClaimRun>> = {}): Promise<Verdict> {
  const { scenario } = await openClaim(name);
  const { claim } = scenario;
  if (!isMeasurable(claim)) throw new Error(`${name} says nothing that could be measured.`);
  const { verdict } = await makeVerdict(
    { scenario, claim },
    {
      open: async (variant) => (await openClaim(name, { variant })).config,
      given: new Map(Object.entries(given)),
    },
  );
  return verdict;
}

/** The verdict of the claim as the console would give it, printed with the table that a reader would want. */
export async function shownVerdict(name: string): Promise<Verdict> {
  const verdict = await verdictOf(name);
  process.stdout.write(`\n${verdictText(verdict)}`);
  return verdict;
}

/** What does not hold, in words. */
export function broken({ checks }: Verdict): string[] {
  return checks.filter(({ holds }) => !holds).map(({ what, measured, relation, bound }) => `${what}: ${measured ?? 'nothing'}, ${relation} ${bound}`); // prettier-ignore
}

/** A method of a class as it is, for a double to call. */
export function methodOf<C extends object, N extends keyof C>(prototype: C, name: N): C[N] {
  return prototype[name];
}
