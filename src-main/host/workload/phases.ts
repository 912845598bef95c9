import type { Random } from '../random.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { Parts } from './parts.ts';
import { jittered } from './tempo.ts';
import { ANON_FREE, type Workload } from './workload.ts';

/** One phase as {@link Phases} runs it. */
export interface PhaseOf<W> {
  /** Mean ms that it lasts, 1 to 86,400,000. */
  readonly ms: number;
  /** What is run; null: nothing. */
  readonly work: W;
  /** Whether the program ends with the phase and gives back its memory; else it stays, and goes on in the next round. False. */
  readonly exit?: boolean;
}

const NS_PER_MS = 1_000_000;
/** A part that has not been asked for its think time. */
const NOT_ASKED = -1;
const NOBODY = -1;

/**
 * Runs workloads in turn, each for the time of its phase. Times are of work, as all think times: a guest that has to
 * wait for its disk gets through its day later. What a phase leaves undone goes on when its turn comes again.
 */
export class Phases extends Parts {
  private readonly phases: readonly PhaseOf<number>[];
  private readonly repeat: boolean;
  private readonly jitterPermille: number;
  private readonly random: Random;
  private phase = NOBODY;
  private leftNs = 0;
  /** By part: what is left of the think time before its next operation. */
  private readonly pendingNs: Float64Array;
  /** The part whose memory is to be given back at this moment, or NOBODY. */
  private exiting = NOBODY;

  /**
   * @param repeat whether the first phase follows the last; else the last one goes on without end
   * @param jitterPermille each length is drawn evenly from mean × (1 ± this / 1000)
   */
  constructor(phases: readonly PhaseOf<Workload | null>[], repeat: boolean, jitterPermille: number, random: Random) {
    const parts = phases.flatMap(({ work }) => (work === null ? [] : [work]));
    super(parts);
    let place = 0;
    this.phases = phases.map((phase) => ({ ...phase, work: phase.work === null ? NOBODY : place++ }));
    this.repeat = repeat;
    this.jitterPermille = jitterPermille;
    this.random = random;
    this.pendingNs = new Float64Array(parts.length).fill(NOT_ASKED);
  }

  thinkNs(): number {
    let quietNs = 0;
    for (;;) {
      if (this.leftNs <= 0) this.beginPhase();
      const { exit, work } = this.phases[this.phase];
      const gapNs = work === NOBODY ? Infinity : this.pendingOf(work);
      if (gapNs === Infinity && (this.leftNs === Infinity || this.hasEnded())) return Infinity;
      if (gapNs < this.leftNs) {
        this.leftNs -= gapNs;
        this.pendingNs[work] = NOT_ASKED;
        return quietNs + gapNs;
      }
      if (work !== NOBODY) this.pendingNs[work] -= this.leftNs;
      quietNs += this.leftNs;
      this.leftNs = 0;
      if (work !== NOBODY && exit === true && this.parts[work].anonPages > 0) {
        this.exiting = work;
        return quietNs;
      }
    }
  }

  next(): void {
    const { exiting } = this;
    if (exiting === NOBODY) {
      this.advance(this.phases[this.phase].work);
      return;
    }
    this.operation = ANON_FREE;
    this.page = this.firstAnonPageOf(exiting);
    this.count = this.parts[exiting].anonPages;
    this.exiting = NOBODY;
    this.startAgain(exiting);
  }

  restart(): void {
    this.exiting = NOBODY;
    for (let part = 0; part < this.parts.length; part++) this.startAgain(part);
  }

  /** A program that has ended does not start again. */
  private startAgain(part: number): void {
    if (this.pendingNs[part] === Infinity) return;
    this.pendingNs[part] = NOT_ASKED;
    this.parts[part].restart();
  }

  private pendingOf(part: number): number {
    if (this.pendingNs[part] === NOT_ASKED) this.pendingNs[part] = this.parts[part].thinkNs();
    return this.pendingNs[part];
  }

  /** Whether every part has ended, so that nothing will happen any more. */
  private hasEnded(): boolean {
    const { pendingNs, phases, repeat } = this;
    return repeat && pendingNs.every((ns) => ns === Infinity) && phases.every(({ exit }) => exit !== true);
  }

  private beginPhase(): void {
    const isLast = this.phase === this.phases.length - 1;
    this.phase = isLast ? 0 : this.phase + 1;
    const endless = !this.repeat && this.phase === this.phases.length - 1;
    this.leftNs = endless
      ? Infinity
      : jittered(this.phases[this.phase].ms * NS_PER_MS, this.jitterPermille, this.random);
  }

  protected position(): number[] {
    return [this.phase, this.leftNs, this.exiting, ...this.pendingNs];
  }

  protected setPosition(numbers: Float64Array): void {
    [this.phase, this.leftNs, this.exiting] = numbers;
    this.pendingNs.set(numbers.subarray(3));
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
