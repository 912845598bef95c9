import { Command, InvalidArgumentError, Option } from 'commander';
import { ConsoleError } from '#contract/errors.ts';
import { replayPool } from '#main/host/replay/pool-replay.ts';
import { replaySingleCache } from '#main/host/replay/single-cache.ts';
import { buildTape } from '#main/host/replay/tape.ts';
import type { CsvColumn, CsvOptions, CsvTimeUnit } from '#main/trace/csv-layout.ts';
import { CSV_COLUMNS, CSV_TIME_UNITS } from '#main/trace/csv-layout.ts';
import type { BlockUnit } from '#main/trace/format.ts';
import { BLOCK_UNITS } from '#main/trace/format.ts';
import { TRACE_FORMATS, formatNamed } from '#main/trace/registry.ts';
import { readScenario } from '../replay/scenario.ts';
import { cacheTable, scenarioTable } from '../replay/tables.ts';
import type { TraceOptions } from '../replay/traces.ts';
import { readTraces } from '../replay/traces.ts';

interface ReplayOptions {
  readonly format: string;
  readonly unit: 'page' | 'object';
  readonly algorithm: 'fifo' | 'lru';
  readonly cachePages?: number[];
  readonly scenario?: string;
  readonly columns?: CsvOptions['columns'];
  readonly delimiter?: string;
  readonly header?: boolean;
  readonly timeUnit?: CsvTimeUnit;
  readonly offsetUnit?: BlockUnit;
  readonly sizeUnit?: BlockUnit;
  readonly store?: string;
  readonly json?: true;
}

const HELP = `
A trace is replayed through one cache of each given size; a scenario through the page caches of its guests and the pool they share:
  {"guests": [{"name": "build", "trace": "build.txt.gz", "ramPages": 4000, "weight": 100}, …],
   "poolPages": 8000, "policy": "max-over-share", "idleTax": 0.75, "interleave": "round-robin"}
Trace paths are relative to the scenario. idleTax (0 unless given, 0 to 0.999) is for max-over-share; use counts over 10 seconds of the
traces with "time", over 10,000 rounds with "round-robin".

Formats (plain, gzip or zstd, recognised by content unless given):
${TRACE_FORMATS.map(({ name, title }) => `  ${name.padEnd(18)} ${title}`).join('\n')}

Requests of block traces were recorded below their guest's page cache: replay them with RAM at 0, or with what the guest had then
credited. Tencent traces count offsets and sizes, and vscsi traces sizes, in sectors or in bytes: which, is told by the beginning of the
file and said on stderr, unless --offset-unit and --size-unit say it.

Exit codes: 0 done, 1 failed, 2 wrong arguments, scenario or trace, 130 cancelled.`;

/** `tmem-console replay`: one trace through caches, or a scenario of guests through a pool. */
export function replayCommand(): Command {
  return new Command('replay')
    .summary('replay a trace through a cache, or guests through a shared pool')
    .description('Replays recorded page references and counts what would have been read from disk.')
    .argument('[trace]', 'the trace to replay through one cache')
    .option('--scenario <file>', 'the scenario to replay instead: guests, their traces, and the pool')
    .option('--cache-pages <sizes>', 'sizes of the cache in pages (or objects), separated by commas', parseSizes)
    .addOption(new Option('--algorithm <name>', 'what the cache drops first').choices(['fifo', 'lru']).default('fifo'))
    .option('--format <name>', 'format of the traces', parseFormat, 'auto')
    .addOption(
      new Option('--unit <unit>', 'what a record references: its 4 KiB pages, or one object whatever its size')
        .choices(['page', 'object'])
        .default('page'),
    )
    .option('--columns <list>', `columns of a CSV trace, by number or name: ${CSV_COLUMNS.join(', ')}`, parseColumns)
    .option('--delimiter <character>', 'what separates the columns of a CSV trace', parseDelimiter)
    .option('--header', 'the first line of a CSV trace names its columns')
    .option('--no-header', 'it is a record')
    .addOption(new Option('--time-unit <unit>', 'unit of the times of a CSV trace').choices(CSV_TIME_UNITS))
    .addOption(new Option('--offset-unit <unit>', 'unit of the offsets of a tencent trace').choices(BLOCK_UNITS))
    .addOption(new Option('--size-unit <unit>', 'unit of the sizes of a tencent or vscsi trace').choices(BLOCK_UNITS))
    .option('--store <folder>', 'keep the decoded traces in this folder, and use those that are there')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(async (trace: string | undefined, options: ReplayOptions) => {
      const { scenario, cachePages } = options;
      if (scenario !== undefined && trace === undefined && cachePages === undefined) {
        await replayScenario(scenario, options);
      } else if (scenario === undefined && trace !== undefined && cachePages !== undefined) {
        await replayTrace(trace, cachePages, options);
      } else {
        throw new ConsoleError(
          'bad-argument',
          'A replay needs either a trace and --cache-pages, or --scenario and neither of them.',
          'See "tmem-console replay --help".',
        );
      }
    });
}

async function replayTrace(file: string, cachePages: readonly number[], options: ReplayOptions): Promise<void> {
  const reading = { ...readOptions(options), withoutTimes: true };
  for (const { pages, distinctPages } of await readTraces([file], reading, options.store ?? null)) {
    const misses = replaySingleCache(options.algorithm, pages, distinctPages, cachePages);
    const results = cachePages.map((size, at) => ({ cachePages: size, misses: misses[at] ?? 0 }));
    print({ requests: pages.length, distinct: distinctPages, results }, cacheTable, options);
  }
}

async function replayScenario(file: string, options: ReplayOptions): Promise<void> {
  const { guests, interleave, poolPages, policy, idleTax } = await readScenario(file);
  const traces = await readTraces(
    guests.map(({ trace }) => trace),
    readOptions(options),
    options.store ?? null,
  );
  const replayed = traces.map((trace, at) => {
    if (interleave === 'time' && !trace.timesUs) {
      throw new ConsoleError(
        'bad-scenario',
        `The scenario ${file}: guests[${at}].trace has no times, so it cannot be interleaved by time.`,
        'Use "round-robin".',
      );
    }
    return { trace, ramPages: guests[at]?.ramPages ?? 0 };
  });
  if (idleTax > 0 && policy !== 'max-over-share') process.stderr.write(`The policy ${policy} has no idle tax.\n`);
  const tape = buildTape(replayed, interleave);
  const weights = guests.map(({ weight }) => weight);
  const setting = { poolPages, policy, weights, idleTaxPermille: Math.round(idleTax * 1000) };
  for (const outcomes of replayPool(tape, [setting])) {
    const named = outcomes.map((outcome, at) => ({ name: guests[at]?.name ?? '', ...outcome }));
    print({ guests: named }, (result) => scenarioTable(result.guests), options);
  }
}

function print<T>(result: T, table: (result: T) => string, { json }: ReplayOptions): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : table(result));
}

function readOptions(options: ReplayOptions): TraceOptions {
  const { format, unit, columns, delimiter, header, timeUnit, offsetUnit, sizeUnit } = options;
  const csv = { columns, delimiter, header, timeUnit };
  const isCsv = Object.values(csv).some((value) => value !== undefined);
  return { format: isCsv && format === 'auto' ? 'csv' : format, unit, csv, offsetUnit, sizeUnit };
}

function parseSizes(list: string): number[] {
  return list.split(',').map((text) => {
    const size = /^\d{1,15}$/.test(text.trim()) ? Number(text) : -1;
    if (size < 0) throw new InvalidArgumentError(`"${text}" is not a whole number of pages from 0.`);
    return size;
  });
}

function parseFormat(name: string): string {
  if (name === 'auto') return name;
  const format = formatNamed(name);
  if (format) return format.name;
  throw new InvalidArgumentError(`It is one of auto, ${TRACE_FORMATS.map((known) => known.name).join(', ')}.`);
}

function parseDelimiter(text: string): string {
  const delimiter = text === '\\t' || text === 'tab' ? '\t' : text;
  if (!/^[\t -~]$/.test(delimiter)) throw new InvalidArgumentError('It is one character, or "tab".');
  return delimiter;
}

function parseColumns(list: string): Partial<Record<CsvColumn, number | string>> {
  const columns: Partial<Record<CsvColumn, number | string>> = {};
  for (const part of list.split(',')) {
    const [name, where] = part.split('=', 2).map((text) => text.trim());
    const column = CSV_COLUMNS.find((known) => known === name);
    if (!column || !where) {
      throw new InvalidArgumentError(
        `"${part}" is not COLUMN=NUMBER or COLUMN=NAME with a column of ${CSV_COLUMNS.join(', ')}.`,
      );
    }
    columns[column] = /^\d+$/.test(where) ? Number(where) : where;
  }
  return columns;
}
