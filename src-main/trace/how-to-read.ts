import type { CsvOptions, CsvTimeUnit } from './csv-layout.ts';
import type { BlockUnit } from './format.ts';
import type { ReadTraceOptions } from './read-trace.ts';

/** How a trace is to be read, as a person says it; what is not given is recognised. */
export interface HowToRead {
  /** One of the formats by name, or `auto`. */
  readonly format?: string | undefined;
  /** Of a CSV trace; with any of these it is read as one unless another format is named. See {@link CsvOptions}. */
  readonly columns?: CsvOptions['columns'];
  readonly delimiter?: string | undefined;
  readonly header?: boolean | undefined;
  readonly timeUnit?: CsvTimeUnit | undefined;
  /** Of the formats whose files do not tell. */
  readonly offsetUnit?: BlockUnit | undefined;
  readonly sizeUnit?: BlockUnit | undefined;
}

/** The trace of a guest while it still is a file. */
export interface FiledTrace {
  /** Null where the guest plays none. */
  readonly traceFile: string | null;
  /** How the file is to be read, and whether its writes are played as reads. */
  readonly traceReading?: HowToRead | undefined;
  readonly writesAsReads?: boolean | undefined;
}

/** The same as the readers want it. */
export function readOptionsOf(how: HowToRead): Pick<ReadTraceOptions, 'format' | 'csv' | 'offsetUnit' | 'sizeUnit'> {
  const { format = 'auto', columns, delimiter, header, timeUnit, offsetUnit, sizeUnit } = how;
  const csv = { columns, delimiter, header, timeUnit };
  const isCsv = Object.values(csv).some((value) => value !== undefined);
  return { format: isCsv && format === 'auto' ? 'csv' : format, ...(isCsv ? { csv } : {}), offsetUnit, sizeUnit };
}
