import type { CountFigures, GaugeFigures } from '#contract/reports.ts';

/** Sums up columns of samples of one owner, stretch by stretch in the order of time. */
export class Tally {
  seconds = 0;
  private readonly place: ReadonlyMap<string, number>;
  private readonly sum: Float64Array;
  private readonly min: Float64Array;
  private readonly max: Float64Array;
  private readonly latest: Float64Array;
  private readonly unknown = new Set<number>();

  constructor(columns: readonly string[]) {
    this.place = new Map(columns.map((column, place) => [column, place]));
    this.sum = new Float64Array(columns.length);
    this.min = new Float64Array(columns.length).fill(Infinity);
    this.max = new Float64Array(columns.length).fill(-Infinity);
    this.latest = new Float64Array(columns.length);
  }

  /** Adds `seconds` seconds: for each column its sum, minimum and maximum, one after the other from `at` on. */
  add(seconds: number, values: ArrayLike<number>, at: number): void {
    this.seconds += seconds;
    for (let place = 0; place < this.sum.length; place++) {
      const from = at + place * 3;
      const [sum = 0, min = Infinity, max = -Infinity] = [values[from], values[from + 1], values[from + 2]];
      this.sum[place] = (this.sum[place] ?? 0) + sum;
      this.min[place] = Math.min(this.min[place] ?? min, min);
      this.max[place] = Math.max(this.max[place] ?? max, max);
    }
  }

  /** The values of the latest second, in the order of the columns, from `at` on. */
  setLast(values: ArrayLike<number>, at: number): void {
    for (let place = 0; place < this.latest.length; place++) this.latest[place] = values[at + place] ?? 0;
  }

  /** Some of the seconds do not tell the other columns than these: so nothing can be told of them. */
  knowsOnly(columns: ReadonlySet<string>): void {
    for (const [column, place] of this.place) if (!columns.has(column)) this.unknown.add(place);
  }

  total(column: string): number {
    return this.sum[this.at(column)] ?? 0;
  }

  gauges<K extends string>(columns: readonly K[]): Record<K, GaugeFigures> {
    const nothing: GaugeFigures = { min: null, mean: null, max: null, last: null };
    return this.each(columns, nothing, (place) => ({
      min: this.min[place] ?? 0,
      mean: (this.sum[place] ?? 0) / this.seconds,
      max: this.max[place] ?? 0,
      last: this.latest[place] ?? 0,
    }));
  }

  counts<K extends string>(columns: readonly K[]): Record<K, CountFigures> {
    const nothing: CountFigures = { total: null, meanPerSecond: null, maxPerSecond: null };
    return this.each(columns, nothing, (place) => ({
      total: this.sum[place] ?? 0,
      meanPerSecond: (this.sum[place] ?? 0) / this.seconds,
      maxPerSecond: this.max[place] ?? 0,
    }));
  }

  private each<K extends string, T>(columns: readonly K[], nothing: T, figure: (place: number) => T): Record<K, T> {
    const told = (place: number): T => (this.unknown.has(place) ? nothing : figure(place));
    return Object.fromEntries(columns.map((column) => [column, told(this.at(column))])) as Record<K, T>;
  }

  private at(column: string): number {
    const place = this.place.get(column);
    if (place === undefined) throw new Error(`The tally has no column ${column}.`);
    return place;
  }
}
