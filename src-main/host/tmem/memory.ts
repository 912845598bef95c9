import type { StateReader, StateWriter } from '../state.ts';

/**
 * The pages of the host that guests' RAM and tmem share, by count: pages themselves are alike. Every page is in exactly
 * one place: free in the heap, on tmem's own list of freed pages, RAM of a domain, or holding the data of one tmem page.
 */
export class Memory {
  /** All pages. */
  heapPages: number;
  /** Conformance: Xen's mid-size reserve. Default mode: pages that puts leave fallow. */
  reservePages: number;
  /** Pages free in the heap. */
  freePages: number;
  /** Pages on tmem's list (Ta). In default mode always 0: freed pages go back to the heap. */
  listPages = 0;
  /** Pages that hold ephemeral data. */
  ephemeralPages = 0;
  /** Pages that hold persistent data. */
  persistentPages = 0;
  /** By domain: pages of RAM. */
  ramPages = new Int32Array(16);
  /** By domain: RAM and persistent pages together. */
  totPages = new Int32Array(16);
  /** By domain: the most {@link totPages} may reach. */
  maxPages = new Float64Array(16);

  constructor(heapPages: number, reservePages: number) {
    this.heapPages = heapPages;
    this.reservePages = reservePages;
    this.freePages = heapPages;
  }

  persistentPagesOf(domain: number): number {
    return this.totPages[domain] - this.ramPages[domain];
  }

  save(to: StateWriter): void {
    to.numbers(
      'memory',
      ...[this.heapPages, this.reservePages, this.freePages, this.listPages, this.ephemeralPages, this.persistentPages],
    );
    to.array('RAM pages', this.ramPages);
    to.array('total pages', this.totPages);
    to.array('maximum pages', this.maxPages);
  }

  restore(from: StateReader): void {
    const numbers = from.numbers('memory');
    [this.heapPages = 0, this.reservePages = 0, this.freePages = 0] = numbers;
    [this.listPages = 0, this.ephemeralPages = 0, this.persistentPages = 0] = numbers.subarray(3);
    this.ramPages = from.array('RAM pages', Int32Array).slice();
    this.totPages = from.array('total pages', Int32Array).slice();
    this.maxPages = from.array('maximum pages', Float64Array).slice();
  }

  /** Makes room for domains up to this number. */
  reserveDomains(domains: number): void {
    if (domains <= this.ramPages.length) return;
    const length = Math.max(domains, this.ramPages.length * 2);
    this.ramPages = lengthened(this.ramPages, new Int32Array(length));
    this.totPages = lengthened(this.totPages, new Int32Array(length));
    this.maxPages = lengthened(this.maxPages, new Float64Array(length));
  }
}

/** Copies an array to the front of a longer one. */
export function lengthened<A extends Int32Array | Uint32Array | Float64Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
