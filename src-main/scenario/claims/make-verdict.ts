import type { Verdict } from '#contract/claims.ts';
import type { HostConfig } from '../../host/host-config.ts';
import type { Scenario } from '../scenario-schema.ts';
import { trialSeconds } from '../trial-length.ts';
import { variantTitle } from '../variants.ts';
import { type ClaimRun, ObservedRun } from './claim-run.ts';
import { AS_IS } from './measure-kind.ts';
import { type MeasurableClaim, measure, probesOf, runsOf } from './measure.ts';

/** Whoever runs something long, and does other things now and then. */
interface Pace {
  isDue(): boolean;
  /** @param done part of the whole work, 0 to 1 */
  turn(done: number): Promise<void>;
}

interface Making {
  /** The host of a variant of the scenario. */
  readonly open: (variant: string) => Promise<HostConfig>;
  /** Runs that were made already, by their variants. */
  readonly given?: ReadonlyMap<string, ClaimRun>;
  readonly pace?: Pace;
}

/**
 * Makes the runs that a claim names, one after the other, each as long as the scenario says, and measures them.
 * @throws ConsoleError what the opening of a variant throws
 */
export async function makeVerdict(
  { scenario, claim }: { readonly scenario: Scenario; readonly claim: MeasurableClaim },
  { open, given = new Map(), pace }: Making,
): Promise<{ readonly verdict: Verdict; readonly asIs: ClaimRun; readonly asIsWallMs: number }> {
  const names = runsOf(claim);
  const runs = new Map<string, ClaimRun>();
  const begunAt = performance.now();
  let asIsWallMs = 0;
  for (const [place, name] of names.entries()) {
    const probesMs = name === AS_IS ? probesOf(claim) : [];
    runs.set(
      name,
      given.get(name) ??
        (await runThrough(new ObservedRun(await open(name), trialSeconds(scenario), { probesMs }), (done) =>
          pace?.isDue() === true ? pace.turn((place + done) / names.length) : null,
        )),
    );
    if (name === AS_IS) asIsWallMs = performance.now() - begunAt;
  }
  const runOf = (name: string): ClaimRun => {
    const run = runs.get(name);
    if (run === undefined) throw new RangeError(`The claim does not name the variant ${name}.`);
    return run;
  };
  return { verdict: measure(claim, runOf, (name) => variantTitle(scenario, name)), asIs: runOf(AS_IS), asIsWallMs };
}

async function runThrough(run: ObservedRun, between: (done: number) => Promise<void> | null): Promise<ClaimRun> {
  while (run.advance()) {
    const other = between(run.done);
    if (other !== null) await other;
  }
  return run.result();
}
