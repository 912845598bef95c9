import type { StateReader, StateWriter } from '../state.ts';

const NS_PER_S = 1_000_000_000;

/**
 * Servers that are all alike and serve one queue, first come, first served: the channels of a disk, the cores of a host.
 * As it is known when each is free, work that comes up is placed at once. Layout: the times at which they are free, as a
 * binary heap (which server it is does not matter). Times are ns since the current host second began.
 */
export class Servers {
  private readonly freeNs: Float64Array;

  constructor(count: number) {
    this.freeNs = new Float64Array(count);
  }

  get count(): number {
    return this.freeNs.length;
  }

  /** When the first of them is free. */
  get firstFreeNs(): number {
    return this.freeNs[0];
  }

  /** Places work on the one that is free first. @param doneNs when it will be done, after {@link firstFreeNs} */
  occupy(doneNs: number): void {
    const { freeNs } = this;
    let at = 0;
    for (;;) {
      let next = 2 * at + 1;
      if (next + 1 < freeNs.length && freeNs[next + 1] < freeNs[next]) next++;
      if (next >= freeNs.length || freeNs[next] >= doneNs) break;
      freeNs[at] = freeNs[next];
      at = next;
    }
    freeNs[at] = doneNs;
  }

  /** How many are not free at a time. */
  busyAt(atNs: number): number {
    let busy = 0;
    for (let at = 0; at < this.freeNs.length; at++) if (this.freeNs[at] > atNs) busy++;
    return busy;
  }

  /** Ends the host second. @returns work that is left for later ones, in ns, of all together */
  endSecond(): number {
    let leftNs = 0;
    for (let at = 0; at < this.freeNs.length; at++) {
      // Keeps the order of the heap.
      this.freeNs[at] = Math.max(0, this.freeNs[at] - NS_PER_S);
      leftNs += this.freeNs[at];
    }
    return leftNs;
  }

  save(to: StateWriter): void {
    to.array('servers', this.freeNs);
  }

  restore(from: StateReader): void {
    // In order they are a heap. Work that more servers have begun is that of the last to be done; further servers are free.
    const saved = from.array('servers', Float64Array);
    const { freeNs } = this;
    if (saved.length === freeNs.length) freeNs.set(saved);
    else {
      const inOrder = saved.toSorted();
      const lost = Math.max(0, inOrder.length - freeNs.length);
      freeNs.fill(0).set(inOrder.subarray(lost), freeNs.length - inOrder.length + lost);
    }
  }
}
