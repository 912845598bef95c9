import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { openHistory } from '#main/history/open-history.ts';
import { runToStudy } from '#main/history/studies/moment.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { findResources } from '#main/scenario/resources.ts';
import type { JobStart } from '#main/study-process/job.ts';
import { openStart } from '#main/study-process/open-start.ts';
import type { StudyKind, StudyOptions, StudyStart } from '#main/what-if/study.ts';
import { type TraceReadingOptions, withTraceOptions } from '../replay/trace-options.ts';
import { openScenario } from './scenario-start.ts';
import { parseDuration } from './units.ts';

/** Options that say where a study starts. */
export interface StartOptions extends TraceReadingOptions {
  readonly db?: string;
  readonly run?: number;
  readonly at?: string;
  readonly for: string;
  readonly forecast?: true;
  readonly seed?: number;
  readonly traces?: string;
  readonly store?: string;
}

export const START_HELP = `The host is a scenario's, run to --at, or with --db one that was recorded: a replay covers recorded time (by default its last
stretch), with what was changed then; --forecast starts at a moment (by default where the record ends) and uses only what was
seen before it: the last stretch of the same length repeats.`;

/** Adds the options that say where a study starts. */
export function withStartOptions(command: Command): Command {
  return withTraceOptions(command)
    .argument('[scenario]', 'the scenario: a host and what its guests run; with --db found by its name')
    .requiredOption('--for <duration>', 'how long, in host time: 90s, 10m, 1h30m')
    .option('--db <file>', 'a history: start from what was recorded instead')
    .option('--run <number>', 'with --db: the run (default: the newest)', parseRun)
    .option('--at <duration>', 'host time at which it starts')
    .option('--forecast', 'use only what was seen before the start')
    .option('--seed <number>', "instead of the scenario's seed", parseSeed)
    .option('--traces <folder>', 'where the traces are, if not beside the scenario or in ../traces')
    .option('--store <folder>', 'keep the decoded traces in this folder, and use those that are there');
}

/** A host ready to be studied. */
export interface StudiedHost {
  readonly config: HostConfig;
  readonly kind: StudyKind;
  readonly horizonMs: number;
  /** What the output says about where the numbers come from. */
  readonly about: Readonly<Record<string, string | number>>;
  /** Brings the host to the start. */
  readonly open: (options: StudyOptions) => Promise<StudyStart>;
}

/**
 * Reads what the arguments name.
 * @throws ConsoleError `bad-argument`, `bad-scenario`, `bad-trace`, `bad-study`, those of the history, `cancelled`
 */
export async function studiedHost(file: string | undefined, options: StartOptions): Promise<StudiedHost> {
  const horizonMs = parseDuration(options.for, '--for');
  const atMs = options.at === undefined ? null : parseDuration(options.at, '--at');
  const kind = options.forecast ? 'forecast' : 'replay';
  if (options.db !== undefined) return recorded(options.db, file, { ...options, atMs, horizonMs, kind });
  if (file === undefined) {
    throw new ConsoleError('bad-argument', 'There is no host to study.', 'Name a scenario, or a history with --db.');
  }
  if (options.run !== undefined) {
    throw new ConsoleError('bad-argument', '--run belongs to a history.', 'Name the history with --db.');
  }
  const { scenario, config } = await openScenario(file, options);
  const about = { scenario: scenario.name, seed: config.seed };
  return studied(config, { kind: 'scenario', atMs: atMs ?? 0 }, { kind, horizonMs, about });
}

async function recorded(
  databaseFile: string,
  file: string | undefined,
  options: StartOptions & { readonly atMs: number | null; readonly horizonMs: number; readonly kind: StudyKind },
): Promise<StudiedHost> {
  if (options.seed !== undefined) {
    throw new ConsoleError('bad-argument', '--seed does not go with --db: the seed is recorded.', 'Leave it out.');
  }
  const connection = openHistory(databaseFile);
  let run;
  try {
    run = runToStudy(connection, options.run ?? null);
  } finally {
    connection.close();
  }
  if (run.source.kind !== 'modelled') throw new ConsoleError('internal', 'An imported run is not studied.');
  const { scenario: name, seed } = run.source;
  const { config } = await openScenario(file ?? scenarioNamed(name), { ...options, seed });
  const start = { kind: 'history', databaseFile, runId: run.id, atMs: options.atMs } as const;
  return studied(config, start, { ...options, about: { scenario: name, seed, run: run.id } });
}

function studied(
  config: HostConfig,
  start: JobStart,
  { kind, horizonMs, about }: Pick<StudiedHost, 'kind' | 'horizonMs' | 'about'>,
): StudiedHost {
  return {
    config,
    kind,
    horizonMs,
    about: { ...about, kind },
    open: (options) => openStart(config, start, { kind, horizonMs }, options),
  };
}

const NamedScenario = v.object({ name: v.string() });

/** The file of the shipped scenario that a record names. @throws ConsoleError `bad-argument` where none is called so */
function scenarioNamed(name: string): string {
  const programFolder = dirname(realpathSync(process.argv[1] ?? '.'));
  const folder = join(findResources({ programFolder }), 'scenarios');
  for (const entry of readdirSync(folder)) {
    const file = join(folder, entry);
    if (entry.endsWith('.json') && nameOf(file) === name) return file;
  }
  throw new ConsoleError(
    'bad-argument',
    `The run was recorded of the scenario "${name}", which is none of those in ${folder}.`,
    'Name its file too.',
  );
}

function nameOf(file: string): string | null {
  try {
    const read = v.safeParse(NamedScenario, JSON.parse(readFileSync(file, 'utf8')));
    return read.success ? read.output.name : null;
  } catch {
    // A file that is no JSON is not the one that is looked for.
    return null;
  }
}

function parseSeed(text: string): number {
  const seed = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError('It is a whole number from 0.');
}

function parseRun(text: string): number {
  const run = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (run > 0) return run;
  throw new InvalidArgumentError('It is the number of a run, from 1.');
}
