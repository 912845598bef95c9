import type { Recovery } from '#contract/backups.ts';
import { ConsoleError } from '#contract/errors.ts';
import type { HostDescription } from '#contract/model.ts';
import type { ReportFigures, ReportFormat, ReportProgress, ReportSubject } from '#contract/reports.ts';
import type { RequestAnswer, RequestArgument, RequestName } from '#contract/requests.ts';
import type { Frame } from '#contract/stream.ts';
import type { HostThreadClient } from '../host-thread/client.ts';
import type { RecoveryLook } from './backups/recovery.ts';
import type { TellError } from './log.ts';

/** What the app uses of the host thread. */
export type HostThread = Pick<
  HostThreadClient,
  | 'start'
  | 'describe'
  | 'setPaused'
  | 'setSpeed'
  | 'applyChanges'
  | 'setRetention'
  | 'fork'
  | 'saveStudy'
  | 'markStudyApplied'
  | 'deleteStudy'
  | 'onFrame'
  | 'onEnd'
  | 'stop'
>;
export type HistoryRequestName = Extract<RequestName, `history.${string}`>;
/** What the app uses of the reader of the past. */
export interface History {
  request<N extends HistoryRequestName>(name: N, argument: RequestArgument<N>): Promise<RequestAnswer<N>>;
  /** Closes the file; the next request opens it again. */
  stop(): Promise<void>;
}

/** What the app uses of the maker of reports; saving asks the person where to. */
export interface Reports {
  preview(subject: ReportSubject): Promise<ReportFigures>;
  save(subject: ReportSubject, format: ReportFormat): Promise<{ file: string | null; bytes: number }>;
  progress(): ReportProgress;
  cancel(): void;
  stop(): Promise<void>;
}

/** How long the last writing may take when the app ends. */
const STOP_MS = 3_000;

/** Why the host is stopped for a while. */
interface Stopping {
  /** What whoever asks for the host is told meanwhile: a sentence. */
  readonly meanwhile: string;
  /** What the end of the run is marked with. */
  readonly because: string | null;
  /** What the person is told of a run that goes on afterwards, instead of what its record looks like. */
  readonly afterwards?: string;
}

const RESTORING: Stopping = {
  meanwhile: 'A backup is being put in the place of the history.',
  because: null,
  // A backup was made in the middle of a run: that this run has no end is no crash.
  afterwards: 'Another file was put in the place of the history. The host goes on from where that file ends.',
};

type BackendOptions = {
  /** A host thread that has not started yet. */
  createHost: () => HostThread;
  /** Opens the past; called once the host thread has made the database. */
  openHistory: () => History;
  reports: Reports;
  recovery: Pick<RecoveryLook, 'missing' | 'damaged'>;
  onError: TellError;
  /** Told each time a host is there and recording. */
  onReady?: (host: HostThread, description: HostDescription) => void;
};

/**
 * The host thread and the reader of its history: started beside the window, started anew after a restoration, stopped
 * with a deadline. Where there is no history to go on with, no host is started until the person has decided.
 */
export class Backend {
  readonly reports: Reports;
  private readonly options: BackendOptions;
  private readonly frameListeners = new Set<(frame: Frame) => void>();
  private current: HostThread;
  /** As the last frame told it. */
  private clock: Pick<Frame, 'paused' | 'speed'> = { paused: false, speed: '1x' };
  /** Whether the present host thread was started once: it cannot be again. */
  private isUsed = false;
  private past: History | null = null;
  private opened: Promise<History> | null = null;
  private stopped: Promise<void> | null = null;
  private reason: { recovery: Recovery; error: ConsoleError } | null = null;
  /** Whether it is not settled yet if the present host can run. */
  private isOpening = false;
  /** See {@link Stopping}. */
  private afterwards: string | null = null;
  /** What is being done instead of running, in a sentence. */
  private meanwhile: string | null = null;

  constructor(options: BackendOptions) {
    this.options = options;
    this.reports = options.reports;
    this.current = options.createHost();
  }

  /** The host thread there is now; another one after a restoration. */
  get host(): HostThread {
    return this.current;
  }

  /** Why there is no history, while that is so. */
  get recovery(): Recovery | null {
    return this.reason?.recovery ?? null;
  }

  /** What the host is. @throws ConsoleError `host-not-ready`, why it has ended, or why there is no history. */
  describe(): HostDescription {
    if (this.meanwhile !== null) throw new ConsoleError('host-not-ready', this.meanwhile, 'Wait a moment.');
    if (this.reason !== null) throw this.reason.error;
    const description = this.described();
    const { afterwards } = this;
    return afterwards !== null && description.run.seconds > 0 ? { ...description, notice: afterwards } : description;
  }

  /** A damaged history is told only when it is known what can be done about it. */
  private described(): HostDescription {
    try {
      return this.current.describe();
    } catch (error) {
      if (!this.isOpening || ConsoleError.failureOf(error).code !== 'history-damaged') throw error;
      throw new ConsoleError('host-not-ready', LOOKING, 'Wait a moment.');
    }
  }

  /** Calls `listener` with every frame of whichever host runs, until the returned function is called. */
  onFrame(listener: (frame: Frame) => void): () => void {
    this.frameListeners.add(listener);
    return () => this.frameListeners.delete(listener);
  }

  /** Starts the host thread; a failure is told to whoever asks for the host or the past. */
  start(): void {
    this.begin(false);
  }

  /** Begins a new history where there is none. */
  async beginNew(): Promise<void> {
    if (this.reason === null) return;
    this.begin(true);
    await this.settled();
  }

  /** Starts a host that has ended, or could not start. */
  async restart(): Promise<void> {
    try {
      this.describe();
      return;
    } catch (error) {
      if (ConsoleError.failureOf(error).code === 'host-not-ready') return;
    }
    await this.closeAll();
    this.begin(false);
    await this.settled();
  }

  /** Ends the host and closes its history, does the work, and starts again, whatever came of it. */
  async whileStopped<T>(work: () => Promise<T>, how: Stopping = RESTORING): Promise<T> {
    this.refuseWhenStopped();
    await this.settled();
    let afterwards: string | null = null;
    this.meanwhile = how.meanwhile;
    // Whoever asked for the past while the host ends would open the file that is about to go, and keep it open.
    this.opened = null;
    try {
      await this.closeAll(how.because);
      const result = await work();
      afterwards = how.afterwards ?? null;
      return result;
    } finally {
      this.meanwhile = null;
      if (this.stopped === null) {
        const { clock } = this;
        this.begin(false);
        this.afterwards = afterwards;
        await this.settled();
        if (this.reason === null) await this.setClock(clock);
      }
    }
  }

  /** Asks the past, as soon as there is a database. */
  async history<N extends HistoryRequestName>(name: N, argument: RequestArgument<N>): Promise<RequestAnswer<N>> {
    this.refuseWhenStopped();
    if (this.opened === null) throw notRunning();
    return (await this.opened).request(name, argument);
  }

  /** Ends both; resolves when everything is written, or after the deadline. */
  stop(): Promise<void> {
    this.stopped ??= this.stopWithDeadline();
    return this.stopped;
  }

  private begin(evenWithoutHistory: boolean): void {
    if (this.isUsed) this.current = this.options.createHost();
    this.isUsed = true;
    this.afterwards = null;
    this.reason = null;
    const host = this.current;
    host.onFrame((frame) => {
      if (host !== this.current) return;
      this.clock = { paused: frame.paused, speed: frame.speed };
      for (const listener of this.frameListeners) listener(frame);
    });
    host.onEnd((failure) => {
      if (failure === null) return;
      const { code, message, remedy } = failure;
      this.options.onError('the host thread', new ConsoleError(code, message, remedy));
    });
    this.isOpening = true;
    this.opened = this.open(host, evenWithoutHistory).finally(() => {
      if (host === this.current) this.isOpening = false;
    });
    this.opened.catch((thrown: unknown) => {
      // A start that was cut off by the end of the app is no error.
      if (this.stopped === null) this.options.onError('the start of the host thread', thrown);
    });
  }

  private async open(host: HostThread, evenWithoutHistory: boolean): Promise<History> {
    const missing = evenWithoutHistory ? null : await this.lookFor(() => this.options.recovery.missing());
    if (missing !== null) throw this.wait(missing, 'history-missing');
    this.refuseWhenStopped();
    try {
      const description = await host.start();
      this.options.onReady?.(host, description);
    } catch (thrown) {
      if (!(thrown instanceof ConsoleError) || thrown.code !== 'history-damaged') throw thrown;
      const recovery = await this.lookFor(() => this.options.recovery.damaged(thrown));
      throw this.wait(recovery, 'history-damaged');
    }
    this.past ??= this.options.openHistory();
    return this.past;
  }

  private async lookFor<T>(look: () => Promise<T>): Promise<T> {
    this.meanwhile ??= LOOKING;
    try {
      return await look();
    } finally {
      this.meanwhile = null;
    }
  }

  /** No host runs until the person has decided. */
  private wait(recovery: Recovery, code: 'history-damaged' | 'history-missing'): ConsoleError {
    const error = new ConsoleError(code, recovery.sentence, 'Put a backup in its place, or begin a new history.');
    this.reason = { recovery, error };
    return error;
  }

  /** Goes on as the person had it: a host that starts anew runs at 1×. */
  private async setClock({ paused, speed }: Pick<Frame, 'paused' | 'speed'>): Promise<void> {
    try {
      if (speed !== '1x') await this.current.setSpeed(speed);
      if (paused) await this.current.setPaused(true);
    } catch (thrown) {
      this.options.onError('the clock after a restoration', thrown);
    }
  }

  private async settled(): Promise<void> {
    // Its failure has been told already.
    await this.opened?.catch(() => null);
  }

  private async closeAll(because: string | null = null): Promise<void> {
    const endings = [this.current.stop(because), this.settled().then(() => this.past?.stop()), this.reports.stop()];
    for (const result of await Promise.allSettled(endings)) {
      if (result.status === 'rejected') this.options.onError('the end of the host thread', result.reason);
    }
  }

  private refuseWhenStopped(): void {
    if (this.stopped !== null) throw notRunning();
  }

  private async stopWithDeadline(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        const late = new Error(`It took longer than ${STOP_MS} ms.`);
        this.options.onError('the end of the host thread', late);
        resolve();
      }, STOP_MS);
    });
    await Promise.race([this.closeAll(), deadline]);
    clearTimeout(timer);
  }
}

const LOOKING = 'The history cannot be used as it is. The backups are being looked through.';

function notRunning(): ConsoleError {
  return new ConsoleError('host-not-ready', 'The host is not running.', 'Start the console again.');
}
