import { ConsoleError, type Failure } from '#contract/errors.ts';

/** Pieces of work that may be under way or wait for their turn. */
const UNFINISHED_MAX = 6;
/** Those that are remembered after their end; the oldest are forgotten first. */
const REMEMBERED = 12;
/** How long a watcher waits for something new. */
const WATCH_MS = 5_000;
/** Progress below this says nothing about the time that is left. */
const PART_LEAST = 0.02;

/** How a piece of work stands, as far as all kinds have it in common. */
interface Standing {
  readonly id: number;
  readonly version: number;
  readonly phase: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly part: number;
  readonly leftMs: number | null;
  readonly failure: Failure | null;
}

/** How work that is followed is told of and stopped. */
interface FollowedWatch {
  readonly signal: AbortSignal;
  readonly onStart: () => void;
  readonly onProgress: (part: number) => void;
}

/** One piece of work, with what its desk knows of it. */
export interface Followed<Now extends Standing, Known> {
  readonly known: Known;
  readonly standing: Now;
}

interface Entry<Now extends Standing, Known> extends Followed<Now, Known> {
  readonly cancel: AbortController;
  readonly watchers: Set<() => void>;
  standing: Now;
  beganAt: number | null;
}

/** Pieces of work of the window: started, watched, cancelled. One that fails harms nothing but its own entry. */
export class FollowedWork<Now extends Standing, Known> {
  private readonly entries = new Map<number, Entry<Now, Known>>();
  private readonly words: { readonly many: string; readonly one: string };
  private lastId = 0;

  /** @param words what the work is called in sentences: "studies", "study" */
  constructor(words: { readonly many: string; readonly one: string }) {
    this.words = words;
  }

  /**
   * Starts a piece of work. It answers at once; what comes of it is told by {@link watch}.
   * @param begun how it stands beyond what all kinds have in common
   * @throws ConsoleError `bad-study` where too many wait already
   */
  start(
    begun: Omit<Now, keyof Standing>,
    known: Known,
    work: (entry: Followed<Now, Known>, watch: FollowedWatch) => Promise<void>,
  ): { id: number } {
    const unfinished = [...this.entries.values()].filter(({ standing }) => isUnderWay(standing)).length;
    if (unfinished >= UNFINISHED_MAX) {
      throw new ConsoleError(
        'bad-study',
        `There are ${unfinished} ${this.words.many} under way or waiting already.`,
        'Wait for one, or cancel one.',
      );
    }
    const id = ++this.lastId;
    const common: Standing = { id, version: 1, phase: 'waiting', part: 0, leftMs: null, failure: null };
    const entry: Entry<Now, Known> = {
      known,
      cancel: new AbortController(),
      watchers: new Set(),
      standing: { ...begun, ...common } as unknown as Now,
      beganAt: null,
    };
    this.entries.set(id, entry);
    this.forgetOldest();
    void this.follow(entry, work);
    return { id };
  }

  /** How a piece of work stands, once that is another version than the one seen, or after a while. */
  async watch({ id, seen }: { readonly id: number; readonly seen: number }): Promise<Now> {
    const entry = this.entry(id);
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

  /** @throws ConsoleError `bad-study` for work that has been forgotten */
  find(id: number): Followed<Now, Known> {
    return this.entry(id);
  }

  /** Ends a piece of work. One that has ended stays as it is. */
  cancel(id: number): void {
    this.entry(id).cancel.abort();
  }

  /** Ends everything. */
  stop(): void {
    for (const { cancel } of this.entries.values()) cancel.abort();
  }

  /** Notes how a piece of work stands now, and tells its watchers. */
  change(id: number, changes: (before: Now) => Partial<Now>): void {
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    const { standing } = entry;
    entry.standing = { ...standing, ...changes(standing), version: standing.version + 1 };
    for (const tell of [...entry.watchers]) tell();
  }

  private async follow(
    entry: Entry<Now, Known>,
    work: (entry: Followed<Now, Known>, watch: FollowedWatch) => Promise<void>,
  ): Promise<void> {
    const change = (changes: Partial<Standing>): void => this.change(entry.standing.id, () => changes as Partial<Now>);
    try {
      await work(entry, {
        signal: entry.cancel.signal,
        onStart: () => {
          entry.beganAt = performance.now();
          change({ phase: 'running' });
        },
        onProgress: (part) => change({ part, leftMs: leftMs(entry.beganAt, part) }),
      });
      change({ phase: 'done', part: 1, leftMs: 0 });
    } catch (thrown) {
      const failure = ConsoleError.failureOf(thrown);
      const phase = failure.code === 'cancelled' ? 'cancelled' : 'failed';
      change({ phase, leftMs: null, failure: phase === 'failed' ? failure : null });
    }
  }

  private entry(id: number): Entry<Now, Known> {
    const entry = this.entries.get(id);
    if (entry !== undefined) return entry;
    const { one } = this.words;
    throw new ConsoleError('bad-study', `The ${one} ${id} is not known any more.`, 'Run it again.');
  }

  private forgetOldest(): void {
    for (const [id, { standing }] of this.entries) {
      if (this.entries.size <= REMEMBERED) return;
      if (!isUnderWay(standing)) this.entries.delete(id);
    }
  }
}

function isUnderWay({ phase }: Standing): boolean {
  return phase === 'waiting' || phase === 'running';
}

function leftMs(beganAt: number | null, part: number): number | null {
  if (beganAt === null || part < PART_LEAST) return null;
  return Math.round((performance.now() - beganAt) * (1 / part - 1));
}
