import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { StudyEventSchema, type StudyResult } from '#contract/studies.ts';
import type { StudyJob } from './job.ts';

/** A process that runs one study; {@link forkStudy} makes one under Node, the app one of Electron's. */
export interface StudyChild {
  readonly pid: number | undefined;
  send(job: StudyJob): void;
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
  /** The process of the study has been started. */
  readonly onStart?: (pid: number | undefined) => void;
}

/** Studies that run at once; others wait their turn. */
const AT_ONCE = 2;

/** Runs studies in processes of their own, two at most. */
export class Studies {
  private readonly start: () => StudyChild;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param start makes a fresh process */
  constructor(start: () => StudyChild) {
    this.start = start;
  }

  /**
   * Runs a study. A cancelled one is killed at once.
   * @throws ConsoleError `bad-study`, `bad-trace`, `cancelled`, or `study-failed` with what ended its process
   */
  async run(job: StudyJob, watch: StudyWatch = {}): Promise<StudyResult> {
    await this.turn();
    try {
      if (watch.signal?.aborted === true) throw cancelled();
      return await this.runNow(job, watch);
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }

  private async turn(): Promise<void> {
    while (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running++;
  }

  private runNow(job: StudyJob, { signal, onProgress, onStart }: StudyWatch): Promise<StudyResult> {
    const child = this.start();
    return new Promise<StudyResult>((resolve, reject) => {
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
          reject(new ConsoleError('internal', 'The study told something that does not fit its schema.'));
          child.kill();
        } else if (event.output.kind === 'progress') {
          onProgress?.(event.output.done);
        } else if (event.output.kind === 'result') {
          resolve(event.output.result);
        } else {
          const { code, message: sentence, remedy } = event.output.failure;
          reject(new ConsoleError(code, sentence, remedy));
        }
      });
      child.send(job);
      onStart?.(child.pid);
    });
  }
}

function cancelled(): ConsoleError {
  return new ConsoleError('cancelled', 'The study was cancelled.');
}
