import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import {
  type Exploration,
  type HeatMap,
  type StudyEvent,
  StudyEventSchema,
  type StudyResult,
  type Tuned,
} from '#contract/studies.ts';
import type { StudyJob } from './job.ts';
import { Turns } from './turns.ts';

/** A process that runs one study; {@link forkStudy} makes one under Node, the app one of Electron's. */
export interface StudyChild<Job = StudyJob> {
  readonly pid: number | undefined;
  send(job: Job): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Told once or more often that the process has ended or could not be started, and how. */
  onEnd(listener: (how: string) => void): void;
  /** Ends it at once; it has nothing to save. */
  kill(): void;
}

export interface StudyWatch {
  readonly signal?: AbortSignal;
  /** Part done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  /** What is known while a better answer is on its way (jobs that are explored). */
  readonly onEstimate?: (result: StudyResult) => void;
  readonly onExploration?: (exploration: Exploration) => void;
  /** What was found (jobs that tune), before the result with its numbers. */
  readonly onTuned?: (tuned: Tuned) => void;
  /** The process of the study has been started. */
  readonly onStart?: (pid: number | undefined) => void;
}

/** Studies that run at once; others wait their turn. */
export const AT_ONCE = 2;

/** Runs studies in processes of their own, two at most. */
export class Studies {
  private readonly start: () => StudyChild;
  private readonly turns: Turns;

  /**
   * @param start makes a fresh process
   * @param turns shared with other work in processes of its own
   */
  constructor(start: () => StudyChild, turns = new Turns(AT_ONCE)) {
    this.start = start;
    this.turns = turns;
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

  private async inTurn(job: StudyJob, watch: StudyWatch): Promise<StudyEvent> {
    await this.turns.take(watch.signal, cancelled);
    try {
      if (watch.signal?.aborted === true) throw cancelled();
      return await this.runNow(job, watch);
    } finally {
      this.turns.done();
    }
  }

  private runNow(job: StudyJob, watch: StudyWatch): Promise<StudyEvent> {
    const { signal, onStart } = watch;
    const child = this.start();
    return new Promise<StudyEvent>((resolve, reject) => {
      const onAbort = (): void => {
        reject(cancelled());
        child.kill();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      child.onEnd((how) => {
        signal?.removeEventListener('abort', onAbort);
        reject(
          new ConsoleError(
            'study-failed',
            `The process of the study ended before it had a result (${how}). Nothing else was touched.`,
            'Run the study again, over a shorter time if it was short of memory.',
          ),
        );
      });
      child.onMessage((message) => {
        const event = v.safeParse(StudyEventSchema, message);
        if (!event.success) {
          reject(foreign());
          child.kill();
          return;
        }
        const told = event.output;
        switch (told.kind) {
          case 'progress':
            watch.onProgress?.(told.done);
            break;
          case 'estimate':
            watch.onEstimate?.(told.result);
            break;
          case 'exploration':
            watch.onExploration?.(told.exploration);
            break;
          case 'result':
          case 'tuned':
          case 'heat-map':
            resolve(told);
            child.kill();
            break;
          case 'failed':
            reject(new ConsoleError(told.failure.code, told.failure.message, told.failure.remedy));
            child.kill();
            break;
        }
      });
      child.send(job);
      onStart?.(child.pid);
    });
  }
}

function foreign(): ConsoleError {
  return new ConsoleError('internal', 'The study told something that does not fit its schema.');
}

function cancelled(): ConsoleError {
  return new ConsoleError('cancelled', 'The study was cancelled.');
}
