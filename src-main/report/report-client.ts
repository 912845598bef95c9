import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import type { ReportFigures, ReportFormat, ReportProgress, ReportSubject } from '#contract/reports.ts';
import { ReportFiguresSchema } from '#contract/reports.ts';
import type { ReportNews, ReportOrder } from './report-protocol.ts';
import { ReportNewsSchema } from './report-protocol.ts';

export interface ReportClientOptions {
  /** The thread: `report.cjs` of the build, or `report-thread.ts` under plain Node. */
  readonly threadFile: string | URL;
  readonly databaseFile: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Asks where a report goes; null for nowhere. */
  readonly chooseTarget: (format: ReportFormat) => Promise<string | null>;
}

const IDLE: ReportProgress = { stage: 'idle', part: 0 };

/** Has reports made, each by a thread of its own. */
export class ReportClient {
  private readonly options: ReportClientOptions;
  private readonly workers = new Set<Worker>();
  private saving: ReportProgress = IDLE;
  /** Set while a report is being made to be saved: tells its thread to give it up. */
  private cancelSaving: (() => void) | null = null;

  constructor(options: ReportClientOptions) {
    this.options = options;
  }

  /** How far the report is that is being saved. */
  progress(): ReportProgress {
    return this.saving;
  }

  /**
   * The figures of a report.
   * @throws ConsoleError `bad-range`, `unknown-guest`, or what opening the history throws.
   */
  async preview(subject: ReportSubject): Promise<ReportFigures> {
    const news = await this.run(subject, null, () => undefined);
    if (news.kind !== 'figures') throw new ConsoleError('internal', 'The report has no figures.');
    return v.parse(ReportFiguresSchema, news.figures);
  }

  /**
   * Saves a report where the person chooses; `file` is null when they choose nowhere.
   * @throws ConsoleError `file-unwritable` too; `bad-request` while another is being saved.
   */
  async save(subject: ReportSubject, format: ReportFormat): Promise<{ file: string | null; bytes: number }> {
    if (this.saving.stage !== 'idle') {
      throw new ConsoleError('bad-request', 'Another report is being saved.', 'Wait until it is done.');
    }
    this.saving = { stage: 'choosing', part: 0 };
    try {
      const file = await this.options.chooseTarget(format);
      if (file === null) return { file, bytes: 0 };
      const news = await this.run(subject, { format, file }, (progress) => {
        this.saving = progress;
      });
      if (news.kind !== 'saved') throw new ConsoleError('internal', 'The report was not saved.');
      return { file, bytes: news.bytes };
    } finally {
      this.saving = IDLE;
      this.cancelSaving = null;
    }
  }

  /** Gives up the report that is being saved, which is refused as `cancelled` and leaves nothing behind; else nothing. */
  cancel(): void {
    this.cancelSaving?.();
  }

  /** Ends what is being made; it is refused as `cancelled`. */
  async stop(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }

  private run(
    { range, guests }: ReportSubject,
    target: ReportOrder['target'],
    tell: (progress: ReportProgress) => void,
  ): Promise<Exclude<ReportNews, { kind: 'progress' | 'failed' }>> {
    const { databaseFile, threadFile, versions } = this.options;
    const cancelled = new SharedArrayBuffer(4);
    const order = { databaseFile, range, guests: [...guests], versions: { ...versions }, cancelled, target };
    if (target !== null) this.cancelSaving = () => void Atomics.store(new Int32Array(cancelled), 0, 1);
    const workerData: ReportOrder = order;
    const worker = new Worker(threadFile, { workerData });
    this.workers.add(worker);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: unknown) => {
        const news = v.parse(ReportNewsSchema, message);
        if (news.kind === 'progress') {
          tell({ stage: news.stage, part: Math.min(1, Math.max(0, news.part)) });
        } else if (news.kind === 'failed') {
          const { code, message: sentence, remedy } = news.failure;
          reject(new ConsoleError(code, sentence, remedy));
        } else {
          resolve(news);
        }
      });
      worker.on('error', (error) => {
        const reason = error instanceof Error ? error.message : String(error);
        reject(new ConsoleError('internal', `The report failed: ${reason}`, 'Try again.'));
      });
      worker.on('exit', () => {
        this.workers.delete(worker);
        // Too late to say anything after a result; otherwise it was ended.
        reject(new ConsoleError('cancelled', 'The report was not finished.'));
      });
    });
  }
}
