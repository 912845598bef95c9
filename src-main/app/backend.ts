import { ConsoleError } from '#contract/errors.ts';
import type { ReportFigures, ReportFormat, ReportProgress, ReportSubject } from '#contract/reports.ts';
import type { RequestAnswer, RequestArgument, RequestName } from '#contract/requests.ts';
import type { HostThreadClient } from '../host-thread/client.ts';
import type { TellError } from './log.ts';

/** What the app uses of the host thread. */
export type HostThread = Pick<
  HostThreadClient,
  'start' | 'describe' | 'setPaused' | 'setSpeed' | 'applyChanges' | 'onFrame' | 'onEnd' | 'stop'
>;
export type HistoryRequestName = Extract<RequestName, `history.${string}`>;
/** What the app uses of the reader of the past. */
export interface History {
  request<N extends HistoryRequestName>(name: N, argument: RequestArgument<N>): Promise<RequestAnswer<N>>;
  stop(): Promise<void>;
}

/** What the app uses of the maker of reports; saving asks the person where to. */
export interface Reports {
  preview(subject: ReportSubject): Promise<ReportFigures>;
  save(subject: ReportSubject, format: ReportFormat): Promise<{ file: string | null; bytes: number }>;
  progress(): ReportProgress;
  stop(): Promise<void>;
}

/** How long the last writing may take when the app ends. */
const STOP_MS = 3_000;

type BackendOptions = {
  host: HostThread;
  /** Opens the past; called once the host thread has made the database. */
  openHistory: () => History;
  reports: Reports;
  onError: TellError;
};

/** The host thread and the reader of its history: started beside the window, stopped once, with a deadline. */
export class Backend {
  readonly host: HostThread;
  readonly reports: Reports;
  private readonly options: BackendOptions;
  private opened: Promise<History> | null = null;
  private stopped: Promise<void> | null = null;

  constructor(options: BackendOptions) {
    this.options = options;
    this.host = options.host;
    this.reports = options.reports;
  }

  /** Starts the host thread; a failure is told to whoever asks for the host or the past. */
  start(): void {
    this.host.onEnd((failure) => {
      if (failure === null) return;
      const { code, message, remedy } = failure;
      this.options.onError('the host thread', new ConsoleError(code, message, remedy));
    });
    this.opened = this.host.start().then(() => this.options.openHistory());
    this.opened.catch((thrown: unknown) => this.options.onError('the start of the host thread', thrown));
  }

  /** Asks the past, as soon as there is a database. */
  async history<N extends HistoryRequestName>(name: N, argument: RequestArgument<N>): Promise<RequestAnswer<N>> {
    if (this.opened === null || this.stopped !== null) {
      throw new ConsoleError('host-not-ready', 'The host is not running.', 'Start the console again.');
    }
    return (await this.opened).request(name, argument);
  }

  /** Ends both; resolves when everything is written, or after the deadline. */
  stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  private async stopHistory(): Promise<void> {
    // A failed start has been told already, and there is no past to close.
    const history = await this.opened?.catch(() => null);
    await history?.stop();
  }

  private async stopAll(): Promise<void> {
    const endings = [this.host.stop(), this.stopHistory(), this.reports.stop()];
    const all = Promise.allSettled(endings).then((results) => {
      for (const result of results) {
        if (result.status === 'rejected') this.options.onError('the end of the host thread', result.reason);
      }
    });
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        const late = new Error(`It took longer than ${STOP_MS} ms.`);
        this.options.onError('the end of the host thread', late);
        resolve();
      }, STOP_MS);
    });
    await Promise.race([all, deadline]);
    clearTimeout(timer);
  }
}
