import type { Random } from '../random.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { CompactTrace } from './compact-trace.ts';
import { FILE_READ, FILE_WRITE, type Operation, type Workload } from './workload.ts';

/** One stretch of a guest's day: how long, and how busy. */
export interface Phase {
  /** Mean length in host ms; each time it is drawn within ± {@link Pace.lengthJitterPermille}. */
  readonly ms: number;
  /** Mean accesses a host second; 0 = quiet. */
  readonly accessesPerS: number;
}

/** The stated pace of a trace whose own times last seconds: phases in turn, over and over. */
export interface Pace {
  readonly phases: readonly Phase[];
  /** Each gap between accesses is drawn evenly from mean × (1 ± this / 1000). */
  readonly gapJitterPermille: number;
  readonly lengthJitterPermille: number;
  /** Host ms before the first access. */
  readonly startMs: number;
}

const NS_PER_MS = 1_000_000;
const NS_PER_S = 1_000_000_000;

/**
 * Plays a recorded trace at a stated pace, from its start again when it ends. The references are the recording's, in its
 * order, with their writes and with what is known of the pages' contents; only when they happen is made: mean gap of the
 * phase, jittered by the guest's own seeded generator. All gaps are whole nanoseconds; in a host where operations take
 * time, they are think times.
 *
 * A write is one of the whole page, as requests are split into pages: what the page held before is not read for it.
 */
export class TracePlayer implements Workload {
  readonly filePages: number;
  readonly anonPages = 0;
  operation: Operation = FILE_READ;
  page = 0;
  readonly count = 1;
  content = 0;
  readonly contentHashes: Uint32Array | undefined;
  private readonly trace: CompactTrace;
  private readonly pace: Pace;
  private readonly random: Random;
  /** Place of the next reference in the trace. */
  private position = 0;
  private phase = -1;
  /** What is left of the phase, in ns. */
  private phaseLeftNs = 0;
  private started = false;

  constructor(trace: CompactTrace, pace: Pace, random: Random) {
    this.trace = trace;
    this.pace = pace;
    this.random = random;
    this.filePages = trace.distinctPages;
    this.contentHashes = trace.contentHashes;
  }

  thinkNs(): number {
    return this.nextGapNs();
  }

  next(): void {
    const { contents, writes } = this.trace;
    const { position } = this;
    if (writes !== null) this.operation = writes[position] === 0 ? FILE_READ : FILE_WRITE;
    if (contents !== undefined) this.content = contents[position];
    this.page = this.nextPage();
  }

  /** The recording starts again; it has no anonymous memory that could be lost. */
  restart(): void {
    this.position = 0;
  }

  fileOf(page: number): number {
    return this.trace.fileOfPage[page];
  }

  indexOf(page: number): number {
    return this.trace.indexOfPage[page];
  }

  /** The page of the next reference. */
  nextPage(): number {
    const page = this.trace.pages[this.position++];
    if (this.position === this.trace.pages.length) this.position = 0;
    return page;
  }

  /** Nanoseconds from the last reference (from host time 0 for the first) to the next one. */
  nextGapNs(): number {
    let quietNs = 0;
    if (!this.started) {
      this.started = true;
      quietNs = this.pace.startMs * NS_PER_MS;
    }
    for (;;) {
      if (this.phaseLeftNs <= 0) this.beginPhase();
      const { accessesPerS } = this.pace.phases[this.phase];
      if (accessesPerS > 0) {
        const gapNs = this.jittered(Math.floor(NS_PER_S / accessesPerS), this.pace.gapJitterPermille);
        this.phaseLeftNs -= gapNs;
        return quietNs + gapNs;
      }
      quietNs += this.phaseLeftNs;
      this.phaseLeftNs = 0;
    }
  }

  private beginPhase(): void {
    this.phase = (this.phase + 1) % this.pace.phases.length;
    this.phaseLeftNs = this.jittered(this.pace.phases[this.phase].ms, this.pace.lengthJitterPermille) * NS_PER_MS;
  }

  /** A whole number drawn evenly from mean × (1 ± permille / 1000), at least 1. */
  private jittered(mean: number, permille: number): number {
    const factor = 1000 - permille + this.random.below(2 * permille + 1);
    return Math.max(1, Math.floor((mean * factor) / 1000));
  }

  save(to: StateWriter): void {
    to.numbers('trace player', this.position, this.phase, this.phaseLeftNs, this.started ? 1 : 0);
    this.random.save(to);
  }

  restore(from: StateReader): void {
    const [position, phase, phaseLeftNs, started] = from.numbers('trace player');
    this.position = position;
    this.phase = phase;
    this.phaseLeftNs = phaseLeftNs;
    this.started = started === 1;
    this.random.restore(from);
  }
}
