import { Command, InvalidArgumentError, Option } from 'commander';
import { runStudy } from '#main/what-if/run-study.ts';
import {
  ALTERNATIVES_MAX,
  type Alternative,
  type AlternativeOutcome,
  type Engine,
  ENGINES,
} from '#main/what-if/study.ts';
import { ConsoleError } from '#contract/errors.ts';
import { ALTERNATIVE_HELP, parseAlternatives } from '../what-if/alternatives.ts';
import { attended } from '../what-if/attended.ts';
import { openScenario, startAt } from '../what-if/scenario-start.ts';
import { studyTables } from '../what-if/tables.ts';
import { parseDuration } from '../what-if/units.ts';

interface WhatIfOptions {
  readonly for: string;
  readonly at: string;
  readonly alt: string[];
  readonly engine: Engine | 'auto';
  readonly seed?: number;
  readonly traces?: string;
  readonly store?: string;
  readonly overTime?: true;
  readonly json?: true;
}

/** The name of the alternative without changes. */
const BASELINE = 'as it is';

const HELP = `
${ALTERNATIVE_HELP}

Engines: curves (an estimate at once: the misses of steady shares), distances (exact for max-over-share, whatever the shares do),
scaled (a sample of the pages through a smaller host), full (the host itself). auto takes the cheapest that is exact.
Disk reads of an estimate are told with an error: the truth lies within it in 95 % of cases.

Example:
  tmem-console what-if resources/scenarios/three-real-traces.json --at 2m --for 10m --alt "favour db: db.weight=400"

Exit codes: 0 done, 1 failed, 2 wrong arguments, scenario or trace, 130 cancelled.`;

/** `tmem-console what-if`: what would happen under other settings. */
export function whatIfCommand(): Command {
  return new Command('what-if')
    .summary('try changes on a host before making them')
    .description('Runs the host of a scenario on from a moment under each alternative, and compares what happens.')
    .argument('<scenario>', 'the scenario: a host and what its guests run')
    .requiredOption('--for <duration>', 'how long, in host time: 90s, 10m, 1h30m')
    .option('--at <duration>', 'host time at which the changes are made', '0s')
    .option('--alt <alternative>', `what to try, up to ${ALTERNATIVES_MAX} times; see below`, collect, [])
    .addOption(new Option('--engine <name>', 'how to find out').choices([...ENGINES, 'auto']).default('auto'))
    .option('--seed <number>', "instead of the scenario's seed", parseSeed)
    .option('--traces <folder>', 'where the traces are, if not beside the scenario or in ../traces')
    .option('--store <folder>', 'keep the decoded traces in this folder, and use those that are there')
    .option('--over-time', 'with --json: also pages held and disk reads of each host second')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action((scenario: string, options: WhatIfOptions) => whatIf(scenario, options));
}

async function whatIf(file: string, options: WhatIfOptions): Promise<void> {
  const horizonMs = parseDuration(options.for, '--for');
  const atMs = parseDuration(options.at, '--at');
  const { scenario, config } = await openScenario(file, options);
  const asked = parseAlternatives(options.alt, config.guests);
  if (asked.some(({ name }) => name === BASELINE)) {
    throw new ConsoleError(
      'bad-argument',
      `"${BASELINE}" is the name of the host without changes.`,
      'Give the alternative another name.',
    );
  }
  const alternatives: Alternative[] = [{ name: BASELINE, changes: [] }, ...asked];
  const result = await attended(async (stage) => {
    const start = await startAt(config, atMs, stage(`Running the host to ${options.at}`));
    return runStudy({ start, horizonMs, alternatives, engine: options.engine }, stage('Studying'));
  });
  if (!options.json) {
    process.stdout.write(studyTables(result.alternatives));
    return;
  }
  const { fromMs } = result;
  const found = result.alternatives.map((outcome, at) => ({
    changes: alternatives[at]?.changes ?? [],
    ...printable(outcome, options.overTime === true),
  }));
  const about = { scenario: scenario.name, seed: config.seed, fromMs, horizonMs };
  process.stdout.write(`${JSON.stringify({ ...about, alternatives: found })}\n`);
}

/** Typed arrays become lists, and the course over time is left out unless it was asked for. */
function printable({ overTime, ...outcome }: AlternativeOutcome, withTime: boolean): object {
  if (!withTime || overTime === null) return outcome;
  const { ephemeralPages, diskReads, ...span } = overTime;
  return {
    ...outcome,
    overTime: { ...span, ephemeralPages: Array.from(ephemeralPages), diskReads: Array.from(diskReads) },
  };
}

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}

function parseSeed(text: string): number {
  const seed = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError('It is a whole number from 0.');
}
