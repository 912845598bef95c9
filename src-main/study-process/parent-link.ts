import type { Failure } from '#contract/errors.ts';

/** How often the memory is looked at; work gives way that often. */
const MEMORY_LOOK_MS = 100;
const BYTES_PER_MIB = 1_048_576;
/** How long a process waits to be ended by its parent, which then has its last word for sure. */
const LAST_WORD_MS = 10_000;
/** Least wall ms between two words about the progress. */
const TELL_EVERY_MS = 50;

/** Electron's port to the parent, which Node does not have. */
interface ParentPort {
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}
const { parentPort } = process as { readonly parentPort?: ParentPort };

interface Told {
  readonly kind: string;
}

/**
 * A process's end of the line to whoever started it: a child of Node (`child_process.fork`) or of Electron
 * (`utilityProcess`). It ends when its parent does.
 */
export class ParentLink<Event extends Told> {
  private toldAt = -Infinity;

  send(event: Event | Progress, sent: () => void = () => undefined): void {
    if (parentPort === undefined) {
      process.send?.(event, sent);
      return;
    }
    parentPort.postMessage(event);
    setImmediate(sent);
  }

  /** Tells the last event and ends: under Node when it is out, in Electron when the parent has it and ends this process. */
  end(event: Event): void {
    this.send(event, () => {
      if (parentPort === undefined) process.exit(0);
      else setTimeout(() => process.exit(0), LAST_WORD_MS);
    });
  }

  /** Tells the part that is done, 0 to 1, as often as somebody could want to see it. */
  readonly tell = (done: number): void => {
    if (done < 1 && performance.now() - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = performance.now();
    this.send({ kind: 'progress', done: Math.min(1, done) });
  };

  /** @param begin told every message; the parent is this program, so what is ordered was checked where it came in */
  listen(begin: (message: unknown) => void): void {
    if (parentPort === undefined) {
      process.on('message', begin);
      process.on('disconnect', () => process.exit(0));
    } else {
      parentPort.on('message', ({ data }) => begin(data));
    }
  }
}

/** How far a piece of work is. */
interface Progress {
  readonly kind: 'progress';
  readonly done: number;
}

/** Memory that the process has now. */
export function residentMiB(): number {
  return process.memoryUsage.rss() / BYTES_PER_MIB;
}

/**
 * Looks now and then whether the process has more memory than it may. What hosts, traces and studies hold lies outside the
 * heap that Node limits, so the whole process is measured.
 * @param limitMiB asked each time @param onExceeded told what is to be said of it
 */
export function watchMemory(
  limitMiB: () => number,
  { what, remedy }: { readonly what: string; readonly remedy: string },
  onExceeded: (failure: Failure) => void,
): void {
  setInterval(() => {
    const limit = limitMiB();
    if (residentMiB() <= limit) return;
    onExceeded({
      code: 'study-failed',
      message: `${what} needs more than the ${limit} MiB that it may use.`,
      remedy,
    });
  }, MEMORY_LOOK_MS).unref();
}
