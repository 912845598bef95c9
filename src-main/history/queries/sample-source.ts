import type { GuestColumn, HostColumn } from '#contract/samples.ts';
import { GAUGE_COLUMNS, GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { Statement } from 'better-sqlite3';
import type { Connection } from '../connection.ts';
import { TierReader } from '../tier-reader.ts';
import type { TierS } from '../tiers.ts';
import { HOST_OWNER } from '../tiers.ts';

type Column = GuestColumn | HostColumn;

/** Whose rows are read. Guests are those of the run that is read. */
export type Owner = { readonly kind: 'host' } | { readonly kind: 'guests'; readonly ids: readonly number[] };

/** A run as far as its samples lie on the axis. */
interface Place {
  readonly runId: number;
  readonly axisStartS: number;
}

/** A stretch of the axis, its end not included. */
interface Stretch {
  readonly fromS: number;
  readonly toS: number;
}

/** Takes samples by time. */
export interface SampleSink {
  /** A second or bucket: where it begins, its seconds, its last value (of a gauge) or sum (of a count), minimum and maximum. */
  add(axisS: number, seconds: number, lastOrSum: number, minimum: number, maximum: number): void;
}

/** Who takes the samples of an owner (0 = the host). */
export type SinksOf = (owner: number) => readonly SampleSink[];

/** Reads columns of samples. */
export class SampleSource {
  private readonly connection: Connection;
  private readonly tiers: TierReader;
  private readonly guestsOf: Statement;

  constructor(connection: Connection) {
    this.connection = connection;
    this.tiers = new TierReader(connection);
    this.guestsOf = connection.prepare('SELECT count(*) FROM guests WHERE runId = ?').pluck();
  }

  /**
   * Samples of axis seconds [fromS, toS) of a run. Each array comes as one JSON text made by SQLite: for some ten thousand rows
   * that is several times as fast as fetching them one by one.
   * @param takers one for each of the columns
   */
  readSeconds(
    { runId, axisStartS }: Place,
    { fromS, toS }: Stretch,
    owner: Owner,
    columns: readonly Column[],
    takers: readonly SinksOf[],
  ): void {
    const isHost = owner.kind === 'host';
    const range = [runId, fromS - axisStartS, toS - axisStartS];
    const seconds = this.arrays('hostSamples', ['second'], '', range)[0] ?? [];
    const ids = isHost ? [HOST_OWNER] : owner.ids.toSorted((a, b) => a - b);
    const guests = isHost ? '' : ` AND guestId IN (${ids.join(', ')})`;
    // Rows lie by second and guest. A few guests of many are looked up second by second.
    const isFew = !isHost && ids.length * 8 <= (this.guestsOf.get(runId) as number);
    const table = isHost
      ? 'hostSamples'
      : isFew
        ? 'hostSamples CROSS JOIN guestSamples USING (runId, second)'
        : 'guestSamples';
    const names = isFew ? columns.map((column) => `guestSamples.${column}`) : columns;
    let values = this.arrays(table, names, guests, range);
    let rowSeconds: readonly number[] | null = null;
    let rowOwners: readonly number[] | null = null;
    if (values[0] !== undefined && values[0].length !== seconds.length * ids.length) {
      // A guest that has no row in some second: each row must say whose it is.
      const said = this.arrays('guestSamples', ['second', 'guestId', ...columns], guests, range);
      [rowSeconds = [], rowOwners = []] = said;
      values = said.slice(2);
    }
    takers.forEach((taker, place) => {
      const ofColumn = values[place] ?? [];
      const sinks = ids.map(taker);
      for (let at = 0; at < ofColumn.length; at++) {
        const value = ofColumn[at] ?? NaN;
        const second = rowSeconds === null ? seconds[Math.floor(at / ids.length)] : rowSeconds[at];
        const of = rowOwners === null ? sinks[at % ids.length] : taker(rowOwners[at] ?? HOST_OWNER);
        for (const sink of of ?? []) sink.add(axisStartS + (second ?? NaN), 1, value, value, value);
      }
    });
  }

  /** Columns of rows in order of second and guest. */
  private arrays(table: string, columns: readonly string[], condition: string, range: readonly number[]): number[][] {
    const texts = this.connection
      .prepare(
        `SELECT ${columns.map((name) => `json_group_array(${name})`).join(', ')} FROM ${table}
         WHERE runId = ? AND second >= ? AND second < ?${condition}`,
      )
      .raw()
      .get(...range) as string[];
    return texts.map((text) => JSON.parse(text) as number[]);
  }

  /** Buckets of a tier of a run that begin in axis seconds [fromS, toS). */
  readTier(
    tierS: TierS,
    { runId }: Place,
    stretch: Stretch,
    owner: Owner,
    columns: readonly Column[],
    takers: readonly SinksOf[],
  ): void {
    const names: readonly Column[] = owner.kind === 'host' ? HOST_COLUMNS : GUEST_COLUMNS;
    const ids = new Set(owner.kind === 'host' ? [HOST_OWNER] : owner.ids);
    const range = { lowest: Math.min(...ids), highest: Math.max(...ids) };
    columns.forEach((column, place) => {
      const taker = takers[place];
      if (taker === undefined) return;
      const isGauge = GAUGE_COLUMNS.has(column);
      this.tiers.read(tierS, runId, stretch, names.indexOf(column), range, ({ ownerId, fromS, ...page }) => {
        if (!ids.has(ownerId)) return;
        const { count, min, max } = page;
        const values = isGauge ? page.last : page.sum;
        for (const sink of taker(ownerId)) {
          for (let at = 0; at < count.length; at++) {
            const axisS = fromS + at * tierS;
            const seconds = count[at] ?? 0;
            if (seconds === 0 || axisS < stretch.fromS || axisS >= stretch.toS) continue;
            sink.add(axisS, seconds, values[at] ?? NaN, min[at] ?? NaN, max[at] ?? NaN);
          }
        }
      });
    });
  }
}
