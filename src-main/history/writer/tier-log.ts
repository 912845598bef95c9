import type { Statement } from 'better-sqlite3';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { EVICTION_ROW } from '#contract/stream.ts';
import type { Connection } from '../connection.ts';
import { TierReader } from '../tier-reader.ts';
import type { Coverage, TierS } from '../tiers.ts';
import { floorTo, HOST_OWNER, pageSpanS, RAW_S, STATISTICS, TIERS_S } from '../tiers.ts';
import { Bucket } from './bucket.ts';
import { EvictionTiers } from './eviction-tiers.ts';
import type { SecondBatch } from './second-log.ts';
import { TierPage } from './tier-page.ts';

/** Guests have numbers from 1 to this. */
const GUEST_MAX = 65_535;

/** One tier of one run while it is recorded: its open bucket for the host and each guest, and its open page. */
interface Level {
  readonly tierS: TierS;
  /** Axis second at which the open bucket begins; −1 while there is none. */
  openS: number;
  readonly buckets: Map<number, Bucket>;
  readonly page: TierPage;
  /** First second of the run that is not yet in a stored page. */
  toSecond: number;
}

/**
 * Keeps the tiers of one run while its seconds are stored, in the same transactions. A page of buckets is written once, when
 * its last second is there or the run ends; each tier is made of the finer one's buckets. What is open lives in memory and
 * can be read back out of what is stored ({@link resume}), so a crash loses none of it.
 */
export class TierLog {
  private readonly connection: Connection;
  private readonly runId: number;
  private readonly axisStartS: number;
  private readonly levels: readonly Level[];
  private readonly evictions: EvictionTiers;
  private readonly setCoverage: Statement;
  private toSecond = 0;

  constructor(connection: Connection, run: { id: number; axisStartS: number }) {
    this.connection = connection;
    this.runId = run.id;
    this.axisStartS = run.axisStartS;
    this.levels = TIERS_S.map((tierS) => ({
      tierS,
      openS: -1,
      buckets: new Map<number, Bucket>(),
      page: new TierPage(connection, run.id, tierS),
      toSecond: 0,
    }));
    this.evictions = new EvictionTiers(connection, run);
    this.setCoverage = connection.prepare(
      `INSERT INTO coverage (runId, tierS, fromSecond, toSecond) VALUES (?, ?, 0, ?)
       ON CONFLICT DO UPDATE SET toSecond = excluded.toSecond`,
    );
  }

  /** Reads back what was open when the stored rows of the run were written, and stores pages that are complete. */
  resume(): void {
    const stored = this.connection
      .prepare('SELECT tierS, fromSecond, toSecond FROM coverage WHERE runId = ?')
      .all(this.runId) as Coverage[];
    const reached = (tierS: number): number => stored.find((row) => row.tierS === tierS)?.toSecond ?? 0;
    for (const level of this.levels) level.toSecond = reached(level.tierS);
    // From the coarsest on: each level gets what the finer one has stored beyond its own reach, and hands on what it closes.
    for (let place = this.levels.length - 1; place > 0; place--) this.readPages(place);
    this.readSamples(this.levels[0]?.toSecond ?? 0);
    this.toSecond = Math.max(this.toSecond, reached(RAW_S));
    this.evictions.resume(this.toSecond);
    this.setReach();
  }

  /** Adds seconds that follow the ones it has. */
  add({ firstSecond, seconds, guestIds, host, guests, evictions }: SecondBatch): void {
    let eviction = 0;
    for (let s = 0; s < seconds; s++) {
      const axisS = this.axisStartS + firstSecond + s;
      this.openFor(axisS);
      this.addSample(HOST_OWNER, HOST_COLUMNS.length, host, s * HOST_COLUMNS.length);
      guestIds.forEach((guestId, place) => {
        const from = (s * guestIds.length + place) * GUEST_COLUMNS.length;
        this.addSample(guestId, GUEST_COLUMNS.length, guests, from);
      });
      this.closeAfter(axisS + 1);
      this.evictions.openFor(axisS);
      for (; evictions[eviction] === firstSecond + s; eviction += EVICTION_ROW) {
        this.evictions.add(evictions, eviction);
      }
      this.evictions.closeAfter(axisS + 1);
    }
    this.setReach();
  }

  /** Stores what is open, as the partial buckets and pages at the end of a run. */
  finish(): void {
    this.levels.forEach((level, place) => {
      this.close(place);
      level.page.store();
      level.toSecond = this.toSecond;
    });
    this.evictions.finish();
    this.setReach();
  }

  private addSample(owner: number, columns: number, source: ArrayLike<number>, from: number): void {
    const [finest] = this.levels;
    if (finest !== undefined) bucketOf(finest, owner, columns).addSample(source, from);
  }

  /** Closes buckets that do not hold this second (seconds may be missing), and opens the finest one that does. */
  private openFor(axisS: number): void {
    this.levels.forEach((level, place) => {
      if (level.openS !== -1 && level.openS !== floorTo(axisS, level.tierS)) this.close(place);
    });
    const [finest] = this.levels;
    if (finest !== undefined) finest.openS = floorTo(axisS, finest.tierS);
  }

  /** Closes buckets and pages that end where this axis second begins. */
  private closeAfter(endS: number): void {
    this.toSecond = endS - this.axisStartS;
    this.levels.every((level, place) => {
      if (endS % level.tierS !== 0) return false;
      this.close(place);
      this.closePage(level, endS);
      return true;
    });
  }

  private closePage(level: Level, endS: number): void {
    if (endS % pageSpanS(level.tierS) !== 0) return;
    level.page.store();
    level.toSecond = endS - this.axisStartS;
  }

  /** Puts a tier's open bucket into its page, and hands it to the next tier. */
  private close(place: number): void {
    const level = this.levels[place];
    if (level === undefined || level.openS === -1) return;
    const coarser = this.levels[place + 1];
    for (const [owner, bucket] of level.buckets) {
      if (bucket.count === 0) continue;
      if (level.page.add(owner, level.openS, bucket)) {
        level.toSecond = floorTo(level.openS, pageSpanS(level.tierS)) - this.axisStartS;
      }
      if (coarser !== undefined) {
        bucketOf(coarser, owner, bucket.columns).addBucket(bucket.count, bucket.values);
        coarser.openS = floorTo(level.openS, coarser.tierS);
      }
      bucket.clear();
    }
    level.openS = -1;
  }

  private setReach(): void {
    this.setCoverage.run(this.runId, RAW_S, this.toSecond);
    for (const { tierS, toSecond } of this.levels) this.setCoverage.run(this.runId, tierS, toSecond);
  }

  /** Adds to a level the finer one's stored buckets that lie beyond its own stored pages. */
  private readPages(place: number): void {
    const [finer, level] = [this.levels[place - 1], this.levels[place]];
    if (finer === undefined || level === undefined) return;
    const range = { fromS: this.axisStartS + level.toSecond, toS: this.axisStartS + finer.toSecond };
    for (const [axisS, rows] of storedBuckets(this.connection, finer.tierS, this.runId, range)) {
      const beginS = floorTo(axisS, level.tierS);
      this.levels.forEach((open, at) => {
        if (at >= place && open.openS !== -1 && open.openS !== floorTo(axisS, open.tierS)) this.close(at);
      });
      level.openS = beginS;
      for (const { owner, columns, count, values } of rows) {
        bucketOf(level, owner, columns).addBucket(count, values);
      }
      const endS = axisS + finer.tierS;
      for (let at = place; at < this.levels.length; at++) {
        const open = this.levels[at];
        if (open === undefined || endS % open.tierS !== 0) break;
        this.close(at);
        this.closePage(open, endS);
      }
    }
  }

  /** Adds the stored samples from a second on. */
  private readSamples(fromSecond: number): void {
    const guestRows = this.connection
      .prepare(`SELECT guestId, ${GUEST_COLUMNS.join(', ')} FROM guestSamples WHERE runId = ? AND second = ?`)
      .raw();
    const hostRows = this.connection
      .prepare(
        `SELECT second, ${HOST_COLUMNS.join(', ')} FROM hostSamples WHERE runId = ? AND second >= ? ORDER BY second LIMIT 1`,
      )
      .raw();
    for (let second = fromSecond; ; second++) {
      const host = hostRows.get(this.runId, second) as number[] | undefined;
      if (host === undefined) break;
      second = host[0] ?? second;
      this.openFor(this.axisStartS + second);
      this.addSample(HOST_OWNER, HOST_COLUMNS.length, host, 1);
      for (const row of guestRows.all(this.runId, second) as number[][]) {
        this.addSample(row[0] ?? 0, GUEST_COLUMNS.length, row, 1);
      }
      this.closeAfter(this.axisStartS + second + 1);
    }
  }
}

function bucketOf(level: Level, owner: number, columns: number): Bucket {
  let bucket = level.buckets.get(owner);
  if (bucket === undefined) level.buckets.set(owner, (bucket = new Bucket(columns)));
  return bucket;
}

interface StoredBucket {
  readonly owner: number;
  readonly columns: number;
  readonly count: number;
  readonly values: Float64Array;
}

/** The stored buckets of a tier that begin in a range of the axis, by time: each with all owners and columns. */
function storedBuckets(
  connection: Connection,
  tierS: TierS,
  runId: number,
  range: { readonly fromS: number; readonly toS: number },
): [number, Iterable<StoredBucket>][] {
  const reader = new TierReader(connection);
  const byTime = new Map<number, Map<number, StoredBucket>>();
  const read = (columns: number, owners: { lowest: number; highest: number }): void => {
    for (let column = 0; column < columns; column++) {
      reader.read(tierS, runId, range, column, owners, ({ ownerId, fromS, count, sum, min, max, last }) => {
        count.forEach((seconds, place) => {
          const axisS = fromS + place * tierS;
          if (seconds === 0 || axisS + tierS <= range.fromS || axisS >= range.toS) return;
          let owned = byTime.get(axisS);
          if (owned === undefined) byTime.set(axisS, (owned = new Map<number, StoredBucket>()));
          let bucket = owned.get(ownerId);
          if (bucket === undefined) {
            const values = new Float64Array(columns * STATISTICS.length);
            owned.set(ownerId, (bucket = { owner: ownerId, columns, count: seconds, values }));
          }
          const of = [sum, min, max, last];
          of.forEach((array, at) => (bucket.values[column * STATISTICS.length + at] = array[place] ?? NaN));
        });
      });
    }
  };
  read(HOST_COLUMNS.length, { lowest: HOST_OWNER, highest: HOST_OWNER });
  read(GUEST_COLUMNS.length, { lowest: HOST_OWNER + 1, highest: GUEST_MAX });
  return [...byTime].sort(([a], [b]) => a - b).map(([axisS, owned]) => [axisS, owned.values()]);
}

/** Completes the tiers of runs that ended without finishing them, or were recorded before there were tiers. */
export function completeTiers(connection: Connection): void {
  const incomplete = connection
    .prepare(
      `SELECT id, axisStartS FROM runs WHERE
         (SELECT toSecond FROM coverage WHERE runId = id AND tierS = ?) IS NOT
         (SELECT toSecond FROM coverage WHERE runId = id AND tierS = ?) ORDER BY id`,
    )
    .all(TIERS_S.at(-1), RAW_S) as { id: number; axisStartS: number }[];
  for (const run of incomplete) {
    connection
      .transaction(() => {
        const tiers = new TierLog(connection, run);
        tiers.resume();
        tiers.finish();
      })
      .immediate();
  }
}
