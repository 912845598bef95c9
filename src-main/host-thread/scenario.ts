import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { PolicySchema } from '#contract/model.ts';
import { GUESTS_MAX, mibToPages, WEIGHT_MAX, WEIGHT_MIN } from '#contract/units.ts';
import type { HostConfig } from '../host/host-config.ts';
import type { CompactTrace } from '../host/workload/compact-trace.ts';

/** Most RAM a modelled host may have: 16 million pages. */
const HOST_MIB_MAX = 65_536;

const Mib = v.pipe(v.number(), v.minValue(0), v.maxValue(HOST_MIB_MAX));
const Part = v.pipe(v.number(), v.minValue(0), v.maxValue(0.999));
const Seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(86_400));

const PaceSchema = v.strictObject({
  /** Each gap between two accesses is drawn evenly from mean × (1 ± gapJitter). */
  gapJitter: v.optional(Part, 0.5),
  lengthJitter: v.optional(Part, 0.2),
  startS: v.optional(Seconds, 0),
  phases: v.pipe(
    v.array(
      v.strictObject({
        s: v.pipe(Seconds, v.minValue(0.1)),
        accessesPerS: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000_000)),
      }),
    ),
    v.minLength(1),
    v.maxLength(1_000),
    v.check(
      (phases) => phases.some((phase) => phase.accessesPerS > 0),
      'No phase has any accesses. Give at least one phase accessesPerS above 0.',
    ),
  ),
});

const GuestSchema = v.pipe(
  v.strictObject({
    name: v.pipe(v.string(), v.regex(/^[\w.-]{1,32}$/, 'A guest name is 1 to 32 letters, digits, "_", "-" or ".".')),
    /** What it runs, for a person. */
    runs: v.pipe(v.string(), v.maxLength(120)),
    /** File in the traces folder. */
    trace: v.pipe(v.string(), v.nonEmpty(), v.maxLength(255)),
    ramMiB: Mib,
    minMiB: Mib,
    maxMiB: Mib,
    weight: v.pipe(v.number(), v.integer(), v.minValue(WEIGHT_MIN), v.maxValue(WEIGHT_MAX)),
    pace: PaceSchema,
  }),
  v.check(
    (guest) => guest.minMiB <= guest.ramMiB && guest.ramMiB <= guest.maxMiB,
    'ramMiB lies outside minMiB … maxMiB.',
  ),
);

/** A scenario file: what the modelled host is and what its guests run. */
export const ScenarioSchema = v.pipe(
  v.strictObject({
    name: v.pipe(v.string(), v.nonEmpty(), v.maxLength(64)),
    about: v.optional(v.pipe(v.string(), v.maxLength(2_000))),
    seed: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    host: v.strictObject({
      totalMiB: v.pipe(Mib, v.minValue(1)),
      reservedMiB: Mib,
      /** Most that one balloon moves in a host second. */
      balloonMiBPerS: v.pipe(Mib, v.minValue(0.05)),
    }),
    policy: PolicySchema,
    idleTax: v.optional(Part, 0.75),
    idleTaxWindowS: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3_600)), 10),
    guests: v.pipe(v.array(GuestSchema), v.minLength(1), v.maxLength(GUESTS_MAX)),
  }),
  v.check(
    (scenario) => new Set(scenario.guests.map((guest) => guest.name)).size === scenario.guests.length,
    'Two guests have the same name. Give each its own.',
  ),
  v.check(
    (scenario) =>
      scenario.host.reservedMiB + scenario.guests.reduce((sum, guest) => sum + guest.ramMiB, 0) <=
      scenario.host.totalMiB,
    "The guests' ramMiB and reservedMiB together are more than totalMiB.",
  ),
);
export type Scenario = v.InferOutput<typeof ScenarioSchema>;

/** A failure in words, with the JSON path of the place. */
function issueText(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

/**
 * Reads and checks a scenario file.
 * @throws ConsoleError `bad-scenario` with the JSON path of the first thing that does not fit.
 */
export async function readScenario(file: string): Promise<Scenario> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ConsoleError(
      'bad-scenario',
      `The scenario file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Check that the file exists and is JSON.',
      { cause: error },
    );
  }
  const parsed = v.safeParse(ScenarioSchema, json);
  if (parsed.success) return parsed.output;
  throw new ConsoleError(
    'bad-scenario',
    `The scenario file ${file} does not fit: ${issueText(parsed.issues[0])}`,
    'Correct this place in the file.',
  );
}

/** "compiling a C library · 6,000 accesses/s for 45 s, 600 for 15 s" */
export function workloadText(guest: Scenario['guests'][number]): string {
  const number = new Intl.NumberFormat('en');
  const phases = guest.pace.phases.map((phase, place) =>
    phase.accessesPerS === 0
      ? `quiet for ${phase.s} s`
      : `${number.format(phase.accessesPerS)}${place === 0 ? ' accesses/s' : ''} for ${phase.s} s`,
  );
  return `${guest.runs} · ${phases.join(', ')}`;
}

/** The scenario as the host model wants it. `traces` are in the order of the guests. */
export function hostConfigOf(scenario: Scenario, seed: number, traces: readonly CompactTrace[]): HostConfig {
  return {
    seed,
    totalPages: mibToPages(scenario.host.totalMiB),
    reservedPages: mibToPages(scenario.host.reservedMiB),
    policy: scenario.policy,
    idleTaxPermille: Math.round(scenario.idleTax * 1000),
    idleTaxWindowS: scenario.idleTaxWindowS,
    balloonPagesPerS: mibToPages(scenario.host.balloonMiBPerS),
    guests: scenario.guests.map((guest, place) => {
      const trace = traces[place];
      if (trace === undefined) throw new ConsoleError('internal', `No trace was read for guest ${guest.name}.`);
      return {
        id: place + 1,
        name: guest.name,
        trace,
        ramPages: mibToPages(guest.ramMiB),
        minPages: mibToPages(guest.minMiB),
        maxPages: mibToPages(guest.maxMiB),
        weight: guest.weight,
        pace: {
          gapJitterPermille: Math.round(guest.pace.gapJitter * 1000),
          lengthJitterPermille: Math.round(guest.pace.lengthJitter * 1000),
          startMs: Math.round(guest.pace.startS * 1000),
          phases: guest.pace.phases.map((phase) => ({
            ms: Math.round(phase.s * 1000),
            accessesPerS: phase.accessesPerS,
          })),
        },
      };
    }),
  };
}
