import { ConsoleError } from '#contract/errors.ts';
import type { Exploration, HeatMap, StudyEvent, StudyResult, Tuned } from '#contract/studies.ts';
import type { JobStretch, StudyJob } from './job.ts';
import { foreign, type StudyChild, StudyLine } from './study-line.ts';
import { Turns } from './turns.ts';

export interface StudyWatch {
  readonly signal?: AbortSignal;
  /** Part done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  /** What is known while a better answer is on its way (jobs that are explored); each is better than the one before. */
  readonly onEstimate?: (result: StudyResult, exploration: Exploration | null) => void;
  /** What was found (jobs that tune), before the result with its numbers. */
  readonly onTuned?: (tuned: Tuned) => void;
  /** Its process is there. */
  readonly onStart?: (pid: number | undefined) => void;
}

/** Studies that run at once; others wait their turn. */
export const AT_ONCE = 2;
/** How long a process waits for the next study, in wall ms. */
const IDLE_MS = 90_000;

/** How a study ends. */
type LastEvent = Extract<StudyEvent, { kind: 'result' | 'tuned' | 'heat-map' }>;

/**
 * Runs studies in processes of their own, two at most. One process stays a while after its study, or is started before
 * one: it has the traces, and what it made of the stretch of time it was told of, so that the next study answers sooner.
 */
export class Studies {
  private readonly start: () => StudyChild;
  private readonly turns: Turns;
  /** The process that waits for a study, or prepares for one. */
  private warm: StudyLine | null = null;
  private idle: NodeJS.Timeout | undefined;

  /**
   * @param start makes a fresh process
   * @param turns shared with other work in processes of its own
   */
  constructor(start: () => StudyChild, turns = new Turns(AT_ONCE)) {
    this.start = start;
    this.turns = turns;
  }

  /**
   * Makes a process ready for studies of a stretch of time. Does nothing while as many studies run as may.
   * @returns when it is ready, or is not going to be: something else was asked of it first
   */
  async prepare(stretch: JobStretch): Promise<void> {
    if (this.turns.isFull) return;
    const line = this.takeWarm() ?? new StudyLine(this.start());
    await new Promise<void>((resolve) => {
      line.order(
        { kind: 'prepare', stretch },
        { onEvent: ({ kind }) => (kind === 'prepared' ? resolve() : undefined), onFailure: () => resolve() },
      );
      line.onReleased = resolve;
      this.keep(line);
    });
  }

  /** Ends the process that waits for a study. */
  cool(): void {
    this.takeWarm()?.end();
  }

  /**
   * Runs a study. A cancelled one is killed at once.
   * @throws ConsoleError `bad-study`, `bad-trace`, `cancelled`, or `study-failed` with what ended its process
   */
  async run(job: StudyJob, watch: StudyWatch = {}): Promise<StudyResult> {
    const last = await this.inTurn(job, watch);
    if (last.kind === 'tuned') watch.onTuned?.(last.tuned);
    if (last.kind === 'result' || last.kind === 'tuned') return last.result;
    throw foreign();
  }

  /** Asks for a heat map, in turn like a study. @throws ConsoleError as {@link run} */
  async heatMap(job: StudyJob, watch: StudyWatch = {}): Promise<HeatMap> {
    const last = await this.inTurn(job, watch);
    if (last.kind === 'heat-map') return last.heatMap;
    throw foreign();
  }

  private async inTurn(job: StudyJob, watch: StudyWatch): Promise<LastEvent> {
    await this.turns.take(watch.signal, cancelled);
    try {
      if (watch.signal?.aborted === true) throw cancelled();
      return await this.runNow(job, watch);
    } finally {
      this.turns.done();
    }
  }

  private async runNow(job: StudyJob, { signal, ...watch }: StudyWatch): Promise<LastEvent> {
    const line = this.takeWarm() ?? new StudyLine(this.start());
    let onAbort = (): void => undefined;
    try {
      const last = await new Promise<LastEvent>((resolve, reject) => {
        onAbort = () => reject(cancelled());
        signal?.addEventListener('abort', onAbort, { once: true });
        line.order(
          { kind: 'run', job },
          { onEvent: (event) => hear(event, watch, { resolve, reject }), onFailure: reject },
        );
        watch.onStart?.(line.pid);
      });
      this.keep(line);
      return last;
    } catch (error) {
      line.end();
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** The waiting process, if there is one: it is the caller's now. */
  private takeWarm(): StudyLine | null {
    const line = this.warm;
    this.warm = null;
    clearTimeout(this.idle);
    line?.release();
    return line?.isUsable === true ? line : null;
  }

  /** Keeps a process for a while, if it can be used again and there is no other. */
  private keep(line: StudyLine): void {
    if (!line.isUsable || (this.warm !== null && this.warm !== line)) {
      line.end();
      return;
    }
    this.warm = line;
    this.idle = setTimeout(() => this.cool(), IDLE_MS);
    this.idle.unref();
  }
}

function hear(
  event: StudyEvent,
  watch: Omit<StudyWatch, 'signal'>,
  {
    resolve,
    reject,
  }: { readonly resolve: (last: LastEvent) => void; readonly reject: (failure: ConsoleError) => void },
): void {
  switch (event.kind) {
    case 'progress':
      watch.onProgress?.(event.done);
      break;
    case 'estimate':
      watch.onEstimate?.(event.result, event.exploration);
      break;
    case 'result':
    case 'tuned':
    case 'heat-map':
      resolve(event);
      break;
    case 'failed':
      reject(new ConsoleError(event.failure.code, event.failure.message, event.failure.remedy));
      break;
    case 'prepared':
    case 'spent':
      // The word of a preparation that was taken over.
      break;
  }
}

function cancelled(): ConsoleError {
  return new ConsoleError('cancelled', 'The study was cancelled.');
}
