import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { type StudyEvent, StudyEventSchema } from '#contract/studies.ts';
import type { StudyTask } from './job.ts';

/** A process that runs studies; {@link forkStudy} makes one under Node, the app one of Electron's. */
export interface StudyChild<Task = StudyTask> {
  readonly pid: number | undefined;
  send(task: Task): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Told once or more often that the process has ended or could not be started, and how. */
  onEnd(listener: (how: string) => void): void;
  /** Ends it at once; it has nothing to save. */
  kill(): void;
}

/** Who hears what a process tells. */
interface Listener {
  readonly onEvent: (event: StudyEvent) => void;
  readonly onFailure: (failure: ConsoleError) => void;
}

/** The parent's end of the line to a study process: who is told what it says changes from one study to the next. */
export class StudyLine {
  /** False once the process has ended, or is to end. */
  isUsable = true;
  /** Called once when its listener hears no more. */
  onReleased: (() => void) | null = null;
  private readonly child: StudyChild;
  private listener: Listener | null = null;

  constructor(child: StudyChild) {
    this.child = child;
    child.onMessage((message) => {
      const event = v.safeParse(StudyEventSchema, message);
      if (!event.success) {
        this.fail(foreign());
        this.end();
      } else if (event.output.kind === 'spent') {
        this.isUsable = false;
      } else {
        this.listener?.onEvent(event.output);
      }
    });
    child.onEnd((how) => {
      this.isUsable = false;
      this.fail(
        new ConsoleError(
          'study-failed',
          `The process of the study ended before it had a result (${how}). Nothing else was touched.`,
          'Run the study again, over a shorter time if it was short of memory.',
        ),
      );
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Orders something. What is told from now on is the new listener's. */
  order(task: StudyTask, listener: Listener): void {
    this.listener = listener;
    this.child.send(task);
  }

  /** Nobody hears what it still says. */
  release(): void {
    this.listener = null;
    this.onReleased?.();
    this.onReleased = null;
  }

  /** Ends the process at once. */
  end(): void {
    this.isUsable = false;
    this.release();
    this.child.kill();
  }

  private fail(failure: ConsoleError): void {
    const { listener } = this;
    this.listener = null;
    listener?.onFailure(failure);
  }
}

/** The process told what it was not asked for. */
export function foreign(): ConsoleError {
  return new ConsoleError('internal', 'The study told something that does not fit its schema.');
}
