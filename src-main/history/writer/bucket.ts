import { STATISTICS } from '../tiers.ts';

const WIDTH = STATISTICS.length;

/** The open bucket of one tier for one row of samples (the host's, or a guest's): count, and four numbers a column. */
export class Bucket {
  readonly columns: number;
  /** Sum, minimum, maximum and last of each column. */
  readonly values: Float64Array;
  /** Seconds in it. */
  count = 0;

  constructor(columns: number) {
    this.columns = columns;
    this.values = new Float64Array(columns * WIDTH);
  }

  /** Adds one second's sample, which lies in `source` from `from` on. */
  addSample(source: ArrayLike<number>, from: number): void {
    for (let column = 0; column < this.columns; column++) {
      const value = source[from + column] ?? NaN;
      this.merge(column * WIDTH, value, value, value, value);
    }
    this.count++;
  }

  /** Adds a finer bucket: `count` seconds, with four numbers a column in `source` from `from` on. */
  addBucket(count: number, source: ArrayLike<number>, from = 0): void {
    for (let at = 0; at < this.values.length; at += WIDTH) {
      const place = from + at;
      this.merge(
        at,
        source[place] ?? NaN,
        source[place + 1] ?? NaN,
        source[place + 2] ?? NaN,
        source[place + 3] ?? NaN,
      );
    }
    this.count += count;
  }

  clear(): void {
    this.count = 0;
  }

  private merge(at: number, sum: number, minimum: number, maximum: number, last: number): void {
    const { values } = this;
    const isFirst = this.count === 0;
    values[at] = isFirst ? sum : (values[at] ?? NaN) + sum;
    values[at + 1] = isFirst ? minimum : Math.min(values[at + 1] ?? NaN, minimum);
    values[at + 2] = isFirst ? maximum : Math.max(values[at + 2] ?? NaN, maximum);
    values[at + 3] = last;
  }
}
