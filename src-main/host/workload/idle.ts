import { ConfigValueError, requireWhole } from '../config-value.ts';
import type { Random } from '../random.ts';
import { FileLayout } from './file-layout.ts';
import { Program } from './program.ts';
import { Tempo, type TempoConfig } from './tempo.ts';
import { ANON_READ, ANON_WRITE, FILE_READ, FILE_WRITE } from './workload.ts';

/**
 * A guest that nobody uses: its daemons touch a few pages now and then, and a nightly job reads through some files.
 * It begins by writing its anonymous memory once.
 */
export interface IdleConfig extends TempoConfig {
  readonly kind: 'idle';
  /** Pages of the daemons' files and of their memory, touched evenly; 0 to 2^24 each, not both 0; 2,048 and 2,048. */
  readonly filePages?: number;
  readonly anonPages?: number;
  /** Touches in a thousand that write; 0 to 1000; 100. */
  readonly writePermille?: number;
  /** Mean ms between two runs of the job (0: none; to 86,400,000; 0), and pages of its own that it reads (1 to 2^26; 8,192). */
  readonly jobEveryMs?: number;
  readonly jobPages?: number;
  /** Pages a second that the job reads; 0.001 to 10,000,000; 1,000. */
  readonly jobPagesPerS?: number;
}

const NS_PER_MS = 1_000_000;
/** Pages that the job asks for at once, and that daemons write at once when they start. */
const BATCH = 32;

/** See {@link IdleConfig}. */
export class Idle extends Program {
  private readonly daemonFilePages: number;
  private readonly writePermille: number;
  private readonly jobEveryMs: number;
  private readonly jobPages: number;
  private readonly tempo: Tempo;
  private readonly jobTempo: Tempo;
  /** Anonymous pages written so far at the start. */
  private written = 0;
  private untilJobNs: number;
  private jobAt = 0;
  private jobLeft = 0;

  /** @throws ConfigValueError */
  constructor(place: string, config: IdleConfig, random: Random) {
    const { filePages = 2048, anonPages = 2048, jobEveryMs = 0, jobPages = 8192, writePermille = 100 } = config;
    requireWhole(`${place}.filePages`, filePages, 0, 0x100_0000);
    requireWhole(`${place}.anonPages`, anonPages, 0, 0x100_0000);
    if (filePages + anonPages === 0)
      throw new ConfigValueError(`${place}.filePages`, '1 or more where anonPages is 0', 0);
    requireWhole(`${place}.writePermille`, writePermille, 0, 1000);
    requireWhole(`${place}.jobEveryMs`, jobEveryMs, 0, 86_400_000);
    requireWhole(`${place}.jobPages`, jobPages, 1, 0x400_0000);
    const layout = new FileLayout(
      { files: filePages > 0 ? 1 : 0, pagesPerFile: Math.max(filePages, 1) },
      { files: jobEveryMs > 0 ? 1 : 0, pagesPerFile: jobPages },
    );
    super('idle', place, layout, anonPages, random);
    this.daemonFilePages = filePages;
    this.writePermille = writePermille;
    this.jobEveryMs = jobEveryMs;
    this.jobPages = jobPages;
    this.tempo = new Tempo(place, config, random);
    this.jobTempo = new Tempo(`${place}.job`, { ...config, accessesPerS: config.jobPagesPerS ?? 1000 }, random);
    this.untilJobNs = this.drawJobGapNs();
  }

  /** Begins with its anonymous memory written: where somebody else did that. */
  skipStart(): void {
    this.written = this.anonPages;
  }

  thinkNs(): number {
    if (this.written < this.anonPages) {
      const left = this.anonPages - this.written;
      return this.written % BATCH === 0 ? this.jobTempo.beforeNs(Math.min(BATCH, left)) : 0;
    }
    if (this.jobLeft === 0 && this.untilJobNs <= 0) {
      this.untilJobNs = this.drawJobGapNs();
      this.jobAt = 0;
      this.jobLeft = this.jobPages;
    }
    if (this.jobLeft > 0) return this.jobAt % BATCH === 0 ? this.jobTempo.beforeNs(Math.min(BATCH, this.jobLeft)) : 0;
    const gapNs = this.tempo.beforeNs(1);
    this.untilJobNs -= gapNs;
    return gapNs;
  }

  next(): void {
    const { daemonFilePages, random } = this;
    if (this.written < this.anonPages) {
      this.perform(ANON_WRITE, this.written++);
      return;
    }
    if (this.jobLeft > 0) {
      this.perform(FILE_READ, daemonFilePages + this.jobAt++);
      this.jobLeft--;
      return;
    }
    const page = random.below(daemonFilePages + this.anonPages);
    const isWrite = random.below(1000) < this.writePermille;
    if (page < daemonFilePages) this.perform(isWrite ? FILE_WRITE : FILE_READ, page);
    else this.perform(isWrite ? ANON_WRITE : ANON_READ, page - daemonFilePages);
  }

  private drawJobGapNs(): number {
    return this.jobEveryMs === 0 ? Infinity : this.tempo.jitteredNs(this.jobEveryMs * NS_PER_MS);
  }

  /** The daemons start again and write their memory; a job under way is lost. */
  restart(): void {
    this.written = 0;
    this.jobLeft = 0;
  }

  protected position(): number[] {
    return [this.written, this.untilJobNs, this.jobAt, this.jobLeft];
  }

  protected setPosition(numbers: Float64Array): void {
    [this.written, this.untilJobNs, this.jobAt, this.jobLeft] = numbers;
  }
}
