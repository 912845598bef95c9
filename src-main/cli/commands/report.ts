import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ConsoleError } from '#contract/errors.ts';
import type { ReportFormat } from '#contract/reports.ts';
import { REPORT_FORMATS } from '#contract/reports.ts';
import { historyError } from '#main/history/connection.ts';
import { openHistory } from '#main/history/open-history.ts';
import { buildReport } from '#main/report/build-report.ts';
import { rangeBetween } from '#main/report/range-ends.ts';
import { reportText, writeReport } from '#main/report/render-report.ts';
import { Output } from '../output.ts';

const HELP = `
Times are host times (hh:mm:ss or seconds) of the newest run, or of the run given with --run; "start" and "end", of the run
given or of the whole history; or wall times such as 2025-11-23T14:30:00Z (without a zone: of this machine).

html and json are one file; a file that is there is replaced. csv makes a new folder with a file for each table: about.csv,
guests.csv, pool.csv, evictions.csv, actions.csv, clock-events.csv, runs.csv. What is written is whole or not there at all.
It reads only, and so works beside a console that runs. The JSON form is described by schemas/report.schema.json.

Exit codes: 0 done, 1 the history cannot be read, the range has nothing, or the file cannot be written, 2 wrong arguments.`;

interface ReportCommandOptions {
  readonly db: string;
  readonly from: string;
  readonly to: string;
  readonly run?: number;
  readonly guests?: string[];
  readonly format: ReportFormat;
  readonly output: string;
}

/** `tmem-console report`: what happened over a range of host time, as a file. */
export function reportCommand(): Command {
  return new Command('report')
    .summary('make a report over a range of recorded time')
    .description('Statistics of guests and pool, evictions and admin actions over a range, as CSV, JSON or HTML.')
    .requiredOption('--db <file>', 'the history')
    .option('--from <time>', 'beginning of the range', 'start')
    .option('--to <time>', 'end of the range, included', 'end')
    .option('--run <number>', 'the run that host times belong to (default: the newest)', parseRun)
    .option('--guests <names>', 'only these guests, separated by commas', (text: string) => text.split(','))
    .addOption(new Option('--format <format>', 'form of the report').choices(REPORT_FORMATS).default('html'))
    .requiredOption('-o, --output <file>', 'where to write it; "-" is stdout, for html and json')
    .addHelpText('after', HELP)
    .action((options: ReportCommandOptions) => makeReport(options));
}

async function makeReport({ db, from, to, run, guests = [], format, output }: ReportCommandOptions): Promise<void> {
  if (output === '-' && format === 'csv') {
    throw new ConsoleError(
      'bad-argument',
      'CSV is several files and cannot go to stdout.',
      'Name a new folder: -o report',
    );
  }
  try {
    const connection = openHistory(db);
    try {
      const range = rangeBetween(connection, { from, to, runId: run ?? null });
      const versions = { node: process.versions.node };
      const report = buildReport(connection, { range, guests, versions, nowMs: Date.now() });
      if (output === '-' && format !== 'csv') {
        const stdout = new Output();
        stdout.write(reportText(connection, report, format));
        await stdout.flush();
        return;
      }
      const file = resolve(output);
      const bytes = writeReport(connection, report, { format, file });
      process.stderr.write(`${file}: ${bytes} bytes, ${report.recordedSeconds} host seconds.\n`);
    } finally {
      connection.close();
    }
  } catch (error) {
    throw historyError(error, db);
  }
}

function parseRun(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be the number of a run, from 1.');
  return Number(text);
}
