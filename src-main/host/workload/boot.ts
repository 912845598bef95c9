import { requireWhole } from '../config-value.ts';
import type { Random } from '../random.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { FileLayout } from './file-layout.ts';
import { Idle } from './idle.ts';
import { Program } from './program.ts';
import { Tempo, type TempoConfig } from './tempo.ts';
import { ANON_FREE, ANON_WRITE, FILE_READ } from './workload.ts';

/**
 * A guest that boots: it reads its image and fills its memory as fast as `accessesPerS`, then idles. Many such guests with
 * the same `startMs` are a boot storm. The image is the first of the guest's file pages, so guests whose contents name the
 * same image, of `imagePages` pages, hold equal pages: what deduplication is for.
 */
export interface BootConfig extends TempoConfig {
  readonly kind: 'boot';
  /** Ms before it boots; 0 to 86,400,000; 0. */
  readonly startMs?: number;
  /** Pages of the image that booting reads in order, 1 to 2^26; pages of a file of it, 1 to 2^20; 64. */
  readonly imagePages: number;
  readonly pagesPerFile?: number;
  /** Anonymous pages that booting writes, evenly among the reads; 0 to 2^24. */
  readonly residentPages: number;
  /** What it does then: pages of the image (the first) and of its memory (the first) that its daemons touch, and how often. */
  readonly idle: {
    readonly accessesPerS: number;
    readonly filePages: number;
    readonly anonPages: number;
    readonly writePermille?: number;
  };
  /** Mean ms of idling until it boots again; 0: never; to 86,400,000; 0. */
  readonly rebootEveryMs?: number;
}

const NS_PER_MS = 1_000_000;
/** Pages that booting asks for at once. */
const BATCH = 32;

const BOOTING = 0;
const IDLING = 1;
const SHUT_DOWN = 2;

/** See {@link BootConfig}. */
export class Boot extends Program {
  private readonly config: BootConfig;
  private readonly tempo: Tempo;
  private readonly idle: Idle;
  private readonly operations: number;
  private state = BOOTING;
  /** Operations of booting done, and the anonymous ones of them. */
  private at = 0;
  private written = 0;
  private startNs: number;
  private untilRebootNs = 0;

  /** @throws ConfigValueError */
  constructor(place: string, config: BootConfig, random: Random) {
    const { idle, imagePages, pagesPerFile = 64, rebootEveryMs = 0, residentPages, startMs = 0 } = config;
    requireWhole(`${place}.imagePages`, imagePages, 1, 0x400_0000);
    requireWhole(`${place}.pagesPerFile`, pagesPerFile, 1, 0x10_0000);
    requireWhole(`${place}.residentPages`, residentPages, 0, 0x100_0000);
    requireWhole(`${place}.startMs`, startMs, 0, 86_400_000);
    requireWhole(`${place}.rebootEveryMs`, rebootEveryMs, 0, 86_400_000);
    requireWhole(`${place}.idle.filePages`, idle.filePages, 0, imagePages);
    requireWhole(`${place}.idle.anonPages`, idle.anonPages, 0, residentPages);
    // The last file may be shorter: the pages that it lacks are never asked for.
    const layout = new FileLayout({ files: Math.ceil(imagePages / pagesPerFile), pagesPerFile });
    super('boot', place, layout, residentPages, random);
    this.config = config;
    this.tempo = new Tempo(place, config, random);
    const jitter = config.jitterPermille === undefined ? {} : { jitterPermille: config.jitterPermille };
    this.idle = new Idle(`${place}.idle`, { ...jitter, ...idle, kind: 'idle' }, random);
    this.operations = imagePages + residentPages;
    this.startNs = startMs * NS_PER_MS;
  }

  thinkNs(): number {
    switch (this.state) {
      case BOOTING: {
        const { startNs } = this;
        this.startNs = 0;
        const batch = Math.min(BATCH, this.operations - this.at);
        return startNs + (this.at % BATCH === 0 ? this.tempo.beforeNs(batch) : 0);
      }
      case IDLING: {
        const gapNs = this.idle.thinkNs();
        this.untilRebootNs -= gapNs;
        if (this.untilRebootNs <= 0) this.shutDown();
        return gapNs;
      }
      default:
        return this.tempo.beforeNs(1);
    }
  }

  next(): void {
    const { config, idle } = this;
    switch (this.state) {
      case BOOTING:
        this.boot();
        break;
      case IDLING:
        idle.next();
        this.perform(idle.operation, idle.page);
        break;
      default:
        this.perform(ANON_FREE, 0, config.residentPages);
        this.restart();
    }
  }

  /** Memory is given back first, where there is any. */
  private shutDown(): void {
    if (this.config.residentPages > 0) this.state = SHUT_DOWN;
    else this.restart();
  }

  private boot(): void {
    const { imagePages, residentPages, rebootEveryMs = 0 } = this.config;
    this.at++;
    // Evenly: after so many operations, so many of them are anonymous.
    const written = Math.floor((this.at * residentPages) / this.operations);
    if (written > this.written) this.perform(ANON_WRITE, this.written++);
    else this.perform(FILE_READ, Math.min(this.at - 1 - this.written, imagePages - 1));
    if (this.at < this.operations) return;
    this.state = IDLING;
    this.idle.skipStart();
    this.untilRebootNs = rebootEveryMs === 0 ? Infinity : this.tempo.jitteredNs(rebootEveryMs * NS_PER_MS);
  }

  /** All that ran starts again as in a boot. */
  restart(): void {
    this.state = BOOTING;
    this.at = 0;
    this.written = 0;
  }

  override save(to: StateWriter): void {
    super.save(to);
    this.idle.save(to);
  }

  override restore(from: StateReader): void {
    super.restore(from);
    this.idle.restore(from);
  }

  protected position(): number[] {
    return [this.state, this.at, this.written, this.startNs, this.untilRebootNs];
  }

  protected setPosition(numbers: Float64Array): void {
    [this.state, this.at, this.written, this.startNs, this.untilRebootNs] = numbers;
  }
}
