import type { Random } from '../random.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { Parts } from './parts.ts';
import { jittered } from './tempo.ts';
import type { Workload } from './workload.ts';

/** A stretch of time at one rate. */
export interface RateSlot {
  /** Mean ms, 1 to 86,400,000. */
  readonly ms: number;
  /** Rate in thousandths of the workload's own; 0: nothing happens; 1000 or more: as it is, or faster; to 100,000. */
  readonly permille: number;
}

const NS_PER_MS = 1_000_000;

/**
 * Runs a workload faster and slower, by a table of slots that is gone through over and over: its think times are
 * stretched by the rate of the slots they fall into. Times are of work, as all think times.
 */
export class Modulated extends Parts {
  private readonly slots: readonly RateSlot[];
  private readonly jitterPermille: number;
  private readonly random: Random;
  private slot: number;
  private leftNs: number;

  /**
   * @param slots at least one with a rate above 0
   * @param startMs where in the table it begins, counted from its start, without jitter
   * @param jitterPermille each length is drawn evenly from mean × (1 ± this / 1000)
   */
  constructor(work: Workload, slots: readonly RateSlot[], startMs: number, jitterPermille: number, random: Random) {
    super([work]);
    this.slots = slots;
    this.jitterPermille = jitterPermille;
    this.random = random;
    let into = startMs % slots.reduce((sum, { ms }) => sum + ms, 0);
    this.slot = 0;
    while (into >= slots[this.slot].ms) into -= slots[this.slot++].ms;
    this.leftNs = (slots[this.slot].ms - into) * NS_PER_MS;
  }

  thinkNs(): number {
    let workNs = this.parts[0].thinkNs();
    if (workNs === 0 || workNs === Infinity) return workNs;
    let ns = 0;
    for (;;) {
      const { permille } = this.slots[this.slot];
      const room = Math.floor((this.leftNs * permille) / 1000);
      if (workNs <= room) {
        const takenNs = Math.min(Math.ceil((workNs * 1000) / permille), this.leftNs);
        this.leftNs -= takenNs;
        return ns + takenNs;
      }
      workNs -= room;
      ns += this.leftNs;
      this.slot = (this.slot + 1) % this.slots.length;
      this.leftNs = jittered(this.slots[this.slot].ms * NS_PER_MS, this.jitterPermille, this.random);
    }
  }

  next(): void {
    this.advance(0);
  }

  restart(): void {
    this.parts[0].restart();
  }

  protected position(): number[] {
    return [this.slot, this.leftNs];
  }

  protected setPosition(numbers: Float64Array): void {
    [this.slot, this.leftNs] = numbers;
  }

  override save(to: StateWriter): void {
    super.save(to);
    this.random.save(to);
  }

  override restore(from: StateReader): void {
    super.restore(from);
    this.random.restore(from);
  }
}
