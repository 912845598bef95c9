import type { Recording } from './recording.ts';
import { COLD } from './stack-distances.ts';

/** Parts that the time is cut into. */
export const SLOTS = 128;
/** Sizes that a curve of one part knows; between them it is a straight line. */
const SIZES = 512;

/** Misses of each guest by size in each part of the time, on a grid of sizes: what changes while a study lasts. */
export class SlotCurves {
  /** First references, guests × slots. */
  readonly colds: Float64Array;
  /** Pages from one size of the grid to the next, by guest. */
  private readonly width: Float64Array;
  /** (guest × slots + slot) × (sizes + 1) + size: references of larger distance, first references not among them. */
  private readonly misses: Float32Array;

  /** @param depths the most pages that each guest can have in its stack */
  constructor({ guestOf, stepAt, guests }: Recording, distances: Int32Array, depths: readonly number[]) {
    this.width = Float64Array.from(depths, (depth) => Math.max(1, depth / SIZES));
    this.misses = new Float32Array(guests * SLOTS * (SIZES + 1));
    this.colds = new Float64Array(guests * SLOTS);
    let at = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      const lastStep = Math.floor(((slot + 1) * stepAt.length) / SLOTS);
      const end = slot === SLOTS - 1 ? guestOf.length : lastStep === 0 ? 0 : stepAt[lastStep - 1];
      for (; at < end; at++) {
        const cell = guestOf[at] * SLOTS + slot;
        if (distances[at] === COLD) {
          this.colds[cell]++;
          continue;
        }
        // A distance counts as a miss at every size of the grid below it.
        const size = Math.min(SIZES, Math.ceil(distances[at] / this.width[guestOf[at]]));
        if (size > 0) this.misses[cell * (SIZES + 1) + size - 1]++;
      }
    }
    for (let cell = 0; cell < guests * SLOTS; cell++) {
      const row = cell * (SIZES + 1);
      for (let size = SIZES - 1; size >= 0; size--) this.misses[row + size] += this.misses[row + size + 1];
    }
  }

  /** Misses of a guest in a part of the time if it held this many pages, first references not among them. */
  missesAgain(guest: number, slot: number, pages: number): number {
    const row = (guest * SLOTS + slot) * (SIZES + 1);
    const size = Math.max(0, pages) / this.width[guest];
    const below = Math.floor(size);
    if (below >= SIZES) return 0;
    const here = this.misses[row + below];
    return here + (size - below) * (this.misses[row + below + 1] - here);
  }

  /** All references of a guest. */
  accessesOf(guest: number): number {
    let sum = 0;
    for (let slot = 0; slot < SLOTS; slot++) sum += this.missesAgain(guest, slot, 0) + this.colds[guest * SLOTS + slot];
    return sum;
  }
}
