import { requireNumber, requireWhole } from '../config-value.ts';
import type { Random } from '../random.ts';
import { FileLayout } from './file-layout.ts';
import { Program } from './program.ts';
import { Tempo } from './tempo.ts';
import { ANON_FREE, ANON_READ, ANON_WRITE, FILE_DROP, FILE_READ, FILE_WRITE } from './workload.ts';
import { type ZipfTable, zipfTable } from './zipf-table.ts';

/**
 * Compiles a source tree, as `make clean; make` does: for each unit it reads a source file and some headers, uses memory
 * that it gives back when the unit is done, and writes an object file; in the end the objects are linked. Then again.
 */
export interface CompileConfig {
  readonly kind: 'compile';
  /** Source files, each compiled once a pass (1 to 1,000,000), and pages of each (1 to 4,096; 4). */
  readonly units: number;
  readonly pagesPerSource?: number;
  /** Header files (1 to 1,000,000; 1,000), pages of each (1 to 4,096; 2). The k-th is included in proportion to 1/k. */
  readonly headers?: number;
  readonly pagesPerHeader?: number;
  /** Headers that a unit includes; 0 to 10,000; 40. */
  readonly headersPerUnit?: number;
  /** Anonymous pages that compiling a unit takes, each written and then read; 0 to 2^24; 4,096. */
  readonly anonPagesPerUnit?: number;
  /** Pages of an object file (1 to 4,096; 4) and of the linked image (1 to 2^20; 8,192). */
  readonly pagesPerObject?: number;
  readonly imagePages?: number;
  /** Computing time of a unit in ms, spread over its operations. 0.001 to 3,600,000; 500. */
  readonly unitMs?: number;
  /** Each think time is drawn evenly from mean × (1 ± this / 1000). 0 to 1000; 500. */
  readonly jitterPermille?: number;
  /** Compilations of the whole tree before the workload ends; 0: without end. 0. */
  readonly passes?: number;
}

/** What is being done; each step has a number of operations, counted by `at`. */
const CLEAN = 0;
const SOURCE = 1;
const HEADERS = 2;
const ALLOCATE = 3;
const COMPUTE = 4;
const OBJECT = 5;
const FREE = 6;
const LINK_READ = 7;
const LINK_WRITE = 8;

/** Runs of files, by their place in the layout. */
const SOURCES = 0;
const HEADER_FILES = 1;
const OBJECTS = 2;
const IMAGE = 3;

/** See {@link CompileConfig}. */
export class KernelCompile extends Program {
  private readonly config: Required<Omit<CompileConfig, 'kind' | 'jitterPermille'>>;
  private readonly tempo: Tempo;
  private readonly table: ZipfTable;
  /** First pages of the runs of files. */
  private readonly firstPages: readonly number[];
  /** Operations of each step. */
  private readonly lengths: readonly number[];
  private step = SOURCE;
  private at = 0;
  private unit = 0;
  private done = 0;
  /** First page of the header that is being read. */
  private headerPage = 0;

  /** @throws ConfigValueError */
  constructor(place: string, config: CompileConfig, random: Random) {
    const full = {
      units: config.units,
      pagesPerSource: config.pagesPerSource ?? 4,
      headers: config.headers ?? 1000,
      pagesPerHeader: config.pagesPerHeader ?? 2,
      headersPerUnit: config.headersPerUnit ?? 40,
      anonPagesPerUnit: config.anonPagesPerUnit ?? 4096,
      pagesPerObject: config.pagesPerObject ?? 4,
      imagePages: config.imagePages ?? 8192,
      unitMs: config.unitMs ?? 500,
      passes: config.passes ?? 0,
    };
    const whole = (name: keyof typeof full, least: number, most: number): void =>
      requireWhole(`${place}.${name}`, full[name], least, most);
    whole('units', 1, 1_000_000);
    whole('pagesPerSource', 1, 4096);
    whole('headers', 1, 1_000_000);
    whole('pagesPerHeader', 1, 4096);
    whole('headersPerUnit', 0, 10_000);
    whole('anonPagesPerUnit', 0, 0x100_0000);
    whole('pagesPerObject', 1, 4096);
    whole('imagePages', 1, 0x10_0000);
    whole('passes', 0, 1_000_000_000);
    requireNumber(`${place}.unitMs`, full.unitMs, 0.001, 3_600_000);
    const layout = new FileLayout(
      { files: full.units, pagesPerFile: full.pagesPerSource },
      { files: full.headers, pagesPerFile: full.pagesPerHeader },
      { files: full.units, pagesPerFile: full.pagesPerObject },
      { files: 1, pagesPerFile: full.imagePages },
    );
    super('compile', place, layout, full.anonPagesPerUnit, random);
    this.config = full;
    this.firstPages = [SOURCES, HEADER_FILES, OBJECTS, IMAGE].map((run) => layout.firstPageOf(run));
    this.lengths = [
      full.units, // CLEAN
      full.pagesPerSource,
      full.headersPerUnit * full.pagesPerHeader,
      full.anonPagesPerUnit, // ALLOCATE
      full.anonPagesPerUnit, // COMPUTE
      full.pagesPerObject,
      full.anonPagesPerUnit > 0 ? 1 : 0, // FREE
      full.units * full.pagesPerObject,
      full.imagePages,
    ];
    const operations = this.lengths.slice(SOURCE, FREE + 1).reduce((sum, length) => sum + length, 0);
    this.tempo = new Tempo(
      place,
      {
        accessesPerS: Math.min((operations * 1000) / full.unitMs, 10_000_000),
        ...(config.jitterPermille === undefined ? {} : { jitterPermille: config.jitterPermille }),
      },
      random,
    );
    this.table = zipfTable(full.headers, 1);
  }

  thinkNs(): number {
    return this.config.passes > 0 && this.done >= this.config.passes ? Infinity : this.tempo.beforeNs(1);
  }

  next(): void {
    this.operate();
    this.at++;
    while (this.at >= this.lengths[this.step]) {
      this.at = 0;
      this.nextStep();
    }
  }

  private operate(): void {
    const { at, config, unit } = this;
    const [sources, headers, objects, image] = this.firstPages;
    switch (this.step) {
      case CLEAN:
        this.perform(FILE_DROP, objects + at * config.pagesPerObject, config.pagesPerObject);
        break;
      case SOURCE:
        this.perform(FILE_READ, sources + unit * config.pagesPerSource + at);
        break;
      case HEADERS: {
        const index = at % config.pagesPerHeader;
        if (index === 0) this.headerPage = headers + this.table.draw(this.random) * config.pagesPerHeader;
        this.perform(FILE_READ, this.headerPage + index);
        break;
      }
      case ALLOCATE:
        this.perform(ANON_WRITE, at);
        break;
      case COMPUTE:
        this.perform(ANON_READ, at);
        break;
      case OBJECT:
        this.perform(FILE_WRITE, objects + unit * config.pagesPerObject + at);
        break;
      case FREE:
        this.perform(ANON_FREE, 0, config.anonPagesPerUnit);
        break;
      case LINK_READ:
        this.perform(FILE_READ, objects + at);
        break;
      default:
        this.perform(FILE_WRITE, image + at);
    }
  }

  private nextStep(): void {
    if (this.step === FREE && this.unit < this.config.units - 1) {
      this.unit++;
      this.step = SOURCE;
    } else if (this.step === LINK_WRITE) {
      this.done++;
      this.unit = 0;
      this.step = CLEAN;
    } else {
      this.step++;
    }
  }

  /** `make` begins the unit anew that was being compiled; linking and cleaning take no anonymous memory, and go on. */
  restart(): void {
    if (this.step < SOURCE || this.step > FREE) return;
    this.step = SOURCE;
    this.at = 0;
  }

  protected position(): number[] {
    return [this.step, this.at, this.unit, this.done, this.headerPage];
  }

  protected setPosition(numbers: Float64Array): void {
    [this.step, this.at, this.unit, this.done, this.headerPage] = numbers;
  }
}
