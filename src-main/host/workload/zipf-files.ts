import { requireNumber, requireWhole } from '../config-value.ts';
import type { Random } from '../random.ts';
import { FileLayout } from './file-layout.ts';
import { Program } from './program.ts';
import { Tempo, type TempoConfig } from './tempo.ts';
import { FILE_READ, FILE_WRITE } from './workload.ts';
import { type ZipfTable, zipfTable } from './zipf-table.ts';

/** A file server: requests for files, few of them popular. The k-th file is asked for in proportion to k^−alpha. */
export interface ZipfFilesConfig extends TempoConfig {
  readonly kind: 'zipf-files';
  /** Files, and pages of each: 1 to 2^24, and 1 to 2^20. */
  readonly files: number;
  readonly pagesPerFile: number;
  /** 0 (all alike) to 4; web and file servers have 0.6 to 1.1. */
  readonly alpha: number;
  /** Pages that follow each other in a request, from a random place of the file on; the whole file where absent. */
  readonly requestPages?: number;
  /** Requests in a thousand that write instead of reading; 0. */
  readonly writePermille?: number;
}

/** See {@link ZipfFilesConfig}. */
export class ZipfFiles extends Program {
  private readonly config: ZipfFilesConfig;
  private readonly requestPages: number;
  private readonly writePermille: number;
  private readonly tempo: Tempo;
  private readonly table: ZipfTable;
  /** Pages of the request that are still to come. */
  private left = 0;

  /** @throws ConfigValueError */
  constructor(place: string, config: ZipfFilesConfig, random: Random) {
    requireWhole(`${place}.files`, config.files, 1, 0x100_0000);
    requireWhole(`${place}.pagesPerFile`, config.pagesPerFile, 1, 0x10_0000);
    requireNumber(`${place}.alpha`, config.alpha, 0, 4);
    super('zipf files', place, new FileLayout(config), 0, random);
    this.config = config;
    this.requestPages = config.requestPages ?? config.pagesPerFile;
    this.writePermille = config.writePermille ?? 0;
    requireWhole(`${place}.requestPages`, this.requestPages, 1, config.pagesPerFile);
    requireWhole(`${place}.writePermille`, this.writePermille, 0, 1000);
    this.tempo = new Tempo(place, config, random);
    this.table = zipfTable(config.files, config.alpha);
  }

  thinkNs(): number {
    return this.left > 0 ? 0 : this.tempo.beforeNs(this.requestPages);
  }

  next(): void {
    if (this.left > 0) {
      this.page++;
      this.left--;
      return;
    }
    const { config, random, requestPages } = this;
    const first = this.table.draw(random) * config.pagesPerFile;
    const isWrite = this.writePermille > 0 && random.below(1000) < this.writePermille;
    this.operation = isWrite ? FILE_WRITE : FILE_READ;
    this.page =
      requestPages < config.pagesPerFile ? first + random.below(config.pagesPerFile - requestPages + 1) : first;
    this.left = requestPages - 1;
  }

  /** A file server has no anonymous memory here; the request it was at is lost. */
  restart(): void {
    this.left = 0;
  }

  protected position(): number[] {
    return [this.left];
  }

  protected setPosition(numbers: Float64Array): void {
    [this.left] = numbers;
  }
}
