import type { Random } from '../random.ts';

/** Exponents are rounded to whole multiples of 2^-20. */
const EXPONENT_BITS = 20;
const EXPONENT_ONE = 0x10_0000;

/**
 * x^exponent by multiplication and square roots alone, which are exact to the last bit on every machine: the whole part of
 * the exponent as a product, then for each binary digit the square root of the root before. The exponent is rounded to
 * 2^-20 (a relative error of ln x · 2^-21: 7·10^-6 at x = 10^6), the arithmetic adds less than 10^-14.
 * @param x above 0
 * @param exponent 0 to 16
 */
export function power(x: number, exponent: number): number {
  let digits = Math.round(exponent * EXPONENT_ONE);
  let result = 1;
  while (digits >= EXPONENT_ONE) {
    result *= x;
    digits -= EXPONENT_ONE;
  }
  let root = x;
  for (let bit = EXPONENT_BITS - 1; digits > 0; bit--) {
    root = Math.sqrt(root);
    const place = 1 << bit;
    if (digits >= place) {
      result *= root;
      digits -= place;
    }
  }
  return result;
}

/**
 * Draws ranks 0 … n − 1 with probabilities proportional to (rank + 1)^−alpha, in two random numbers and one look-up: the
 * alias method (Walker 1977, with Vose's table of 1991). Probabilities are kept to 2^-32.
 */
export class ZipfTable {
  readonly ranks: number;
  /**
   * For each column two words, side by side as they are read together: where a 32-bit number is at least the first, the
   * second is drawn instead of the column.
   */
  private readonly columns: Uint32Array;

  constructor(ranks: number, alpha: number) {
    this.ranks = ranks;
    this.columns = new Uint32Array(2 * ranks);
    const parts = new Float64Array(ranks);
    let sum = 0;
    for (let rank = ranks - 1; rank >= 0; rank--) sum += parts[rank] = 1 / power(rank + 1, alpha);
    for (let rank = 0; rank < ranks; rank++) parts[rank] *= ranks / sum;
    this.fill(parts);
  }

  draw(random: Random): number {
    const { columns } = this;
    const column = random.below(this.ranks);
    return random.next() < columns[2 * column] ? column : columns[2 * column + 1];
  }

  /** @param parts n times the probability of each rank */
  private fill(parts: Float64Array): void {
    const { columns, ranks } = this;
    // One array holds both stacks: columns with room from the left, columns with too much from the right.
    const stacks = new Uint32Array(ranks);
    let small = 0;
    let large = ranks;
    for (let rank = 0; rank < ranks; rank++) {
      if (parts[rank] < 1) stacks[small++] = rank;
      else stacks[--large] = rank;
    }
    while (small > 0 && large < ranks) {
      const poor = stacks[--small];
      const rich = stacks[large];
      columns[2 * poor] = Math.floor(parts[poor] * 0x1_0000_0000);
      columns[2 * poor + 1] = rich;
      parts[rich] -= 1 - parts[poor];
      if (parts[rich] < 1) {
        large++;
        stacks[small++] = rich;
      }
    }
    // What rounding left over is full.
    for (let at = 0; at < small; at++) this.fillUp(stacks[at]);
    for (let at = large; at < ranks; at++) this.fillUp(stacks[at]);
  }

  private fillUp(rank: number): void {
    this.columns[2 * rank] = 0xffff_ffff;
    this.columns[2 * rank + 1] = rank;
  }
}

const MOST_KEPT = 8;
const kept = new Map<string, ZipfTable>();

/** The table of so many ranks and this alpha. The last few are kept, as guests and forks of a host ask for the same. */
export function zipfTable(ranks: number, alpha: number): ZipfTable {
  const key = `${ranks} ${alpha}`;
  const table = kept.get(key) ?? new ZipfTable(ranks, alpha);
  kept.delete(key);
  kept.set(key, table);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(oldest);
  }
  return table;
}
