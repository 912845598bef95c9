import { ParentLink, watchMemory } from './parent-link.ts';
import { importTrace, summarise, traceFailure } from './trace-work.ts';
import { runTrial } from './trial.ts';
import type { WorkEvent, WorkJob } from './work-job.ts';

/**
 * Entry of the process that does one piece of work beside studies: takes one {@link WorkJob}, tells progress, ends with a
 * result or a failure. A child of Node (`child_process.fork`) or of Electron (`utilityProcess`). What ends it harms
 * nothing else.
 */

const link = new ParentLink<WorkEvent>();
const { tell } = link;

async function work(job: WorkJob): Promise<WorkEvent> {
  switch (job.kind) {
    case 'trial':
      return { kind: 'trial', ...(await runTrial(job, tell)) };
    case 'import':
      return { kind: 'imported', summary: await importTrace(job, tell) };
    case 'summaries':
      return { kind: 'summaries', summaries: await summarise(job, tell) };
  }
}

let begun = false;
link.listen((message) => {
  if (begun) return;
  begun = true;
  const job = message as WorkJob;
  watchMemory(
    () => job.memoryMiB,
    { what: 'It', remedy: 'Use a shorter trace, or a smaller host.' },
    (failure) => link.end({ kind: 'failed', failure }),
  );
  work(job).then(
    (event) => link.end(event),
    (error: unknown) => link.end({ kind: 'failed', failure: traceFailure(error) }),
  );
});
