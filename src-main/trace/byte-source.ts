import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { GzipStream, isGzip } from './gzip-stream.ts';
import { TraceError } from './trace-error.ts';
import { ZstdStream, isZstd } from './zstd-stream.ts';

const PIECE_BYTES = 512 * 1024;

/** How far reading has come, in bytes of the file as it is stored. */
type OnProgress = (readBytes: number, totalBytes: number) => void;

export interface ByteSourceOptions {
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a file piece by piece, decompressing gzip (of one or several members) and zstd (of one or several frames) by what its first
 * bytes say, and hands each decompressed piece to `onBytes`, which must not keep it, with the number of bytes that there will be in all
 * (0 where compression hides it). At most a few pieces are in memory at a time.
 * @returns notes for a person, such as that bytes after the compressed data were ignored.
 * @throws TraceError when the file cannot be read, its compression is damaged or cut off, or `signal` cancels; whatever `onBytes` throws.
 */
export async function readBytes(
  file: string,
  onBytes: (bytes: Uint8Array, expectedBytes: number) => void,
  options: ByteSourceOptions,
): Promise<string[]> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw unreadable(error);
  });
  try {
    const status = await handle.stat();
    if (status.isDirectory()) throw new TraceError('bad-trace', 'it is a directory.', 'Name a trace file.');
    const pieces = readPieces(handle, status.size, options);
    const first = await pieces.next();
    if (first.done) throw new TraceError('bad-trace', 'the file is empty.', 'Record or copy the trace again.');
    const all = chain(first.value, pieces);
    if (isGzip(first.value)) return await decompress(all, new GzipStream((bytes) => onBytes(bytes, 0)), 'gzip');
    if (isZstd(first.value)) return await decompress(all, new ZstdStream((bytes) => onBytes(bytes, 0)), 'zstd');
    for await (const piece of all) onBytes(piece, status.size);
    return [];
  } finally {
    await handle.close();
  }
}

async function* readPieces(
  handle: FileHandle,
  totalBytes: number,
  { onProgress, signal }: ByteSourceOptions,
): AsyncGenerator<Uint8Array, void> {
  // While one piece is decoded the next is read. The decompressors may keep a piece for longer: they get a fresh buffer each time.
  const buffers = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)] as const;
  let isPlain = false;
  let reads = 0;
  const read = (): Promise<Uint8Array> =>
    handle.read(isPlain ? buffers[reads++ & 1] : new Uint8Array(PIECE_BYTES), 0, PIECE_BYTES, null).then(
      ({ buffer, bytesRead }) => buffer.subarray(0, bytesRead),
      (error: unknown) => {
        throw unreadable(error);
      },
    );
  let readSoFar = 0;
  let ahead = read();
  try {
    for (;;) {
      if (signal?.aborted) throw new TraceError('cancelled', 'reading was cancelled.');
      const piece = await ahead;
      if (piece.length === 0) return;
      if (readSoFar === 0) isPlain = !isGzip(piece) && !isZstd(piece);
      readSoFar += piece.length;
      ahead = read();
      onProgress?.(readSoFar, totalBytes);
      yield piece;
    }
  } finally {
    // The file must not be closed under a read that is on its way.
    await ahead.catch(() => undefined);
  }
}

async function* chain(first: Uint8Array, rest: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  yield first;
  yield* rest;
}

/** What the decompressors have in common. */
interface Decompressor {
  /** Takes a piece; false when it holds the end of the compressed data and something else. */
  push(piece: Uint8Array): boolean | Promise<boolean>;
  end(): void;
  close?(): void;
}

async function decompress(pieces: AsyncIterable<Uint8Array>, stream: Decompressor, name: string): Promise<string[]> {
  try {
    for await (const piece of pieces) {
      if (!(await stream.push(piece))) return [`Bytes after the end of the ${name} data were ignored.`];
    }
    stream.end();
    return [];
  } finally {
    stream.close?.();
  }
}

function unreadable(error: unknown): TraceError {
  const reason = error instanceof Error ? error.message : String(error);
  return new TraceError('bad-trace', `the file cannot be read (${reason}).`, 'Check its name and permissions.');
}
