import type { CsvOptions } from './csv-layout.ts';
import type { CompactTrace } from '../host/workload/compact-trace.ts';

/** Units that block traces count in: sectors have 512 bytes, whatever the disk's own were. */
export const BLOCK_UNITS = ['sectors', 'bytes'] as const;
export type BlockUnit = (typeof BLOCK_UNITS)[number];

/** What counts as one reference: each aligned 4 KiB page that a record covers, or each record whatever its size. */
export type TraceUnit = 'page' | 'object';

/** What a reader found beside the references. */
export interface TraceInfo {
  /** The name of the format, one of {@link TRACE_FORMATS}. */
  readonly format: string;
  readonly unit: TraceUnit;
  /** Lines or records that became references. */
  readonly records: number;
  /** Lines or records that are well formed and no references: comments, other events, requests of no bytes. */
  readonly ignored: number;
  /**
   * The trace was recorded below its guest's page cache (block traces, page-cache misses): replay it with the guest's RAM at 0,
   * or with the RAM at recording time credited.
   */
  readonly postCache: boolean;
  /** Whole sentences for a person: events the recorder lost, bytes after the end of the compressed data … */
  readonly notes: readonly string[];
}

/** A decoded trace and what is known about it. */
export interface ReadTrace extends CompactTrace {
  readonly info: TraceInfo;
}

/** What the decoder of one format needs to know. */
export interface DecodeOptions {
  readonly unit: TraceUnit;
  /** Times are not needed: less memory, and faster. */
  readonly withoutTimes?: boolean | undefined;
  /** How many bytes there will be, where that is known. */
  readonly expectedBytes?: number | undefined;
  /** Where the columns are, for the format `csv`. */
  readonly csv?: CsvOptions | undefined;
  /** For the formats whose files come in both: see {@link TraceFormatReader.unclear}. Recognised unless given. */
  readonly offsetUnit?: BlockUnit | undefined;
  readonly sizeUnit?: BlockUnit | undefined;
}

/** What a decoder hands back: everything but the format's name and unit, which its caller knows. */
export interface Decoded {
  readonly trace: CompactTrace;
  readonly records: number;
  readonly ignored: number;
  readonly postCache: boolean;
  readonly notes: readonly string[];
}

/** Takes the decompressed bytes of a trace piece by piece. */
export interface Decoder {
  /** @throws TraceError with the place (line or byte offset) where the bytes are no trace of this format. */
  push(chunk: Uint8Array): void;
  /** To be called once, after the last piece. @throws TraceError when the trace ends in the middle of a record or has none. */
  end(): Decoded;
}

/** One format: a file of `formats/` and a line in `registry.ts`. */
export interface TraceFormatReader {
  /** As `--format` takes it. */
  readonly name: string;
  /** For a person. */
  readonly title: string;
  /**
   * How sure the first bytes (up to 64 KiB, the whole file when it is smaller) make it that a file is of this format:
   * 0 = it is not, 1 = there is no doubt. The surest format reads the file.
   */
  likeness(head: Uint8Array, fileName: string): number;
  /** Which units its files do not tell, so that they may be given as `offsetUnit` and `sizeUnit`. */
  readonly unclear?: readonly ('offset' | 'size')[];
  /** @param head the first bytes, as {@link likeness} sees them; the decoder gets them again with the first push. */
  decoder(options: DecodeOptions, head: Uint8Array): Decoder;
}
