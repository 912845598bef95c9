import { Random } from '#main/host/random.ts';

/** A generated trace for the benchmarks: page numbers from 0 to `distinct − 1`, each of them referenced at least once. */
export interface BenchTrace {
  readonly name: string;
  readonly pages: Int32Array;
  readonly distinct: number;
  /** Pages of the pool it is run with. */
  readonly poolPages: number;
}

/**
 * Like the "cp100" trace of the performance notes: a recorded hundred thousand block requests over 49 thousand pages, a
 * hundred times over. Sequential runs of 1 to 64 pages, two in five of them over a range that was read before.
 */
export function loopingTrace(loops = 100): BenchTrace {
  const requests = 113_872;
  const distinct = 48_974;
  const random = new Random(100, 0);
  const once = new Int32Array(requests);
  let fresh = 0;
  for (let at = 0; at < requests;) {
    const length = Math.min(1 + random.below(64), requests - at);
    // New pages must last to the end of the loop and all be used by then.
    const due = Math.floor((distinct * (at + length)) / requests);
    const isNew = fresh < due && fresh + length <= distinct;
    const first = isNew ? fresh : random.below(Math.max(1, fresh - length));
    if (isNew) fresh += length;
    for (let i = 0; i < length; i++) once[at++] = (first + i) % distinct;
  }
  for (let rest = requests - 1; fresh < distinct; rest -= 2) once[rest] = fresh++;
  const pages = new Int32Array(requests * loops);
  for (let loop = 0; loop < loops; loop++) pages.set(once, loop * requests);
  return { name: `loop ${distinct} x${loops}`, pages, distinct, poolPages: 16_000 };
}

/** Zipf α 0.9 over 2 M pages, popular pages scattered over the numbers. */
export function zipfTrace(requests = 20_000_000, population = 2_000_000, alpha = 0.9): BenchTrace {
  const cumulative = new Float64Array(population);
  let sum = 0;
  for (let rank = 0; rank < population; rank++) cumulative[rank] = sum += Math.pow(rank + 1, -alpha);
  // A guide table makes the inversion of the distribution a step or two instead of a search.
  const guide = new Int32Array(population);
  for (let slot = 0, rank = 0; slot < population; slot++) {
    while ((cumulative[rank] ?? sum) < (sum * slot) / population) rank++;
    guide[slot] = rank;
  }
  const order = new Int32Array(population).map((_, i) => i);
  const random = new Random(9, 0);
  for (let i = population - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  const pages = new Int32Array(requests);
  for (let i = 0; i < requests; i++) {
    const u = random.next() / 0x1_0000_0000;
    let rank = guide[Math.floor(u * population)] ?? 0;
    while ((cumulative[rank] ?? sum) < u * sum) rank++;
    pages[i] = order[rank] ?? 0;
  }
  return { name: 'zipf 0.9', pages, distinct: population, poolPages: 200_000 };
}
