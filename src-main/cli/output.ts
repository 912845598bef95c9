import { once } from 'node:events';

/** Characters collected before they are written. */
const CHUNK_CHARACTERS = 1 << 16;

/**
 * Data on stdout in large chunks, waiting where the reader is slow. A reader that goes away (`| head`) ends the writing
 * without an error: {@link closed} says so, and what is written then is dropped.
 */
export class Output {
  private readonly to: NodeJS.WritableStream;
  private parts: string[] = [];
  private characters = 0;
  private isClosed = false;

  constructor(to: NodeJS.WritableStream = process.stdout) {
    this.to = to;
    to.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      this.isClosed = true;
    });
  }

  /** Nobody reads any more. */
  get closed(): boolean {
    return this.isClosed;
  }

  /** Whether a chunk is full and {@link flush} is due. */
  get isFull(): boolean {
    return this.characters >= CHUNK_CHARACTERS;
  }

  /** Collects text; nothing is written before {@link flush}. */
  write(text: string): void {
    this.parts.push(text);
    this.characters += text.length;
  }

  /** Writes what was collected, and waits until the reader has room for more. */
  async flush(): Promise<void> {
    const text = this.parts.join('');
    this.parts = [];
    this.characters = 0;
    if (text === '' || this.isClosed || this.to.write(text)) return;
    // A reader that goes away emits an error instead of making room.
    await once(this.to, 'drain').catch((error: unknown) => {
      if (!this.isClosed) throw error;
    });
  }
}
