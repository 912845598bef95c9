import type { Statement } from 'better-sqlite3';
import type { Connection } from '../connection.ts';
import { pack } from '../packed.ts';
import type { TierS } from '../tiers.ts';
import { floorTo, pageSpanS, STATISTICS } from '../tiers.ts';
import type { Bucket } from './bucket.ts';

const WIDTH = STATISTICS.length;

/** Buckets of one owner within a page, by their places; missing where there is none. */
type OwnerBuckets = {
  readonly columns: number;
  readonly buckets: ({ count: number; values: Float64Array } | undefined)[];
};

/** The page of one tier of one run that is not full yet: what closed buckets it has, until it is stored column by column. */
export class TierPage {
  private readonly insert: Statement;
  private readonly runId: number;
  private readonly tierS: TierS;
  private readonly owners = new Map<number, OwnerBuckets>();
  /** Axis second at which the page begins; −1 while it is empty. */
  private fromS = -1;

  constructor(connection: Connection, runId: number, tierS: TierS) {
    this.insert = connection.prepare(
      'INSERT INTO tierPages (tierS, runId, fromS, columnNo, ownerId, data) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.runId = runId;
    this.tierS = tierS;
  }

  /**
   * Adds a closed bucket that begins at this axis second.
   * @returns whether it is the first of its page while another was open, which is stored then: seconds are missing
   */
  add(owner: number, axisS: number, bucket: Bucket): boolean {
    const fromS = floorTo(axisS, pageSpanS(this.tierS));
    const jumps = this.fromS !== -1 && this.fromS !== fromS;
    if (jumps) this.store();
    this.fromS = fromS;
    let of = this.owners.get(owner);
    if (of === undefined) this.owners.set(owner, (of = { columns: bucket.columns, buckets: [] }));
    of.buckets[(axisS - fromS) / this.tierS] = { count: bucket.count, values: bucket.values.slice() };
    return jumps;
  }

  /** Stores what there is, column by column in the order of the table's key. */
  store(): void {
    const owners = [...this.owners].filter(([, { buckets }]) => buckets.length > 0).sort(([a], [b]) => a - b);
    const columns = Math.max(0, ...owners.map(([, of]) => of.columns));
    for (let column = 0; column < columns; column++) {
      for (const [owner, of] of owners) {
        if (column < of.columns) {
          this.insert.run(this.tierS, this.runId, this.fromS, column, owner, packedColumn(of, column));
        }
      }
    }
    for (const [, of] of owners) of.buckets.length = 0;
    this.fromS = -1;
  }
}

function packedColumn({ buckets }: OwnerBuckets, column: number): Uint8Array {
  const { length } = buckets;
  const arrays = Array.from({ length: 1 + WIDTH }, () => new Float64Array(length));
  for (let place = 0; place < length; place++) {
    const bucket = buckets[place];
    if (bucket === undefined) continue;
    arrays.forEach((array, at) => {
      array[place] = at === 0 ? bucket.count : (bucket.values[column * WIDTH + at - 1] ?? NaN);
    });
  }
  return pack(arrays, length);
}
