import type { Statement } from 'better-sqlite3';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { EVICTION_ROW } from '#contract/stream.ts';
import type { Connection } from '../connection.ts';
import type { Coverage } from '../tiers.ts';
import { MINUTE_S, RAW_S, TIERS_S, tierColumns } from '../tiers.ts';
import { Bucket } from './bucket.ts';
import { BulkInsert } from './bulk-insert.ts';
import { EvictionMinute } from './eviction-minute.ts';
import type { SecondBatch } from './second-log.ts';

const HOST = 0;
const EVICTION_COLUMNS = 'second, victimId, beneficiaryId, reason, pages';

/** One tier of one run while it is recorded: its open bucket for the host and each guest. */
interface Level {
  readonly tierS: number;
  /** Axis second at which the open bucket begins; −1 while there is none. */
  openS: number;
  readonly buckets: Map<number, Bucket>;
  /** First second of the run that is not yet in a stored bucket. */
  toSecond: number;
}

/** A bucket that waits to be written. */
interface ClosedBucket {
  readonly tierS: number;
  readonly owner: number;
  readonly axisS: number;
  readonly count: number;
  readonly values: Float64Array;
}

/**
 * Keeps the tiers of one run while its seconds are stored, in the same transactions. A bucket is written once, when its
 * last second is there or the run ends; each tier is made of the finer one's buckets. What is open lives in memory and can
 * be read back out of what is stored ({@link resume}), so a crash loses none of it.
 */
export class TierLog {
  private readonly connection: Connection;
  private readonly runId: number;
  private readonly axisStartS: number;
  private readonly levels: readonly Level[];
  private readonly hostInsert: BulkInsert;
  private readonly guestInsert: BulkInsert;
  private readonly minute: EvictionMinute;
  private readonly setCoverage: Statement;
  private closed: ClosedBucket[] = [];
  private toSecond = 0;

  constructor(connection: Connection, run: { id: number; axisStartS: number }) {
    this.connection = connection;
    this.runId = run.id;
    this.axisStartS = run.axisStartS;
    this.levels = TIERS_S.map((tierS) => ({ tierS, openS: -1, buckets: new Map<number, Bucket>(), toSecond: 0 }));
    const host = ['tierS', 'runId', 'axisS', 'count', ...tierColumns(HOST_COLUMNS)];
    const guest = ['tierS', 'runId', 'guestId', 'axisS', 'count', ...tierColumns(GUEST_COLUMNS)];
    this.hostInsert = new BulkInsert(connection, 'hostTiers', host);
    this.guestInsert = new BulkInsert(connection, 'guestTiers', guest);
    this.minute = new EvictionMinute(connection, run);
    this.setCoverage = connection.prepare(
      `INSERT INTO coverage (runId, tierS, fromSecond, toSecond) VALUES (?, ?, 0, ?)
       ON CONFLICT DO UPDATE SET toSecond = excluded.toSecond`,
    );
  }

  /** Reads back what was open when the stored rows of the run were written, and stores buckets that are complete. */
  resume(): void {
    const stored = this.connection
      .prepare('SELECT tierS, fromSecond, toSecond FROM coverage WHERE runId = ?')
      .all(this.runId) as Coverage[];
    this.levels.forEach((level, place) => {
      level.toSecond = stored.find(({ tierS }) => tierS === level.tierS)?.toSecond ?? 0;
      const finer = this.levels[place - 1];
      if (finer !== undefined) this.readBuckets(level, finer);
    });
    const minuteReached = this.levels.find(({ tierS }) => tierS === MINUTE_S)?.toSecond ?? 0;
    this.toSecond = this.levels[0]?.toSecond ?? 0;
    this.readEvictions(minuteReached, this.toSecond);
    this.readSamples(this.toSecond);
    this.store();
  }

  /** Adds seconds that follow the ones it has. */
  add({ firstSecond, seconds, guestIds, host, guests, evictions }: SecondBatch): void {
    let eviction = 0;
    for (let s = 0; s < seconds; s++) {
      this.openFor(firstSecond + s);
      this.addSample(HOST, HOST_COLUMNS.length, host, s * HOST_COLUMNS.length);
      guestIds.forEach((guestId, place) => {
        const from = (s * guestIds.length + place) * GUEST_COLUMNS.length;
        this.addSample(guestId, GUEST_COLUMNS.length, guests, from);
      });
      for (; evictions[eviction] === firstSecond + s; eviction += EVICTION_ROW) {
        this.addEviction(evictions.subarray(eviction, eviction + EVICTION_ROW));
      }
      this.closeAfter(firstSecond + s);
    }
    this.store();
  }

  /** Stores what is open, as the partial buckets at the end of a run. */
  finish(): void {
    for (let place = 0; place < this.levels.length; place++) this.close(place, this.toSecond);
    this.store();
  }

  private addSample(owner: number, columns: number, source: ArrayLike<number>, from: number): void {
    const [finest] = this.levels;
    if (finest !== undefined) bucketOf(finest, owner, columns).addSample(source, from);
  }

  private addEviction([second = 0, victimId = 0, beneficiaryId = 0, reason = 0, pages = 0]: Iterable<number>): void {
    this.minute.add(second, victimId, beneficiaryId, reason, pages);
  }

  /** Closes buckets that do not hold this second (seconds may be missing), and opens the finest one that does. */
  private openFor(second: number): void {
    const axisS = this.axisStartS + second;
    this.levels.forEach((level, place) => {
      const beginS = axisS - (axisS % level.tierS);
      if (level.openS !== -1 && level.openS !== beginS) this.close(place, level.openS + level.tierS - this.axisStartS);
    });
    const [finest] = this.levels;
    if (finest !== undefined) finest.openS = axisS - (axisS % finest.tierS);
  }

  /** Closes buckets of which this second is the last. */
  private closeAfter(second: number): void {
    this.toSecond = second + 1;
    const endS = this.axisStartS + second + 1;
    for (let place = 0; place < this.levels.length; place++) {
      if (endS % (this.levels[place]?.tierS ?? 1) !== 0) break;
      this.close(place, second + 1);
    }
  }

  /** Puts a tier's open bucket in line to be written, hands it to the next tier, and notes that the tier reaches up to `toSecond`. */
  private close(place: number, toSecond: number): void {
    const level = this.levels[place];
    if (level === undefined) return;
    level.toSecond = toSecond;
    if (level.openS === -1) return;
    if (level.tierS === MINUTE_S) this.minute.close(level.openS);
    const coarser = this.levels[place + 1];
    for (const [owner, bucket] of level.buckets) {
      if (bucket.count === 0) continue;
      const { count, values } = bucket;
      this.closed.push({ tierS: level.tierS, owner, axisS: level.openS, count, values: values.slice() });
      if (coarser !== undefined) {
        bucketOf(coarser, owner, bucket.columns).addBucket(bucket.count, bucket.values);
        coarser.openS = level.openS - (level.openS % coarser.tierS);
      }
      bucket.clear();
    }
    level.openS = -1;
  }

  private store(): void {
    // In the order of the table's key: the buckets of one guest lie together.
    this.closed.sort((a, b) => a.tierS - b.tierS || a.owner - b.owner || a.axisS - b.axisS);
    for (const { tierS, owner, axisS, count, values } of this.closed) {
      if (owner === HOST) this.hostInsert.add([tierS, this.runId, axisS, count], values, 0, values.length);
      else this.guestInsert.add([tierS, this.runId, owner, axisS, count], values, 0, values.length);
    }
    this.closed = [];
    this.hostInsert.flush();
    this.guestInsert.flush();
    this.minute.flush();
    this.setCoverage.run(this.runId, RAW_S, this.toSecond);
    for (const { tierS, toSecond } of this.levels) this.setCoverage.run(this.runId, tierS, toSecond);
  }

  /** Fills a tier's open bucket with the finer tier's stored ones. */
  private readBuckets(level: Level, finer: Level): void {
    const fromS = this.axisStartS + level.toSecond;
    const axis = [fromS - (fromS % finer.tierS), this.axisStartS + finer.toSecond];
    const read = (table: string, owner: string, columns: readonly string[]): number[][] =>
      this.connection
        .prepare(
          `SELECT ${owner}, axisS, count, ${columns.join(', ')} FROM ${table}
           WHERE tierS = ? AND runId = ? AND axisS >= ? AND axisS < ? ORDER BY axisS`,
        )
        .raw()
        .all(finer.tierS, this.runId, ...axis) as number[][];
    const rows = [
      ...read('hostTiers', String(HOST), tierColumns(HOST_COLUMNS)),
      ...read('guestTiers', 'guestId', tierColumns(GUEST_COLUMNS)),
    ];
    for (const row of rows) {
      const [owner = 0, axisS = 0, count = 0] = row;
      const columns = owner === HOST ? HOST_COLUMNS.length : GUEST_COLUMNS.length;
      level.openS = axisS - (axisS % level.tierS);
      bucketOf(level, owner, columns).addBucket(count, row, 3);
    }
  }

  /** Fills the open minute with the stored evictions of these seconds. */
  private readEvictions(fromSecond: number, toSecond: number): void {
    const rows = this.connection
      .prepare(
        `SELECT ${EVICTION_COLUMNS} FROM evictions WHERE runId = ? AND second >= ? AND second < ? ORDER BY second`,
      )
      .raw();
    for (const row of rows.all(this.runId, fromSecond, toSecond) as number[][]) this.addEviction(row);
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
      this.openFor(second);
      this.addSample(HOST, HOST_COLUMNS.length, host, 1);
      for (const row of guestRows.all(this.runId, second) as number[][]) {
        this.addSample(row[0] ?? 0, GUEST_COLUMNS.length, row, 1);
      }
      this.readEvictions(second, second + 1);
      this.closeAfter(second);
    }
  }
}

function bucketOf(level: Level, owner: number, columns: number): Bucket {
  let bucket = level.buckets.get(owner);
  if (bucket === undefined) level.buckets.set(owner, (bucket = new Bucket(columns)));
  return bucket;
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
