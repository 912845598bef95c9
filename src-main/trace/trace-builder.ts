import type { CompactTrace } from '../host/workload/compact-trace.ts';
import { Interner } from './interner.ts';
import { BadRecord } from './trace-error.ts';

/** Bytes of a page: the unit in which tmem stores and every request is split. */
const PAGE_BYTES = 4096;
/** The most that one read or write of Linux moves (MAX_RW_COUNT): 2 GiB. A record that claims more is damaged or has no sizes in bytes. */
const MAX_PAGES_A_RECORD = 524_288;
/**
 * References that a trace may have beside {@link REFERENCES_A_RECORD} for each of its records, so that memory grows with the records
 * that are really there and not with the sizes that they claim.
 */
const FREE_REFERENCES = 1_048_576;
const REFERENCES_A_RECORD = 1024;
/** An Int32Array of more would not hold the page numbers' positions. */
const MAX_REFERENCES = 2 ** 30;
const PAGES_A_SEGMENT = 2 ** 32;
const USE_OBJECT_UNIT = 'If the records are objects and not block requests, read the trace with the unit "object".';

/**
 * Collects the references of a trace and gives files and pages their dense numbers. What it holds grows with what was read, by doubling;
 * nothing is allocated because a record claims it.
 */
export class TraceBuilder {
  /** Lines or records that became references. */
  records = 0;

  private readonly withTimes: boolean;
  private pages: Int32Array;
  private timesUs: Float64Array | null = null;
  private writes: Uint8Array | null = null;
  private tenants: Uint16Array | null = null;
  private contents: Int32Array | null = null;
  private readonly contentNumbers = new Interner(16);
  private contentHashes = new Uint32Array(16);
  private length = 0;
  private admitted = 0;

  /** Numbers of the pages of {@link range}; pages made by {@link newPage} from outside must not be mixed with those. */
  private readonly pageNumbers = new Interner();
  private distinctPages = 0;
  private fileOfPage = new Int32Array(1024);
  private indexOfPage = new Uint32Array(1024);

  private readonly spaceNumbers = new Interner();
  private readonly fileNumbers = new Interner();
  private readonly fileNames: string[] = [];
  /** For files larger than 16 TiB, whose page index needs more than 32 bits: "file:segment" → the number of that part. */
  private readonly segments = new Map<string, number>();

  /**
   * @param expected about how many references the bytes of the file can be; room for more is made when it is needed.
   * @param withTimes whether times are to be kept.
   */
  constructor(expected = 0, withTimes = true) {
    this.pages = new Int32Array(Math.max(1024, Math.min(expected, MAX_REFERENCES)));
    this.withTimes = withTimes;
  }

  /** How many references have been collected. */
  get references(): number {
    return this.length;
  }

  /**
   * The number of the file (volume, object space) with these three u32 words as its identity; a new one is named by `nameOf`.
   */
  file(space: number, high: number, low: number, nameOf: (space: number, high: number, low: number) => string): number {
    const file = this.fileNumbers.intern(space, this.spaceNumbers.intern(high, low));
    if (file === this.fileNames.length) this.fileNames.push(nameOf(space, high, low));
    return file;
  }

  /** Makes a file that only its caller knows, such as one that is found by its name. */
  namedFile(name: string): number {
    // The space 2^32 − 1 is no device number.
    const file = this.fileNumbers.intern(0xffff_ffff, this.spaceNumbers.intern(0xffff_ffff, this.fileNames.length));
    this.fileNames.push(name);
    return file;
  }

  /**
   * Adds a reference to each page of `firstPage … lastPage` (whole numbers up to 2^41; none when `lastPage` is one less) of a file.
   * @param timeUs when, in µs since the trace's first event; NaN where the format has no times (then for all records).
   * @param write 1 when it writes the pages, else 0.
   * @throws BadRecord when the record, or all records together, stand for more pages than such records can.
   */
  range(file: number, firstPage: number, lastPage: number, timeUs: number, write: number, tenant: number): void {
    const count = lastPage - firstPage + 1;
    this.admit(count);
    if (lastPage >= PAGES_A_SEGMENT) this.farRange(file, firstPage, lastPage, timeUs, write, tenant);
    else for (let page = firstPage; page <= lastPage; page++) this.reference(file, page, timeUs, write, tenant);
  }

  /** Says what the page held at one of the references so far (their number from 0), by the words of a hash of it. */
  setContent(reference: number, hashHigh: number, hashLow: number): void {
    const content = this.contentNumbers.intern(hashHigh, hashLow);
    if (content * 2 === this.contentHashes.length) {
      this.contentHashes = grown(this.contentHashes, new Uint32Array(content * 4));
    }
    this.contentHashes[content * 2] = hashLow;
    this.contentHashes[content * 2 + 1] = hashHigh;
    (this.contents ??= new Int32Array(this.pages.length))[reference] = content + 1;
  }

  /** The trace so far, each array cut to its length. The builder is of no use afterwards. */
  finish(): CompactTrace {
    const { length, distinctPages } = this;
    return {
      pages: cut(this.pages, length),
      timesUs: this.timesUs && cut(this.timesUs, length),
      writes: this.writes && cut(this.writes, length),
      tenants: severalTenants(this.tenants, length),
      distinctPages,
      fileOfPage: cut(this.fileOfPage, distinctPages),
      indexOfPage: cut(this.indexOfPage, distinctPages),
      fileNames: this.fileNames,
      ...(this.contents && {
        contents: cut(this.contents, length),
        contentHashes: cut(this.contentHashes, this.contentNumbers.count * 2),
      }),
    };
  }

  /**
   * Counts more records, one unless said otherwise, of so many references together, before anything is kept for them.
   * @throws BadRecord when a record, or all together, stand for more pages than such records can.
   */
  admit(references: number, records = 1): void {
    if (references > MAX_PAGES_A_RECORD * records) {
      const claimed = (references * PAGE_BYTES).toLocaleString('en');
      throw new BadRecord(
        `the record covers ${claimed} bytes, more than the 2 GiB that one request can`,
        USE_OBJECT_UNIT,
      );
    }
    this.records += records;
    this.admitted += references;
    const all = this.admitted;
    if (all > FREE_REFERENCES + REFERENCES_A_RECORD * this.records) {
      const mean = Math.round(all / this.records).toLocaleString('en');
      throw new BadRecord(
        `the ${this.records.toLocaleString('en')} records so far cover ${mean} pages each on average, more than block requests do`,
        USE_OBJECT_UNIT,
      );
    }
    if (all > MAX_REFERENCES) {
      throw new BadRecord(
        `the trace has more than ${MAX_REFERENCES.toLocaleString('en')} references`,
        'Cut the trace.',
      );
    }
  }

  /** Makes the next page: `index` (0 … 2^32 − 1) of a file. @returns its number. */
  newPage(file: number, index: number): number {
    const page = this.distinctPages++;
    if (page === this.fileOfPage.length) this.growPages();
    this.fileOfPage[page] = file;
    this.indexOfPage[page] = index;
    return page;
  }

  /** Adds a reference to a page that there is. It must have been {@link admit}ted. Times, writes and tenants as in {@link range}. */
  append(page: number, timeUs: number, write: number, tenant: number): void {
    const at = this.length++;
    if (at === this.pages.length) this.growReferences();
    this.pages[at] = page;
    if (this.withTimes && timeUs === timeUs) (this.timesUs ??= new Float64Array(this.pages.length))[at] = timeUs;
    if (write !== 0) (this.writes ??= new Uint8Array(this.pages.length))[at] = 1;
    if (tenant !== 0) (this.tenants ??= new Uint16Array(this.pages.length))[at] = tenant;
  }

  /** As {@link append} for each of the first `count` values. */
  appendAll(pages: Int32Array, timesUs: Float64Array, writes: Uint8Array, tenants: Uint16Array, count: number): void {
    while (this.length + count > this.pages.length) this.growReferences();
    const at = this.length;
    this.length += count;
    this.pages.set(pages.subarray(0, count), at);
    if (this.withTimes && count > 0 && timesUs[0] === timesUs[0]) {
      (this.timesUs ??= new Float64Array(this.pages.length)).set(timesUs.subarray(0, count), at);
    }
    const room = this.pages.length;
    if (anyOf(writes, count)) (this.writes ??= new Uint8Array(room)).set(writes.subarray(0, count), at);
    if (anyOf(tenants, count)) (this.tenants ??= new Uint16Array(room)).set(tenants.subarray(0, count), at);
  }

  private reference(file: number, index: number, timeUs: number, write: number, tenant: number): void {
    const page = this.pageNumbers.intern(file, index);
    if (page === this.distinctPages) this.newPage(file, index);
    this.append(page, timeUs, write, tenant);
  }

  private farRange(file: number, first: number, last: number, timeUs: number, write: number, tenant: number): void {
    for (let page = first; page <= last; page++) {
      const segment = Math.floor(page / PAGES_A_SEGMENT);
      const key = `${file}:${segment}`;
      let part = segment === 0 ? file : this.segments.get(key);
      if (part === undefined) {
        part = this.namedFile(`${this.fileNames[file]} from ${segment * 16} TiB`);
        this.segments.set(key, part);
      }
      this.reference(part, page % PAGES_A_SEGMENT, timeUs, write, tenant);
    }
  }

  private growReferences(): void {
    const length = this.pages.length * 2;
    this.pages = grown(this.pages, new Int32Array(length));
    if (this.timesUs) this.timesUs = grown(this.timesUs, new Float64Array(length));
    if (this.writes) this.writes = grown(this.writes, new Uint8Array(length));
    if (this.tenants) this.tenants = grown(this.tenants, new Uint16Array(length));
    if (this.contents) this.contents = grown(this.contents, new Int32Array(length));
  }

  private growPages(): void {
    const length = this.fileOfPage.length * 2;
    this.fileOfPage = grown(this.fileOfPage, new Int32Array(length));
    this.indexOfPage = grown(this.indexOfPage, new Uint32Array(length));
  }
}

type Column = Int32Array | Uint32Array | Float64Array | Uint8Array | Uint16Array;

/** The first values alone, without the room behind them. */
function cut<A extends Column>(values: A, length: number): A {
  return length === values.length ? values : (values.slice(0, length) as A);
}

function anyOf(values: Uint8Array | Uint16Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (values[i] !== 0) return true;
  return false;
}

function grown<A extends Column>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** The tenants, or null where all references are of one. */
function severalTenants(tenants: Uint16Array | null, length: number): Uint16Array | null {
  if (tenants === null) return null;
  const used = tenants.slice(0, length);
  return used.every((tenant) => tenant === used[0]) ? null : used;
}
