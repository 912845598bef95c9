import type { GuestColumn, HostColumn } from '#contract/samples.ts';
import { GAUGE_COLUMNS } from '#contract/samples.ts';
import type { Connection } from '../connection.ts';
import { RAW_S } from '../tiers.ts';

/** Whose rows are read: the host's, or those of some guests. */
export type Owner = { readonly kind: 'host' } | { readonly kind: 'guests'; readonly ids: readonly number[] };

/** One column of rows: each row's last value (of a gauge) or sum (of a count), its minimum and maximum. */
export interface ColumnValues {
  readonly lastOrSum: readonly number[];
  readonly minimum: readonly number[];
  readonly maximum: readonly number[];
}

/** Rows of samples or of a tier, by time, as parallel arrays. */
export interface SampleRows {
  /** Axis second at which each row begins. */
  readonly axisS: readonly number[];
  /** Seconds in each row; null: one in each. */
  readonly seconds: readonly number[] | null;
  /** Guest of each row; null: all are the host's. */
  readonly guestId: readonly number[] | null;
  /** In the order asked. */
  readonly columns: readonly ColumnValues[];
}

/**
 * Reads columns of samples. Each array comes as one JSON text made by SQLite: for some ten thousand rows that is several
 * times as fast as fetching them one by one.
 */
export class SampleSource {
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Rows of tier `tierS` (1: the samples) of a run that begin in axis seconds `fromS` up to, not including, `toS`. */
  read(
    tierS: number,
    { runId, axisStartS }: { readonly runId: number; readonly axisStartS: number },
    { fromS, toS }: { readonly fromS: number; readonly toS: number },
    owner: Owner,
    columns: readonly (GuestColumn | HostColumn)[],
  ): SampleRows {
    const isRaw = tierS === RAW_S;
    const table = `${owner.kind === 'host' ? 'host' : 'guest'}${isRaw ? 'Samples' : 'Tiers'}`;
    const guests = owner.kind === 'host' ? '' : ` AND guestId IN (${owner.ids.join(', ')})`;
    const ofColumns = columns.map((column) => (isRaw ? [column] : statisticsOf(column)));
    const selected = [isRaw ? `second + ${axisStartS}` : 'axisS', ...ofColumns.flat()];
    if (owner.kind === 'guests') selected.push('guestId');
    if (!isRaw) selected.push('count');
    const arrays = this.connection
      .prepare(
        `SELECT ${selected.map((name) => `json_group_array(${name})`).join(', ')} FROM ${table} WHERE ` +
          (isRaw
            ? 'runId = ? AND second >= ? AND second < ?'
            : `tierS = ${tierS} AND runId = ? AND axisS >= ? AND axisS < ?`) +
          guests,
      )
      .raw()
      .get(...(isRaw ? [runId, fromS - axisStartS, toS - axisStartS] : [runId, fromS, toS])) as string[];
    const take = (): number[] => JSON.parse(arrays.shift() ?? '[]') as number[];
    const axisS = take();
    const values = ofColumns.map(({ length }): ColumnValues => {
      const lastOrSum = take();
      return length === 1
        ? { lastOrSum, minimum: lastOrSum, maximum: lastOrSum }
        : { lastOrSum, minimum: take(), maximum: take() };
    });
    const guestId = owner.kind === 'guests' ? take() : null;
    return { axisS, seconds: isRaw ? null : take(), guestId, columns: values };
  }
}

/** The columns of a tier that a series of this column is made of. */
function statisticsOf(column: GuestColumn | HostColumn): string[] {
  return [`${column}${GAUGE_COLUMNS.has(column) ? 'Last' : 'Sum'}`, `${column}Min`, `${column}Max`];
}
