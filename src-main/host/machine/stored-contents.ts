import { contentClass } from '../guest/page-contents.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { CONTENT_CLASSES, ContentAccounting, type CompressorName } from '../tmem/content-accounting.ts';
import type { ContentSink } from '../tmem/content-sink.ts';
import { ContentTable } from './content-table.ts';

const NOBODY = -1;

/**
 * What compression and deduplication of the stored pages would come to, by guest: a content sink of the store that knows
 * whose pages come and go. A page is *shared* where an equal one is stored too, and *compressed* where it compresses.
 */
export class StoredContents implements ContentSink {
  /** By guest (place): pages that are shared, and that are compressed. */
  readonly sharedPages: Int32Array;
  readonly compressedPages: Int32Array;
  /** The guest whose operation is under way. */
  caller = 0;
  /** The guest whose page is just being evicted. */
  private victim = NOBODY;
  private readonly isCompressing: boolean;
  private readonly sharesEphemeralOnly: boolean;
  private readonly accounting: ContentAccounting;
  private readonly table: ContentTable | null;

  /** @param packs whether the store keeps what it holds as this says ({@link Packing}): persistent pages each for itself */
  constructor(guests: number, compressor: CompressorName | null, deduplicate: boolean, packs = false) {
    const sharesEphemeralOnly = packs;
    this.accounting = new ContentAccounting({ compressor, deduplicate, sharesEphemeralOnly, classOf: contentClass });
    this.sharesEphemeralOnly = sharesEphemeralOnly;
    this.isCompressing = compressor !== null;
    this.table = deduplicate ? new ContentTable() : null;
    this.sharedPages = new Int32Array(guests);
    this.compressedPages = new Int32Array(guests);
  }

  /** CPU time that hashing, comparing and compressing took so far, in ns. */
  get cpuNs(): number {
    return this.accounting.cpuNs;
  }

  /** Bytes that the stored pages would take (where the store packs them: take) after deduplication and compression. */
  get bytes(): number {
    return this.accounting.bytes;
  }

  /** The store evicts a page of this guest; it is told as removed next. */
  evicting(victim: number): void {
    this.victim = victim;
  }

  stored(lo: number, hi: number, isEphemeral = true): void {
    const { caller, table } = this;
    this.accounting.stored(lo, hi, isEphemeral);
    if (this.compresses(hi)) this.compressedPages[caller]++;
    if (table === null || (this.sharesEphemeralOnly && !isEphemeral)) return;
    const before = table.add(lo, hi, caller);
    if (table.count === 1) return;
    this.sharedPages[caller]++;
    if (table.count === 2) this.sharedPages[before]++;
  }

  read(lo: number, hi: number): void {
    this.accounting.read(lo, hi);
  }

  removed(lo: number, hi: number, isEphemeral = true): void {
    const { table } = this;
    const owner = this.victim === NOBODY ? this.caller : this.victim;
    this.victim = NOBODY;
    this.accounting.removed(lo, hi, isEphemeral);
    if (this.compresses(hi)) this.compressedPages[owner]--;
    if (table === null || (this.sharesEphemeralOnly && !isEphemeral)) return;
    table.remove(lo, hi, owner);
    if (table.count === 0) return;
    this.sharedPages[owner]--;
    if (table.count === 1) this.sharedPages[table.soleOwner]--;
  }

  private compresses(hi: number): boolean {
    return this.isCompressing && contentClass(0, hi) !== INCOMPRESSIBLE;
  }

  save(to: StateWriter): void {
    this.accounting.save(to);
    this.table?.save(to);
    to.array('shared pages', this.sharedPages);
    to.array('compressed pages', this.compressedPages);
  }

  restore(from: StateReader): void {
    this.accounting.restore(from);
    this.table?.restore(from);
    this.sharedPages.set(from.array('shared pages', Int32Array));
    this.compressedPages.set(from.array('compressed pages', Int32Array));
  }
}

const INCOMPRESSIBLE = CONTENT_CLASSES.indexOf('incompressible');
