import type { StateReader, StateWriter } from '../state.ts';

/** No page in a slot; no slot. */
export const NONE = -1;
/** Slots are given out in order within stretches of this many, wholly free ones first (Linux' SWAPFILE_CLUSTER). */
const STRETCH = 256;

/** The slots of a swap device: which page each holds, and whether preswap has it. */
export class SwapSlots {
  readonly size: number;
  /** By slot: its page, or {@link NONE}; and 1 where the page is in preswap. */
  readonly pageOf: Int32Array;
  readonly inPreswap: Uint8Array;
  used = 0;
  preswapUsed = 0;
  private readonly usedOf: Uint16Array;
  private stretch = 0;
  private cursor = 0;

  constructor(size: number) {
    this.size = size;
    this.pageOf = new Int32Array(size).fill(NONE);
    this.inPreswap = new Uint8Array(size);
    this.usedOf = new Uint16Array(Math.ceil(size / STRETCH));
  }

  /** A free slot for a page, the next one where possible; {@link NONE} when all are in use. */
  allocate(page: number): number {
    if (this.used === this.size) return NONE;
    const slot = this.nextFree();
    this.cursor = slot + 1;
    this.pageOf[slot] = page;
    this.usedOf[this.stretch]++;
    this.used++;
    return slot;
  }

  free(slot: number): void {
    this.pageOf[slot] = NONE;
    this.usedOf[Math.floor(slot / STRETCH)]--;
    this.used--;
    this.setPreswap(slot, false);
  }

  setPreswap(slot: number, isIn: boolean): void {
    this.preswapUsed += (isIn ? 1 : 0) - this.inPreswap[slot];
    this.inPreswap[slot] = isIn ? 1 : 0;
  }

  private endOf(stretch: number): number {
    return Math.min(this.size, (stretch + 1) * STRETCH);
  }

  /** Call only where there is one. */
  private nextFree(): number {
    const { pageOf, usedOf } = this;
    for (let slot = this.cursor; slot < this.endOf(this.stretch); slot++) if (pageOf[slot] === NONE) return slot;
    const stretches = usedOf.length;
    for (let step = 1; step <= stretches; step++) {
      const stretch = (this.stretch + step) % stretches;
      if (usedOf[stretch] > 0) continue;
      this.stretch = stretch;
      return stretch * STRETCH;
    }
    let stretch = this.stretch;
    while (usedOf[stretch] === this.endOf(stretch) - stretch * STRETCH) stretch = (stretch + 1) % stretches;
    this.stretch = stretch;
    let slot = stretch * STRETCH;
    while (pageOf[slot] !== NONE) slot++;
    return slot;
  }

  save(to: StateWriter): void {
    to.array('swap slots', this.pageOf);
    to.array('swap slots in preswap', this.inPreswap);
    to.numbers('swap cursor', this.stretch, this.cursor);
  }

  restore(from: StateReader): void {
    this.pageOf.set(from.array('swap slots', Int32Array));
    this.inPreswap.set(from.array('swap slots in preswap', Uint8Array));
    [this.stretch, this.cursor] = from.numbers('swap cursor');
    this.used = 0;
    this.preswapUsed = 0;
    this.usedOf.fill(0);
    for (let slot = 0; slot < this.size; slot++) {
      if (this.pageOf[slot] === NONE) continue;
      this.used++;
      this.preswapUsed += this.inPreswap[slot];
      this.usedOf[Math.floor(slot / STRETCH)]++;
    }
  }
}
