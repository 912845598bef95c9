import { ConsoleError, type Failure } from '#contract/errors.ts';
import type { TraceSummary } from '#contract/scenarios.ts';
import { writeCompact } from '../trace/compact-file.ts';
import type { ReadTrace } from '../trace/format.ts';
import { loadTrace } from '../trace/load-trace.ts';
import { type ReadTraceOptions, readTrace } from '../trace/read-trace.ts';
import { formatNamed } from '../trace/registry.ts';
import { TraceError } from '../trace/trace-error.ts';
import type { ImportJob, SummariesJob } from './work-job.ts';

/** What decoding takes of the whole work, as the progress has it; the rest is writing. */
const DECODED_PART = 0.95;

/**
 * Decodes a trace and keeps its stored form.
 * @param reading what is said of it besides its format
 * @throws TraceError with the line or byte offset; ConsoleError `file-unwritable`. Nothing is kept then.
 */
export async function importTrace(
  { sourceFile, format, targetFile }: Pick<ImportJob, 'sourceFile' | 'format' | 'targetFile'>,
  onProgress: (done: number) => void,
  reading: Omit<ReadTraceOptions, 'onProgress'> = {},
): Promise<TraceSummary> {
  const trace = await readTrace(sourceFile, {
    ...reading,
    ...(format === null ? {} : { format }),
    onProgress: (read, total) => onProgress(total > 0 ? DECODED_PART * Math.min(1, read / total) : 0),
  });
  try {
    await writeCompact(targetFile, trace, `imported from ${sourceFile}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConsoleError(
      'file-unwritable',
      `The trace was read, and cannot be kept as ${targetFile}: ${reason}`,
      'Make room on the disk or see to the permissions of the folder, and import it again.',
      { cause: error },
    );
  }
  return summaryOf(trace);
}

/** What is known of each file; one that cannot be read says why, and the others are told all the same. */
export async function summarise(
  { files, cacheFolder }: SummariesJob,
  onProgress: (done: number) => void,
): Promise<{ summary: TraceSummary | null; failure: Failure | null }[]> {
  const found = [];
  for (const [place, file] of files.entries()) {
    try {
      found.push({ summary: summaryOf((await loadTrace(file, cacheFolder)).trace), failure: null });
    } catch (error) {
      found.push({ summary: null, failure: traceFailure(error) });
    }
    onProgress((place + 1) / files.length);
  }
  return found;
}

/** What is told of an error, of a trace or any other. */
export function traceFailure(error: unknown): Failure {
  if (!(error instanceof TraceError)) return ConsoleError.failureOf(error);
  return new ConsoleError(error.code, error.message, error.remedy).toFailure();
}

function summaryOf({ pages, timesUs, writes, distinctPages, fileNames, info }: ReadTrace): TraceSummary {
  return {
    format: info.format,
    formatTitle: formatNamed(info.format)?.title ?? info.format,
    references: pages.length,
    records: info.records,
    ignored: info.ignored,
    distinctPages,
    files: fileNames.length,
    spanUs: timesUs === null ? null : spanOf(timesUs),
    writes: writes === null ? null : writes.reduce((sum, write) => sum + write, 0),
    postCache: info.postCache,
    notes: [...info.notes],
  };
}

/** Records of several CPUs may stand a little out of order. */
function spanOf(timesUs: Float64Array): number {
  let first = Infinity;
  let last = -Infinity;
  for (const time of timesUs) {
    if (time < first) first = time;
    if (time > last) last = time;
  }
  return Math.max(0, last - first);
}
