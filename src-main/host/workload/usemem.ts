import { requireWhole } from '../config-value.ts';
import type { Random } from '../random.ts';
import { FileLayout } from './file-layout.ts';
import { Program } from './program.ts';
import { Tempo, type TempoConfig } from './tempo.ts';
import { ANON_FREE, ANON_READ, ANON_WRITE } from './workload.ts';

/**
 * Growing anonymous memory: allocates a step, goes over all it has from beginning to end, allocates the next step, up to a
 * maximum that it goes on using for a while; then it gives all back, pauses and begins again (after usemem of vm-scalability,
 * the way tmem's publications use it).
 */
export interface UsememConfig extends TempoConfig {
  readonly kind: 'usemem';
  /** Pages it grows to (1 to 2^28), and by (1 to maxPages; an eighth of maxPages, at least 1). */
  readonly maxPages: number;
  readonly stepPages?: number;
  /** Times it goes over all it has after each step; 0 to 1,000; 1. */
  readonly sweeps?: number;
  /** Touches in a thousand of a sweep that write; 0 to 1000; 1000. */
  readonly writePermille?: number;
  /** Ms of work that it goes on sweeping at the maximum (0 to 86,400,000; 60,000), and ms it pauses with nothing (60,000). */
  readonly holdMs?: number;
  readonly pauseMs?: number;
  /** Times it grows before the workload ends; 0: without end. 0. */
  readonly cycles?: number;
}

const NS_PER_MS = 1_000_000;
const LONGEST_MS = 86_400_000;

const GROW = 0;
const SWEEP = 1;
const HOLD = 2;
const FREE = 3;

/** See {@link UsememConfig}. */
export class Usemem extends Program {
  private readonly config: Required<Omit<UsememConfig, 'kind' | 'jitterPermille'>>;
  private readonly tempo: Tempo;
  private step = GROW;
  /** Pages it has, and where it is: the page to be touched next. */
  private allocated = 0;
  private at = 0;
  private sweepsLeft = 0;
  private holdLeftNs = 0;
  private pauseNs = 0;
  private done = 0;

  /** @throws ConfigValueError */
  constructor(place: string, config: UsememConfig, random: Random) {
    requireWhole(`${place}.maxPages`, config.maxPages, 1, 0x1000_0000);
    super('usemem', place, new FileLayout(), config.maxPages, random);
    const full = {
      accessesPerS: config.accessesPerS,
      maxPages: config.maxPages,
      stepPages: config.stepPages ?? Math.max(1, Math.floor(config.maxPages / 8)),
      sweeps: config.sweeps ?? 1,
      writePermille: config.writePermille ?? 1000,
      holdMs: config.holdMs ?? 60_000,
      pauseMs: config.pauseMs ?? 60_000,
      cycles: config.cycles ?? 0,
    };
    const whole = (name: keyof typeof full, least: number, most: number): void =>
      requireWhole(`${place}.${name}`, full[name], least, most);
    whole('stepPages', 1, full.maxPages);
    whole('sweeps', 0, 1000);
    whole('writePermille', 0, 1000);
    whole('holdMs', 0, LONGEST_MS);
    whole('pauseMs', 0, LONGEST_MS);
    whole('cycles', 0, 1_000_000_000);
    this.config = full;
    this.tempo = new Tempo(place, config, random);
  }

  thinkNs(): number {
    if (this.config.cycles > 0 && this.done >= this.config.cycles) return Infinity;
    const gapNs = this.tempo.beforeNs(1);
    if (this.step === HOLD) {
      this.holdLeftNs -= gapNs;
      if (this.holdLeftNs <= 0) this.step = FREE;
    }
    const { pauseNs } = this;
    this.pauseNs = 0;
    return pauseNs + gapNs;
  }

  next(): void {
    switch (this.step) {
      case GROW:
        this.grow();
        break;
      case FREE:
        this.perform(ANON_FREE, 0, this.allocated);
        this.allocated = 0;
        this.at = 0;
        this.pauseNs = this.config.pauseMs * NS_PER_MS;
        this.step = GROW;
        this.done++;
        break;
      default:
        this.sweep();
    }
  }

  private grow(): void {
    const { config } = this;
    this.perform(ANON_WRITE, this.allocated++);
    const isWholeStep = this.allocated % config.stepPages === 0;
    if (!isWholeStep && this.allocated < config.maxPages) return;
    this.sweepsLeft = config.sweeps;
    this.at = 0;
    if (config.sweeps > 0) this.step = SWEEP;
    else this.afterSweeps();
  }

  private sweep(): void {
    const { writePermille } = this.config;
    const isWrite = writePermille === 1000 || (writePermille > 0 && this.random.below(1000) < writePermille);
    this.perform(isWrite ? ANON_WRITE : ANON_READ, this.at++);
    if (this.at < this.allocated) return;
    this.at = 0;
    if (this.step === SWEEP && --this.sweepsLeft === 0) this.afterSweeps();
  }

  private afterSweeps(): void {
    if (this.allocated < this.config.maxPages) {
      this.step = GROW;
      return;
    }
    this.holdLeftNs = this.config.holdMs * NS_PER_MS;
    this.step = this.config.holdMs > 0 ? HOLD : FREE;
  }

  /** The program begins again, with nothing. */
  restart(): void {
    this.step = GROW;
    this.allocated = 0;
    this.at = 0;
  }

  protected position(): number[] {
    const { step, allocated, at, sweepsLeft, holdLeftNs, pauseNs, done } = this;
    return [step, allocated, at, sweepsLeft, holdLeftNs, pauseNs, done];
  }

  protected setPosition(numbers: Float64Array): void {
    [this.step, this.allocated, this.at, this.sweepsLeft, this.holdLeftNs, this.pauseNs, this.done] = numbers;
  }
}
