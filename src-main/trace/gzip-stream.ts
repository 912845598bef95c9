import { crc32, createInflateRaw } from 'node:zlib';
import type { InflateRaw } from 'node:zlib';
import { TraceError } from './trace-error.ts';

const OUTPUT_BYTES = 256 * 1024;
/** No program writes a longer header (name, comment, extra field); without a limit a file could be one. */
const MAX_HEADER_BYTES = 256 * 1024;
const TRAILER_BYTES = 8;
const HAS_CRC = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;
const RESERVED = 0xe0;
const REMEDY = 'Copy the file again, and test it with "gzip -t".';

/** Whether these first bytes of a file are those of gzip data. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Decompresses a stream of gzip members (RFC 1952). It reads headers and trailers itself: Node's own Gunzip loses the data that it has
 * not handed out yet when something else follows the last member.
 */
export class GzipStream {
  private readonly onBytes: (bytes: Uint8Array) => void;
  /** Bytes of a header or trailer that are not all there yet. */
  private field = new Uint8Array(0);
  private inTrailer = false;
  private member: Member | null = null;
  private members = 0;
  private givenBytes = 0;

  constructor(onBytes: (bytes: Uint8Array) => void) {
    this.onBytes = onBytes;
  }

  /**
   * Takes the next piece. Resolves to false when what follows the last whole member is no gzip data: it should be given no more.
   * @throws TraceError where the data are damaged; whatever `onBytes` throws.
   */
  async push(piece: Uint8Array): Promise<boolean> {
    let rest = piece;
    while (rest.length > 0) {
      if (this.member && !this.inTrailer) {
        const used = await this.member.write(rest);
        if (used === rest.length) return true;
        rest = rest.subarray(used);
        this.inTrailer = true;
        continue;
      }
      const field = joined(this.field, rest);
      const length = this.inTrailer ? TRAILER_BYTES : headerLength(field);
      if (length === 'not gzip') {
        if (this.members === 0) throw this.damaged('it has no gzip header');
        return false;
      }
      if (length > field.length) {
        if (length > MAX_HEADER_BYTES) throw this.damaged('its header does not end');
        this.field = field.slice();
        return true;
      }
      if (this.inTrailer) this.endMember(field);
      else this.startMember();
      rest = rest.subarray(length - this.field.length);
      this.field = new Uint8Array(0);
    }
    return true;
  }

  /** @throws TraceError when the data end within a member. */
  end(): void {
    if (this.members > 0 && !this.member && this.field.length < 2) return;
    throw new TraceError(
      'bad-trace',
      `the gzip data are cut off after ${this.place()}.`,
      'Copy the file again; it is not whole.',
    );
  }

  /** To be called in any case when nothing more is to be read. */
  close(): void {
    this.member?.close();
  }

  private startMember(): void {
    this.member = new Member(
      (bytes) => {
        this.givenBytes += bytes.length;
        this.onBytes(bytes);
      },
      (reason) => this.damaged(reason),
    );
  }

  private endMember(trailer: Uint8Array): void {
    const view = new DataView(trailer.buffer, trailer.byteOffset);
    const { member } = this;
    if (member?.checksum !== view.getUint32(0, true) || member.bytes % 2 ** 32 !== view.getUint32(4, true)) {
      throw this.damaged('a checksum is wrong');
    }
    member.close();
    this.member = null;
    this.inTrailer = false;
    this.members++;
  }

  private place(): string {
    return `byte ${this.givenBytes.toLocaleString('en')} of the decompressed data`;
  }

  private damaged(reason: string): TraceError {
    return new TraceError('bad-trace', `the gzip data are damaged after ${this.place()} (${reason}).`, REMEDY);
  }
}

/** The deflate stream of one member, and the checksum of what came out. */
class Member {
  checksum = 0;
  bytes = 0;
  private readonly inflate: InflateRaw;
  private readonly ended: Promise<void>;
  private given = 0;
  private failure: Error | null = null;

  constructor(onBytes: (bytes: Uint8Array) => void, damaged: (reason: string) => TraceError) {
    this.inflate = createInflateRaw({ chunkSize: OUTPUT_BYTES });
    this.inflate.on('data', (bytes: Uint8Array) => {
      if (this.failure) return;
      this.checksum = crc32(bytes, this.checksum);
      this.bytes += bytes.length;
      try {
        onBytes(bytes);
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error(String(error));
        this.inflate.destroy();
      }
    });
    this.ended = new Promise((resolve) => {
      this.inflate.once('end', resolve).once('close', resolve);
      this.inflate.once('error', ({ message }) => {
        this.failure ??= damaged(message);
        resolve();
      });
    });
  }

  /** Takes compressed bytes. Resolves to how many of them belong to the member: less than all when it has ended. */
  async write(bytes: Uint8Array): Promise<number> {
    const before = this.given;
    this.given += bytes.length;
    await Promise.race([new Promise<void>((resolve) => this.inflate.write(bytes, () => resolve())), this.ended]);
    if (!this.failure && this.inflate.bytesWritten < this.given) await this.ended;
    if (this.failure) throw this.failure;
    return this.inflate.bytesWritten - before;
  }

  close(): void {
    this.inflate.destroy();
  }
}

/** The length of the header that these bytes begin with: more than there are when it goes on. */
function headerLength(bytes: Uint8Array): number | 'not gzip' {
  if ((bytes.length > 0 && bytes[0] !== 0x1f) || (bytes.length > 1 && bytes[1] !== 0x8b)) return 'not gzip';
  if ((bytes.length > 2 && bytes[2] !== 8) || (bytes.length > 3 && (bytes[3] & RESERVED) !== 0)) return 'not gzip';
  if (bytes.length < 10) return 10;
  const flags = bytes[3];
  let length = 10;
  if ((flags & HAS_EXTRA) !== 0) {
    if (bytes.length < 12) return 12;
    length = 12 + bytes[10] + bytes[11] * 256;
  }
  for (const flag of [HAS_NAME, HAS_COMMENT]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, length);
    if (end < 0) return Math.max(length, bytes.length) + 1;
    length = end + 1;
  }
  return (flags & HAS_CRC) !== 0 ? length + 2 : length;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
