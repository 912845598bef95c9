import { basename } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';
import type { ReadTrace } from '#main/trace/format.ts';
import { loadTrace, STORED_ENDING } from '#main/trace/load-trace.ts';
import type { ReadTraceOptions } from '#main/trace/read-trace.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { TraceError } from '#main/trace/trace-error.ts';

const PROGRESS_MS = 100;

/** How to read traces, as the command line says it. */
export type TraceOptions = Omit<ReadTraceOptions, 'signal' | 'onProgress'>;

/**
 * Reads the traces that a replay needs, each file once; Ctrl+C cancels. Shows progress, and remarks on the traces, on stderr.
 * @param store a folder for decoded traces, so that they need not be decoded again; null: none.
 */
export async function readTraces(
  files: readonly string[],
  options: TraceOptions,
  store: string | null,
): Promise<ReadTrace[]> {
  const cancel = new AbortController();
  const onInterrupt = (): void => cancel.abort();
  // Only while reading: the replay itself does not give way to a handler, so there Ctrl+C must end the process as usual.
  process.once('SIGINT', onInterrupt);
  const progress = new Progress();
  const read = new Map<string, ReadTrace>();
  try {
    for (const file of new Set(files)) {
      const reading = { ...options, signal: cancel.signal, onProgress: progress.of(file) };
      // What was imported is decoded already, and needs no folder.
      const isStored = file.endsWith(STORED_ENDING);
      const trace = store === null && !isStored ? await readTrace(file, reading) : await loadStored(file, store ?? '', reading); // prettier-ignore
      progress.clear();
      for (const note of trace.info.notes) process.stderr.write(`${file}: ${note}\n`);
      read.set(file, trace);
    }
  } catch (error) {
    progress.clear();
    if (error instanceof TraceError) throw new ConsoleError(error.code, error.message, error.remedy, { cause: error });
    throw error;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
  return files.map((file) => {
    const trace = read.get(file);
    if (!trace) throw new ConsoleError('internal', `The trace ${file} was not read.`);
    return trace;
  });
}

async function loadStored(file: string, store: string, options: ReadTraceOptions): Promise<ReadTrace> {
  const { trace, notStored } = await loadTrace(file, store, options);
  if (notStored !== null) process.stderr.write(`The decoded trace could not be stored in ${store}: ${notStored}.\n`);
  return trace;
}

/** One line on a terminal, rewritten; nothing where stderr is none. */
class Progress {
  private readonly shown = process.stderr.isTTY;
  private lastMs = 0;

  of(file: string): ((readBytes: number, totalBytes: number) => void) | undefined {
    if (!this.shown) return undefined;
    return (readBytes, totalBytes) => {
      const now = performance.now();
      if (now - this.lastMs < PROGRESS_MS || totalBytes === 0) return;
      this.lastMs = now;
      process.stderr.write(`\r\x1b[KReading ${basename(file)}: ${Math.floor((100 * readBytes) / totalBytes)} %`);
    };
  }

  clear(): void {
    if (this.shown && this.lastMs > 0) process.stderr.write('\r\x1b[K');
  }
}
