import { Command, InvalidArgumentError, Option } from 'commander';
import { ConsoleError } from '#contract/errors.ts';
import type { Objective } from '#main/what-if/objectives.ts';
import type { StudyChange } from '#main/what-if/study.ts';
import { tune, type TuneResult } from '#main/what-if/tuner.ts';
import type { NamedGuest } from '../what-if/alternatives.ts';
import { attended } from '../what-if/attended.ts';
import { START_HELP, type StartOptions, studiedHost, withStartOptions } from '../what-if/study-host.ts';
import { studyTables } from '../what-if/tables.ts';

interface TuneOptions extends StartOptions {
  readonly objective: Objective['kind'];
  readonly importance?: string;
  readonly target?: string;
  readonly weights?: number[];
  readonly fixed?: string;
  readonly worseAtMost?: number;
  readonly json?: true;
}

const WEIGHT_MAX = 65_535;

const HELP = `
${START_HELP}

Objectives:
  throughput   the least lost time of all guests; --importance db=5 counts that of db five times
  worst-ratio  the smallest largest lost time of any guest
  targets      --target web=0.05,db=0.2: at most so many disk reads per access, with the smallest pool
Lost time is the part of it that a guest waits for disks and tmem. Where nothing takes time on the host, disk reads stand
for it (worst-ratio: disk reads per access).

Every setting is estimated by curves, those that may be best are simulated, and the winner is verified by a full run. Where
curves do not see what the guests do, every setting that is looked at is a full run.
With --weights every combination is looked at; without, the weights are searched.

Example:
  tmem-console tune resources/scenarios/three-real-traces.json --at 1m --for 5m --objective throughput --importance db=3

Exit codes: 0 done, 1 failed, 2 wrong arguments, scenario or trace, 130 cancelled.`;

/** `tmem-console tune`: finds the setting that serves an objective best. */
export function tuneCommand(): Command {
  return withStartOptions(new Command('tune'))
    .summary('find the weights that serve an objective best')
    .description('Searches the weights of the guests of a host, and the pool for targets.')
    .addOption(
      new Option('--objective <name>', 'what is best')
        .choices(['throughput', 'worst-ratio', 'targets'])
        .makeOptionMandatory(),
    )
    .option('--importance <list>', 'GUEST=FACTOR, … for throughput; 1 unless given')
    .option('--target <list>', 'GUEST=DISK READS PER ACCESS, … for targets')
    .option('--weights <list>', 'weights that a guest may have, separated by commas', parseWeights)
    .option('--fixed <list>', 'guests whose weight stays as it is, separated by commas')
    .option('--worse-at-most <reads>', 'disk reads per access by which a guest may be worse off than today', parseRatio)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action((scenario: string | undefined, options: TuneOptions) => tuneHost(scenario, options));
}

async function tuneHost(file: string | undefined, options: TuneOptions): Promise<void> {
  const { config, horizonMs, about, open } = await studiedHost(file, options);
  const objective = objectiveOf(options, config.guests);
  const fixed = fixedGuests(options.fixed, config.guests);
  const result = await attended(
    async (stage) => {
      const start = await open(stage('Bringing the host to the start'));
      const { weights = null, worseAtMost = null } = options;
      return tune({ start, horizonMs, objective, weights, fixed, worseAtMost }, stage('Tuning'));
    },
    { savesNothing: true },
  );
  const { today, recommended, ...found } = result;
  if (options.json) {
    const { overTime: _today, ...before } = today;
    const { overTime: _recommended, ...after } = recommended;
    const asked = { ...about, horizonMs, objective: objective.kind };
    process.stdout.write(`${JSON.stringify({ ...asked, ...found, today: before, recommended: after })}\n`);
    return;
  }
  process.stdout.write(reportOf(result, config.guests));
}

function reportOf(result: TuneResult, guests: readonly NamedGuest[]): string {
  const { alreadyBest, targetsMet, changes, today, recommended } = result;
  const looked = `${result.estimated} settings were estimated and ${result.simulated} simulated.`;
  const unmet = targetsMet ? '' : 'No setting that was found meets every target. This comes nearest.\n';
  if (alreadyBest) return `${unmet}Today's setting is already the best. ${looked}\n\n${studyTables([today])}`;
  const list = changes.map((change) => changeText(change, guests)).join(', ');
  return `${unmet}Recommended: ${list}. ${looked}\n\n${studyTables([today, recommended])}`;
}

/** A change as `what-if --alt` takes it. */
function changeText(change: StudyChange, guests: readonly NamedGuest[]): string {
  if (change.kind === 'pool-limit') return `poolLimit=${change.pages}pages`;
  if (change.kind !== 'weight') return change.kind;
  return `${guests.find(({ id }) => id === change.guestId)?.name ?? change.guestId}.weight=${change.value}`;
}

function objectiveOf({ objective, importance, target }: TuneOptions, guests: readonly NamedGuest[]): Objective {
  const misplaced = importance !== undefined && objective !== 'throughput' ? '--importance' : '--target';
  if ((importance !== undefined && objective !== 'throughput') || (target !== undefined && objective !== 'targets')) {
    throw new ConsoleError(
      'bad-argument',
      `${misplaced} does not go with the objective ${objective}.`,
      'Leave it out.',
    );
  }
  switch (objective) {
    case 'throughput':
      return { kind: objective, importance: parseByGuest(importance ?? '', '--importance', guests) };
    case 'worst-ratio':
      return { kind: objective };
    case 'targets': {
      const readsPerAccess = parseByGuest(target ?? '', '--target', guests);
      if (readsPerAccess.size > 0) return { kind: objective, readsPerAccess };
      throw new ConsoleError('bad-argument', 'The objective targets has no target.', 'Give --target web=0.05.');
    }
  }
}

/** Ids of the guests that are named. */
function fixedGuests(list: string | undefined, guests: readonly NamedGuest[]): number[] {
  const names = list?.split(',').map((name) => name.trim()) ?? [];
  return names.map((name) => guestNamed(name, '--fixed', guests).id);
}

function guestNamed(name: string | undefined, option: string, guests: readonly NamedGuest[]): NamedGuest {
  const guest = guests.find((known) => known.name === name);
  if (guest !== undefined) return guest;
  const names = guests.map((known) => known.name).join(', ');
  throw new ConsoleError('bad-argument', `${option}: there is no guest "${name ?? ''}".`, `The guests are ${names}.`);
}

function parseRatio(text: string): number {
  const ratio = /^(0?\.\d+|0|1)$/.test(text.trim()) ? Number(text) : NaN;
  if (ratio >= 0) return ratio;
  throw new InvalidArgumentError('It is a number of disk reads per access, from 0 to 1.');
}

function parseByGuest(list: string, option: string, guests: readonly NamedGuest[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const part of list === '' ? [] : list.split(',')) {
    const [name, value] = part.split('=', 2).map((text) => text.trim());
    const guest = guestNamed(name, option, guests);
    if (value === undefined || !/^\d*\.?\d+$/.test(value)) {
      throw new ConsoleError('bad-argument', `${option}: "${part}" has no number.`, 'Write it like web=0.05.');
    }
    found.set(guest.id, Number(value));
  }
  return found;
}

function parseWeights(list: string): number[] {
  const weights = list.split(',').map((text) => (/^ *\d{1,5} *$/.test(text) ? Number(text) : NaN));
  if (weights.every((weight) => weight <= WEIGHT_MAX)) return weights;
  throw new InvalidArgumentError(`They are whole numbers from 0 to ${WEIGHT_MAX}, separated by commas.`);
}
