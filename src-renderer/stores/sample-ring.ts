import { GUEST_COLUMNS, HOST_COLUMNS, guestColumnIndex, hostColumnIndex } from '#contract/samples.ts';
import type { GuestColumn, HostColumn } from '#contract/samples.ts';

/** Host seconds that a window keeps: 15 minutes and some for what arrives while history is read. */
const RING_SECONDS = 1024;
/** How often a missing second is asked of the history before it counts as a gap for good. */
const ASKS_MAX = 3;

export type Range = { readonly fromS: number; readonly toS: number };

/** Which series: a guest's column, or (guest null) the host's own. */
export type SeriesKey =
  { readonly guestId: number; readonly column: GuestColumn } | { readonly guestId: null; readonly column: HostColumn };

/**
 * The newest samples on the axis of all runs: one ring of doubles per guest and column. A second without a sample is NaN
 * in all of them. Writing appends (or repeats) seconds; `fill` puts a past second in only where nothing is yet.
 */
export class SampleRing {
  /** Newest axis second written; -1 while empty. */
  newest = -1;
  readonly guestIds: readonly number[];
  readonly seconds: number;
  private readonly rows: Map<number, number>;
  private readonly host: Float64Array;
  private readonly guests: Float64Array;
  /** Times the history was asked for a second that is not here. */
  private readonly asks: Uint8Array;

  constructor(guestIds: readonly number[], seconds = RING_SECONDS) {
    this.guestIds = [...guestIds];
    this.seconds = seconds;
    this.rows = new Map(this.guestIds.map((id, at) => [id, at]));
    this.host = new Float64Array(HOST_COLUMNS.length * seconds).fill(NaN);
    this.guests = new Float64Array(guestIds.length * GUEST_COLUMNS.length * seconds).fill(NaN);
    this.asks = new Uint8Array(seconds);
  }

  /** Oldest axis second that the ring can hold now. */
  get oldest(): number {
    return Math.max(0, this.newest - this.seconds + 1);
  }

  /** Moves the end to `second`; seconds jumped over become gaps. */
  advance(second: number): void {
    if (second <= this.newest) return;
    for (let s = Math.max(this.newest + 1, second - this.seconds + 1); s <= second; s++) this.clear(s % this.seconds);
    this.newest = second;
  }

  private clear(slot: number): void {
    for (let at = slot; at < this.host.length; at += this.seconds) this.host[at] = NaN;
    for (let at = slot; at < this.guests.length; at += this.seconds) this.guests[at] = NaN;
    this.asks[slot] = 0;
  }

  /** Writes one live second; `hostAt` and `guestsAt` are where its rows begin, guests in the order of `guestIds`. */
  write(second: number, host: Float64Array, hostAt: number, guests: Float64Array, guestsAt: number): void {
    this.advance(second);
    if (second < this.oldest) return;
    const slot = second % this.seconds;
    for (let c = 0; c < HOST_COLUMNS.length; c++) this.host[c * this.seconds + slot] = host[hostAt + c] ?? NaN;
    const width = this.guestIds.length * GUEST_COLUMNS.length;
    for (let c = 0; c < width; c++) this.guests[c * this.seconds + slot] = guests[guestsAt + c] ?? NaN;
  }

  /** Puts in a second read from the history, unless a sample is there already. */
  fill(key: SeriesKey, second: number, value: number): void {
    if (second < this.oldest || second > this.newest) return;
    const base = this.base(key);
    if (base < 0) return;
    const values = key.guestId === null ? this.host : this.guests;
    const at = base + (second % this.seconds);
    if (Number.isNaN(values[at])) values[at] = value;
  }

  /** The value at a second; NaN where there is none. */
  at(key: SeriesKey, second: number): number {
    if (second < this.oldest || second > this.newest) return NaN;
    const base = this.base(key);
    if (base < 0) return NaN;
    return (key.guestId === null ? this.host : this.guests)[base + (second % this.seconds)] ?? NaN;
  }

  /** The values of a range of seconds; NaN where there is none. */
  read(key: SeriesKey, { fromS, toS }: Range): Float64Array {
    const found = new Float64Array(Math.max(0, toS - fromS + 1)).fill(NaN);
    const base = this.base(key);
    if (base < 0) return found;
    const values = key.guestId === null ? this.host : this.guests;
    const last = Math.min(toS, this.newest);
    for (let s = Math.max(fromS, this.oldest); s <= last; s++) {
      found[s - fromS] = values[base + (s % this.seconds)] ?? NaN;
    }
    return found;
  }

  /** True where the second has a sample. */
  has(second: number): boolean {
    return !Number.isNaN(this.at({ guestId: null, column: 'totalPages' }, second));
  }

  /** The stretch of missing seconds that is worth asking the history for, or null. */
  missing(fromS: number): Range | null {
    let first = -1;
    let last = -1;
    for (let s = Math.max(this.oldest, fromS); s <= this.newest; s++) {
      if (this.has(s) || (this.asks[s % this.seconds] ?? 0) >= ASKS_MAX) continue;
      if (first < 0) first = s;
      last = s;
    }
    return first < 0 ? null : { fromS: first, toS: last };
  }

  /** Counts one asking of the history for the missing seconds of a range. */
  asked({ fromS, toS }: Range): void {
    for (let s = Math.max(this.oldest, fromS); s <= Math.min(toS, this.newest); s++) {
      if (!this.has(s)) this.asks[s % this.seconds] = (this.asks[s % this.seconds] ?? 0) + 1;
    }
  }

  private base(key: SeriesKey): number {
    if (key.guestId === null) return hostColumnIndex(key.column) * this.seconds;
    const row = this.rows.get(key.guestId);
    return row === undefined ? -1 : (row * GUEST_COLUMNS.length + guestColumnIndex(key.column)) * this.seconds;
  }
}
