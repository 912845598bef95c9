import type { StudyEvent, StudyResult } from '#contract/studies.ts';
import { type HostConfig, NO_TRACE } from '../host/host-config.ts';
import type { CompactTrace } from '../host/workload/compact-trace.ts';
import { readOptionsOf } from '../trace/how-to-read.ts';
import { loadTrace } from '../trace/load-trace.ts';
import { PreparedStudy } from '../what-if/prepared-study.ts';
import { runStudy } from '../what-if/run-study.ts';
import { Slices } from '../what-if/slices.ts';
import type { AlternativeOutcome, StudyOptions, StudyStart } from '../what-if/study.ts';
import { answerFirst, estimate, explored } from './estimates.ts';
import { areForFullRuns } from '../what-if/changes.ts';
import { explore, heatMapOf } from './explore.ts';
import { firstLookMs, preparedMs } from './first-look.ts';
import { type JobStretch, type StudyJob, stretchOf } from './job.ts';
import { isKept, isNear, isSame, type KnownStretch } from './known-stretch.ts';
import { kindFor, openStart } from './open-start.ts';
import { runTuner } from './run-tuner.ts';

/** What looking at a part first, coming to the start, and then the curves take of the whole work, as the progress has it. */
const LOOKED_PART = 0.05;
const OPENED_PART = 0.15;
const EXPLORED_PART = 0.3;

type Send = (event: Extract<StudyEvent, { kind: 'estimate' | 'progress' }>) => void;

/**
 * The work of a study process: studies one after another, with what the last one was made from kept for the next.
 *
 * Approximate answers come first: from a stretch that was prepared where that is the same or near enough, else from a
 * short piece of the one that is asked for. Each says which stretch of time it is of.
 */
export class StudyWork {
  /** Traces by file, of the host that was studied last. */
  private traces = new Map<string, CompactTrace>();
  private known: KnownStretch | null = null;

  /** Does what can be done before a study of this stretch is asked for. @throws StudyError `cancelled` */
  async prepare(stretch: JobStretch, options: StudyOptions): Promise<void> {
    if (this.known !== null && isSame(this.known, stretch)) return;
    const config = await this.configOf(stretch);
    const horizonMs = preparedMs(config, kindFor(stretch.start, stretch.kind), stretch.horizonMs);
    if (horizonMs === null) return;
    const piece = { ...stretch, horizonMs };
    const study = new PreparedStudy(await opened(config, piece, options), horizonMs);
    if (!isKept(study)) return;
    const curves = await study.curves(new Slices(options));
    // Both are compiled by their first use.
    curves.outcome(study.settingOf(BASELINE));
    explore(study, curves);
    this.known = { stretch: piece, study };
  }

  /** Runs a study. @throws ConsoleError and StudyError as the engines and the history */
  async run(job: StudyJob, send: Send): Promise<StudyEvent> {
    const stretch = stretchOf(job);
    const tell = (done: number): void => send({ kind: 'progress', done });
    const config = await this.configOf(stretch);
    const before = this.known !== null && isSame(this.known, stretch) ? this.known.study : null;
    if (job.isExplored === true && before === null && job.tune === undefined) await this.lookFirst(job, config, send);
    const { horizonMs } = stretch;
    const study =
      before ?? new PreparedStudy(await opened(config, stretch, part(tell, LOOKED_PART, OPENED_PART)), horizonMs);
    // What is not wanted any more need not lie there while the next is made.
    if (before === null) this.known = null;
    const last = await this.answer(job, study, send);
    if (isKept(study)) this.known = { stretch, study };
    return last;
  }

  private async answer(job: StudyJob, study: PreparedStudy, send: Send): Promise<StudyEvent> {
    const { horizonMs, alternatives, engine } = job.order;
    const tell = (done: number): void => send({ kind: 'progress', done });
    if (job.tune !== undefined) return runTuner(study, job.tune, part(tell, OPENED_PART, 1));
    if (job.heatMap !== undefined) {
      const curves = await study.curves(new Slices(part(tell, OPENED_PART, 0.6)));
      const slices = new Slices(part(tell, 0.6, 1));
      return { kind: 'heat-map', heatMap: await heatMapOf(study, curves, job.heatMap, slices) };
    }
    const estimated =
      job.isExplored === true ? await estimate(study, job.order, part(tell, OPENED_PART, EXPLORED_PART)) : null;
    if (estimated !== null) send({ kind: 'estimate', ...estimated });
    if (estimated !== null && engine === 'curves') return { kind: 'result', result: estimated.result };
    const soFar: AlternativeOutcome[] = [...(estimated?.result.alternatives ?? [])] as AlternativeOutcome[];
    const result = await runStudy(
      { start: study.start, horizonMs, alternatives, engine },
      {
        ...part(tell, estimated === null ? OPENED_PART : EXPLORED_PART, 1),
        onOutcome: (outcome, at) => {
          soFar[at] = outcome;
          if (estimated === null || at === alternatives.length - 1) return;
          const better = { ...estimated.result, alternatives: [...soFar] } as StudyResult;
          send({ kind: 'estimate', result: better, exploration: null });
        },
      },
      study,
    );
    if (job.isExplored === true && estimated === null) {
      const exploration = await explored(study, part(tell, 1, 1));
      if (exploration !== null) send({ kind: 'estimate', result: result as StudyResult, exploration });
    }
    return { kind: 'result', result: result as StudyResult };
  }

  /** Tells what can be told at once: of the stretch that was prepared, or of a short piece of the one that is asked for. */
  private async lookFirst(job: StudyJob, config: HostConfig, send: Send): Promise<void> {
    const stretch = stretchOf(job);
    // What was prepared is long for full runs, which alone follow caps and hardware.
    const isBlind = job.order.alternatives.some(({ changes }) => areForFullRuns(changes));
    const near = !isBlind && this.known !== null && isNear(this.known, stretch) ? this.known.study : null;
    const told = near === null ? null : await answerFirst(near, job.order);
    if (told !== null) {
      send({ kind: 'estimate', ...told });
      return;
    }
    const kind = kindFor(stretch.start, stretch.kind);
    const horizonMs = firstLookMs(config, kind, stretch.horizonMs);
    if (horizonMs === null) return;
    const tell = (done: number): void => send({ kind: 'progress', done });
    const start = await opened(config, { ...stretch, horizonMs }, part(tell, 0, LOOKED_PART));
    const piece = await answerFirst(new PreparedStudy(start, horizonMs), job.order);
    if (piece !== null) send({ kind: 'estimate', ...piece });
  }

  private async configOf({ config: { guests, ...config }, cacheFolder }: JobStretch): Promise<HostConfig> {
    const traces = new Map<string, CompactTrace>();
    const loaded = [];
    for (const { traceFile, traceReading = {}, writesAsReads = false, ...guest } of guests) {
      if (traceFile === null) {
        loaded.push({ ...guest, trace: NO_TRACE });
        continue;
      }
      const key = JSON.stringify([traceFile, traceReading]);
      const trace =
        traces.get(key) ??
        this.traces.get(key) ??
        (await loadTrace(traceFile, cacheFolder, readOptionsOf(traceReading))).trace;
      traces.set(key, trace);
      loaded.push({ ...guest, trace: writesAsReads ? { ...trace, writes: null } : trace });
    }
    this.traces = traces;
    return { ...config, guests: loaded };
  }
}

const BASELINE = { name: 'as it is', changes: [] };

function opened(
  config: HostConfig,
  { start, kind, horizonMs }: JobStretch,
  options: StudyOptions,
): Promise<StudyStart> {
  return openStart(config, start, { kind: kindFor(start, kind), horizonMs }, options);
}

/** Progress of a part of the work, as that of the whole. */
function part(tell: (done: number) => void, from: number, to: number): StudyOptions {
  return { onProgress: (done) => tell(from + done * (to - from)) };
}
