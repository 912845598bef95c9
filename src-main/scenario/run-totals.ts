import { GAUGE_COLUMNS, GUEST_COLUMNS, type GuestColumn, HOST_COLUMNS, type HostColumn } from '#contract/samples.ts';
import type { SampleBatch } from '../host/sample-batch.ts';

/** What a guest did in all: counts are sums, gauges the values at the end. */
export type GuestTotals = Readonly<Record<GuestColumn, number>>;
export type HostTotals = Readonly<Record<HostColumn, number>>;

/** Sums the samples of a run as they come. */
export class RunTotals {
  private readonly guests: number;
  private readonly guestSums: Float64Array;
  private readonly hostSums = new Float64Array(HOST_COLUMNS.length);
  private secondsSoFar = 0;

  constructor(guests: number) {
    this.guests = guests;
    this.guestSums = new Float64Array(guests * GUEST_COLUMNS.length);
  }

  /** Host seconds summed up so far. */
  get seconds(): number {
    return this.secondsSoFar;
  }

  add({ seconds, host, guests }: Pick<SampleBatch, 'seconds' | 'host' | 'guests'>): void {
    sum(this.hostSums, host, seconds, HOST_GAUGES);
    sum(this.guestSums, guests, seconds, GUEST_GAUGES);
    this.secondsSoFar += seconds;
  }

  /** Of the guest at this place. */
  guest(place: number): GuestTotals {
    const width = GUEST_COLUMNS.length;
    return named(GUEST_COLUMNS, this.guestSums.subarray(place * width, (place + 1) * width));
  }

  get host(): HostTotals {
    return named(HOST_COLUMNS, this.hostSums);
  }

  /** By place. */
  get ofGuests(): GuestTotals[] {
    return Array.from({ length: this.guests }, (_, place) => this.guest(place));
  }
}

const HOST_GAUGES = HOST_COLUMNS.map((column) => GAUGE_COLUMNS.has(column));
const GUEST_GAUGES = GUEST_COLUMNS.map((column) => GAUGE_COLUMNS.has(column));

function sum(sums: Float64Array, rows: Float64Array, seconds: number, isGauge: readonly boolean[]): void {
  const width = sums.length;
  for (let second = 0; second < seconds; second++) {
    for (let at = 0; at < width; at++) {
      const value = rows[second * width + at] ?? NaN;
      sums[at] = isGauge[at % isGauge.length] === true ? value : (sums[at] ?? NaN) + value;
    }
  }
}

function named<C extends string>(columns: readonly C[], values: Float64Array): Record<C, number> {
  return Object.fromEntries(columns.map((column, at) => [column, values[at] ?? NaN])) as Record<C, number>;
}
