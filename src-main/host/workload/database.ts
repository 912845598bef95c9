import { requireWhole } from '../config-value.ts';
import type { Random } from '../random.ts';
import { FileLayout } from './file-layout.ts';
import { Program } from './program.ts';
import { Tempo, type TempoConfig } from './tempo.ts';
import { ANON_WRITE, FILE_READ, FILE_WRITE } from './workload.ts';

/**
 * A database: queries that each read one page of a table, most of them of its hot part; some update the page, and commits
 * write the log; now and then a scan reads a stretch of the table. `accessesPerS` counts queries; a query's further
 * operations follow without think time.
 */
export interface DatabaseConfig extends TempoConfig {
  readonly kind: 'database';
  /** Pages of the table (2 to 2^27), and its first so many that are hot (1 to one less). */
  readonly tablePages: number;
  readonly hotPages: number;
  /** Queries in a thousand for the hot pages, evenly; the others go evenly to the rest of the table. */
  readonly hotPermille: number;
  /** Queries in a thousand that write the page they read; 0. */
  readonly updatePermille?: number;
  /** Updates for each page that is written to the log (1 to 1,000,000; 8), and pages of the log (1 to 2^24; 4,096), used in turn. */
  readonly updatesPerLogPage?: number;
  readonly logPages?: number;
  /** Anonymous pages of the database's own buffers, of which each query writes one (by page number); 0 to 2^24; 0. */
  readonly bufferPages?: number;
  /** Mean ms of queries between two scans (0: none; to 86,400,000; 0) and pages a scan reads, from a random page on. */
  readonly scanEveryMs?: number;
  readonly scanPages?: number;
}

const NS_PER_MS = 1_000_000;
/** Pages that a scan asks for at once. */
const READ_AHEAD = 32;

/** What comes next of a query. */
const QUERY = 0;
const BUFFER = 1;
const UPDATE = 2;
const LOG = 3;

/** See {@link DatabaseConfig}. */
export class Database extends Program {
  private readonly config: Required<Omit<DatabaseConfig, 'kind' | 'jitterPermille'>>;
  private readonly tempo: Tempo;
  private step = QUERY;
  private tablePage = 0;
  private isUpdate = false;
  /** Updates since the last page of the log, and the next page of the log. */
  private updates = 0;
  private logAt = 0;
  private untilScanNs = 0;
  private scanLeft = 0;
  private scanAt = 0;

  /** @throws ConfigValueError */
  constructor(place: string, config: DatabaseConfig, random: Random) {
    const full = {
      accessesPerS: config.accessesPerS,
      tablePages: config.tablePages,
      hotPages: config.hotPages,
      hotPermille: config.hotPermille,
      updatePermille: config.updatePermille ?? 0,
      updatesPerLogPage: config.updatesPerLogPage ?? 8,
      logPages: config.logPages ?? 4096,
      bufferPages: config.bufferPages ?? 0,
      scanEveryMs: config.scanEveryMs ?? 0,
      scanPages: config.scanPages ?? config.tablePages,
    };
    const whole = (name: keyof typeof full, least: number, most: number): void =>
      requireWhole(`${place}.${name}`, full[name], least, most);
    whole('tablePages', 2, 0x800_0000);
    whole('hotPages', 1, full.tablePages - 1);
    whole('hotPermille', 0, 1000);
    whole('updatePermille', 0, 1000);
    whole('updatesPerLogPage', 1, 1_000_000);
    whole('logPages', 1, 0x100_0000);
    whole('bufferPages', 0, 0x100_0000);
    whole('scanEveryMs', 0, 86_400_000);
    whole('scanPages', 1, full.tablePages);
    const layout = new FileLayout(
      { files: 1, pagesPerFile: full.tablePages },
      { files: 1, pagesPerFile: full.logPages },
    );
    super('database', place, layout, full.bufferPages, random);
    this.config = full;
    this.tempo = new Tempo(place, config, random);
    this.untilScanNs = this.drawScanGapNs();
  }

  thinkNs(): number {
    if (this.step !== QUERY) return 0;
    if (this.scanLeft === 0 && this.untilScanNs <= 0) this.beginScan();
    if (this.scanLeft > 0) {
      const isNewRequest = (this.config.scanPages - this.scanLeft) % READ_AHEAD === 0;
      return isNewRequest ? this.tempo.beforeNs(Math.min(READ_AHEAD, this.scanLeft)) : 0;
    }
    const gapNs = this.tempo.beforeNs(1);
    this.untilScanNs -= gapNs;
    return gapNs;
  }

  next(): void {
    const { config } = this;
    switch (this.step) {
      case BUFFER:
        this.perform(ANON_WRITE, this.tablePage % config.bufferPages);
        this.step = this.isUpdate ? UPDATE : QUERY;
        return;
      case UPDATE:
        this.perform(FILE_WRITE, this.tablePage);
        this.updates = (this.updates + 1) % config.updatesPerLogPage;
        this.step = this.updates === 0 ? LOG : QUERY;
        return;
      case LOG:
        this.perform(FILE_WRITE, config.tablePages + this.logAt);
        this.logAt = (this.logAt + 1) % config.logPages;
        this.step = QUERY;
        return;
      default:
        this.query();
    }
  }

  private query(): void {
    const { config, random } = this;
    if (this.scanLeft > 0) {
      this.perform(FILE_READ, this.scanAt);
      this.scanAt = (this.scanAt + 1) % config.tablePages;
      this.scanLeft--;
      return;
    }
    const { hotPages, tablePages } = config;
    const isHot = random.below(1000) < config.hotPermille;
    this.tablePage = isHot ? random.below(hotPages) : hotPages + random.below(tablePages - hotPages);
    this.isUpdate = config.updatePermille > 0 && random.below(1000) < config.updatePermille;
    this.perform(FILE_READ, this.tablePage);
    if (config.bufferPages > 0) this.step = BUFFER;
    else if (this.isUpdate) this.step = UPDATE;
  }

  private beginScan(): void {
    this.untilScanNs = this.drawScanGapNs();
    this.scanLeft = this.config.scanPages;
    this.scanAt = this.random.below(this.config.tablePages);
  }

  private drawScanGapNs(): number {
    const { scanEveryMs } = this.config;
    return scanEveryMs === 0 ? Infinity : this.tempo.jitteredNs(scanEveryMs * NS_PER_MS);
  }

  /** The query or scan it was at is lost. */
  restart(): void {
    this.step = QUERY;
    this.scanLeft = 0;
  }

  protected position(): number[] {
    const { step, tablePage, isUpdate, updates, logAt, untilScanNs, scanLeft, scanAt } = this;
    return [step, tablePage, isUpdate ? 1 : 0, updates, logAt, untilScanNs, scanLeft, scanAt];
  }

  protected setPosition(numbers: Float64Array): void {
    let isUpdate;
    [this.step, this.tablePage, isUpdate, this.updates, this.logAt, this.untilScanNs, this.scanLeft, this.scanAt] =
      numbers;
    this.isUpdate = isUpdate === 1;
  }
}
