import { Interner } from './interner.ts';
import type { TraceBuilder } from './trace-builder.ts';

/** How one object space of a trace stands in it: its file, and how many pages it has. */
interface Space {
  readonly file: number;
  pages: number;
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
  private firstPage = new Int32Array(1024);
  private pageCount = new Int32Array(1024);
  private objects = 0;
  /** Pages of objects that were smaller when they were first referenced: pairs of object and part. */
  private readonly later = new Interner(16);
  private readonly pageOfLater: number[] = [];

  /** @param fileOf the file of a space (0, 1, 2 …), asked for once when its first page is made. */
  constructor(builder: TraceBuilder, fileOf: (space: number) => number) {
    this.builder = builder;
    this.fileOf = fileOf;
  }

  /**
   * Adds references to the first `count` pages (1 or more) of an object, as one record.
   * @throws BadRecord as {@link TraceBuilder.admit}.
   */
  reference(
    space: number,
    idHigh: number,
    idLow: number,
    count: number,
    timeUs: number,
    write: boolean,
    tenant: number,
  ): void {
    const { builder } = this;
    builder.admit(count);
    const object = this.numberOf(space, idHigh, idLow);
    if (object === this.objects) this.addObject(space, count);
    const first = this.firstPage[object];
    const together = Math.min(count, this.pageCount[object]);
    for (let part = 0; part < together; part++) builder.append(first + part, timeUs, write, tenant);
    for (let part = together; part < count; part++) {
      builder.append(this.laterPage(space, object, part), timeUs, write, tenant);
    }
  }

  private numberOf(space: number, idHigh: number, idLow: number): number {
    const id = this.ids.intern(idHigh, idLow);
    if (this.onlySpace < 0) this.onlySpace = space;
    if (this.pairs === null) {
      if (space === this.onlySpace) return id;
      this.pairs = new Interner(this.ids.count * 2);
      // All objects so far are of the first space, in order; the newest id may be of this reference and is no object yet.
      for (let known = 0; known < this.objects; known++) this.pairs.intern(this.onlySpace, known);
    }
    return this.pairs.intern(space, id);
  }

  private addObject(space: number, count: number): void {
    const object = this.objects++;
    if (object === this.firstPage.length) {
      this.firstPage = doubled(this.firstPage);
      this.pageCount = doubled(this.pageCount);
    }
    this.pageCount[object] = count;
    for (let part = 0; part < count; part++) {
      const page = this.newPage(space);
      if (part === 0) this.firstPage[object] = page;
    }
  }

  private laterPage(space: number, object: number, part: number): number {
    const at = this.later.intern(object, part);
    if (at === this.pageOfLater.length) this.pageOfLater.push(this.newPage(space));
    return this.pageOfLater[at];
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
