import type { StateReader, StateWriter } from './state.ts';

/** Most single evictions that are kept of one host second. */
const SAMPLED_MAX = 1_000;
/**
 * Numbers of one sampled eviction: ms within the second, victim id, beneficiary id (0 = the host), kind of the pool, reason,
 * object (low 53 bits of its id), index within it, age in ms.
 */
const FIELDS = 8;

/**
 * Single evictions of the host second under way, every k-th: k is 1 at its beginning and doubles whenever there would be
 * more than {@link SAMPLED_MAX}, with every other one dropped, so that those that are left lie evenly over the whole second
 * and each stands for k.
 */
export class EvictionSample {
  /** Each kept eviction stands for so many. */
  private everyNth = 1;
  /** Evictions of the second so far, and the place of the next one that is kept. */
  private seen = 0;
  private next = 0;
  private kept = 0;
  private readonly rows = new Float64Array(SAMPLED_MAX * FIELDS);

  /** Counts an eviction. @returns whether it is one to {@link keep} */
  wants(): boolean {
    return this.seen++ === this.next;
  }

  /** Keeps the eviction that was just counted. */
  keep(
    atMs: number,
    victimId: number,
    beneficiaryId: number,
    poolKind: number,
    reason: number,
    object: number,
    index: number,
    ageMs: number,
  ): void {
    // The one at hand stays: its place is the limit, which is even, times k.
    if (this.kept === SAMPLED_MAX) this.halve();
    const { rows } = this;
    let at = this.kept++ * FIELDS;
    rows[at++] = atMs;
    rows[at++] = victimId;
    rows[at++] = beneficiaryId;
    rows[at++] = poolKind;
    rows[at++] = reason;
    rows[at++] = object;
    rows[at++] = index;
    rows[at] = ageMs;
    this.next = this.kept * this.everyNth;
  }

  /** Appends the rows of the second that ends (second, everyNth, then the fields), in order of time, and begins a new one. */
  takeSecond(second: number, to: number[]): void {
    for (let row = 0; row < this.kept; row++) {
      to.push(second, this.everyNth);
      for (let at = row * FIELDS; at < (row + 1) * FIELDS; at++) to.push(this.rows[at]);
    }
    this.everyNth = 1;
    this.seen = 0;
    this.next = 0;
    this.kept = 0;
  }

  save(to: StateWriter): void {
    to.numbers('eviction sample', this.everyNth, this.seen, this.next);
    to.array('eviction sample rows', this.rows, this.kept * FIELDS);
  }

  restore(from: StateReader): void {
    const [everyNth, seen, next] = from.numbers('eviction sample');
    const rows = from.array('eviction sample rows', Float64Array);
    this.rows.set(rows);
    this.kept = rows.length / FIELDS;
    this.everyNth = everyNth;
    this.seen = seen;
    this.next = next;
  }

  /** Keeps every other row: those whose places are multiples of the doubled distance. */
  private halve(): void {
    const { rows } = this;
    const half = SAMPLED_MAX / 2;
    for (let row = 1; row < half; row++) rows.copyWithin(row * FIELDS, row * 2 * FIELDS, (row * 2 + 1) * FIELDS);
    this.kept = half;
    this.everyNth *= 2;
  }
}
