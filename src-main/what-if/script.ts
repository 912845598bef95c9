import type { StateReader, StateWriter } from '../host/state.ts';
import type { Operation, Workload } from '../host/workload/workload.ts';

/** Longer than any study, and still a number: a guest that did nothing is there, and does nothing. */
const NO_MORE_NS = 1e15;

/** What a guest did in a stretch of time: its operations, and how long it thought before each. */
export interface Script {
  readonly length: number;
  /** Before each operation, in ns; for the first from the beginning of the stretch. */
  readonly thinkNs: Float64Array;
  readonly operations: Uint8Array;
  readonly pages: Int32Array;
  readonly counts: Int32Array;
  /** What its page held after each, as the workload numbers contents; undefined where it knows none. */
  readonly contents: Int32Array | undefined;
  /** From the last operation to the end of the stretch, in ns. */
  readonly restNs: number;
}

/** Ns from the beginning of the stretch to the first operation. */
export function firstOf(script: Script): number {
  return script.length === 0 ? NO_MORE_NS : script.thinkNs[0];
}

/** Does what a script says, over and over: the future as it is forecast. */
export class ScriptWorkload implements Workload {
  operation: Operation = 0;
  page = 0;
  count = 1;
  content = 0;
  readonly filePages: number;
  readonly anonPages: number;
  readonly contentHashes: Uint32Array | undefined;
  private readonly script: Script;
  /** What the guest ran when the script was written: it knows where the pages belong. */
  private readonly source: Workload;
  /** The first think time of a script is part of the state of the host, which waits for it already. */
  private position = 0;

  constructor(script: Script, source: Workload) {
    this.script = script;
    this.source = source;
    this.filePages = source.filePages;
    this.anonPages = source.anonPages;
    this.contentHashes = source.contentHashes;
  }

  thinkNs(): number {
    const { script, position } = this;
    if (script.length === 0) return NO_MORE_NS;
    return position > 0 ? script.thinkNs[position] : script.restNs + script.thinkNs[0];
  }

  next(): void {
    const { script, position } = this;
    this.operation = script.operations[position] as Operation;
    this.page = script.pages[position];
    this.count = script.counts[position];
    if (script.contents !== undefined) this.content = script.contents[position];
    this.position = position + 1 === script.length ? 0 : position + 1;
  }

  /** What comes next was seen of a program that went on; nothing better is known of one that begins again. */
  restart(): void {
    this.position = 0;
  }

  fileOf(page: number): number {
    return this.source.fileOf(page);
  }

  indexOf(page: number): number {
    return this.source.indexOf(page);
  }

  save(to: StateWriter): void {
    this.source.save(to);
    to.numbers(SCRIPT_ENTRY, this.position);
  }

  restore(from: StateReader): void {
    this.source.restore(from);
    [this.position] = from.numbers(SCRIPT_ENTRY);
  }
}

/** The entry of a snapshot that a script adds behind those of its source. */
export const SCRIPT_ENTRY = 'script';

/** Passes a workload on, and writes down what it does. Its snapshots are those of the workload itself. */
export class NotedWorkload implements Workload {
  operation: Operation = 0;
  page = 0;
  count = 1;
  content = 0;
  readonly filePages: number;
  readonly anonPages: number;
  readonly contentHashes: Uint32Array | undefined;
  length = 0;
  private readonly source: Workload;
  private thinks = new Float64Array(1024);
  private operations = new Uint8Array(1024);
  private pages = new Int32Array(1024);
  private counts = new Int32Array(1024);
  /** Of as many as the others where the source knows contents, else of none. */
  private contents: Int32Array | undefined;

  constructor(source: Workload) {
    this.source = source;
    this.filePages = source.filePages;
    this.anonPages = source.anonPages;
    this.contentHashes = source.contentHashes;
    if (source.contentHashes !== undefined) this.contents = new Int32Array(1024);
  }

  thinkNs(): number {
    const thinkNs = this.source.thinkNs();
    if (this.length === this.thinks.length) this.grow();
    this.thinks[this.length] = thinkNs;
    return thinkNs;
  }

  next(): void {
    const { source, length } = this;
    source.next();
    this.operation = source.operation;
    this.page = source.page;
    this.count = source.count;
    this.content = source.content ?? 0;
    if (length === this.pages.length) this.grow();
    this.operations[length] = source.operation;
    this.pages[length] = source.page;
    this.counts[length] = source.count;
    if (this.contents !== undefined) this.contents[length] = this.content;
    this.length++;
  }

  /**
   * What was done so far. A think time without its operation is not told: it belongs to the future.
   * @param firstNs before the guest's first event: its first operation, or its start
   * @param restOf from the ns of thinking, all told, to those after the last operation
   */
  script(firstNs: number, restOf: (thoughtNs: number) => number): Script {
    const { length } = this;
    const thinkNs = this.thinks.slice(0, length);
    if (length > 0) thinkNs[0] += firstNs;
    const restNs = restOf(thinkNs.reduce((sum, ns) => sum + ns, 0));
    return {
      ...{ length, thinkNs, restNs },
      operations: this.operations.slice(0, length),
      pages: this.pages.slice(0, length),
      counts: this.counts.slice(0, length),
      contents: this.contents?.slice(0, length),
    };
  }

  restart(): void {
    this.source.restart();
  }

  fileOf(page: number): number {
    return this.source.fileOf(page);
  }

  indexOf(page: number): number {
    return this.source.indexOf(page);
  }

  save(to: StateWriter): void {
    this.source.save(to);
  }

  restore(from: StateReader): void {
    this.source.restore(from);
    // What a host thought of when it was made is not what it does.
    this.length = 0;
    this.thinks[0] = 0;
  }

  private grow(): void {
    const longer = <A extends Float64Array | Uint8Array | Int32Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    const length = 2 * this.pages.length;
    this.thinks = longer(this.thinks, new Float64Array(length));
    this.operations = longer(this.operations, new Uint8Array(length));
    this.pages = longer(this.pages, new Int32Array(length));
    this.counts = longer(this.counts, new Int32Array(length));
    if (this.contents !== undefined) this.contents = longer(this.contents, new Int32Array(length));
  }
}
