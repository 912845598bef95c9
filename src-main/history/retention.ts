import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';
import type { Coverage } from './tiers.ts';
import type { TierS } from './tiers.ts';
import { EVICTION_TIERS_S, floorTo, pageSpanS, RAW_S, TIERS_S } from './tiers.ts';

/** How long a history keeps what. Ages are host seconds back from the end of the axis. */
export interface RetentionPolicy {
  /** Age of samples and evictions by the second. */
  readonly secondsAgeS: number;
  /** Age of each tier but the coarsest, which stays; not less than the finer one's. */
  readonly tierAgeS: Readonly<Record<10 | 60 | 3_600, number>>;
  /** Bytes that everything but checkpoints may take. */
  readonly bytesMax: number;
}

const DAY_S = 86_400;

export const DEFAULT_RETENTION: RetentionPolicy = {
  secondsAgeS: 7 * DAY_S,
  tierAgeS: { 10: 30 * DAY_S, 60: 180 * DAY_S, 3_600: 3 * 365 * DAY_S },
  bytesMax: 2 * 2 ** 30,
};

/** Rows of samples that one step removes at most, roughly: a few ms. A page of a tier is a row for each guest and column. */
const STEP_ROWS = 2_000;
/** Pages that one step gives back to the file system at most. */
const STEP_PAGES = 256;
/** Free pages that stay in the file for what comes next. */
const SPARE_PAGES = 4_096;
/** Newest host seconds of each tier that the size limit does not touch: what the live charts show. */
const LIVE_S = 3_600;

/**
 * Host seconds that single evictions are kept, as long as samples at most: up to 1,000 a second, they take more than all else.
 * Their sums stay.
 */
const SINGLES_AGE_S = 21_600;
/** Host seconds of single evictions that one step removes. */
const SINGLES_STEP_S = 3;

/** Where the last run ends on the axis, and where its newest checkpoint lies. */
interface LastRun {
  readonly id: number;
  readonly endS: number;
  readonly checkpointS: number | null;
}

/** Rows of one tier of one run that can go. */
interface Removal {
  readonly runId: number;
  readonly axisStartS: number;
  readonly tierS: typeof RAW_S | TierS;
  readonly fromSecond: number;
  /** Not included. */
  readonly toSecond: number;
}

interface RunTier extends Coverage {
  readonly tierS: typeof RAW_S | TierS;
  readonly runId: number;
  readonly axisStartS: number;
  readonly coarserS: TierS;
  /** Second of the run up to which the coarser tier reaches. */
  readonly coarserTo: number;
}

const COARSER = [RAW_S, ...TIERS_S.slice(0, -1)].map((tierS, at) => `WHEN ${tierS} THEN ${TIERS_S[at] ?? 0}`).join(' ');

/**
 * Removes what is too old, or the oldest where all is too big, finest tier first, a little at a time. It never removes what
 * the next coarser tier has not got; the coarsest tier, runs, events and the audit stay for ever. The tiers
 * of evictions go with those of the samples.
 */
export class Retention {
  /** Takes effect with the next step. */
  policy: RetentionPolicy;
  private readonly connection: Connection;
  private readonly runTiers: Statement;

  constructor(connection: Connection, policy: RetentionPolicy = DEFAULT_RETENTION) {
    this.connection = connection;
    this.policy = policy;
    this.runTiers = connection.prepare(
      `SELECT tier.runId, axisStartS, tier.tierS, tier.fromSecond, tier.toSecond, coarser.tierS AS coarserS,
         coarser.toSecond AS coarserTo
       FROM coverage AS tier JOIN runs ON runs.id = tier.runId
       JOIN coverage AS coarser ON coarser.runId = tier.runId AND coarser.tierS = CASE tier.tierS ${COARSER} END
       WHERE tier.fromSecond < tier.toSecond ORDER BY tier.tierS, tier.runId`,
    );
  }

  /** One small step in a transaction of its own. False when there is nothing more to do now. */
  step(): boolean {
    return this.connection.transaction(() => this.removeSome()).immediate() || this.shrink();
  }

  /** Bytes in use, without checkpoints and free pages. */
  usedBytes(): number {
    const read = (name: string): number => Number(this.connection.pragma(name, { simple: true }));
    const checkpoints = this.connection.prepare('SELECT coalesce(sum(bytes), 0) FROM checkpoints').pluck().get();
    return (read('page_count') - read('freelist_count')) * read('page_size') - Number(checkpoints);
  }

  private removeSome(): boolean {
    if (this.removeSingles()) return true;
    const removal = this.oldest((tierS) => this.ageOf(tierS)) ?? this.oldestOfTooMuch();
    if (removal === undefined) return false;
    this.remove(removal);
    return true;
  }

  /** Removes the oldest single evictions, as far as they are too old, or live charts do not show them and all is too much. */
  private removeSingles(): boolean {
    const oldest = this.connection
      .prepare(
        `SELECT runId, second, axisStartS FROM evictionSamples JOIN runs ON id = runId ORDER BY runId, second LIMIT 1`,
      )
      .get() as { runId: number; second: number; axisStartS: number } | undefined;
    const last = this.lastRun();
    if (oldest === undefined || last === undefined) return false;
    const { runId, second, axisStartS } = oldest;
    let limitS = last.endS - (this.usedBytes() > this.policy.bytesMax ? LIVE_S : SINGLES_AGE_S);
    // What is computed again from the newest checkpoint on is compared with them.
    if (runId === last.id) limitS = Math.min(limitS, last.checkpointS ?? limitS);
    const toSecond = Math.min(limitS - axisStartS, second + SINGLES_STEP_S);
    if (toSecond <= second) return false;
    this.connection.prepare('DELETE FROM evictionSamples WHERE runId = ? AND second < ?').run(runId, toSecond);
    return true;
  }

  private lastRun(): LastRun | undefined {
    return this.connection
      .prepare(
        `SELECT id, axisStartS + seconds AS endS, axisStartS + (SELECT max(hostMs) FROM checkpoints WHERE runId = runs.id)
           / 1000 AS checkpointS FROM runs ORDER BY id DESC LIMIT 1`,
      )
      .get() as LastRun | undefined;
  }

  private oldestOfTooMuch(): Removal | undefined {
    if (this.usedBytes() <= this.policy.bytesMax) return undefined;
    return this.oldest(() => LIVE_S);
  }

  private ageOf(tierS: number): number {
    const { secondsAgeS, tierAgeS } = this.policy;
    if (tierS === RAW_S) return secondsAgeS;
    return tierS === 10 || tierS === 60 || tierS === 3_600 ? tierAgeS[tierS] : Infinity;
  }

  /** The first rows that are older than an age, from the finest tier on and the oldest run on. */
  private oldest(ageS: (tierS: number) => number): Removal | undefined {
    const last = this.lastRun();
    if (last === undefined) return undefined;
    for (const tier of this.runTiers.iterate() as Iterable<RunTier>) {
      const { axisStartS, coarserS, coarserTo, runId, tierS } = tier;
      let limitS = Math.min(axisStartS + coarserTo, last.endS - ageS(tierS));
      if (runId === last.id) {
        // It may be continued: the partial page at its end is made anew then, out of the finer rows; and what is computed
        // again from its newest checkpoint on is compared with the samples.
        limitS = Math.min(limitS, floorTo(axisStartS + coarserTo, pageSpanS(coarserS)));
        if (tierS === RAW_S) limitS = Math.min(limitS, last.checkpointS ?? limitS);
      }
      const toSecond = wholePages(tier, limitS);
      if (toSecond > tier.fromSecond) return { runId, axisStartS, tierS, fromSecond: tier.fromSecond, toSecond };
    }
    return undefined;
  }

  private remove({ runId, axisStartS, tierS, fromSecond, toSecond }: Removal): void {
    const limitS = axisStartS + toSecond;
    if (tierS === RAW_S) {
      const guests = this.connection
        .prepare('SELECT count(*) FROM guests WHERE runId = ?')
        .pluck()
        .get(runId) as number;
      const seconds = Math.max(1, Math.floor(STEP_ROWS / (guests + 1)));
      this.removeSeconds(runId, Math.min(toSecond, fromSecond + seconds));
    } else {
      const fromS = axisStartS + fromSecond;
      const endS = Math.min(limitS, floorTo(fromS, pageSpanS(tierS)) + pageSpanS(tierS));
      this.removePages(tierS, runId, endS, axisStartS);
    }
  }

  private removeSeconds(runId: number, toSecond: number): void {
    for (const table of ['guestSamples', 'hostSamples', 'evictions', 'evictionSamples']) {
      this.connection.prepare(`DELETE FROM ${table} WHERE runId = ? AND second < ?`).run(runId, toSecond);
    }
    this.setKeptFrom(RAW_S, runId, toSecond);
  }

  private removePages(tierS: TierS, runId: number, endS: number, axisStartS: number): void {
    this.connection
      .prepare('DELETE FROM tierPages WHERE tierS = ? AND runId = ? AND fromS < ?')
      .run(tierS, runId, endS);
    if (EVICTION_TIERS_S.some((tier) => tier === tierS)) {
      this.connection
        .prepare('DELETE FROM evictionTiers WHERE tierS = ? AND runId = ? AND fromS < ?')
        .run(tierS, runId, endS);
    }
    this.setKeptFrom(tierS, runId, endS - axisStartS);
  }

  private setKeptFrom(tierS: number, runId: number, second: number): void {
    this.connection
      .prepare('UPDATE coverage SET fromSecond = ? WHERE runId = ? AND tierS = ?')
      .run(second, runId, tierS);
  }

  /** Gives free pages beyond the spare ones back to the file system. */
  private shrink(): boolean {
    const free = Number(this.connection.pragma('freelist_count', { simple: true }));
    if (free <= SPARE_PAGES) return false;
    this.connection.pragma(`incremental_vacuum(${Math.min(STEP_PAGES, free - SPARE_PAGES)})`);
    return Number(this.connection.pragma('freelist_count', { simple: true })) < free;
  }
}

/** The second of the run before which its seconds or pages of a tier end before an axis second. */
function wholePages({ axisStartS, tierS, toSecond }: RunTier, limitS: number): number {
  if (limitS >= axisStartS + toSecond) return toSecond;
  return floorTo(limitS, tierS === RAW_S ? RAW_S : pageSpanS(tierS)) - axisStartS;
}
