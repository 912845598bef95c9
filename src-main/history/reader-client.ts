import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { REQUESTS } from '#contract/requests.ts';
import type { HistoryRequest } from './queries/index.ts';
import type { ReaderData, ReaderRequest } from './reader-protocol.ts';
import { ReaderReplySchema } from './reader-protocol.ts';

export interface HistoryReaderOptions {
  /** The reader thread: `history-reader.cjs` of the build, or `reader-thread.ts` under plain Node. */
  readonly threadFile: string | URL;
  readonly databaseFile: string;
  /** Told of each query that took longer than `slowMs` (250 by default). */
  readonly onSlowQuery?: (name: HistoryRequest, elapsedMs: number) => void;
  readonly slowMs?: number;
}

interface Waiting {
  readonly name: HistoryRequest;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: ConsoleError) => void;
}

/**
 * The reading side of a history: `history.*` requests, answered by a thread of its own, so that no read holds up anything
 * else. It can be made before the database exists. If the thread dies, what waits is refused and the next request starts
 * another.
 */
export class HistoryReader {
  private readonly options: HistoryReaderOptions;
  private readonly waiting = new Map<number, Waiting>();
  private worker: Worker | undefined;
  private lastId = 0;

  constructor(options: HistoryReaderOptions) {
    this.options = options;
  }

  /**
   * Asks one thing.
   * @throws ConsoleError `bad-request` (the argument does not fit its schema), `host-not-ready` (no history yet),
   * `history-newer`, `history-damaged`, `cancelled` (stopped meanwhile), `internal`.
   */
  async request<N extends HistoryRequest>(name: N, argument: RequestArgument<N>): Promise<RequestAnswer<N>> {
    const worker = (this.worker ??= this.start());
    const id = ++this.lastId;
    const answer = await new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, { name, resolve, reject });
      worker.ref();
      worker.postMessage({ id, name, argument } satisfies ReaderRequest);
    });
    const read = v.safeParse(REQUESTS[name].answer, answer);
    if (!read.success) {
      throw new ConsoleError('internal', `The answer to ${name} does not fit the contract: ${read.issues[0].message}`);
    }
    return read.output;
  }

  /** Ends the thread; requests that wait are refused as `cancelled`. A later request starts it again. */
  async stop(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    this.refuseAll(new ConsoleError('cancelled', 'The history reader was stopped.'));
    await worker?.terminate();
  }

  private start(): Worker {
    const workerData: ReaderData = { databaseFile: this.options.databaseFile };
    const worker = new Worker(this.options.threadFile, { workerData });
    worker.on('message', (message: unknown) => this.receive(message));
    worker.on('error', (error) => this.lose(worker, error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => this.lose(worker, `exit code ${code}`));
    // Only while somebody waits for an answer does the reader keep the process alive.
    worker.unref();
    return worker;
  }

  private receive(message: unknown): void {
    const { id, reply, elapsedMs } = v.parse(ReaderReplySchema, message);
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.worker?.unref();
    if (elapsedMs > (this.options.slowMs ?? 250)) this.options.onSlowQuery?.(waiting.name, elapsedMs);
    if (reply.ok) {
      waiting.resolve(reply.answer);
    } else {
      const { code, message: sentence, remedy } = reply.failure;
      waiting.reject(new ConsoleError(code, sentence, remedy));
    }
  }

  private lose(worker: Worker, reason: string): void {
    if (worker !== this.worker) return;
    this.worker = undefined;
    this.refuseAll(
      new ConsoleError('internal', `The history reader stopped: ${reason}.`, 'Try again: it starts anew.'),
    );
  }

  private refuseAll(error: ConsoleError): void {
    const refused = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of refused) reject(error);
  }
}
