import { COLD, DistanceStack } from './stack-distances.ts';

/** 2^32: hashes below rate × this are in the sample. */
const HASH_RANGE = 0x1_0000_0000;

/** A hash of a guest's page, 0 … 2^32 − 1; another for each salt. */
export function pageHash(page: number, guest: number, salt: number): number {
  let hash = Math.imul(page ^ Math.imul(guest + 1, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b), 0xcc9e2d51);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** How often each stack distance was seen. */
export class DistanceCounts {
  /** By distance. */
  readonly at: Float64Array;
  /** All of them, those of pages that were not in the stack too. */
  references = 0;

  /** @param distinctPages no distance is larger */
  constructor(distinctPages: number) {
    this.at = new Float64Array(distinctPages + 1);
  }

  add(distance: number): void {
    this.references++;
    if (distance !== COLD) this.at[distance]++;
  }
}

/**
 * Misses of an LRU cache by its size, for all sizes at once (Mattson's stack distances). Exact, or from a spatial sample
 * of pages (SHARDS: Waldspurger et al., FAST 2015), whose distances and counts are scaled up; the denominator is the
 * sample's expected length and not its actual one (SHARDS-adj), so that a hot page more or less does not shift the curve.
 */
export class MissCurve {
  /** References that the curve is of. */
  readonly accesses: number;
  /** Part of the pages that were looked at; 1: exact. */
  readonly rate: number;
  /** hits[n]: hits of a cache of n sampled pages. */
  private readonly hits: Float64Array;
  private readonly sampled: number;

  /** @param accesses all references, sampled or not. @param rate part of the pages that was looked at */
  constructor(counts: DistanceCounts, accesses: number, rate = 1) {
    let largest = counts.at.length - 1;
    while (largest > 0 && counts.at[largest] === 0) largest--;
    this.hits = counts.at.slice(0, largest + 1);
    for (let size = 1; size <= largest; size++) this.hits[size] += this.hits[size - 1];
    this.accesses = accesses;
    this.sampled = counts.references;
    this.rate = rate;
  }

  /** The largest size that still gains a hit, in pages. */
  get largestUseful(): number {
    return Math.ceil((this.hits.length - 1) / this.rate);
  }

  /** Misses of an LRU cache of this many pages (0 or more, need not be whole). */
  misses(pages: number): number {
    const size = Math.min(this.hits.length - 1, Math.floor(pages * this.rate + 1e-9));
    return Math.min(this.accesses, (this.sampled - this.hits[size]) / this.rate);
  }

  /** Misses of a cache without end: the first references of pages. */
  get coldMisses(): number {
    return this.misses(Infinity);
  }
}

/**
 * The curve of a reference string from an empty cache.
 * @param pages dense page numbers, below `distinctPages`
 * @param rate part of the pages that is looked at, above 0 to 1
 */
export function curveOfPages(pages: Int32Array, distinctPages: number, rate = 1, salt = 0): MissCurve {
  const stack = new DistanceStack(distinctPages);
  const counts = new DistanceCounts(distinctPages);
  const limit = Math.round(rate * HASH_RANGE);
  for (let at = 0; at < pages.length; at++) {
    if (rate >= 1 || pageHash(pages[at], 0, salt) < limit) counts.add(stack.use(pages[at]));
  }
  return new MissCurve(counts, pages.length, rate);
}
