/** The buckets of one series while they are filled. */
export class SeriesAccumulator {
  private readonly isGauge: boolean;
  private readonly seconds: Float64Array;
  private readonly value: Float64Array<ArrayBuffer>;
  private readonly minimum: Float64Array<ArrayBuffer>;
  private readonly maximum: Float64Array<ArrayBuffer>;

  /** @param isGauge a gauge's value is its last in the bucket, a count's its mean per second */
  constructor(buckets: number, isGauge: boolean) {
    this.isGauge = isGauge;
    this.seconds = new Float64Array(buckets);
    this.value = new Float64Array(buckets);
    this.minimum = new Float64Array(buckets).fill(Infinity);
    this.maximum = new Float64Array(buckets).fill(-Infinity);
  }

  /** Adds `seconds` to a bucket, with their last value (a gauge) or sum (a count). Later ones come later. */
  add(bucket: number, seconds: number, lastOrSum: number, minimum: number, maximum: number): void {
    this.seconds[bucket] = (this.seconds[bucket] ?? 0) + seconds;
    this.value[bucket] = this.isGauge ? lastOrSum : (this.value[bucket] ?? 0) + lastOrSum;
    if (minimum < (this.minimum[bucket] ?? NaN)) this.minimum[bucket] = minimum;
    if (maximum > (this.maximum[bucket] ?? NaN)) this.maximum[bucket] = maximum;
  }

  /** The series as the contract has it; a bucket without a second is NaN. Ends the accumulator's use. */
  take(): { value: Float64Array<ArrayBuffer>; minimum: Float64Array<ArrayBuffer>; maximum: Float64Array<ArrayBuffer> } {
    const { seconds, value, minimum, maximum } = this;
    for (let bucket = 0; bucket < seconds.length; bucket++) {
      const count = seconds[bucket] ?? 0;
      if (count === 0) value[bucket] = minimum[bucket] = maximum[bucket] = NaN;
      else if (!this.isGauge) value[bucket] = (value[bucket] ?? NaN) / count;
    }
    return { value, minimum, maximum };
  }
}
