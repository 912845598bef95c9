import { Parts } from './parts.ts';
import type { Workload } from './workload.ts';

/** A part that has not been asked for its think time. */
const NOT_ASKED = -1;

/**
 * Runs several programs in one guest at the same time. They take turns on its one processor: each thinks while the others
 * do, but while one waits for the disk all wait. Of two that are due at once, the first in the list goes first.
 */
export class Together extends Parts {
  /** By part: think time that is left before its next operation. */
  private readonly dueNs: Float64Array;
  private running = 0;

  constructor(parts: readonly Workload[]) {
    super(parts);
    this.dueNs = new Float64Array(parts.length).fill(NOT_ASKED);
  }

  thinkNs(): number {
    const { dueNs, parts } = this;
    let first = 0;
    for (let part = 0; part < parts.length; part++) {
      if (dueNs[part] === NOT_ASKED) dueNs[part] = parts[part].thinkNs();
      if (dueNs[part] < dueNs[first]) first = part;
    }
    const gapNs = dueNs[first];
    if (gapNs === Infinity) return Infinity;
    for (let part = 0; part < parts.length; part++) dueNs[part] -= gapNs;
    dueNs[first] = NOT_ASKED;
    this.running = first;
    return gapNs;
  }

  next(): void {
    this.advance(this.running);
  }

  /** The guest's memory was all lost: every program that still runs starts again. */
  restart(): void {
    for (let part = 0; part < this.parts.length; part++) {
      if (this.dueNs[part] === Infinity) continue;
      this.dueNs[part] = NOT_ASKED;
      this.parts[part].restart();
    }
  }

  protected position(): number[] {
    return [this.running, ...this.dueNs];
  }

  protected setPosition(numbers: Float64Array): void {
    [this.running] = numbers;
    this.dueNs.set(numbers.subarray(1));
  }
}
