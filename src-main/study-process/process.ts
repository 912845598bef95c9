import { ConsoleError } from '#contract/errors.ts';
import type { StudyEvent, StudyResult } from '#contract/studies.ts';
import type { HostConfig } from '../host/host-config.ts';
import { decodeSnapshot } from '../host/state-codec.ts';
import { loadTrace } from '../trace/load-trace.ts';
import { TraceError } from '../trace/trace-error.ts';
import { runStudy } from '../what-if/run-study.ts';
import { StudyError } from '../what-if/study-error.ts';
import type { JobConfig, StudyJob } from './job.ts';

/**
 * Entry of the process that runs one study: takes one {@link StudyJob}, tells progress, ends with a result or a failure.
 * A child of Node (`child_process.fork`) or of Electron (`utilityProcess`). What ends it harms nothing else.
 */

/** How often the memory is looked at; work gives way that often. */
const MEMORY_LOOK_MS = 100;
const BYTES_PER_MIB = 1_048_576;

/** Electron's port to the parent, which Node does not have. */
interface ParentPort {
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}
const { parentPort } = process as { readonly parentPort?: ParentPort };

function send(event: StudyEvent, sent: () => void = () => undefined): void {
  if (parentPort === undefined) {
    process.send?.(event, sent);
    return;
  }
  parentPort.postMessage(event);
  setImmediate(sent);
}

/** Tells the last event and ends when it is out. */
function end(event: StudyEvent): void {
  send(event, () => process.exit(0));
}

async function configOf({ guests, ...config }: JobConfig, cacheFolder: string): Promise<HostConfig> {
  const loaded = [];
  for (const { traceFile, ...guest } of guests) {
    loaded.push({ ...guest, trace: (await loadTrace(traceFile, cacheFolder)).trace });
  }
  return { ...config, guests: loaded };
}

async function run(job: StudyJob): Promise<StudyResult> {
  const config = await configOf(job.config, job.cacheFolder);
  const state = job.state === null ? null : decodeSnapshot(job.state);
  const { horizonMs, alternatives, engine } = job.order;
  const result = await runStudy(
    { start: { config, state }, horizonMs, alternatives, engine },
    { onProgress: (done) => send({ kind: 'progress', done: Math.min(1, done) }) },
  );
  return result as StudyResult;
}

/** Studies hold their data outside the heap that Node limits, so the whole process is measured. */
function watchMemory(memoryMiB: number): void {
  setInterval(() => {
    if (process.memoryUsage.rss() <= memoryMiB * BYTES_PER_MIB) return;
    end({
      kind: 'failed',
      failure: {
        code: 'study-failed',
        message: `The study needs more than the ${memoryMiB} MiB that it may use.`,
        remedy: 'Study a shorter time or fewer alternatives at once.',
      },
    });
  }, MEMORY_LOOK_MS).unref();
}

function failed(error: unknown): StudyEvent {
  if (error instanceof StudyError || error instanceof TraceError) {
    return { kind: 'failed', failure: new ConsoleError(error.code, error.message, error.remedy).toFailure() };
  }
  return { kind: 'failed', failure: ConsoleError.failureOf(error) };
}

let begun = false;
function begin(message: unknown): void {
  if (begun) return;
  begun = true;
  // The parent is this program: its orders were checked where they came in.
  const job = message as StudyJob;
  watchMemory(job.memoryMiB);
  run(job).then(
    (result) => end({ kind: 'result', result }),
    (error: unknown) => end(failed(error)),
  );
}

if (parentPort === undefined) {
  process.on('message', begin);
  process.on('disconnect', () => process.exit(0));
} else {
  parentPort.on('message', ({ data }) => begin(data));
}
