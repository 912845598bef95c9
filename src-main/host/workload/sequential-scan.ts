import { requireWhole } from '../config-value.ts';
import type { Random } from '../random.ts';
import { FileLayout } from './file-layout.ts';
import { Program } from './program.ts';
import { Tempo, type TempoConfig } from './tempo.ts';
import { FILE_READ, FILE_WRITE } from './workload.ts';

/** Reads (or writes) one big file from beginning to end, over and over: a backup, a virus scanner, the hog of a pool. */
export interface ScanConfig extends TempoConfig {
  readonly kind: 'scan';
  /** 1 to 2^28. */
  readonly pages: number;
  /** Pages of one request, without think time between them; 1 to 65,536; 32, as Linux reads ahead. */
  readonly requestPages?: number;
  /** Times the file is scanned before the workload ends; 0: without end. 0. */
  readonly passes?: number;
  /** Whether it writes instead of reading; false. */
  readonly write?: boolean;
}

/** See {@link ScanConfig}. */
export class SequentialScan extends Program {
  private readonly tempo: Tempo;
  private readonly requestPages: number;
  private readonly passes: number;
  /** The next page, pages of the request that are still to come, and passes done. */
  private at = 0;
  private left = 0;
  private done = 0;

  /** @throws ConfigValueError */
  constructor(place: string, config: ScanConfig, random: Random) {
    requireWhole(`${place}.pages`, config.pages, 1, 0x1000_0000);
    super('scan', place, new FileLayout({ files: 1, pagesPerFile: config.pages }), 0, random);
    this.requestPages = config.requestPages ?? 32;
    this.passes = config.passes ?? 0;
    requireWhole(`${place}.requestPages`, this.requestPages, 1, 65_536);
    requireWhole(`${place}.passes`, this.passes, 0, 1_000_000_000);
    this.tempo = new Tempo(place, config, random);
    this.operation = config.write === true ? FILE_WRITE : FILE_READ;
  }

  thinkNs(): number {
    if (this.left > 0) return 0;
    if (this.passes > 0 && this.done >= this.passes) return Infinity;
    return this.tempo.beforeNs(Math.min(this.requestPages, this.filePages - this.at));
  }

  next(): void {
    if (this.left === 0) this.left = Math.min(this.requestPages, this.filePages - this.at);
    this.page = this.at++;
    this.left--;
    if (this.at < this.filePages) return;
    this.at = 0;
    this.done++;
  }

  /** The scan begins again. */
  restart(): void {
    this.at = 0;
    this.left = 0;
  }

  protected position(): number[] {
    return [this.at, this.left, this.done];
  }

  protected setPosition(numbers: Float64Array): void {
    [this.at, this.left, this.done] = numbers;
  }
}
