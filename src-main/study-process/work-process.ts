import { importTrace, summarise, traceFailure } from './trace-work.ts';
import { runTrial } from './trial.ts';
import type { WorkEvent, WorkJob } from './work-job.ts';

/**
 * Entry of the process that does one piece of work beside studies: takes one {@link WorkJob}, tells progress, ends with a
 * result or a failure. A child of Node (`child_process.fork`) or of Electron (`utilityProcess`). What ends it harms
 * nothing else.
 */

const MEMORY_LOOK_MS = 100;
const BYTES_PER_MIB = 1_048_576;
/** How long a process waits to be ended by its parent, which then has its last word for sure. */
const LAST_WORD_MS = 10_000;
/** Least wall ms between two words about the progress. */
const TELL_EVERY_MS = 100;

/** Electron's port to the parent, which Node does not have. */
interface ParentPort {
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}
const { parentPort } = process as { readonly parentPort?: ParentPort };

function send(event: WorkEvent, sent: () => void = () => undefined): void {
  if (parentPort === undefined) {
    process.send?.(event, sent);
    return;
  }
  parentPort.postMessage(event);
  setImmediate(sent);
}

/** Tells the last event and ends: under Node when it is out, in Electron when the parent has it and ends this process. */
function end(event: WorkEvent): void {
  send(event, () => {
    if (parentPort === undefined) process.exit(0);
    else setTimeout(() => process.exit(0), LAST_WORD_MS);
  });
}

let toldAt = -Infinity;
function tell(done: number): void {
  if (performance.now() - toldAt < TELL_EVERY_MS) return;
  toldAt = performance.now();
  send({ kind: 'progress', done: Math.min(1, done) });
}

async function work(job: WorkJob): Promise<WorkEvent> {
  switch (job.kind) {
    case 'trial':
      return { kind: 'trial', trial: await runTrial(job, tell) };
    case 'import':
      return { kind: 'imported', summary: await importTrace(job, tell) };
    case 'summaries':
      return { kind: 'summaries', summaries: await summarise(job, tell) };
  }
}

/** Hosts and traces lie outside the heap that Node limits, so the whole process is measured. */
function watchMemory(memoryMiB: number): void {
  setInterval(() => {
    if (process.memoryUsage.rss() <= memoryMiB * BYTES_PER_MIB) return;
    end({
      kind: 'failed',
      failure: {
        code: 'study-failed',
        message: `It needs more than the ${memoryMiB} MiB that it may use.`,
        remedy: 'Use a shorter trace, or a smaller host.',
      },
    });
  }, MEMORY_LOOK_MS).unref();
}

let begun = false;
function begin(message: unknown): void {
  if (begun) return;
  begun = true;
  // The parent is this program: its orders were checked where they came in.
  const job = message as WorkJob;
  watchMemory(job.memoryMiB);
  work(job).then(
    (event) => end(event),
    (error: unknown) => end({ kind: 'failed', failure: traceFailure(error) }),
  );
}

if (parentPort === undefined) {
  process.on('message', begin);
  process.on('disconnect', () => process.exit(0));
} else {
  parentPort.on('message', ({ data }) => begin(data));
}
