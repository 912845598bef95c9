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

  constructor(heapPages: number, reservePages: number) {
    this.heapPages = heapPages;
    this.reservePages = reservePages;
    this.freePages = heapPages;
  }

  save(to: StateWriter): void {
    const { heapPages, reservePages, freePages, listPages, ephemeralPages, persistentPages } = this;
    to.numbers('memory', heapPages, reservePages, freePages, listPages, ephemeralPages, persistentPages);
  }

  restore(from: StateReader): void {
    const numbers = from.numbers('memory');
    [this.heapPages = 0, this.reservePages = 0, this.freePages = 0] = numbers;
    [this.listPages = 0, this.ephemeralPages = 0, this.persistentPages = 0] = numbers.subarray(3);
  }
}

/** Copies an array to the front of a longer one. */
export function lengthened<A extends Int32Array | Uint32Array | Uint16Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
