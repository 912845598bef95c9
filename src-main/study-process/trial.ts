import type { Verdict } from '#contract/claims.ts';
import { ConsoleError } from '#contract/errors.ts';
import { COURSE_POINTS_MAX, type Trial, type TriedGuest } from '#contract/scenarios.ts';
import { GUEST_COLUMNS, guestColumnIndex, HOST_COLUMNS, hostColumnIndex } from '#contract/samples.ts';
import { Host } from '../host/host.ts';
import type { SampleBatch } from '../host/sample-batch.ts';
import { makeVerdict } from '../scenario/claims/make-verdict.ts';
import { AS_IS } from '../scenario/claims/measure-kind.ts';
import { isMeasurable } from '../scenario/claims/measure.ts';
import { type OpenedScenario, openScenario } from '../scenario/open-scenario.ts';
import { RunTotals } from '../scenario/run-totals.ts';
import { trialSeconds } from '../scenario/trial-length.ts';
import { variantTitle } from '../scenario/variants.ts';
import { Slices } from '../what-if/slices.ts';
import type { TrialJob } from './work-job.ts';

/** Host ms run between two looks at the clock. */
const STEP_MS = 100;
const MS_PER_S = 1_000;
/** What reading the traces takes of the whole work, as the progress has it. */
const READ_PART = 0.05;

/** What came of a trial, and whether the claim holds where that was asked for. */
interface Tried {
  readonly trial: Trial;
  readonly verdict: Verdict | null;
}

/**
 * Runs a scenario once from its beginning and counts, or all runs that its claim is about.
 * @throws ConsoleError `bad-scenario`, `bad-trace`; `bad-study` where it claims nothing that could be measured
 */
export async function runTrial(job: TrialJob, onProgress: (done: number) => void): Promise<Tried> {
  const begunAt = performance.now();
  const opened = await openScenario(job.scenarioFile, { ...job, variant: job.variant ?? AS_IS });
  onProgress(READ_PART);
  const slices = new Slices({ onProgress }, READ_PART, 1);
  if (job.variant !== null) {
    const sums = await runOnce(opened, slices);
    return { trial: trialOf(opened, job.variant, sums, performance.now() - begunAt), verdict: null };
  }
  const { scenario } = opened;
  const { claim } = scenario;
  if (!isMeasurable(claim)) {
    const message = `The scenario "${scenario.name}" does not say how a claim of it is measured.`;
    throw new ConsoleError('bad-study', message, 'Give its claim a measure.');
  }
  const { verdict, asIs, asIsWallMs } = await makeVerdict(
    { scenario, claim },
    { open: async (variant) => (await openScenario(job.scenarioFile, { ...job, variant })).config, pace: slices },
  );
  const totals = new RunTotals(asIs.config.guests.length);
  const held = new HeldPages(asIs.config.guests.length, asIs.seconds);
  for (const sums of [totals, held]) sums.add(asIs.samples);
  return { trial: trialOf(opened, AS_IS, { totals, held }, asIsWallMs), verdict };
}

/** What is summed up of a run while it goes on. */
interface Sums {
  readonly totals: RunTotals;
  readonly held: HeldPages;
}

async function runOnce({ scenario, config }: OpenedScenario, slices: Slices): Promise<Sums> {
  const seconds = trialSeconds(scenario);
  const host = new Host(config);
  const totals = new RunTotals(config.guests.length);
  const held = new HeldPages(config.guests.length, seconds);
  const take = (): void => {
    const batch = host.takeSamples();
    totals.add(batch);
    held.add(batch);
  };
  while (host.hostMs < seconds * MS_PER_S) {
    host.runTo(Math.min(seconds * MS_PER_S, host.hostMs + STEP_MS));
    if (!slices.isDue()) continue;
    take();
    await slices.turn(host.hostMs / (seconds * MS_PER_S));
  }
  take();
  return { totals, held };
}

function trialOf({ scenario, config }: OpenedScenario, variant: string, { totals, held }: Sums, wallMs: number): Trial {
  return {
    ...{ scenario: scenario.name, variant, variantTitle: variantTitle(scenario, variant) },
    seed: config.seed,
    policy: config.policy,
    idleTaxPermille: config.idleTaxPermille,
    ...{ seconds: totals.seconds, wallMs },
    guests: config.guests.map(({ name }, place) => ({ name, totals: totals.guest(place), ...held.of(place) })),
    host: { totals: totals.host, mostEphemeralPages: held.mostEphemeral, mostPersistentPages: held.mostPersistent },
  };
}

function most(values: Float64Array): number {
  return values.reduce((found, value) => Math.max(found, value), 0);
}

const EPHEMERAL = guestColumnIndex('ephemeralPages');
const PERSISTENT = guestColumnIndex('persistentPages');
const HOST_EPHEMERAL = hostColumnIndex('ephemeralPages');
const HOST_PERSISTENT = hostColumnIndex('persistentPages');

/** What each guest held in tmem at the end of each second. */
class HeldPages {
  mostEphemeral = 0;
  mostPersistent = 0;
  private readonly courses: Float64Array[];
  private second = 0;

  constructor(guests: number, seconds: number) {
    this.courses = Array.from({ length: guests }, () => new Float64Array(seconds));
  }

  add({ seconds, guests, host }: Pick<SampleBatch, 'seconds' | 'guests' | 'host'>): void {
    for (let second = 0; second < seconds; second++, this.second++) {
      const row = second * HOST_COLUMNS.length;
      this.mostEphemeral = Math.max(this.mostEphemeral, host[row + HOST_EPHEMERAL] ?? 0);
      this.mostPersistent = Math.max(this.mostPersistent, host[row + HOST_PERSISTENT] ?? 0);
      this.courses.forEach((course, place) => {
        const at = (second * this.courses.length + place) * GUEST_COLUMNS.length;
        course[this.second] = (guests[at + EPHEMERAL] ?? 0) + (guests[at + PERSISTENT] ?? 0);
      });
    }
  }

  of(place: number): Pick<TriedGuest, 'mostHeldPages' | 'mostHeldLatePages' | 'heldCourse'> {
    const course = this.courses[place] ?? new Float64Array(0);
    const points = Math.min(course.length, COURSE_POINTS_MAX);
    // Each point is the end of its stretch, so that the last one is the end of the trial.
    const heldCourse = Float64Array.from({ length: points }, (_, at) => {
      return course[Math.ceil(((at + 1) * course.length) / points) - 1] ?? 0;
    });
    const late = course.subarray(Math.floor(course.length / 2));
    return { mostHeldPages: most(course), mostHeldLatePages: most(late), heldCourse };
  }
}
