/** A description of Huffman weights takes at most this many bytes: its own length is one of less than 128. */
export const WEIGHTS_HEAD_BYTES = 5 + 128;

const MAX_WEIGHTS = 255;
const MAX_ACCURACY = 6;
const COMPRESSED_WITH_TREE = 2;

/**
 * Whether decoding the Huffman weights of a compressed block comes to an end (RFC 8878, 4.2.1). In damaged data both states of the weights'
 * FSE stream can come to stand where they take no more bits; fzstd then goes on for ever, so such a block must not reach it. What else is
 * wrong with a block fzstd says itself.
 * @param head the first {@link WEIGHTS_HEAD_BYTES} bytes of the block, or all of it.
 */
export function weightsEnd(head: Uint8Array): boolean {
  if ((head[0] & 3) !== COMPRESSED_WITH_TREE) return true;
  const sizeFormat = (head[0] >> 2) & 3;
  const at = sizeFormat < 2 ? 3 : sizeFormat + 2;
  const bytes = head[at];
  // Weights of four bits each, or cut off.
  if (at >= head.length || bytes >= 128) return true;
  const table = readTable(head, at + 1);
  return table === null || streamEnds(head, table, at + bytes);
}

interface FseTable {
  readonly accuracy: number;
  /** By state: how many bits the step to the next takes, and what they are added to. */
  readonly bits: Uint8Array;
  readonly next: Uint16Array;
  /** The byte behind the table. */
  readonly end: number;
}

/** The table of states (RFC 8878, 4.1.1); null where it is damaged, which fzstd finds too. */
function readTable(data: Uint8Array, from: number): FseTable | null {
  const accuracy = (data[from] & 15) + 5;
  if (accuracy > MAX_ACCURACY) return null;
  const size = 1 << accuracy;
  const counts: number[] = [];
  let bit = from * 8 + 4;
  let left = size;
  while (counts.length <= MAX_WEIGHTS && left > 0) {
    const width = 31 - Math.clz32(left + 1);
    const mask = (1 << (width + 1)) - 1;
    const smallMask = (1 << width) - 1;
    const spare = mask - left - 1;
    let value = window24(data, bit) & mask;
    if ((value & smallMask) < spare) {
      bit += width;
      value &= smallMask;
    } else {
      bit += width + 1;
      if (value > smallMask) value -= spare;
    }
    const count = value - 1;
    counts.push(count);
    left -= Math.abs(count);
    if (count !== 0) continue;
    let repeat: number;
    do {
      repeat = window24(data, bit) & 3;
      bit += 2;
      for (let zero = 0; zero < repeat; zero++) counts.push(0);
    } while (repeat === 3 && counts.length <= MAX_WEIGHTS);
  }
  if (left !== 0 || counts.length > MAX_WEIGHTS + 1) return null;
  return { accuracy, end: (bit + 7) >> 3, ...spread(counts, accuracy) };
}

function spread(counts: readonly number[], accuracy: number): Pick<FseTable, 'bits' | 'next'> {
  const size = 1 << accuracy;
  const symbols = new Uint8Array(size);
  let high = size;
  counts.forEach((count, symbol) => {
    if (count < 0) symbols[--high] = symbol;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let place = 0;
  counts.forEach((count, symbol) => {
    for (let i = 0; i < count; i++) {
      symbols[place] = symbol;
      do place = (place + step) & (size - 1);
      while (place >= high);
    }
  });
  const state = counts.map((count) => Math.abs(count));
  const bits = new Uint8Array(size);
  const next = new Uint16Array(size);
  for (let i = 0; i < size; i++) {
    const number = state[symbols[i]]++;
    bits[i] = accuracy - (31 - Math.clz32(number));
    next[i] = (number << bits[i]) - size;
  }
  return { bits, next };
}

/** Two states take turns from the last bit of the stream to its first; more than 255 weights are none. */
function streamEnds(data: Uint8Array, { accuracy, bits, next, end }: FseTable, last: number): boolean {
  if (!data[last]) return true;
  let bit = last * 8 + (31 - Math.clz32(data[last]));
  const width = [accuracy, accuracy];
  const state = [0, 0];
  for (let weights = 0; weights <= MAX_WEIGHTS; weights++) {
    const turn = weights & 1;
    bit -= width[turn];
    if (bit < end * 8) return true;
    state[turn] += window24(data, bit) & 0xffff & ((1 << width[turn]) - 1);
    // Each state takes its next step when both have told their weight.
    if (turn === 1) {
      for (const which of [0, 1]) {
        width[which] = bits[state[which]];
        state[which] = next[state[which]];
      }
    }
  }
  return false;
}

/** The bits from this one on, at least 17 of them. */
function window24(data: Uint8Array, bit: number): number {
  const at = bit >> 3;
  return (data[at] | (data[at + 1] << 8) | (data[at + 2] << 16)) >> (bit & 7);
}
