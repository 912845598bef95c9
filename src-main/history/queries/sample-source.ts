import type { GuestColumn, HostColumn } from '#contract/samples.ts';
import type { Connection } from '../connection.ts';
import { RAW_S, STATISTICS } from '../tiers.ts';

/** Whose rows are read: the host's, or those of some guests. */
export type Owner = { readonly kind: 'host' } | { readonly kind: 'guests'; readonly ids: readonly number[] };

/** Rows of samples or of a tier, by time, as parallel arrays. */
export interface SampleRows {
  /** Axis second at which each row begins. */
  readonly axisS: readonly number[];
  /** Seconds in each row. */
  readonly count: readonly number[];
  /** Guest of each row; 0 for the host. */
  readonly owner: readonly number[];
  /** For each column asked: its sums, minima, maxima and last values. */
  readonly statistics: readonly (readonly (readonly number[])[])[];
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
    run: { readonly runId: number; readonly axisStartS: number },
    span: { readonly fromS: number; readonly toS: number },
    owner: Owner,
    columns: readonly (GuestColumn | HostColumn)[],
  ): SampleRows {
    const { runId, axisStartS } = run;
    const table = `${owner.kind === 'host' ? 'host' : 'guest'}${tierS === RAW_S ? 'Samples' : 'Tiers'}`;
    const ids = owner.kind === 'host' ? '' : `AND guestId IN (${owner.ids.join(', ')})`;
    const ownerArray = owner.kind === 'host' ? [] : ['guestId'];
    const [selected, where, parameters] =
      tierS === RAW_S
        ? [
            ['second', ...ownerArray, ...columns],
            'runId = ? AND second >= ? AND second < ?',
            [runId, span.fromS - axisStartS, span.toS - axisStartS],
          ]
        : [
            ['axisS', ...ownerArray, 'count', ...columns.flatMap((name) => STATISTICS.map((end) => `${name}${end}`))],
            'tierS = ? AND runId = ? AND axisS >= ? AND axisS < ?',
            [tierS, runId, span.fromS, span.toS],
          ];
    const arrays = this.connection
      .prepare(
        `SELECT ${selected.map((name) => `json_group_array(${name})`).join(', ')} FROM ${table} WHERE ${where} ${ids}`,
      )
      .raw()
      .get(...parameters) as string[];
    const [times = [], ...rest] = arrays.map((text) => JSON.parse(text) as number[]);
    const owners = owner.kind === 'host' ? new Array<number>(times.length).fill(0) : (rest.shift() ?? []);
    if (tierS === RAW_S) {
      return {
        axisS: times.map((second) => axisStartS + second),
        count: new Array<number>(times.length).fill(1),
        owner: owners,
        statistics: rest.map((values) => STATISTICS.map(() => values)),
      };
    }
    const count = rest.shift() ?? [];
    const width = STATISTICS.length;
    return {
      axisS: times,
      count,
      owner: owners,
      statistics: columns.map((_, place) => rest.slice(place * width, (place + 1) * width)),
    };
  }
}
