import type { StateReader, StateWriter } from '../state.ts';
import { ContentCounts } from './content-counts.ts';
import type { ContentSink } from './content-sink.ts';

/** What a compressor costs for a page of 4 KiB, measured on one core of the design's reference CPU. */
export interface Compressor {
  readonly compressNs: number;
  readonly decompressNs: number;
  /** Bytes that a page of each {@link CONTENT_CLASSES} class takes. */
  readonly bytes: readonly number[];
}

/**
 * Kinds of content by how well they compress: not at all (media, encrypted); at the lower and at the upper end of the
 * ratios measured for each compressor; and pages of zeros.
 */
export const CONTENT_CLASSES = ['incompressible', 'dense', 'loose', 'zero'] as const;

export const PAGE_BYTES = 4096;
/** A page that a compressor can't make smaller than this is kept as it is: Xen's bound, a page less two slab headers. */
const POOR_BYTES = PAGE_BYTES - 32;
/** A compressed page of zeros: the few bytes of one long match. */
const ZERO_BYTES = 32;
/** Hashing a page to look for an equal one, and comparing the candidate: both read 4 KiB. */
const DEDUPLICATE_NS = 800;

/** DESIGN.md section 3: 4 KiB at lz4 6.0/1.2 µs ratio 1.6 to 2.5, lzo1x-1 6.5/4.6 µs 1.6 to 2.6, zstd-1 17.2/6.2 µs 2.1 to 3.5. */
export const COMPRESSORS = {
  lz4: { compressNs: 6000, decompressNs: 1200, bytes: [PAGE_BYTES, 2560, 1638, ZERO_BYTES] },
  lzo: { compressNs: 6500, decompressNs: 4600, bytes: [PAGE_BYTES, 2560, 1575, ZERO_BYTES] },
  zstd: { compressNs: 17_200, decompressNs: 6200, bytes: [PAGE_BYTES, 1950, 1170, ZERO_BYTES] },
} as const satisfies Record<string, Compressor>;
export type CompressorName = keyof typeof COMPRESSORS;

/** Bytes that a page of a class is kept in: compressed, or whole where that does not help or there is no compressor. */
export function keptBytes(compressor: Compressor | null, kind: number): number {
  const bytes = compressor?.bytes[kind] ?? PAGE_BYTES;
  return bytes > POOR_BYTES ? PAGE_BYTES : bytes;
}

export interface ContentAccountingOptions {
  /** Null: pages are kept as they are. */
  readonly compressor: CompressorName | null;
  readonly deduplicate: boolean;
  /** Pages of persistent pools are not deduplicated, as in Xen. Default false. */
  readonly sharesEphemeralOnly?: boolean;
  /** The class of a content (an index of {@link CONTENT_CLASSES}). Must always answer the same for the same content. */
  readonly classOf: (contentLo: number, contentHi: number) => number;
}

/**
 * What compression and deduplication would save, and what they would cost, told by the contents of pages as they come
 * and go: contents are equal when their 64-bit stand-ins are, and compress as their class does. It is bookkeeping beside
 * the store: the store holds as many pages, and evicts as early, as without it; {@link savedPages} says how many more it
 * could hold, not what holding them would change. A store that holds more by it has a {@link Packing} besides.
 */
export class ContentAccounting implements ContentSink {
  /** Pages in the store. */
  pages = 0;
  /** Bytes that they take after deduplication and compression. */
  bytes = 0;
  /** Pages whose content was there already when they came. */
  duplicates = 0;
  /** Pages that were compressed but kept whole, because it did not help. */
  poor = 0;
  /** CPU time spent so far, in ns. */
  cpuNs = 0;
  private readonly compressor: Compressor | null;
  private readonly deduplicate: boolean;
  private readonly sharesEphemeralOnly: boolean;
  private readonly classOf: ContentAccountingOptions['classOf'];
  private counts = new ContentCounts();

  constructor(options: ContentAccountingOptions) {
    this.compressor = options.compressor === null ? null : COMPRESSORS[options.compressor];
    this.deduplicate = options.deduplicate;
    this.sharesEphemeralOnly = options.sharesEphemeralOnly ?? false;
    this.classOf = options.classOf;
  }

  /** Whole pages of memory that are not needed for what is stored. */
  get savedPages(): number {
    return Math.floor((this.pages * PAGE_BYTES - this.bytes) / PAGE_BYTES);
  }

  /** Different contents stored, where they are deduplicated. */
  get differentContents(): number {
    return this.counts.size;
  }

  stored(lo: number, hi: number, isEphemeral = true): void {
    this.pages++;
    if (this.shares(isEphemeral)) {
      this.cpuNs += DEDUPLICATE_NS;
      if (this.counts.add(lo, hi, 1) > 1) {
        this.duplicates++;
        return;
      }
    }
    if (this.compressor !== null) {
      this.cpuNs += this.compressor.compressNs;
      if (this.compressedBytes(lo, hi) > POOR_BYTES) this.poor++;
    }
    this.bytes += keptBytes(this.compressor, this.classOf(lo, hi));
  }

  read(lo: number, hi: number): void {
    const { compressor } = this;
    if (compressor !== null && this.compressedBytes(lo, hi) <= POOR_BYTES) this.cpuNs += compressor.decompressNs;
  }

  removed(lo: number, hi: number, isEphemeral = true): void {
    this.pages--;
    if (this.shares(isEphemeral) && this.counts.add(lo, hi, -1) > 0) return;
    this.bytes -= keptBytes(this.compressor, this.classOf(lo, hi));
  }

  save(to: StateWriter): void {
    to.numbers('contents', this.pages, this.bytes, this.duplicates, this.poor, this.cpuNs);
    this.counts.save(to);
  }

  restore(from: StateReader): void {
    [this.pages = 0, this.bytes = 0, this.duplicates = 0, this.poor = 0, this.cpuNs = 0] = from.numbers('contents');
    this.counts.restore(from);
  }

  private shares(isEphemeral: boolean): boolean {
    return this.deduplicate && (isEphemeral || !this.sharesEphemeralOnly);
  }

  private compressedBytes(lo: number, hi: number): number {
    return this.compressor?.bytes[this.classOf(lo, hi)] ?? PAGE_BYTES;
  }
}
