import { GUEST } from '../sample-columns.ts';
import type { Workload } from '../workload/workload.ts';
import type { PageContents } from './page-contents.ts';
import type { TmemCalls } from './tmem-calls.ts';

/**
 * Linux' cleancache hooks (TMEM-SEMANTICS 8.2): a get before a page is read from the disk, a put when a clean page leaves
 * the page cache, flushes where what is stored could become stale. The object of a page is its file.
 */
export class Precache {
  private readonly calls: TmemCalls;
  private readonly pool: number;
  private readonly workload: Workload;
  private readonly contents: PageContents;
  private readonly counts: Float64Array;

  constructor(calls: TmemCalls, pool: number, workload: Workload, contents: PageContents, counts: Float64Array) {
    this.calls = calls;
    this.pool = pool;
    this.workload = workload;
    this.contents = contents;
    this.counts = counts;
  }

  /** @returns whether the page was there; it is not any more */
  get(page: number): boolean {
    const { contents, counts, workload } = this;
    counts[GUEST.precacheGets]++;
    const lo = contents.fileLo(page);
    if (!this.calls.get(this.pool, workload.fileOf(page), workload.indexOf(page), lo, contents.fileHi(page))) {
      return false;
    }
    counts[GUEST.precacheHits]++;
    return true;
  }

  put(page: number): void {
    const { contents, workload } = this;
    const lo = contents.fileLo(page);
    const isStored = this.calls.put(
      this.pool,
      workload.fileOf(page),
      workload.indexOf(page),
      lo,
      contents.fileHi(page),
    );
    this.counts[isStored ? GUEST.precachePuts : GUEST.precachePutsFailed]++;
  }

  /** A page that is not cached is written to: what is stored of it is stale. */
  flushPage(page: number): void {
    this.counts[GUEST.flushes]++;
    this.calls.flushPage(this.pool, this.workload.fileOf(page), this.workload.indexOf(page));
  }

  /** A file is truncated. @param page one of its pages */
  flushFile(page: number): void {
    this.counts[GUEST.flushes]++;
    this.calls.flushObject(this.pool, this.workload.fileOf(page));
  }
}
