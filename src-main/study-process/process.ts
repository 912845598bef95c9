import { ConsoleError } from '#contract/errors.ts';
import type { StudyEvent, StudyOrder, StudyResult, TuneGoal } from '#contract/studies.ts';
import { type HostConfig, NO_TRACE } from '../host/host-config.ts';
import { loadTrace } from '../trace/load-trace.ts';
import { TraceError } from '../trace/trace-error.ts';
import { PreparedStudy } from '../what-if/prepared-study.ts';
import { expectedReferences, fitsRecording } from '../what-if/recording.ts';
import { runStudy } from '../what-if/run-study.ts';
import { Slices } from '../what-if/slices.ts';
import type { StudyStart } from '../what-if/study.ts';
import { StudyError } from '../what-if/study-error.ts';
import { readStart } from '../what-if/start-state.ts';
import { tune } from '../what-if/tuner.ts';
import { explore, heatMapOf } from './explore.ts';
import type { JobConfig, StudyJob } from './job.ts';
import { kindFor, openStart } from './open-start.ts';

/**
 * Entry of the process that runs one study: takes one {@link StudyJob}, tells progress, ends with a result or a failure.
 * A child of Node (`child_process.fork`) or of Electron (`utilityProcess`). What ends it harms nothing else.
 */

/** How often the memory is looked at; work gives way that often. */
const MEMORY_LOOK_MS = 100;
const BYTES_PER_MIB = 1_048_576;
/** How long a process waits to be ended by its parent, which then has its last word for sure. */
const LAST_WORD_MS = 10_000;
/** What coming to the start, and then the curves where they are told first, take of the whole work, as the progress has it. */
const OPENED_PART = 0.1;
const EXPLORED_PART = 0.3;

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

/** Tells the last event and ends: under Node when it is out, in Electron when the parent has it and ends this process. */
function end(event: StudyEvent): void {
  send(event, () => {
    if (parentPort === undefined) process.exit(0);
    else setTimeout(() => process.exit(0), LAST_WORD_MS);
  });
}

async function configOf({ guests, ...config }: JobConfig, cacheFolder: string): Promise<HostConfig> {
  const loaded = [];
  for (const { traceFile, ...guest } of guests) {
    const trace = traceFile === null ? NO_TRACE : (await loadTrace(traceFile, cacheFolder)).trace;
    loaded.push({ ...guest, trace });
  }
  return { ...config, guests: loaded };
}

async function run(job: StudyJob): Promise<StudyEvent> {
  const config = await configOf(job.config, job.cacheFolder);
  const { horizonMs, alternatives, engine } = job.order;
  const kind = kindFor(job.start, job.kind);
  const start = await openStart(
    config,
    job.start,
    { kind, horizonMs },
    { onProgress: (done) => tell(done * OPENED_PART) },
  );
  if (job.tune !== undefined) return tuned(start, horizonMs, job.tune);
  const study = new PreparedStudy(start, horizonMs);
  if (job.heatMap !== undefined) {
    const curves = await study.curves(
      new Slices({ onProgress: (done) => tell(OPENED_PART + done * (1 - OPENED_PART)) }),
    );
    return { kind: 'heat-map', heatMap: heatMapOf(study, curves, job.heatMap.across, job.heatMap.down) };
  }
  const estimated = job.isExplored === true && (await estimate(study, job.order));
  if (estimated && engine === 'curves') return { kind: 'result', result: estimated };
  const begun = estimated ? EXPLORED_PART : OPENED_PART;
  const result = await runStudy(
    { start, horizonMs, alternatives, engine },
    { onProgress: (done) => tell(begun + done * (1 - begun)) },
    study,
  );
  return { kind: 'result', result: result as StudyResult };
}

async function tuned(start: StudyStart, horizonMs: number, goal: TuneGoal): Promise<StudyEvent> {
  const objective = goal === 'throughput' ? { kind: goal, importance: new Map<number, number>() } : { kind: goal };
  const { changes, today, recommended, estimated, simulated } = await tune(
    { start, horizonMs, objective, weights: null },
    { onProgress: (done) => tell(OPENED_PART + done * (1 - OPENED_PART)) },
  );
  const alternatives = changes.length === 0 ? [today] : [today, recommended];
  const result = { fromMs: readStart(start).hostMs, horizonMs, alternatives } as unknown as StudyResult;
  return { kind: 'tuned', tuned: { changes: [...changes], estimated, simulated }, result };
}

/** Tells what the curves say, the alternatives first. False where the time is too long for them. */
async function estimate(study: PreparedStudy, { horizonMs, alternatives }: StudyOrder): Promise<StudyResult | false> {
  if (!study.parts.isEstimable || !fitsRecording(expectedReferences(study.config, study.parts, horizonMs)))
    return false;
  const settings = alternatives.map((alternative) => study.settingOf(alternative));
  const curves = await study.curves(
    new Slices({ onProgress: (done) => tell(OPENED_PART + done * (EXPLORED_PART - OPENED_PART)) }),
  );
  const outcomes = settings.map((setting) => curves.outcome(setting));
  const result = { fromMs: study.parts.hostMs, horizonMs, alternatives: outcomes } as StudyResult;
  send({ kind: 'estimate', result });
  send({ kind: 'exploration', exploration: explore(study, curves) });
  return result;
}

function tell(done: number): void {
  send({ kind: 'progress', done: Math.min(1, done) });
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
    (event) => end(event),
    (error: unknown) => end(failed(error)),
  );
}

if (parentPort === undefined) {
  process.on('message', begin);
  process.on('disconnect', () => process.exit(0));
} else {
  parentPort.on('message', ({ data }) => begin(data));
}
