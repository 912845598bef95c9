import { Decompress } from 'fzstd';
import { TraceError } from './trace-error.ts';
import { WEIGHTS_HEAD_BYTES, weightsEnd } from './zstd-weights.ts';

/** What the zstd tool accepts without "--long" or "--memory"; fzstd allocates the window that a frame claims. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;
/** A block of four bytes can stand for 128 KiB. */
const MAX_BLOCK_BYTES = 128 * 1024;
/** The kind of block that has codes of its own. */
const COMPRESSED = 2;
const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const REMEDY = 'Copy the file again, and test it with "zstd -t".';

/** Whether these first bytes of a file are those of zstd data. */
export function isZstd(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const magic = u32(head, 0);
  return magic === FRAME_MAGIC || (magic & 0xffff_fff0) === SKIPPABLE_MAGIC;
}

/** What the next bytes of the stream are, and what to do with them once all are there. */
type State =
  'magic' | 'skip-size' | 'skip' | 'descriptor' | 'header' | 'block-header' | 'block-head' | 'block' | 'checksum';

/**
 * Decompresses a stream of zstd frames with fzstd, one decompressor a frame. It walks the frames itself (RFC 8878, 3.1), so that no window
 * is allocated because a header claims it, a stream that is cut off is noticed, and frames may follow each other.
 */
export class ZstdStream {
  private readonly onBytes: (bytes: Uint8Array) => void;
  private state: State = 'magic';
  /** Bytes that the state still needs; small ones are collected in `field`. */
  private needed = 4;
  private readonly field = new Uint8Array(WEIGHTS_HEAD_BYTES);
  private fieldLength = 0;
  private frame: Decompress | null = null;
  private lastBlock = false;
  /** Bytes of the block behind its head. */
  private blockRest = 0;
  private hasChecksum = false;
  private frames = 0;
  private readBytes = 0;

  constructor(onBytes: (bytes: Uint8Array) => void) {
    this.onBytes = onBytes;
  }

  /**
   * Takes the next piece. @returns false when what follows the last whole frame is no zstd data: it should be given no more.
   * @throws TraceError where the data are damaged; whatever `onBytes` throws.
   */
  push(piece: Uint8Array): boolean {
    let at = 0;
    while (at < piece.length) {
      const end = Math.min(piece.length, at + this.needed);
      const bytes = piece.subarray(at, end);
      this.readBytes += bytes.length;
      this.needed -= bytes.length;
      at = end;
      if (this.state === 'block' || this.state === 'skip') {
        if (this.state === 'block') this.feed(bytes);
      } else {
        this.field.set(bytes, this.fieldLength);
        this.fieldLength += bytes.length;
      }
      if (this.needed === 0 && !this.advance()) return false;
    }
    return true;
  }

  /** @throws TraceError when the data end within a frame. */
  end(): void {
    if (this.state === 'magic' && this.frames > 0) return;
    throw new TraceError(
      'bad-trace',
      `the zstd data are cut off at byte ${this.readBytes.toLocaleString('en')} of the file.`,
      'Copy the file again; it is not whole.',
    );
  }

  /** Goes to the next state when all bytes of this one are there. Returns false at the end of the zstd data. */
  private advance(): boolean {
    const { field, fieldLength: length } = this;
    switch (this.state) {
      case 'magic': {
        const magic = u32(field, 0);
        if ((magic & 0xffff_fff0) === SKIPPABLE_MAGIC) return this.expect('skip-size', 4);
        if (magic !== FRAME_MAGIC) return false;
        this.state = 'descriptor';
        this.needed = 1; // The field goes on: the decompressor wants the frame from its magic number on.
        return true;
      }
      case 'skip-size': {
        const size = u32(field, 0);
        this.frames++;
        return size === 0 ? this.expect('magic', 4) : this.expect('skip', size);
      }
      case 'skip':
        return this.expect('magic', 4);
      case 'descriptor': {
        this.hasChecksum = (field[4] & 4) !== 0;
        this.state = 'header';
        this.needed = headerBytes(field[4]);
        return true;
      }
      case 'header':
        this.startFrame(field.slice(0, length));
        return this.expect('block-header', 3);
      case 'block-header': {
        const header = field[0] | (field[1] << 8) | (field[2] << 16);
        this.lastBlock = (header & 1) !== 0;
        const type = (header >> 1) & 3;
        const size = header >> 3;
        if (type === 3 || size > MAX_BLOCK_BYTES) throw this.damaged('it has no such kind of block');
        this.feed(field.slice(0, 3));
        const stored = type === 1 ? 1 : size;
        if (stored === 0) return this.endBlock();
        if (type !== COMPRESSED) return this.expect('block', stored);
        this.blockRest = Math.max(0, stored - WEIGHTS_HEAD_BYTES);
        return this.expect('block-head', stored - this.blockRest);
      }
      case 'block-head': {
        const head = field.slice(0, length);
        if (!weightsEnd(head)) throw this.damaged('the weights of its codes have no end');
        this.feed(head);
        return this.blockRest === 0 ? this.endBlock() : this.expect('block', this.blockRest);
      }
      case 'block':
        return this.endBlock();
      case 'checksum':
        return this.endFrame(field.slice(0, 4));
    }
  }

  private expect(state: State, bytes: number): true {
    this.state = state;
    this.needed = bytes;
    this.fieldLength = 0;
    return true;
  }

  private endBlock(): true {
    if (!this.lastBlock) return this.expect('block-header', 3);
    return this.hasChecksum ? this.expect('checksum', 4) : this.endFrame(new Uint8Array(0));
  }

  private endFrame(rest: Uint8Array): true {
    // fzstd holds a frame of less than 18 bytes back until it is told that nothing follows.
    this.feed(rest, true);
    this.frame = null;
    this.frames++;
    return this.expect('magic', 4);
  }

  private startFrame(header: Uint8Array): void {
    if ((header[4] & 8) !== 0) throw this.damaged('a reserved bit is set');
    if ((header[4] & 3) !== 0) {
      throw new TraceError(
        'bad-trace',
        'it is compressed with a zstd dictionary.',
        'Compress it without a dictionary.',
      );
    }
    const window = windowBytes(header);
    if (window > MAX_WINDOW_BYTES) {
      throw new TraceError(
        'bad-trace',
        `the zstd frame claims a window of ${window.toLocaleString('en')} bytes; the console allows 128 MiB.`,
        'Compress the file again without "--long" or "--ultra".',
      );
    }
    this.frame = new Decompress((bytes) => {
      if (bytes.length > 0) this.onBytes(bytes);
    });
    this.feed(header);
  }

  private feed(bytes: Uint8Array, isLast = false): void {
    try {
      this.frame?.push(bytes, isLast);
    } catch (error) {
      // fzstd's own errors carry a number as their code; all others come from `onBytes`.
      if (!(error instanceof Error) || error instanceof TraceError) throw error;
      if (!(error instanceof RangeError) && typeof (error as { code?: unknown }).code !== 'number') throw error;
      throw this.damaged(error.message);
    }
  }

  private damaged(reason: string): TraceError {
    const place = this.readBytes.toLocaleString('en');
    return new TraceError(
      'bad-trace',
      `the zstd data are damaged before byte ${place} of the file (${reason}).`,
      REMEDY,
    );
  }
}

/** Bytes of a frame header after its descriptor: window descriptor, dictionary number, content size. */
function headerBytes(descriptor: number): number {
  const singleSegment = (descriptor >> 5) & 1;
  const sizeFlag = descriptor >> 6;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  return 1 - singleSegment + dictionary + (sizeFlag === 0 ? singleSegment : 2 ** sizeFlag);
}

function windowBytes(header: Uint8Array): number {
  const descriptor = header[4];
  if (((descriptor >> 5) & 1) === 0) {
    const base = 2 ** (10 + (header[5] >> 3));
    return base + (base / 8) * (header[5] & 7);
  }
  let size = 0;
  for (let at = header.length - 1; at >= 5; at--) size = size * 256 + header[at];
  return descriptor >> 6 === 1 ? size + 256 : size;
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
