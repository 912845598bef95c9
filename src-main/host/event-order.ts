/**
 * Which guest acts next: the one with the earliest time, the lower number among equals. A winner tree over the guests'
 * next times (Knuth, TAOCP 3, 5.4.1): a change costs one comparison a level, so 64 guests cost six.
 */
export class EventOrder {
  /** Next time of each guest; NEVER where it has nothing to do. Change it only through {@link set}. */
  readonly times: Float64Array;
  /** winners[1] is the root; leaves begin at `leaves`. */
  private readonly winners: Int32Array;
  private readonly leaves: number;

  constructor(count: number) {
    let leaves = 1;
    while (leaves < count) leaves *= 2;
    this.leaves = leaves;
    this.times = new Float64Array(leaves).fill(NEVER);
    this.winners = new Int32Array(leaves * 2);
    for (let i = 0; i < leaves; i++) this.winners[leaves + i] = i;
    this.rebuild();
  }

  /** The guest that acts next; ask {@link times} when. */
  get first(): number {
    return this.winners[1];
  }

  /** Sets the next time of a guest. */
  set(guest: number, time: number): void {
    const { times, winners } = this;
    times[guest] = time;
    for (let node = (this.leaves + guest) >> 1; node >= 1; node >>= 1) {
      const left = winners[node * 2];
      const right = winners[node * 2 + 1];
      winners[node] = times[right] < times[left] ? right : left;
    }
  }

  /** Takes `amount` from every time: the start of a new second. */
  shift(amount: number): void {
    for (let i = 0; i < this.leaves; i++) this.times[i] -= amount;
  }

  /** Takes all times from a snapshot. */
  restore(times: Float64Array): void {
    this.times.set(times);
    this.rebuild();
  }

  private rebuild(): void {
    const { times, winners } = this;
    for (let node = this.leaves - 1; node >= 1; node--) {
      const left = winners[node * 2];
      const right = winners[node * 2 + 1];
      winners[node] = times[right] < times[left] ? right : left;
    }
  }
}

/** The time of a guest that has nothing to do. */
export const NEVER = Infinity;
