import type { AlternativeOutcome, Assumption, Engine, GuestOutcome, OverTime } from './study.ts';

/** What an engine counts between the start and the horizon; guests by place, struct of arrays. */
export class Tally {
  readonly accesses: Float64Array;
  readonly cacheHits: Float64Array;
  readonly precacheHits: Float64Array;
  readonly diskReads: Float64Array;
  readonly evictedBySelf: Float64Array;
  readonly evictedByOthers: Float64Array;
  readonly evictionsCaused: Float64Array;
  /** All evictions, those for the host itself included. */
  evictions = 0;
  /** Stated errors of disk reads per access. */
  readonly errors: Float64Array;
  hostError = 0;
  /** Parts of the time that guests wait, and their stated errors; null: not known. */
  waitingParts: Float64Array | null = null;
  waitingErrors: Float64Array | null = null;
  private readonly firstSecond: number;
  private readonly ephemeralSum: Float64Array;
  private readonly ramSum: Float64Array;
  private readonly readsBefore: Float64Array;
  private fallowSum = 0;
  private readonly ephemeralRows: number[] = [];
  private readonly readRows: number[] = [];
  private seconds = 0;

  constructor(guests: number, firstSecond: number) {
    this.accesses = new Float64Array(guests);
    this.cacheHits = new Float64Array(guests);
    this.precacheHits = new Float64Array(guests);
    this.diskReads = new Float64Array(guests);
    this.evictedBySelf = new Float64Array(guests);
    this.evictedByOthers = new Float64Array(guests);
    this.evictionsCaused = new Float64Array(guests);
    this.errors = new Float64Array(guests);
    this.ephemeralSum = new Float64Array(guests);
    this.ramSum = new Float64Array(guests);
    this.readsBefore = new Float64Array(guests);
    this.firstSecond = firstSecond;
  }

  /** One page of `victim` went for `requester` (places; −1 = the host). */
  evicted(victim: number, requester: number): void {
    this.evictions++;
    if (victim === requester) {
      this.evictedBySelf[victim]++;
      return;
    }
    this.evictedByOthers[victim]++;
    if (requester >= 0) this.evictionsCaused[requester]++;
  }

  /** A host second has ended with these pages held. {@link diskReads} must be up to date. */
  endSecond(ephemeralPages: ArrayLike<number>, ramPages: ArrayLike<number>, fallowPages: number): void {
    const { ephemeralSum, ramSum, diskReads, readsBefore } = this;
    for (let guest = 0; guest < ephemeralSum.length; guest++) {
      ephemeralSum[guest] += ephemeralPages[guest];
      ramSum[guest] += ramPages[guest];
      this.ephemeralRows.push(ephemeralPages[guest]);
      this.readRows.push(diskReads[guest] - readsBefore[guest]);
    }
    readsBefore.set(diskReads);
    this.fallowSum += fallowPages;
    this.seconds++;
  }

  /** Forgets the evictions counted so far. */
  forget(): void {
    this.evictions = 0;
    this.evictedBySelf.fill(0);
    this.evictedByOthers.fill(0);
    this.evictionsCaused.fill(0);
  }

  /** Multiplies everything that was counted: a sample stands for all pages. */
  scaleUp(factor: number): void {
    const { precacheHits, diskReads, evictedBySelf, evictedByOthers, evictionsCaused, ephemeralSum, ramSum } = this;
    const all = [precacheHits, diskReads, evictedBySelf, evictedByOthers, evictionsCaused, ephemeralSum, ramSum];
    for (const values of [...all, this.ephemeralRows, this.readRows]) {
      for (let at = 0; at < values.length; at++) values[at] *= factor;
    }
    this.evictions *= factor;
    this.fallowSum *= factor;
  }

  /** Host seconds that have ended. */
  get endedSeconds(): number {
    return this.seconds;
  }

  /** Mean pages a guest held in the pool so far. */
  meanEphemeralOf(guest: number): number {
    return this.ephemeralSum[guest] / Math.max(1, this.seconds);
  }

  /** The outcome of all that was counted. */
  outcome(
    name: string,
    engine: Engine,
    guests: readonly { readonly id: number; readonly name: string }[],
    assumptions: readonly Assumption[],
  ): AlternativeOutcome {
    // A study within one second: what was held at its end was passed as that of the second.
    const seconds = Math.max(1, this.seconds);
    const counted = engine !== 'curves';
    const rows = guests.map((guest, at): GuestOutcome => ({
      guestId: guest.id,
      name: guest.name,
      accesses: this.accesses[at],
      cacheHits: this.cacheHits[at],
      precacheHits: this.precacheHits[at],
      diskReads: this.diskReads[at],
      evictedBySelf: counted ? this.evictedBySelf[at] : null,
      evictedByOthers: counted ? this.evictedByOthers[at] : null,
      evictionsCaused: counted ? this.evictionsCaused[at] : null,
      meanEphemeralPages: this.ephemeralSum[at] / seconds,
      meanRamPages: this.ramSum[at] / seconds,
      error: this.errors[at],
      waitingPart: this.waitingParts?.[at] ?? null,
      waitingError: this.waitingErrors?.[at] ?? null,
    }));
    const sum = (column: 'accesses' | 'cacheHits' | 'precacheHits' | 'diskReads' | 'meanEphemeralPages'): number =>
      rows.reduce((total, row) => total + row[column], 0);
    return {
      name,
      engine,
      guests: rows,
      host: {
        accesses: sum('accesses'),
        cacheHits: sum('cacheHits'),
        precacheHits: sum('precacheHits'),
        diskReads: sum('diskReads'),
        evictions: counted ? this.evictions : null,
        meanEphemeralPages: sum('meanEphemeralPages'),
        meanFallowPages: this.fallowSum / seconds,
        error: this.hostError,
      },
      assumptions,
      overTime: counted ? this.overTime() : null,
    };
  }

  private overTime(): OverTime {
    return {
      firstSecond: this.firstSecond,
      seconds: this.seconds,
      ephemeralPages: Float64Array.from(this.ephemeralRows),
      diskReads: Float64Array.from(this.readRows),
    };
  }
}
