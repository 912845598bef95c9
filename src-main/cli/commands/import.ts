import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { ConsoleError } from '#contract/errors.ts';
import type { TraceSummary } from '#contract/scenarios.ts';
import { importTrace } from '#main/study-process/trace-work.ts';
import { STORED_ENDING } from '#main/trace/load-trace.ts';
import { TRACE_FORMATS } from '#main/trace/registry.ts';
import { TraceError } from '#main/trace/trace-error.ts';
import { readingOf, type TraceReadingOptions, withTraceOptions } from '../replay/trace-options.ts';
import { attended } from '../what-if/attended.ts';

interface ImportOptions extends TraceReadingOptions {
  readonly output?: string;
  readonly json?: true;
}

const HELP = `
The whole trace is read, checked and kept in the form in which the console keeps its own: scenarios name it by the name of the file that
it was made of, beside themselves or in a folder "traces" beside theirs. Reading it again takes no decoding, and needs none of the
options below. What is written is whole or not there at all; a file that is there is not replaced.

Formats (plain, gzip or zstd, recognised by content unless given):
${TRACE_FORMATS.map(({ name, title }) => `  ${name.padEnd(18)} ${title}`).join('\n')}

Example:
  tmem-console import disk0.csv.gz --format tencent --offset-unit sectors -o scenarios/

Exit codes: 0 done, 1 the file cannot be written, 2 wrong arguments or trace, 130 cancelled.`;

/** `tmem-console import`: a trace, decoded once and for all. */
export function importCommand(): Command {
  return withTraceOptions(new Command('import'))
    .summary('read a trace once and for all, for scenarios to play')
    .description('Reads and checks a recorded trace, and keeps it in the stored form that scenarios play.')
    .argument('<trace>', 'the trace')
    .option('-o, --output <folder>', 'where to keep it (default: beside the trace)')
    .option('--json', 'print what is known of it as JSON')
    .addHelpText('after', HELP)
    .action((trace: string, options: ImportOptions) => importFile(trace, options));
}

async function importFile(sourceFile: string, options: ImportOptions): Promise<void> {
  const folder = resolve(options.output ?? dirname(sourceFile));
  const targetFile = resolve(folder, `${basename(sourceFile)}${STORED_ENDING}`);
  if (!existsSync(folder)) {
    throw new ConsoleError('bad-argument', `There is no folder ${folder}.`, 'Make it, or name another with --output.');
  }
  if (existsSync(targetFile)) {
    throw new ConsoleError('bad-argument', `${targetFile} is there already.`, 'Remove it first, or rename the trace.');
  }
  const summary = await attended((stage) => {
    const { signal, onProgress } = stage(`Reading ${basename(sourceFile)}`);
    const reading = { ...readingOf(options), ...(signal === undefined ? {} : { signal }) };
    return importTrace({ sourceFile, format: null, targetFile }, (done) => onProgress?.(done), reading);
  }).catch((error: unknown) => {
    if (!(error instanceof TraceError)) throw error;
    throw new ConsoleError(error.code, error.message, error.remedy, { cause: error });
  });
  process.stderr.write(`${targetFile}: scenarios can name it as "${basename(sourceFile)}".\n`);
  process.stdout.write(options.json ? `${JSON.stringify({ file: targetFile, ...summary })}\n` : summaryText(summary));
}

function summaryText(summary: TraceSummary): string {
  const { formatTitle, references, distinctPages, records, ignored, writes, spanUs, postCache, notes } = summary;
  const count = (value: number): string => value.toLocaleString('en');
  const lines = [
    `${formatTitle}: ${count(references)} references to ${count(distinctPages)} pages, of ${count(records)} records (${count(ignored)} others).`,
    writes === null ? 'It does not tell reads from writes.' : `${count(writes)} of them write.`,
    spanUs === null ? 'It has no times.' : `They span ${(spanUs / 1e6).toFixed(3)} s.`,
    ...(postCache ? ['It was recorded below its guest’s page cache.'] : []),
    ...notes,
  ];
  return `${lines.join('\n')}\n`;
}
