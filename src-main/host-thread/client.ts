import { Worker } from 'node:worker_threads';
import { ConsoleError, type Failure } from '#contract/errors.ts';
import type { Action, HostDescription, Speed } from '#contract/model.ts';
import type { NewStudy } from '#contract/saved-studies.ts';
import type { Frame } from '#contract/stream.ts';
import type { RetentionPolicy } from '../history/retention.ts';
import type {
  AppliedSet,
  ForkedHost,
  FromThread,
  HostCommandName,
  HostCommands,
  HostThreadOptions,
} from './protocol.ts';

interface Waiting {
  resolve(answer: unknown): void;
  reject(reason: ConsoleError): void;
}

/**
 * The owner's end of the host thread: starts it, sends it commands and hands out its frames. It runs in Electron's main
 * process and under plain Node alike.
 */
export class HostThreadClient {
  private readonly options: HostThreadOptions & { readonly threadFile: string | URL };
  private worker: Worker | null = null;
  private description: HostDescription | null = null;
  private failure: Failure | null = null;
  /** What the thread does before it is ready, for a person. */
  private progress = 'The host has not started yet.';
  private stopping = false;
  private lastId = 0;
  private readonly waiting = new Map<number, Waiting>();
  private readonly frameListeners = new Set<(frame: Frame) => void>();
  private readonly endListeners = new Set<(failure: Failure | null) => void>();

  constructor(options: HostThreadOptions & { readonly threadFile: string | URL }) {
    this.options = options;
  }

  /** Starts the thread; resolves when the host runs, rejects with a ConsoleError when it cannot. */
  start(): Promise<HostDescription> {
    const { threadFile, ...workerData } = this.options;
    const worker = new Worker(threadFile, { workerData });
    this.worker = worker;
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        switch (message.kind) {
          case 'starting':
            this.progress = message.text;
            break;
          case 'ready':
            this.description = message.description;
            resolve(message.description);
            break;
          case 'frame':
            if (this.description !== null) this.description = { ...this.description, ...message.frame.settings };
            for (const listener of this.frameListeners) listener(message.frame);
            break;
          case 'answer':
            this.settle(message.id)?.resolve(message.answer);
            break;
          case 'refused':
            this.settle(message.id)?.reject(errorOf(message.failure));
            break;
          case 'failed':
            this.failure = message.failure;
            break;
        }
      });
      worker.on('error', (error) => {
        this.failure ??= { code: 'host-failed', message: `The host thread ended with an error: ${String(error)}` };
      });
      worker.on('exit', () => {
        this.ended();
        if (this.description === null) reject(this.errorOfEnd());
      });
    });
  }

  /** What the host is, with the settings in force. @throws ConsoleError `host-not-ready` before it has started, its failure after it has failed. */
  describe(): HostDescription {
    if (this.description === null || this.worker === null) throw this.errorOfEnd();
    return this.description;
  }

  setPaused(paused: boolean): Promise<{ hostMs: number }> {
    return this.command('setPaused', { paused });
  }

  setSpeed(speed: Speed): Promise<{ hostMs: number }> {
    return this.command('setSpeed', { speed });
  }

  /** Commits and applies, all or none; resolves when the audit rows are on the disk and the host has them. */
  applyChanges(set: AppliedSet): Promise<{ actions: Action[] }> {
    return this.command('applyChanges', set);
  }

  /** A copy of the host as it is now, for a study to start from. It costs the host the copying of its state. */
  fork(): Promise<ForkedHost> {
    return this.command('fork', null);
  }

  /** Keeps a study until it is deleted; resolves with its number. */
  saveStudy(study: NewStudy): Promise<number> {
    return this.command('saveStudy', study);
  }

  /** Notes that an alternative of a saved study was applied, by the set that begins with this action. */
  async markStudyApplied(savedId: number, alternative: string, actionId: number): Promise<void> {
    await this.command('markStudyApplied', { savedId, alternative, actionId });
  }

  async deleteStudy(savedId: number): Promise<void> {
    await this.command('deleteStudy', { savedId });
  }

  /** Sets how long the history keeps what, and begins to apply it. */
  async setRetention(policy: RetentionPolicy): Promise<void> {
    await this.command('setRetention', { policy });
  }

  /** Calls `listener` with every frame until the returned function is called. */
  onFrame(listener: (frame: Frame) => void): () => void {
    this.frameListeners.add(listener);
    return () => this.frameListeners.delete(listener);
  }

  /** Calls `listener` once when the thread has ended: null after {@link stop}, else why. */
  onEnd(listener: (failure: Failure | null) => void): () => void {
    this.endListeners.add(listener);
    return () => this.endListeners.delete(listener);
  }

  /**
   * Writes everything, ends the run and the thread. Does nothing when it has ended already.
   * @param because a sentence that the run's end is marked with; null: none
   */
  async stop(because: string | null = null): Promise<void> {
    const worker = this.worker;
    if (worker === null || this.stopping) return;
    this.stopping = true;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    if (this.description === null) await worker.terminate();
    else await this.command('stop', { because });
    await exited;
  }

  private command<N extends HostCommandName>(
    name: N,
    argument: HostCommands[N]['argument'],
  ): Promise<HostCommands[N]['answer']> {
    const worker = this.worker;
    if (worker === null || this.description === null) return Promise.reject(this.errorOfEnd());
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: (answer) => resolve(answer as HostCommands[N]['answer']), reject });
      worker.postMessage({ id, name, argument });
    });
  }

  private settle(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  private ended(): void {
    this.worker = null;
    const reason = this.errorOfEnd();
    for (const waiting of this.waiting.values()) waiting.reject(reason);
    this.waiting.clear();
    const failure = this.stopping ? null : reason.toFailure();
    for (const listener of this.endListeners) listener(failure);
  }

  private errorOfEnd(): ConsoleError {
    if (this.failure !== null) return errorOf(this.failure);
    if (this.worker === null && this.description !== null) {
      return new ConsoleError('host-failed', 'The host thread has ended.', 'Start the console again.');
    }
    return new ConsoleError('host-not-ready', this.progress, 'Wait a moment and try again.');
  }
}

function errorOf(failure: Failure): ConsoleError {
  return new ConsoleError(failure.code, failure.message, failure.remedy);
}
