import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import type { Order, OrderKind, Result } from './order.ts';
import { NewsSchema, RESULTS } from './order.ts';

/** Has work on whole files of the history done, each piece by a thread of its own. */
export class BackupWorker {
  private readonly threadFile: string | URL;
  private readonly workers = new Set<Worker>();

  /** @param threadFile - `backup.cjs` of the build, or `backup-thread.ts` under plain Node. */
  constructor(threadFile: string | URL) {
    this.threadFile = threadFile;
  }

  /** @throws ConsoleError what the work throws; `cancelled` when it is ended meanwhile. */
  run<K extends OrderKind>(
    order: Extract<Order, { kind: K }>,
    onProgress: (part: number) => void = () => undefined,
  ): Promise<Result<K>> {
    const worker = new Worker(this.threadFile, { workerData: order });
    this.workers.add(worker);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: unknown) => {
        const news = v.parse(NewsSchema, message);
        if (news.kind === 'progress') {
          onProgress(news.part);
        } else if (news.kind === 'failed') {
          const { code, message: sentence, remedy } = news.failure;
          reject(new ConsoleError(code, sentence, remedy));
        } else {
          resolve(v.parse(RESULTS[order.kind], news.result));
        }
      });
      worker.on('error', (error) => {
        const reason = error instanceof Error ? error.message : String(error);
        reject(new ConsoleError('internal', `The work on the backups failed: ${reason}`, 'Try again.'));
      });
      worker.on('exit', () => {
        this.workers.delete(worker);
        // Too late to say anything after a result; otherwise it was ended.
        reject(new ConsoleError('cancelled', 'The work on the backups was not finished.'));
      });
    });
  }

  /** Ends what is under way: a copy that is not whole has no name of a backup, and the next one removes it. */
  async stop(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }
}
