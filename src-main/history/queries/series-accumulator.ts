/** The buckets of one series while they are filled. */
export class SeriesAccumulator {
  private readonly count: Float64Array;
  private readonly sum: Float64Array;
  private readonly minimum: Float64Array;
  private readonly maximum: Float64Array;
  private readonly last: Float64Array;
  private readonly isGauge: boolean;

  /** @param isGauge a gauge's value is its last in the bucket, a count's its mean per second */
  constructor(buckets: number, isGauge: boolean) {
    this.count = new Float64Array(buckets);
    this.sum = new Float64Array(buckets);
    this.minimum = new Float64Array(buckets).fill(Infinity);
    this.maximum = new Float64Array(buckets).fill(-Infinity);
    this.last = new Float64Array(buckets);
    this.isGauge = isGauge;
  }

  /** Adds `count` seconds to a bucket. Within a bucket, later ones come later. */
  add(bucket: number, count: number, sum: number, minimum: number, maximum: number, last: number): void {
    this.count[bucket] = (this.count[bucket] ?? 0) + count;
    this.sum[bucket] = (this.sum[bucket] ?? 0) + sum;
    if (minimum < (this.minimum[bucket] ?? NaN)) this.minimum[bucket] = minimum;
    if (maximum > (this.maximum[bucket] ?? NaN)) this.maximum[bucket] = maximum;
    this.last[bucket] = last;
  }

  /** The series as the contract has it; a bucket without a second is NaN. Ends the accumulator's use. */
  take(): { value: Float64Array<ArrayBuffer>; minimum: Float64Array<ArrayBuffer>; maximum: Float64Array<ArrayBuffer> } {
    const { count, sum, minimum, maximum, last, isGauge } = this;
    const value = new Float64Array(count.length);
    for (let bucket = 0; bucket < count.length; bucket++) {
      const seconds = count[bucket] ?? 0;
      if (seconds === 0) {
        value[bucket] = minimum[bucket] = maximum[bucket] = NaN;
      } else {
        value[bucket] = isGauge ? (last[bucket] ?? NaN) : (sum[bucket] ?? NaN) / seconds;
      }
    }
    return { value, minimum: Float64Array.from(minimum), maximum: Float64Array.from(maximum) };
  }
}
