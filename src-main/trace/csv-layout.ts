import type { TextFields } from './text-fields.ts';
import { BadRecord } from './trace-error.ts';

/** What a column of a generic CSV trace can hold. One of `object` and `offset` must be there. */
export const CSV_COLUMNS = ['time', 'guest', 'volume', 'object', 'offset', 'size', 'op'] as const;
export type CsvColumn = (typeof CSV_COLUMNS)[number];

export const CSV_TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const;
export type CsvTimeUnit = (typeof CSV_TIME_UNITS)[number];

/** How to read a generic CSV trace; what is not given is recognised. */
export interface CsvOptions {
  /** One character. */
  readonly delimiter?: string | undefined;
  /** Whether the first line names the columns. */
  readonly header?: boolean | undefined;
  /** For each column its number, from 1, or its name in the header, in any case. */
  readonly columns?: Readonly<Partial<Record<CsvColumn, number | string | undefined>>> | undefined;
  /** Seconds unless given, or said by the column's name (`time_us`). Decimal places are allowed. */
  readonly timeUnit?: CsvTimeUnit | undefined;
}

/** Where the columns of one file are: field numbers from 0, −1 for a column that it has not. */
export interface CsvLayout {
  readonly fields: Readonly<Record<CsvColumn, number>>;
  readonly timeUnit: CsvTimeUnit;
  /** How many fields a line must have at least. */
  readonly needed: number;
  /** The first line names the columns and is no record. */
  readonly hasHeader: boolean;
}

/** Names by which columns are recognised in a header, without what follows a unit. */
const KNOWN_NAMES: Readonly<Record<CsvColumn, readonly string[]>> = {
  time: ['time', 'timestamp', 'ts', 'clock', 'clock_time', 'real_time', 'seconds'],
  guest: ['guest', 'tenant', 'host', 'hostname', 'vm', 'client', 'domain', 'tenant_id', 'guest_id', 'vm_id'],
  volume: ['volume', 'disk', 'disknumber', 'disk_number', 'device', 'dev', 'volume_id', 'device_id', 'file'],
  object: ['object', 'obj', 'object_id', 'obj_id', 'objid', 'id', 'key', 'page', 'block', 'inode', 'ino'],
  offset: ['offset', 'byte_offset', 'offset_bytes', 'ofs', 'pos', 'position'],
  size: ['size', 'length', 'len', 'bytes', 'object_size', 'obj_size', 'objsize', 'size_bytes', 'length_bytes'],
  op: ['op', 'operation', 'opcode', 'type', 'rw', 'request_type', 'cmd'],
};
const REMEDY = 'Name the columns, such as "time=1,object=2,size=3".';
const DELIMITERS = [',', '\t', ';', '|', ' '];

/** The character that cuts the line into the most fields: a comma where there is nothing to choose. */
export function delimiterOf(line: string): string {
  let best = ',';
  let most = 1;
  for (const delimiter of DELIMITERS) {
    const fields = line.split(delimiter).length;
    if (fields > most) {
      most = fields;
      best = delimiter;
    }
  }
  return best;
}

/**
 * Finds the columns by what the caller says and what the first line holds.
 * @throws BadRecord when a named column is not there, or neither object nor offset is known.
 */
export function layoutOf(first: TextFields, options: CsvOptions): CsvLayout {
  const names = Array.from({ length: first.count }, (_, field) => normal(first.text(field).replace(/^\uFEFF/, '')));
  const given = options.columns ?? {};
  const hasHeader = options.header ?? looksLikeHeader(first, names, given);
  const fields = { time: -1, guest: -1, volume: -1, object: -1, offset: -1, size: -1, op: -1 };
  let timeUnit = options.timeUnit;
  for (const column of CSV_COLUMNS) {
    const where = given[column];
    if (where !== undefined) fields[column] = fieldOf(column, where, names, hasHeader);
    else if (hasHeader && Object.keys(given).length === 0) fields[column] = recognised(column, names);
  }
  if (hasHeader && fields.time >= 0) timeUnit ??= unitOf(names[fields.time] ?? '');
  if (fields.object < 0 && fields.offset < 0) {
    throw new BadRecord('no column is known as the object or the offset', REMEDY);
  }
  return { fields, timeUnit: timeUnit ?? 's', needed: Math.max(...Object.values(fields)) + 1, hasHeader };
}

/** Whether a line holds the names of columns, the object or offset among them, as this reader knows them. */
export function namesColumns(line: string): boolean {
  const names = line
    .split(delimiterOf(line))
    .map((name) => normal(name.replace(/^\uFEFF/, '').replace(/^\s*"|"\s*$/g, '')));
  return recognised('object', names) >= 0 || recognised('offset', names) >= 0;
}

function looksLikeHeader(
  first: TextFields,
  names: readonly string[],
  given: NonNullable<CsvOptions['columns']>,
): boolean {
  const columns = Object.values(given);
  if (columns.length === 0) return recognised('object', names) >= 0 || recognised('offset', names) >= 0;
  if (columns.some((where) => typeof where === 'string')) return true;
  const { time, offset, size } = given;
  return [time, offset, size].some(
    (at) => typeof at === 'number' && at <= first.count && /[a-z]/i.test(first.text(at - 1)),
  );
}

function fieldOf(column: CsvColumn, where: number | string, names: readonly string[], hasHeader: boolean): number {
  if (typeof where === 'number') {
    if (where < 1 || where > names.length) {
      throw new BadRecord(`the ${column} is said to be column ${where}, but the line has ${names.length}`, REMEDY);
    }
    return where - 1;
  }
  const field = hasHeader ? names.indexOf(normal(where)) : -1;
  if (field < 0)
    throw new BadRecord(`no column is named "${where}"`, 'Give the name as in the first line, or the number.');
  return field;
}

function recognised(column: CsvColumn, names: readonly string[]): number {
  return names.findIndex((name) => KNOWN_NAMES[column].includes(column === 'time' ? withoutUnit(name) : name));
}

function withoutUnit(name: string): string {
  return name.replace(/_?\(?(?:s|sec|ms|us|µs|ns)\)?$/, (unit, at: number) =>
    at > 0 && /[_(]/.test(unit) ? '' : unit,
  );
}

function unitOf(name: string): CsvTimeUnit {
  const unit = /[_(](s|sec|ms|us|µs|ns)\)?$/.exec(name)?.[1];
  if (unit === 'µs') return 'us';
  return CSV_TIME_UNITS.find((known) => known === unit) ?? 's';
}

function normal(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}
