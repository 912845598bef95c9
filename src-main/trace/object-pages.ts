import { Interner } from './interner.ts';
import type { TraceBuilder } from './trace-builder.ts';

/** How one object space of a trace stands in it: its file, and how many pages it has. */
interface Space {
  readonly file: number;
  pages: number;
}

/** References that are looked up together. */
const BATCH = 1024;

/** Where {@link ObjectPages.room} lets references of one page each be written: at `at` and behind it, `count` of them at most. */
export interface Room {
  readonly at: number;
  readonly count: number;
  readonly idHigh: Int32Array;
  readonly idLow: Int32Array;
  readonly timesUs: Float64Array;
}

/**
 * The pages of objects that have a 64-bit number and a size, but no place on a volume. An object's pages get their numbers together when it
 * is first referenced; each space (a tenant's objects) is one file of the trace, its pages counted in order of first reference.
 */
export class ObjectPages {
  private readonly builder: TraceBuilder;
  private readonly fileOf: (space: number) => number;
  private readonly ids = new Interner();
  /** Pairs of space and object, once there is a second space: until then the object's own number will do. */
  private pairs: Interner | null = null;
  private onlySpace = -1;
  private readonly spaces: Space[] = [];
  private objects = 0;
  /** By object its first page and how many follow it; null as long as every object has one page, whose number is its own. */
  private firstPage: Int32Array | null = null;
  private pageCount: Int32Array | null = null;
  /** Pages of objects that were smaller when they were first referenced: pairs of object and part. */
  private readonly later = new Interner(16);
  private readonly pageOfLater: number[] = [];

  private waiting = 0;
  /** All that waits is of one page each and of the only space. */
  private isPlain = true;
  private readonly idHigh = new Int32Array(BATCH);
  private readonly idLow = new Int32Array(BATCH);
  private readonly counts = new Int32Array(BATCH);
  private readonly timesUs = new Float64Array(BATCH);
  private readonly writes = new Uint8Array(BATCH);
  private readonly spaceOf = new Int32Array(BATCH);
  private readonly tenants = new Uint16Array(BATCH);
  private readonly numbers = new Int32Array(BATCH);

  /** @param fileOf the file of a space (0, 1, 2 …), asked for once when its first page is made. */
  constructor(builder: TraceBuilder, fileOf: (space: number) => number) {
    this.builder = builder;
    this.fileOf = fileOf;
  }

  /**
   * Adds references to the first `count` pages (1 or more) of an object, as one record, when the next {@link flush} is due. Times, writes and
   * tenants as in {@link TraceBuilder.range}.
   * @throws BadRecord as {@link TraceBuilder.admit}.
   */
  reference(
    space: number,
    idHigh: number,
    idLow: number,
    count: number,
    timeUs: number,
    write: number,
    tenant: number,
  ): void {
    this.builder.admit(count);
    if (count !== 1 || space !== this.onlySpace) this.isPlain = false;
    const at = this.waiting++;
    this.idHigh[at] = idHigh;
    this.idLow[at] = idLow;
    this.counts[at] = count;
    this.timesUs[at] = timeUs;
    this.writes[at] = write;
    this.spaceOf[at] = space;
    this.tenants[at] = tenant;
    if (this.waiting === BATCH) this.flush();
  }

  /** Room for references that are written into it by whoever decodes them, sooner than one by one; {@link wrote} says how many they became. */
  room(): Room {
    const { waiting, idHigh, idLow, timesUs } = this;
    return { at: waiting, count: BATCH - waiting, idHigh, idLow, timesUs };
  }

  /**
   * Adds what was written into the {@link room}: as many references to an object's only page, each a record, as reads of the first space.
   * @throws BadRecord as {@link TraceBuilder.admit}.
   */
  wrote(count: number): void {
    if (count === 0) return;
    this.builder.admit(count, count);
    const at = this.waiting;
    if (this.onlySpace !== 0) this.isPlain = false;
    this.counts.fill(1, at, at + count);
    this.writes.fill(0, at, at + count);
    this.spaceOf.fill(0, at, at + count);
    this.tenants.fill(0, at, at + count);
    this.waiting = at + count;
    if (this.waiting === BATCH) this.flush();
  }

  /** Adds what waits. To be called before the trace is finished. */
  flush(): void {
    const { builder, numbers, counts, spaceOf, timesUs, writes, tenants, waiting } = this;
    this.waiting = 0;
    this.ids.internAll(this.idHigh, this.idLow, numbers, waiting);
    if (this.isPlain && this.pairs === null && this.firstPage === null) {
      for (; this.objects < this.ids.count; this.objects++) this.newPage(this.onlySpace);
      builder.appendAll(numbers, timesUs, writes, tenants, waiting);
      return;
    }
    this.isPlain = true;
    for (let i = 0; i < waiting; i++) {
      const space = spaceOf[i];
      const count = counts[i];
      const object = this.numberOf(space, numbers[i]);
      if (object === this.objects) this.addObject(space, count);
      if (count === 1 && this.firstPage === null) {
        builder.append(object, timesUs[i], writes[i], tenants[i]);
        continue;
      }
      const first = this.firstPage === null ? object : this.firstPage[object];
      const together = Math.min(count, this.pageCount === null ? 1 : this.pageCount[object]);
      for (let part = 0; part < together; part++) builder.append(first + part, timesUs[i], writes[i], tenants[i]);
      for (let part = together; part < count; part++) {
        builder.append(this.laterPage(space, object, part), timesUs[i], writes[i], tenants[i]);
      }
    }
  }

  private numberOf(space: number, id: number): number {
    if (this.onlySpace < 0) this.onlySpace = space;
    if (this.pairs === null) {
      if (space === this.onlySpace) return id;
      this.pairs = new Interner(this.objects * 2);
      // All objects so far are of the first space, numbered as they are.
      for (let known = 0; known < this.objects; known++) this.pairs.intern(this.onlySpace, known);
    }
    return this.pairs.intern(space, id);
  }

  private addObject(space: number, count: number): void {
    const object = this.objects++;
    const first = this.newPage(space);
    for (let part = 1; part < count; part++) this.newPage(space);
    if (count > 1) this.countPages();
    if (this.firstPage === null || this.pageCount === null) return;
    if (object >= this.firstPage.length) {
      this.firstPage = doubled(this.firstPage);
      this.pageCount = doubled(this.pageCount);
    }
    this.firstPage[object] = first;
    this.pageCount[object] = count;
  }

  private laterPage(space: number, object: number, part: number): number {
    this.countPages();
    const at = this.later.intern(object, part);
    if (at === this.pageOfLater.length) this.pageOfLater.push(this.newPage(space));
    return this.pageOfLater[at];
  }

  /** From now on objects and pages are numbered apart. */
  private countPages(): void {
    if (this.firstPage !== null) return;
    const room = Math.max(1024, this.objects * 2);
    this.firstPage = new Int32Array(room).map((_, object) => object);
    this.pageCount = new Int32Array(room).fill(1);
  }

  private newPage(space: number): number {
    const known = (this.spaces[space] ??= { file: this.fileOf(space), pages: 0 });
    return this.builder.newPage(known.file, known.pages++);
  }
}

function doubled(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
