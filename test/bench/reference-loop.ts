import type { BenchTrace } from './generate.ts';

/**
 * The yardstick of all benchmarks here: a plain FIFO cache in JavaScript, open addressing with linear probing over
 * 64-bit keys kept as two u32, evicted keys in a ring. The performance notes give its speed beside libCacheSim's
 * `cachesim` on the same traces, so a ratio to this loop is a ratio to that program, without having it here.
 */
export class ReferenceFifo {
  misses = 0;
  private readonly capacity: number;
  private readonly mask: number;
  private readonly keyLo: Uint32Array;
  private readonly keyHi: Uint32Array;
  private readonly taken: Uint8Array;
  private readonly ringLo: Uint32Array;
  private readonly ringHi: Uint32Array;
  private head = 0;
  private held = 0;

  constructor(capacity: number) {
    let size = 16;
    while (size < capacity * 2) size *= 2;
    this.capacity = capacity;
    this.mask = size - 1;
    this.keyLo = new Uint32Array(size);
    this.keyHi = new Uint32Array(size);
    this.taken = new Uint8Array(size);
    this.ringLo = new Uint32Array(capacity);
    this.ringHi = new Uint32Array(capacity);
  }

  access(lo: number, hi: number): void {
    const { keyLo, keyHi, taken, mask } = this;
    let slot = hashOf(lo, hi) & mask;
    while (taken[slot] !== 0) {
      if (keyLo[slot] === lo && keyHi[slot] === hi) return;
      slot = (slot + 1) & mask;
    }
    this.misses++;
    if (this.held === this.capacity) {
      this.remove(this.ringLo[this.head] ?? 0, this.ringHi[this.head] ?? 0);
      slot = hashOf(lo, hi) & mask;
      while (taken[slot] !== 0) slot = (slot + 1) & mask;
    } else {
      this.held++;
    }
    taken[slot] = 1;
    keyLo[slot] = lo;
    keyHi[slot] = hi;
    this.ringLo[this.head] = lo;
    this.ringHi[this.head] = hi;
    this.head = this.head + 1 === this.capacity ? 0 : this.head + 1;
  }

  /** Removes a key and closes the gap by moving later entries of the run back. */
  private remove(lo: number, hi: number): void {
    const { keyLo, keyHi, taken, mask } = this;
    let gap = hashOf(lo, hi) & mask;
    while (keyLo[gap] !== lo || keyHi[gap] !== hi || taken[gap] === 0) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; taken[slot] !== 0; slot = (slot + 1) & mask) {
      const home = hashOf(keyLo[slot] ?? 0, keyHi[slot] ?? 0) & mask;
      if (((slot - home) & mask) >= ((slot - gap) & mask)) {
        keyLo[gap] = keyLo[slot] ?? 0;
        keyHi[gap] = keyHi[slot] ?? 0;
        gap = slot;
      }
    }
    taken[gap] = 0;
  }
}

function hashOf(lo: number, hi: number): number {
  let hash = Math.imul(lo, 0x9e3779b1) ^ Math.imul(hi, 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** The two words of a page's 64-bit key: its byte address on a volume of 16 TiB. */
export function keyWords(page: number): { readonly lo: number; readonly hi: number } {
  const address = page * 4096 + 0x0a00_0000_0000;
  return { lo: address >>> 0, hi: Math.floor(address / 0x1_0000_0000) };
}

/** Runs a trace through the loop, keys made beforehand. @returns ms of CPU time, and misses */
export function runReference(trace: BenchTrace): { readonly ms: number; readonly misses: number } {
  const lo = new Uint32Array(trace.pages.length);
  const hi = new Uint32Array(trace.pages.length);
  trace.pages.forEach((page, i) => {
    const key = keyWords(page);
    lo[i] = key.lo;
    hi[i] = key.hi;
  });
  const cache = new ReferenceFifo(trace.poolPages);
  const start = process.cpuUsage();
  for (let i = 0; i < lo.length; i++) cache.access(lo[i] ?? 0, hi[i] ?? 0);
  const { user, system } = process.cpuUsage(start);
  return { ms: (user + system) / 1000, misses: cache.misses };
}
