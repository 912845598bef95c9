import { Command, InvalidArgumentError, Option } from 'commander';
import { ConsoleError } from '#contract/errors.ts';
import { replayPool } from '#main/host/replay/pool-replay.ts';
import { replaySingleCache } from '#main/host/replay/single-cache.ts';
import { buildTape } from '#main/host/replay/tape.ts';
import { TRACE_FORMATS } from '#main/trace/registry.ts';
import { readScenario } from '../replay/scenario.ts';
import { cacheTable, scenarioTable } from '../replay/tables.ts';
import { readingOf, type TraceReadingOptions, withTraceOptions } from '../replay/trace-options.ts';
import type { TraceOptions } from '../replay/traces.ts';
import { readTraces } from '../replay/traces.ts';

interface ReplayOptions extends TraceReadingOptions {
  readonly unit: 'page' | 'object';
  readonly algorithm: 'fifo' | 'lru';
  readonly cachePages?: number[];
  readonly scenario?: string;
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
  return withTraceOptions(new Command('replay'))
    .summary('replay a trace through a cache, or guests through a shared pool')
    .description('Replays recorded page references and counts what would have been read from disk.')
    .argument('[trace]', 'the trace to replay through one cache')
    .option('--scenario <file>', 'the scenario to replay instead: guests, their traces, and the pool')
    .option('--cache-pages <sizes>', 'sizes of the cache in pages (or objects), separated by commas', parseSizes)
    .addOption(new Option('--algorithm <name>', 'what the cache drops first').choices(['fifo', 'lru']).default('fifo'))
    .addOption(
      new Option('--unit <unit>', 'what a record references: its 4 KiB pages, or one object whatever its size')
        .choices(['page', 'object'])
        .default('page'),
    )
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
  return { ...readingOf(options), unit: options.unit };
}

function parseSizes(list: string): number[] {
  return list.split(',').map((text) => {
    const size = /^\d{1,15}$/.test(text.trim()) ? Number(text) : -1;
    if (size < 0) throw new InvalidArgumentError(`"${text}" is not a whole number of pages from 0.`);
    return size;
  });
}
