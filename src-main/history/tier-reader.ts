import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';
import { unpack } from './packed.ts';
import type { TierS } from './tiers.ts';
import { floorTo, pageSpanS, STATISTICS } from './tiers.ts';

/** One column of one owner over the buckets of a page. Where `count` is 0 there is no bucket. */
export interface PageColumn {
  readonly ownerId: number;
  /** Axis second at which the first bucket begins. */
  readonly fromS: number;
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly last: Float64Array;
}

/** Owners that lie together: the host (0 to 0), or guests from the lowest to the highest number. */
export interface OwnerRange {
  readonly lowest: number;
  readonly highest: number;
}

const EMPTY = new Float64Array(0);

/** Reads the stored pages of the tiers. */
export class TierReader {
  private readonly ofColumn: Statement;
  private used: Float64Array[] = [];

  constructor(connection: Connection) {
    this.ofColumn = connection
      .prepare(
        `SELECT ownerId, data FROM tierPages
         WHERE tierS = ? AND runId = ? AND fromS = ? AND columnNo = ? AND ownerId BETWEEN ? AND ?`,
      )
      .raw();
  }

  /**
   * Calls `use` with each page of a column that has buckets beginning in axis seconds [fromS, toS), by time. The first and
   * last page may have buckets outside of it. A page's arrays are used again after the call.
   */
  read(
    tierS: TierS,
    runId: number,
    { fromS, toS }: { readonly fromS: number; readonly toS: number },
    columnNo: number,
    { lowest, highest }: OwnerRange,
    use: (page: PageColumn) => void,
  ): void {
    const spanS = pageSpanS(tierS);
    for (let pageS = floorTo(fromS, spanS); pageS < toS; pageS += spanS) {
      const rows = this.ofColumn.all(tierS, runId, pageS, columnNo, lowest, highest) as [number, Uint8Array][];
      for (const [ownerId, data] of rows) {
        this.used = unpack(data, 1 + STATISTICS.length, this.used);
        const [count = EMPTY, sum = EMPTY, min = EMPTY, max = EMPTY, last = EMPTY] = this.used;
        use({ ownerId, fromS: pageS, count, sum, min, max, last });
      }
    }
  }
}
