import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import type { StudyChild } from './study-line.ts';
import type { Turns } from './turns.ts';
import { WorkEventSchema, type WorkJob, type WorkResult } from './work-job.ts';

export interface WorkWatch {
  readonly signal?: AbortSignal;
  /** Part done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  /** Its process has been started. */
  readonly onStart?: () => void;
}

/** Runs trials and imports in processes of their own, in turn with studies. */
export class Works {
  private readonly start: () => StudyChild<WorkJob>;
  private readonly turns: Turns;

  /** @param start makes a fresh process */
  constructor(start: () => StudyChild<WorkJob>, turns: Turns) {
    this.start = start;
    this.turns = turns;
  }

  /**
   * Does one piece of work. It settles when its process has ended, so that nothing of it goes on after a cancellation.
   * @throws ConsoleError `bad-scenario`, `bad-trace`, `file-unwritable`, `cancelled`, or `study-failed` with what ended its process
   */
  async run(job: WorkJob, watch: WorkWatch = {}): Promise<WorkResult> {
    await this.turns.take(watch.signal, cancelled);
    try {
      if (watch.signal?.aborted === true) throw cancelled();
      return await this.runNow(job, watch);
    } finally {
      this.turns.done();
    }
  }

  private runNow(job: WorkJob, { signal, onProgress, onStart }: WorkWatch): Promise<WorkResult> {
    const child = this.start();
    let settled: { readonly result: WorkResult } | { readonly error: ConsoleError } | null = null;
    return new Promise((resolve, reject) => {
      const settle = (how: NonNullable<typeof settled>): void => {
        settled ??= how;
        child.kill();
      };
      const onAbort = (): void => settle({ error: cancelled() });
      signal?.addEventListener('abort', onAbort, { once: true });
      child.onEnd((how) => {
        signal?.removeEventListener('abort', onAbort);
        settled ??= { error: ended(how) };
        if ('result' in settled) resolve(settled.result);
        else reject(settled.error);
      });
      child.onMessage((message) => {
        const event = v.safeParse(WorkEventSchema, message);
        if (!event.success) {
          settle({ error: new ConsoleError('internal', 'The process told something that does not fit its schema.') });
          return;
        }
        const told = event.output;
        if (told.kind === 'progress') onProgress?.(told.done);
        else if (told.kind === 'failed') {
          settle({ error: new ConsoleError(told.failure.code, told.failure.message, told.failure.remedy) });
        } else settle({ result: told });
      });
      child.send(job);
      onStart?.();
    });
  }
}

function cancelled(): ConsoleError {
  return new ConsoleError('cancelled', 'It was cancelled.');
}

function ended(how: string): ConsoleError {
  return new ConsoleError(
    'study-failed',
    `The process ended before it had a result (${how}). Nothing else was touched.`,
    'Try it again.',
  );
}
