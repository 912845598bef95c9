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
import { isXenListing } from '#main/trace/xen-listing-log.ts';
import { type ImportedRun, importListings } from '../import/import-listings.ts';
import { attended } from '../what-if/attended.ts';

interface ImportOptions extends TraceReadingOptions {
  readonly output?: string;
  readonly db?: string;
  readonly every?: string;
  readonly json?: true;
}

const HELP = `
The whole trace is read, checked and kept in the form in which the console keeps its own: scenarios name it by the name of the file that
it was made of, beside themselves or in a folder "traces" beside theirs. Reading it again takes no decoding, and needs none of the
options below. What is written is whole or not there at all; a file that is there is not replaced.

Formats (plain, gzip or zstd, recognised by content unless given):
${TRACE_FORMATS.map(({ name, title }) => `  ${name.padEnd(18)} ${title}`).join('\n')}

Listings that Xen prints of its tmem ("xl tmem-list -l -a") go into a history instead, as one run: name it with --db. It is
a new file, or one of imports; reports read it, and it says what a listing does not know. Name several files, or one in
which listings follow each other, as "while sleep 10; do date +%s; xl tmem-list -l -a; done >> log" writes it. A listing
was made when the line before it says, or its file was written; --every counts from the first.

Examples:
  tmem-console import disk0.csv.gz --format tencent --offset-unit sectors -o scenarios/
  tmem-console import tmem.log --every 10s --db xen.db

Exit codes: 0 done, 1 the file cannot be written, 2 wrong arguments or trace, 130 cancelled.`;

/** `tmem-console import`: a trace, decoded once and for all. */
export function importCommand(): Command {
  return withTraceOptions(new Command('import'))
    .summary("read a trace once and for all, for scenarios to play; or Xen's listings into a history")
    .description(
      "Reads and checks a recorded trace, and keeps it in the stored form that scenarios play; or listings of Xen's tmem, and keeps them in a history.",
    )
    .argument('<files...>', 'the trace, or listings')
    .option('-o, --output <folder>', 'where to keep it (default: beside the trace)')
    .option('--db <file>', "the history that Xen's listings go to")
    .option('--every <duration>', 'how far apart the listings are: 10s, 1m')
    .option('--json', 'print what is known of it as JSON')
    .addHelpText('after', HELP)
    .action((files: string[], options: ImportOptions) => importFiles(files, options));
}

async function importFiles(files: readonly string[], { db, every, ...options }: ImportOptions): Promise<void> {
  const [first = '', second] = files;
  if (db !== undefined) {
    const imported = await attended((stage) =>
      importListings(files, { database: db, every }, stage('Reading listings')),
    );
    process.stdout.write(options.json ? `${JSON.stringify({ file: db, ...imported })}\n` : runText(db, imported));
    return;
  }
  if (existsSync(first) && (await isXenListing(first))) {
    throw new ConsoleError(
      'bad-argument',
      `${first} is a listing of Xen's tmem: statistics, and no trace that a guest could play.`,
      'Name the history that it is to go to: --db FILE.',
    );
  }
  if (second !== undefined) {
    throw new ConsoleError('bad-argument', 'Traces are imported one by one.', `Leave out ${second}.`);
  }
  if (every !== undefined) {
    throw new ConsoleError(
      'bad-argument',
      '--every belongs to listings.',
      'Leave it out, or name a history with --db.',
    );
  }
  return importFile(first, options);
}

function runText(file: string, { runId, listings, domains, seconds, gapSeconds, notes }: ImportedRun): string {
  const count = (value: number, what: string): string =>
    `${value.toLocaleString('en')} ${what}${value === 1 ? '' : 's'}`;
  const gap = gapSeconds === 0 ? '' : `, ${count(gapSeconds, 'second')} of them not recorded`;
  return [
    `${file}: run ${runId}, ${count(listings, 'listing')} of ${count(domains.length, 'domain')} (${domains.join(', ')}) over ${count(seconds, 'second')}${gap}.`,
    ...notes,
    '',
  ].join('\n');
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
