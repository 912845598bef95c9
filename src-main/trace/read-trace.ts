import { basename } from 'node:path';
import type { ByteSourceOptions } from './byte-source.ts';
import { readBytes } from './byte-source.ts';
import type { CsvOptions } from './csv-layout.ts';
import type { BlockUnit, DecodeOptions, Decoder, ReadTrace, TraceFormatReader, TraceUnit } from './format.ts';
import { TRACE_FORMATS, formatNamed } from './registry.ts';
import { TraceError } from './trace-error.ts';

/** How much of the (decompressed) beginning of a file the formats are recognised by. */
const HEAD_BYTES = 65_536;

export interface ReadTraceOptions extends ByteSourceOptions {
  /** One of {@link TRACE_FORMATS} by name, in any case; `auto` (the default) recognises it by content. */
  readonly format?: string | undefined;
  readonly unit?: TraceUnit | undefined;
  /** Leave out the times: faster, and less memory. */
  readonly withoutTimes?: boolean | undefined;
  /** Where the columns of a generic CSV are; with it the format is `csv` unless another is named. */
  readonly csv?: CsvOptions | undefined;
  /** Unit of the offsets, for a format whose files come in both; recognised unless given. */
  readonly offsetUnit?: BlockUnit | undefined;
  /** Unit of the sizes, likewise. */
  readonly sizeUnit?: BlockUnit | undefined;
}

/**
 * Reads a trace, plain or compressed, in bounded memory beside the result.
 * @throws TraceError with the file, the place in it and the reason when it is no whole trace of that format, or `signal` cancels.
 */
export async function readTrace(file: string, options: ReadTraceOptions = {}): Promise<ReadTrace> {
  const { unit = 'page', csv, withoutTimes, offsetUnit, sizeUnit } = options;
  const format = options.format ?? (csv ? 'csv' : 'auto');
  const given = format === 'auto' ? null : (formatNamed(format) ?? null);
  if (format !== 'auto' && !given) {
    const names = TRACE_FORMATS.map(({ name }) => name).join(', ');
    throw new TraceError('bad-trace', `There is no trace format "${format}".`, `Give one of ${names}, or auto.`);
  }
  try {
    const reading = new Reading(file, given, { unit, csv, withoutTimes, offsetUnit, sizeUnit });
    const notes = await readBytes(file, (bytes, expected) => reading.push(bytes, expected), options);
    return reading.end(notes);
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    throw new TraceError(error.code, `${file}: ${error.message}`, error.remedy, { cause: error });
  }
}

/** Holds the first bytes back until they show the format and its units, then passes everything to its decoder. */
class Reading {
  private readonly file: string;
  private readonly options: DecodeOptions;
  private format: TraceFormatReader | null;
  private decoder: Decoder | null = null;
  private head = new Uint8Array(0);

  constructor(file: string, format: TraceFormatReader | null, options: DecodeOptions) {
    this.file = file;
    this.options = options;
    this.format = format;
  }

  push(bytes: Uint8Array, expectedBytes: number): void {
    if (this.decoder) {
      this.decoder.push(bytes);
      return;
    }
    const head = new Uint8Array(this.head.length + bytes.length);
    head.set(this.head);
    head.set(bytes, this.head.length);
    this.head = head;
    if (head.length >= HEAD_BYTES) this.start(expectedBytes);
  }

  end(notes: readonly string[]): ReadTrace {
    const { decoder, format } = this.start(this.head.length);
    const { trace, records, ignored, postCache, notes: more } = decoder.end();
    const info = {
      format: format.name,
      unit: this.options.unit,
      records,
      ignored,
      postCache,
      notes: [...notes, ...more],
    };
    return { ...trace, info };
  }

  private start(expectedBytes: number): { decoder: Decoder; format: TraceFormatReader } {
    const head = this.head.subarray(0, HEAD_BYTES);
    this.format ??= recognise(head, basename(this.file));
    if (!this.decoder) {
      refuseUnits(this.format, this.options);
      this.decoder = this.format.decoder({ ...this.options, expectedBytes }, head);
      this.decoder.push(this.head);
      this.head = new Uint8Array(0);
    }
    return { decoder: this.decoder, format: this.format };
  }
}

/** A unit that would change nothing is refused: it was meant for another format. */
function refuseUnits({ name, unclear = [] }: TraceFormatReader, { offsetUnit, sizeUnit }: DecodeOptions): void {
  for (const [what, given] of [
    ['offset', offsetUnit],
    ['size', sizeUnit],
  ] as const) {
    if (given === undefined || unclear.includes(what)) continue;
    const takers = TRACE_FORMATS.filter((format) => format.unclear?.includes(what)).map((format) => format.name);
    throw new TraceError(
      'bad-trace',
      `it is read as ${name}, a format that says itself what its ${what}s are counted in.`,
      `Leave the unit of the ${what}s out; it is for the formats ${takers.join(' and ')}.`,
    );
  }
}

function recognise(head: Uint8Array, fileName: string): TraceFormatReader {
  let best: TraceFormatReader | null = null;
  let surest = 0;
  for (const format of TRACE_FORMATS) {
    const likeness = format.likeness(head, fileName);
    if (likeness > surest) {
      surest = likeness;
      best = format;
    }
  }
  if (best) return best;
  const titles = TRACE_FORMATS.map(({ name, title }) => `${name} (${title})`).join(', ');
  throw new TraceError(
    'bad-trace',
    `its first ${head.length.toLocaleString('en')} bytes look like no format that the console reads.`,
    `It reads ${titles}; name the format if it is one of them.`,
  );
}
