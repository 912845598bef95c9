import type { Decoded, DecodeOptions } from './format.ts';
import { ObjectPages } from './object-pages.ts';
import { TraceError } from './trace-error.ts';
import { TraceBuilder } from './trace-builder.ts';

const PAGE_BYTES = 4096;
const TWO_32 = 2 ** 32;

/**
 * Makes references of block requests: each aligned 4 KiB page that a request covers; one of no bytes references none. With the unit
 * "object" a request references the object that begins at its offset.
 */
export class BlockRequests {
  readonly builder: TraceBuilder;
  /** Requests of no bytes, and what the caller adds. */
  ignored = 0;
  private readonly perObject: boolean;
  private readonly objects: ObjectPages;

  constructor({ unit, withoutTimes }: DecodeOptions, expected = 0) {
    this.perObject = unit === 'object';
    this.builder = new TraceBuilder(expected, !withoutTimes);
    this.objects = new ObjectPages(this.builder, (file) => file);
  }

  /**
   * Adds a request for `size` bytes at `offset` of a file (a volume) that the builder knows; time, write and tenant as in
   * {@link TraceBuilder.range}.
   * @returns the number of its first reference, or −1 where it has no references to pages (yet).
   * @throws BadRecord when it is larger than requests are.
   */
  request(file: number, offset: number, size: number, timeUs: number, write: number, tenant: number): number {
    if (this.perObject) {
      this.objects.reference(file, Math.floor(offset / TWO_32), offset % TWO_32, 1, timeUs, write, tenant);
      return -1;
    }
    if (size === 0) {
      this.ignored++;
      return -1;
    }
    const { builder } = this;
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.floor((offset + size - 1) / PAGE_BYTES);
    const reference = builder.references;
    builder.range(file, first, last, timeUs, write, tenant);
    return reference;
  }

  /** To be called once, at the end. @throws TraceError when there was no request. */
  finish(): Pick<Decoded, 'trace' | 'records' | 'ignored'> {
    this.objects.flush();
    if (this.builder.references === 0) throw new TraceError('bad-trace', 'it has no request of any bytes.');
    return { trace: this.builder.finish(), records: this.builder.records, ignored: this.ignored };
  }
}
