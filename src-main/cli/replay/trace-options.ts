import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CsvColumn } from '#main/trace/csv-layout.ts';
import { CSV_COLUMNS, CSV_TIME_UNITS } from '#main/trace/csv-layout.ts';
import { BLOCK_UNITS } from '#main/trace/format.ts';
import { type HowToRead, readOptionsOf } from '#main/trace/how-to-read.ts';
import { TRACE_FORMATS, formatNamed } from '#main/trace/registry.ts';
import type { TraceOptions } from './traces.ts';

/** Options of every command that reads traces. */
export type TraceReadingOptions = HowToRead;

/** Adds the options that say how traces are to be read. */
export function withTraceOptions(command: Command): Command {
  return command
    .option('--format <name>', 'format of the traces', parseFormat, 'auto')
    .option('--columns <list>', `columns of a CSV trace, by number or name: ${CSV_COLUMNS.join(', ')}`, parseColumns)
    .option('--delimiter <character>', 'what separates the columns of a CSV trace', parseDelimiter)
    .option('--header', 'the first line of a CSV trace names its columns')
    .option('--no-header', 'it is a record')
    .addOption(new Option('--time-unit <unit>', 'unit of the times of a CSV trace').choices(CSV_TIME_UNITS))
    .addOption(new Option('--offset-unit <unit>', 'unit of the offsets of a tencent trace').choices(BLOCK_UNITS))
    .addOption(new Option('--size-unit <unit>', 'unit of the sizes of a tencent or vscsi trace').choices(BLOCK_UNITS));
}

/** How traces are to be read, as the options say it. */
export function readingOf(options: TraceReadingOptions): TraceOptions {
  return readOptionsOf(options);
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
