import { ConsoleError } from '#contract/errors.ts';
import type { StudyEvent } from '#contract/studies.ts';
import { TraceError } from '../trace/trace-error.ts';
import { StudyError } from '../what-if/study-error.ts';
import type { JobStretch, StudyTask } from './job.ts';
import { ParentLink, residentMiB, watchMemory } from './parent-link.ts';
import { StudyWork } from './study-work.ts';

/**
 * Entry of the process that runs studies, one at a time: takes {@link StudyTask}s, tells progress and answers, of each at last a
 * result or a failure. Between studies it keeps what it knows for the next, and ends when its parent ends it. A child of
 * Node (`child_process.fork`) or of Electron (`utilityProcess`). What ends it harms nothing else.
 */

/** With more memory than this after a study it is not kept for the next. */
const KEPT_MIB = 768;

const link = new ParentLink<StudyEvent>();
const work = new StudyWork();
/** Most memory that the process may use now. */
let limitMiB = Infinity;
/** Ends what is being prepared, when something newer is asked for. */
let givenUp = new AbortController();
let queue = Promise.resolve();

async function prepare(stretch: JobStretch, signal: AbortSignal): Promise<void> {
  try {
    await work.prepare(stretch, { signal });
  } catch {
    // What cannot be prepared is told when it is asked for.
  }
  if (!signal.aborted) tellLast({ kind: 'prepared' });
}

/** The last word about a task. The process goes on, unless it has grown too large. */
function tellLast(event: StudyEvent): void {
  if (residentMiB() <= KEPT_MIB) {
    link.send(event);
    return;
  }
  link.send({ kind: 'spent' });
  link.end(event);
}

async function take(task: StudyTask, signal: AbortSignal): Promise<void> {
  limitMiB = (task.kind === 'run' ? task.job : task.stretch).memoryMiB;
  if (task.kind === 'prepare') {
    if (!signal.aborted) await prepare(task.stretch, signal);
    return;
  }
  try {
    tellLast(
      await work.run(task.job, (event) => (event.kind === 'progress' ? link.tell(event.done) : link.send(event))),
    );
  } catch (error) {
    link.end(failed(error));
  }
}

function failed(error: unknown): StudyEvent {
  if (error instanceof StudyError || error instanceof TraceError) {
    return { kind: 'failed', failure: new ConsoleError(error.code, error.message, error.remedy).toFailure() };
  }
  return { kind: 'failed', failure: ConsoleError.failureOf(error) };
}

watchMemory(
  () => limitMiB,
  { what: 'The study', remedy: 'Study a shorter time or fewer alternatives at once.' },
  (failure) => link.end({ kind: 'failed', failure }),
);
link.listen((message) => {
  givenUp.abort();
  givenUp = new AbortController();
  const { signal } = givenUp;
  queue = queue.then(() => take(message as StudyTask, signal));
});
