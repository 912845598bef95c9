import { Command, InvalidArgumentError, Option } from 'commander';
import { CPU_CLASSES } from '#main/host/costs.ts';
import { breakEven } from '#main/what-if/break-even.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import { spareRam } from '#main/what-if/spare-ram.ts';
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
import {
  START_HELP,
  type StartOptions,
  type StudiedHost,
  studiedHost,
  withStartOptions,
} from '../what-if/study-host.ts';
import { parseSweep, SWEEP_HELP } from '../what-if/sweep.ts';
import { runSweeps, sweepTable } from '../what-if/sweep-run.ts';
import { spareText, studyTables } from '../what-if/tables.ts';

interface WhatIfOptions extends StartOptions {
  readonly alt: string[];
  readonly engine: Engine | 'auto';
  readonly sweep: string[];
  readonly spare?: number;
  readonly overTime?: true;
  readonly json?: true;
}

/** The name of the alternative without changes. */
const BASELINE = 'as it is';

const HELP = `
${START_HELP}

${ALTERNATIVE_HELP}

${SWEEP_HELP}

Engines: curves (an estimate at once: the misses of steady shares), distances (exact for max-over-share, whatever the shares do),
scaled (a sample of the pages through a smaller host), full (the host itself). auto takes the cheapest that is exact.
Disk reads of an estimate are told with an error: the truth lies within it in 95 % of cases.

Examples:
  tmem-console what-if resources/scenarios/three-real-traces.json --at 2m --for 10m --alt "favour db: db.weight=400"
  tmem-console what-if --db history.db --for 10m --forecast --alt "favour db: db.weight=400"
  tmem-console what-if resources/scenarios/three-real-traces.json --at 2m --for 5m --sweep db.weight=50..800
  tmem-console what-if --db history.db --for 10m --spare 0.01

Exit codes: 0 done, 1 failed, 2 wrong arguments, scenario or trace, 130 cancelled.`;

/** `tmem-console what-if`: what would happen under other settings. */
export function whatIfCommand(): Command {
  return withStartOptions(new Command('what-if'))
    .summary('try changes on a host before making them')
    .description('Runs a host on from a moment under each alternative, and compares what happens.')
    .option('--alt <alternative>', `what to try, up to ${ALTERNATIVES_MAX} times; see below`, collect, [])
    .addOption(new Option('--engine <name>', 'how to find out').choices([...ENGINES, 'auto']).default('auto'))
    .option('--sweep <knob>', 'one setting, or two, at many values; see below', collect, [])
    .option(
      '--spare <reads>',
      'how much RAM the host could do without, if no guest may read the disk more by so much an access',
      parseReads,
    )
    .option('--over-time', 'with --json: also pages held and disk reads of each host second')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action((scenario: string | undefined, options: WhatIfOptions) => whatIf(scenario, options));
}

async function whatIf(file: string | undefined, options: WhatIfOptions): Promise<void> {
  const host = await studiedHost(file, options);
  if (options.sweep.length > 0 || options.spare !== undefined) return otherQuestions(host, options);
  const { config, horizonMs, about, open } = host;
  const asked = parseAlternatives(options.alt, config.guests);
  if (asked.some(({ name }) => name === BASELINE)) {
    throw new ConsoleError(
      'bad-argument',
      `"${BASELINE}" is the name of the host without changes.`,
      'Give the alternative another name.',
    );
  }
  const alternatives: Alternative[] = [{ name: BASELINE, changes: [] }, ...asked];
  const result = await attended(
    async (stage) => {
      const start = await open(stage('Bringing the host to the start'));
      return runStudy({ start, horizonMs, alternatives, engine: options.engine }, stage('Studying'));
    },
    { savesNothing: true },
  );
  if (!options.json) {
    process.stdout.write(studyTables(result.alternatives));
    return;
  }
  const { fromMs } = result;
  const found = result.alternatives.map((outcome, at) => ({
    changes: alternatives[at]?.changes ?? [],
    ...printable(outcome, options.overTime === true),
  }));
  process.stdout.write(`${JSON.stringify({ ...about, fromMs, horizonMs, alternatives: found })}\n`);
}

/** A sweep, or the RAM to spare: questions that have no list of alternatives. */
async function otherQuestions(
  { config, horizonMs, about, open }: StudiedHost,
  { sweep: texts, spare, engine, alt, json }: WhatIfOptions,
): Promise<void> {
  if (alt.length > 0 || texts.length > 2 || (texts.length > 0 && spare !== undefined)) {
    throw new ConsoleError(
      'bad-argument',
      '--alt, --sweep (once or twice) and --spare are different questions.',
      'Ask one at a time.',
    );
  }
  if (spare !== undefined) {
    const found = await attended(
      async (stage) => {
        const start = await open(stage('Bringing the host to the start'));
        return spareRam({ start, horizonMs, worse: spare }, stage('Looking for the smallest host'));
      },
      { savesNothing: true },
    );
    const { today, least, ...sizes } = found;
    const printed = { ...about, horizonMs, worse: spare, ...sizes };
    const outcomes = { today: printable(today, false), least: printable(least, false) };
    process.stdout.write(json ? `${JSON.stringify({ ...printed, ...outcomes })}\n` : spareText(found, spare));
    return;
  }
  const sweeps = texts.map((text, at) => parseSweep(text, at + 1, config.guests));
  const outcomes = await attended(
    async (stage) => {
      const start = await open(stage('Bringing the host to the start'));
      return runSweeps({ start, horizonMs, engine }, sweeps, stage('Sweeping'));
    },
    { savesNothing: true },
  );
  if (!json) {
    process.stdout.write(sweepTable(sweeps, outcomes));
    return;
  }
  const swept = sweeps.map(({ knob, values }) => ({ knob, values: values.map(({ text }) => text) }));
  const found = outcomes.map((outcome) => printable(outcome, false));
  process.stdout.write(`${JSON.stringify({ ...about, horizonMs, sweeps: swept, outcomes: found })}\n`);
}

/** Typed arrays become lists, and the course over time is left out unless it was asked for. */
function printable({ overTime, ...rest }: AlternativeOutcome, withTime: boolean): object {
  const { modern, old } = CPU_CLASSES;
  const pays = { modern: breakEven(rest.host, modern).serviceNs, old: breakEven(rest.host, old).serviceNs };
  const outcome = { ...rest, breakEvenDiskNs: pays };
  if (!withTime || overTime === null) return outcome;
  const { ephemeralPages, diskReads, ...span } = overTime;
  return {
    ...outcome,
    overTime: { ...span, ephemeralPages: Array.from(ephemeralPages), diskReads: Array.from(diskReads) },
  };
}

function parseReads(text: string): number {
  const reads = /^\d*\.?\d+$/.test(text) ? Number(text) : NaN;
  if (reads <= 1) return reads;
  throw new InvalidArgumentError('It is a number of disk reads per access, from 0 to 1.');
}

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}
