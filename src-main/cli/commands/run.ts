import { Command, InvalidArgumentError } from 'commander';
import { ConsoleError } from '#contract/errors.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { ObservedRun } from '#main/scenario/claims/claim-run.ts';
import { makeVerdict } from '#main/scenario/claims/make-verdict.ts';
import { isMeasurable, type MeasurableClaim, probesOf } from '#main/scenario/claims/measure.ts';
import { AS_IS } from '#main/scenario/claims/measure-kind.ts';
import { eventMarks } from '#main/scenario/event-marks.ts';
import { type PathSetting, parsePathSetting } from '#main/scenario/path-setting.ts';
import { RunTotals } from '#main/scenario/run-totals.ts';
import type { Scenario } from '#main/scenario/scenario-schema.ts';
import { trialSeconds } from '#main/scenario/trial-length.ts';
import { variantTitle } from '#main/scenario/variants.ts';
import { workloadText } from '#main/scenario/workload-text.ts';
import { Slices } from '#main/what-if/slices.ts';
import type { StudyOptions } from '#main/what-if/study.ts';
import { type TraceReadingOptions, withTraceOptions } from '../replay/trace-options.ts';
import { openScenario } from '../what-if/scenario-start.ts';
import { Recorder } from '../run/recorder.ts';
import { runTables } from '../run/tables.ts';
import { attended } from '../what-if/attended.ts';
import { parseDuration } from '../what-if/units.ts';

interface RunOptions extends TraceReadingOptions {
  readonly for?: string;
  readonly seed?: number;
  readonly set: PathSetting[];
  readonly variant: string;
  readonly verdict: boolean;
  readonly db?: string;
  readonly traces?: string;
  readonly store?: string;
  readonly json?: true;
}

const HELP = `
--set puts a value into the scenario before it is checked. The path goes by the fields of the file, a guest by its name or place:
  --set guests.web.weight=300   --set policy=fifo   --set host.totalMiB=512   --set costs.disks='["nvme"]'
The fields are described by schemas/scenario.schema.json. Memory is in MiB, time in seconds.

Columns: reads and writes are pages of the disk, swap in and out pages of the swap disk; precache and preswap are gets that spared a
read; evicted are precache pages lost by own puts and to others; stall is the time the workload waited; in tmem is what it holds at the end.

A scenario that makes a claim is run as often as that takes, in all the variants that the claim compares, and the verdict is printed: each
figure beside its bound. --set and --seed are for all of them. There is none with --for, another --variant or --no-verdict. A
verdict that does not hold is a result like others: the exit code stays 0, "verdict.holds" of --json tells.

With --db the run is added to a history: the console shows it, and reports tell of it.

Examples:
  tmem-console run resources/scenarios/three-real-traces.json --for 5m --set guests.search.weight=400
  tmem-console run resources/scenarios/d-ephemeral-hog.json --variant without-hog

Exit codes: 0 done, 1 failed, 2 wrong arguments, scenario or trace, 130 cancelled.`;

/** `tmem-console run`: a scenario from its beginning, as fast as the machine allows. */
export function runCommand(): Command {
  return withTraceOptions(new Command('run'))
    .summary('run a scenario and count what each guest did')
    .description('Runs the host of a scenario from its beginning, as fast as possible, and tells what each guest did.')
    .argument('<scenario>', 'the scenario: a host, what its guests run, and what happens when')
    .option('--for <duration>', "how long, in host time: 90s, 10m, 1h30m (default: the scenario's own, or 60s)")
    .option('--seed <number>', "instead of the scenario's seed", parseSeed)
    .option('--set <path=value>', 'put a value into the scenario; may be given again', collectSetting, [])
    .option('--variant <name>', 'a variant of the scenario: its own, no-tmem, or a policy', AS_IS)
    .option('--no-verdict', 'one run only, though the scenario makes a claim')
    .option('--db <file>', 'record the run in this history')
    .option('--traces <folder>', 'where the traces are, if not beside the scenario or in ../traces')
    .option('--store <folder>', 'keep the decoded traces in this folder, and use those that are there')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action((scenario: string, options: RunOptions) => run(scenario, options));
}

async function run(file: string, options: RunOptions): Promise<void> {
  const open = (variant: string) => openScenario(file, { ...options, settings: options.set, variant });
  const opened = await open(options.variant);
  const { scenario, config } = opened;
  const seconds = secondsOf(options.for, scenario);
  const claim = claimOf(scenario, seconds, options);
  const { totals, verdict } = await attended(async (stage) => {
    const observed = new ObservedRun(config, seconds, {
      keeps: claim !== null,
      probesMs: claim === null ? [] : probesOf(claim),
    });
    const sums = await runHost(observed, opened, options.db, stage('Running'));
    if (claim === null) return { totals: sums, verdict: null };
    const given = new Map([[AS_IS, observed.result()]]);
    const making = { open: async (variant: string) => (await open(variant)).config, given };
    const pace = new Slices(stage('Running what the claim compares with'));
    return { totals: sums, verdict: (await makeVerdict({ scenario, claim }, { ...making, pace })).verdict };
  });
  const guests = totals.ofGuests.map((sums, place) => ({
    name: config.guests[place]?.name ?? '',
    accessesPerS: sums.accesses / seconds,
    ...sums,
  }));
  const { seed, policy, idleTaxPermille } = config;
  const said = scenario.claim === undefined ? null : `${scenario.claim.letter}: ${scenario.claim.sentence}`;
  const about = { scenario: scenario.name, variant: variantTitle(scenario, options.variant), claim: said };
  const setting = { seed, policy, idleTax: idleTaxPermille / 1000, seconds };
  const result = { ...about, ...setting, guests, host: totals.host, verdict };
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : runTables(result));
}

/** The claim that the run is to be measured by; null where it is another run than the claim speaks of. */
function claimOf({ claim, ...scenario }: Scenario, seconds: number, options: RunOptions): MeasurableClaim | null {
  if (!isMeasurable(claim) || !options.verdict || options.variant !== AS_IS) return null;
  return seconds === trialSeconds(scenario) ? claim : null;
}

/** Runs, records where it is asked to, and sums up. A run that is cancelled ends in order in its history. */
async function runHost(
  run: ObservedRun,
  { scenario, config }: { readonly scenario: Scenario; readonly config: HostConfig },
  database: string | undefined,
  attention: StudyOptions,
): Promise<RunTotals> {
  const totals = new RunTotals(config.guests.length);
  const guests = config.guests.map(({ id, name, minPages, maxPages }, place) => {
    const declared = scenario.guests[place];
    return { id, name, minPages, maxPages, workload: declared === undefined ? '' : workloadText(declared) };
  });
  const about = { scenario: scenario.name, guests, events: eventMarks(scenario) };
  const recorder = database === undefined ? null : await Recorder.begin(database, run.host, config, about);
  const take = async (): Promise<void> => {
    const batch = run.take();
    totals.add(batch);
    await recorder?.store(batch);
  };
  const slices = new Slices(attention);
  try {
    try {
      while (run.advance()) {
        if (!slices.isDue()) continue;
        await take();
        await slices.turn(run.done);
      }
    } finally {
      await take();
      await recorder?.end();
    }
  } finally {
    recorder?.close();
  }
  return totals;
}

function secondsOf(duration: string | undefined, scenario: Scenario): number {
  if (duration === undefined) return trialSeconds(scenario);
  const seconds = parseDuration(duration, '--for') / 1000;
  if (Number.isInteger(seconds) && seconds > 0) return seconds;
  throw new ConsoleError(
    'bad-argument',
    `--for: "${duration}" is no whole number of seconds.`,
    'A run is sampled once a host second: give 1s, 90s, 10m …',
  );
}

function collectSetting(text: string, before: readonly PathSetting[]): PathSetting[] {
  return [...before, parsePathSetting(text)];
}

function parseSeed(text: string): number {
  const seed = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError('It is a whole number from 0.');
}
