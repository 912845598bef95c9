import { Command, InvalidArgumentError } from 'commander';
import { ConsoleError } from '#contract/errors.ts';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { type PathSetting, parsePathSetting } from '#main/scenario/path-setting.ts';
import { RunTotals } from '#main/scenario/run-totals.ts';
import type { Scenario } from '#main/scenario/scenario-schema.ts';
import { workloadText } from '#main/scenario/workload-text.ts';
import { Slices } from '#main/what-if/slices.ts';
import type { StudyOptions } from '#main/what-if/study.ts';
import { openScenario } from '../what-if/scenario-start.ts';
import { Recorder } from '../run/recorder.ts';
import { runTables } from '../run/tables.ts';
import { attended } from '../what-if/attended.ts';
import { parseDuration } from '../what-if/units.ts';

/** Host time of a run where neither the command nor the scenario says how long. */
const DEFAULT_S = 60;
/** Host ms run between two looks at the clock. */
const STEP_MS = 100;

interface RunOptions {
  readonly for?: string;
  readonly seed?: number;
  readonly set: PathSetting[];
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

With --db the run is added to a history: the console shows it, and reports tell of it.

Example:
  tmem-console run resources/scenarios/three-real-traces.json --for 5m --set guests.search.weight=400

Exit codes: 0 done, 1 failed, 2 wrong arguments, scenario or trace, 130 cancelled.`;

/** `tmem-console run`: a scenario from its beginning, as fast as the machine allows. */
export function runCommand(): Command {
  return new Command('run')
    .summary('run a scenario and count what each guest did')
    .description('Runs the host of a scenario from its beginning, as fast as possible, and tells what each guest did.')
    .argument('<scenario>', 'the scenario: a host, what its guests run, and what happens when')
    .option('--for <duration>', "how long, in host time: 90s, 10m, 1h30m (default: the scenario's own, or 60s)")
    .option('--seed <number>', "instead of the scenario's seed", parseSeed)
    .option('--set <path=value>', 'put a value into the scenario; may be given again', collectSetting, [])
    .option('--db <file>', 'record the run in this history')
    .option('--traces <folder>', 'where the traces are, if not beside the scenario or in ../traces')
    .option('--store <folder>', 'keep the decoded traces in this folder, and use those that are there')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action((scenario: string, options: RunOptions) => run(scenario, options));
}

async function run(file: string, options: RunOptions): Promise<void> {
  const { scenario, config } = await openScenario(file, { ...options, settings: options.set });
  const seconds = secondsOf(options.for, scenario);
  const totals = await attended((stage) => runHost({ scenario, config }, seconds, options.db, stage('Running')));
  const guests = totals.ofGuests.map((sums, place) => ({
    name: config.guests[place]?.name ?? '',
    accessesPerS: sums.accesses / seconds,
    ...sums,
  }));
  const { seed, policy, idleTaxPermille } = config;
  const claim = scenario.claim === undefined ? null : `${scenario.claim.letter}: ${scenario.claim.sentence}`;
  const about = { scenario: scenario.name, claim, seed, policy, idleTax: idleTaxPermille / 1000, seconds };
  const result = { ...about, guests, host: totals.host };
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : runTables(result));
}

/** Runs, records where it is asked to, and sums up. A run that is cancelled ends in order in its history. */
async function runHost(
  { scenario, config }: { readonly scenario: Scenario; readonly config: HostConfig },
  seconds: number,
  database: string | undefined,
  attention: StudyOptions,
): Promise<RunTotals> {
  const host = new Host(config);
  const totals = new RunTotals(config.guests.length);
  const guests = config.guests.map(({ id, name, minPages, maxPages }, place) => {
    const declared = scenario.guests[place];
    return { id, name, minPages, maxPages, workload: declared === undefined ? '' : workloadText(declared) };
  });
  const recorder =
    database === undefined ? null : await Recorder.begin(database, host, config, { scenario: scenario.name, guests });
  const take = async (): Promise<void> => {
    const batch = host.takeSamples();
    totals.add(batch);
    await recorder?.store(batch);
  };
  const slices = new Slices(attention);
  try {
    try {
      while (host.hostMs < seconds * 1000) {
        host.runTo(Math.min(seconds * 1000, host.hostMs + STEP_MS));
        if (!slices.isDue()) continue;
        await take();
        await slices.turn(host.hostMs / (seconds * 1000));
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
  if (duration === undefined) return Math.max(1, Math.round(scenario.forS ?? DEFAULT_S));
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
