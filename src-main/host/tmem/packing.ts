import type { StateReader, StateWriter } from '../state.ts';
import { type Compressor, COMPRESSORS, type CompressorName, keptBytes, PAGE_BYTES } from './content-accounting.ts';
import { ContentCounts } from './content-counts.ts';
import { lengthened } from './memory.ts';

/** How a store packs its pages. */
export interface PackingOptions {
  /** Null: pages are kept as they are. */
  readonly compressor: CompressorName | null;
  /** Equal pages of ephemeral pools are kept once, as Xen did up to 4.7 (its `pcd`); persistent pages never. */
  readonly deduplicate: boolean;
  /** The class of a content, an index of `CONTENT_CLASSES`. Must always answer the same for the same content. */
  readonly classOf: (contentLo: number, contentHi: number) => number;
}

/**
 * The bytes that stored pages are really kept in, where a store compresses and deduplicates: those of ephemeral pools all
 * together, those of persistent pools by domain, which pays for them (Xen's slabs: TMEM-SEMANTICS 3.1). What is packed lies
 * without gaps and headers, so memory is as many pages as the bytes fill, the last one in part.
 */
export class Packing {
  ephemeralBytes = 0;
  /** By number of the domain. */
  private persistentBytes = new Float64Array(8);
  private readonly compressor: Compressor | null;
  private readonly classOf: PackingOptions['classOf'];
  /** Ephemeral contents, where they are deduplicated. */
  private readonly counts: ContentCounts | null;

  constructor({ compressor, deduplicate, classOf }: PackingOptions) {
    this.compressor = compressor === null ? null : COMPRESSORS[compressor];
    this.classOf = classOf;
    this.counts = deduplicate ? new ContentCounts() : null;
  }

  /** Bytes of ephemeral pools after one page more of this content. */
  ephemeralWith(lo: number, hi: number): number {
    const isThere = this.counts !== null && this.counts.countOf(lo, hi) > 0;
    return isThere ? this.ephemeralBytes : this.ephemeralBytes + this.bytesOf(lo, hi);
  }

  /** How many bytes less they are after one of these pages, which is there, has gone. */
  ephemeralLoss(lo: number, hi: number): number {
    return this.counts !== null && this.counts.countOf(lo, hi) > 1 ? 0 : this.bytesOf(lo, hi);
  }

  addEphemeral(lo: number, hi: number): void {
    this.ephemeralBytes = this.ephemeralWith(lo, hi);
    this.counts?.add(lo, hi, 1);
  }

  removeEphemeral(lo: number, hi: number): void {
    this.ephemeralBytes -= this.ephemeralLoss(lo, hi);
    this.counts?.add(lo, hi, -1);
  }

  /** Bytes of a domain's persistent pools. */
  persistentBytesOf(domain: number): number {
    return domain < this.persistentBytes.length ? this.persistentBytes[domain] : 0;
  }

  /** A domain's persistent pools hold these many bytes more. */
  addPersistent(domain: number, bytes: number): void {
    while (domain >= this.persistentBytes.length) {
      this.persistentBytes = lengthened(this.persistentBytes, new Float64Array(2 * this.persistentBytes.length));
    }
    this.persistentBytes[domain] += bytes;
  }

  /** What a page of this content is kept in. */
  bytesOf(lo: number, hi: number): number {
    return keptBytes(this.compressor, this.classOf(lo, hi));
  }

  save(to: StateWriter): void {
    to.numbers('packed ephemeral bytes', this.ephemeralBytes);
    to.array('packed persistent bytes', this.persistentBytes);
    this.counts?.save(to);
  }

  restore(from: StateReader): void {
    [this.ephemeralBytes = 0] = from.numbers('packed ephemeral bytes');
    this.persistentBytes = from.array('packed persistent bytes', Float64Array).slice();
    this.counts?.restore(from);
  }
}

/** Pages of memory that so many bytes fill. */
export function pagesFilledBy(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES);
}
