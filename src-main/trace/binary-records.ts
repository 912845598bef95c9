import { BadRecord, TraceError } from './trace-error.ts';

/** Cuts a stream of bytes into records of one length and adds the byte offset to whatever is wrong with one. */
export class BinaryRecords {
  private readonly recordBytes: number;
  private readonly onRecords: (view: DataView, at: number, count: number) => void;
  private readonly startsAt: number;
  private readonly rest: Uint8Array;
  private readonly restView: DataView;
  private restBytes = 0;
  private records = 0;

  /** Records that were in order so far. */
  get count(): number {
    return this.records;
  }

  /**
   * @param onRecords gets some records that lie one after another, as a view and the offset in it; they are only valid during the call.
   *   When it throws a BadRecord, that is of the record after as many as it has counted with {@link done}.
   * @param startsAt where the first record stands in the file, behind a header that is not pushed.
   */
  constructor(recordBytes: number, onRecords: (view: DataView, at: number, count: number) => void, startsAt = 0) {
    this.recordBytes = recordBytes;
    this.onRecords = onRecords;
    this.startsAt = startsAt;
    this.rest = new Uint8Array(recordBytes);
    this.restView = new DataView(this.rest.buffer);
  }

  push(chunk: Uint8Array): void {
    const { recordBytes, onRecords } = this;
    let at = 0;
    try {
      if (this.restBytes > 0) {
        at = Math.min(chunk.length, recordBytes - this.restBytes);
        this.rest.set(chunk.subarray(0, at), this.restBytes);
        this.restBytes += at;
        if (this.restBytes < recordBytes) return;
        this.restBytes = 0;
        onRecords(this.restView, 0, 1);
      }
      const count = Math.floor((chunk.length - at) / recordBytes);
      onRecords(new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), at, count);
      at += count * recordBytes;
    } catch (error) {
      if (!(error instanceof BadRecord)) throw error;
      throw new TraceError('bad-trace', `${this.place()}: ${error.message}.`, error.remedy);
    }
    this.rest.set(chunk.subarray(at));
    this.restBytes = chunk.length - at;
  }

  /** Counts records that were in order. */
  done(count = 1): void {
    this.records += count;
  }

  /** @throws TraceError when the stream ends within a record, or has none. */
  end(): void {
    if (this.restBytes > 0) {
      throw new TraceError(
        'bad-trace',
        `${this.place()}: the record has ${this.restBytes} of its ${this.recordBytes} bytes.`,
        'Copy the file again; it is not whole.',
      );
    }
    if (this.records === 0) throw new TraceError('bad-trace', 'it has no records.', 'Record or copy the trace again.');
  }

  private place(): string {
    const offset = (this.startsAt + this.records * this.recordBytes).toLocaleString('en');
    return `byte ${offset} (record ${(this.records + 1).toLocaleString('en')})`;
  }
}
