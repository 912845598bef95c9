import { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type { TraceEntry, Trial, WorkStanding } from '#contract/scenarios.ts';
import type { WorkWatch } from '../../study-process/works.ts';

/** Pieces of work that may be under way or wait for their turn. */
const UNFINISHED_MAX = 6;
/** Those that are remembered after their end; the oldest are forgotten first. */
const REMEMBERED = 12;
/** How long a watcher waits for something new. */
const WATCH_MS = 5_000;
/** Progress below this says nothing about the time that is left. */
const PART_LEAST = 0.02;

/** What comes of a piece of work. */
export type WorkOutcome = { readonly trial: Trial } | { readonly trace: TraceEntry };

interface Entry {
  readonly cancel: AbortController;
  readonly watchers: Set<() => void>;
  standing: WorkStanding;
  beganAt: number | null;
  outcome: WorkOutcome | null;
}

/** The trials and imports of the window: started, watched, cancelled. One that fails harms nothing but its own entry. */
export class WorkDesk {
  private readonly entries = new Map<number, Entry>();
  private lastId = 0;

  /**
   * Starts a piece of work. It answers at once; what comes of it is told by {@link watch}.
   * @throws ConsoleError `bad-study` where too many wait already
   */
  start(work: (watch: WorkWatch) => Promise<WorkOutcome>): { id: number } {
    const unfinished = [...this.entries.values()].filter(({ standing }) => isUnderWay(standing)).length;
    if (unfinished >= UNFINISHED_MAX) {
      throw new ConsoleError(
        'bad-study',
        `There are ${unfinished} trials and imports under way or waiting already.`,
        'Wait for one, or cancel one.',
      );
    }
    const id = ++this.lastId;
    const entry: Entry = {
      cancel: new AbortController(),
      watchers: new Set(),
      standing: { id, version: 1, phase: 'waiting', part: 0, leftMs: null, failure: null },
      beganAt: null,
      outcome: null,
    };
    this.entries.set(id, entry);
    this.forgetOldest();
    void this.follow(entry, work);
    return { id };
  }

  /** How a piece of work stands, once that is another version than the one seen, or after a while. */
  async watch({ id, seen }: RequestArgument<'work.watch'>): Promise<WorkStanding> {
    const entry = this.known(id);
    if (entry.standing.version === seen && isUnderWay(entry.standing)) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          entry.watchers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, WATCH_MS);
        entry.watchers.add(done);
      });
    }
    return entry.standing;
  }

  outcome({ id }: RequestArgument<'work.outcome'>): RequestAnswer<'work.outcome'> {
    return { trial: null, trace: null, ...this.known(id).outcome };
  }

  cancel({ id }: RequestArgument<'work.cancel'>): Record<string, never> {
    this.known(id).cancel.abort();
    return {};
  }

  /** Ends everything. */
  stop(): void {
    for (const { cancel } of this.entries.values()) cancel.abort();
  }

  private async follow(entry: Entry, work: (watch: WorkWatch) => Promise<WorkOutcome>): Promise<void> {
    try {
      entry.outcome = await work({
        signal: entry.cancel.signal,
        onStart: () => {
          entry.beganAt = performance.now();
          this.change(entry, { phase: 'running' });
        },
        onProgress: (part) => this.change(entry, { part, leftMs: leftMs(entry, part) }),
      });
      this.change(entry, { phase: 'done', part: 1, leftMs: 0 });
    } catch (thrown) {
      const failure = ConsoleError.failureOf(thrown);
      const phase = failure.code === 'cancelled' ? 'cancelled' : 'failed';
      this.change(entry, { phase, leftMs: null, failure: phase === 'failed' ? failure : null });
    }
  }

  private change(entry: Entry, changes: Partial<WorkStanding>): void {
    entry.standing = { ...entry.standing, ...changes, version: entry.standing.version + 1 };
    for (const tell of [...entry.watchers]) tell();
  }

  private known(id: number): Entry {
    const entry = this.entries.get(id);
    if (entry !== undefined) return entry;
    throw new ConsoleError('bad-study', `The work ${id} is not known any more.`, 'Start it again.');
  }

  private forgetOldest(): void {
    for (const [id, { standing }] of this.entries) {
      if (this.entries.size <= REMEMBERED) return;
      if (!isUnderWay(standing)) this.entries.delete(id);
    }
  }
}

function isUnderWay({ phase }: WorkStanding): boolean {
  return phase === 'waiting' || phase === 'running';
}

function leftMs({ beganAt }: Entry, part: number): number | null {
  if (beganAt === null || part < PART_LEAST) return null;
  return Math.round((performance.now() - beganAt) * (1 / part - 1));
}
