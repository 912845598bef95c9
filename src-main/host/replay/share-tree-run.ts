import type { PoolCounts, PoolRun, PoolSetting } from './pool-run.ts';
import { emptyCounts } from './pool-run.ts';
import { NO_WEIGHT } from './share-run.ts';
import type { ReplayTape } from './tape.ts';

/**
 * `max-over-share` without idle tax, for many guests: the guest with the most pages for its weight loses its oldest page.
 *
 * A winner tree over the guests: guest g is leaf `leaves + g`, the root 1 is the guest that is to lose the next page. It changes only when a
 * guest gains a page that it did not just lose. Each node holds its winner's charge, pages over weight: as doubles equal charges are equal and
 * different ones differ (pages × weight stays below 2^52), so ties are ties; they go to the lower number.
 */
export class ShareTreeRun implements PoolRun {
  readonly counts: PoolCounts;
  private readonly tape: ReplayTape;
  private readonly poolPages: number;
  private readonly leaves: number;
  private readonly winner: Int32Array;
  /** By node: the winner's pages over its weight. */
  private readonly charges: Float64Array;
  private readonly held: Int32Array;
  private readonly weights: Float64Array;
  /** By guest: the first put that has not been evicted or seen to be got. */
  private readonly oldest: Int32Array;
  private total = 0;

  constructor(tape: ReplayTape, setting: PoolSetting) {
    let leaves = 1;
    while (leaves < tape.guests) leaves *= 2;
    this.leaves = leaves;
    this.held = new Int32Array(leaves);
    this.weights = new Float64Array(leaves).fill(1);
    setting.weights.forEach((weight, guest) => (this.weights[guest] = weight === 0 ? NO_WEIGHT : weight));
    this.winner = new Int32Array(leaves * 2);
    this.charges = new Float64Array(leaves * 2);
    for (let guest = 0; guest < leaves; guest++) this.winner[leaves + guest] = guest;
    for (let node = leaves - 1; node >= 1; node--) this.winner[node] = this.winner[node * 2];
    this.counts = { ...emptyCounts(tape.guests), held: this.held.subarray(0, tape.guests) };
    this.tape = tape;
    this.poolPages = setting.poolPages;
    this.oldest = tape.firstPut.slice(0, tape.guests);
  }

  play(from: number, to: number): void {
    const { poolPages, oldest, held, winner } = this;
    const { guestOf, putOf, gotAt, putsFrom } = this.tape;
    const { hits, evictedBySelf, evictedByOthers } = this.counts;
    for (let at = from; at < to; at++) {
      const guest = guestOf[at];
      if (putOf[at] >= oldest[guest]) {
        hits[guest]++; // The page leaves the pool and another of the guest's takes its place.
      } else if (at >= putsFrom[guest]) {
        if (this.total < poolPages) {
          this.total++;
          held[guest]++;
          this.changed(guest);
          continue;
        }
        const victim = winner[1];
        let put = oldest[victim];
        while (gotAt[put] <= at) put++;
        oldest[victim] = put + 1;
        if (victim === guest) {
          evictedBySelf[guest]++;
        } else {
          evictedByOthers[victim]++;
          held[victim]--;
          this.changed(victim);
          held[guest]++;
          this.changed(guest);
        }
      }
    }
  }

  /** Plays the guest's matches anew, up to where neither its leaving nor its coming makes a difference. */
  private changed(guest: number): void {
    const { winner, charges } = this;
    let node = this.leaves + guest;
    let charge = this.held[guest] / this.weights[guest];
    let now = guest;
    charges[node] = charge;
    while (node > 1) {
      const opponent = node ^ 1;
      const other = charges[opponent];
      if (other > charge || (other === charge && opponent < node)) {
        charge = other;
        now = winner[opponent];
      }
      node >>= 1;
      if (winner[node] === now && charges[node] === charge) return;
      winner[node] = now;
      charges[node] = charge;
    }
  }
}
