/** Places of a segment: 2^12, so that an index of 2 M keys that lie close together has 500 segments, and finding one needs no memory. */
const SEGMENT_BITS = 12;
const SEGMENT_PLACES = 1 << SEGMENT_BITS;
/** How many places there may be: so many for each key, beside so many that a trace of few references far apart may have (16 MiB). */
const PLACES_A_KEY = 4;
const FREE_PLACES = 1024 * SEGMENT_PLACES;
/** Words of an entry in the table of segments: high word, low word without the place, segment + 1. */
const ENTRY_WORDS = 3;
const MAX_SHIFT = 20;

/**
 * Which number a 64-bit key (two words) has, for keys that lie close together, as the pages of volumes and files and counted objects do: a
 * table of places in segments, 4 to 16 bytes a key where a hash needs 21 to 43. Keys that are all multiples of a power of
 * two apart (byte addresses of pages) share their lowest bits; these are left out.
 *
 * Not for keys that lie anywhere: {@link findAll} gives up when too many places stay empty.
 */
export class SegmentIndex {
  /** By place number + 1, 0 = free; the segments one behind another. */
  private places = new Int32Array(SEGMENT_PLACES);
  private segments = 0;
  private entries = new Int32Array(64 * ENTRY_WORDS);
  private mask = 63;
  /** The low word's lowest bits that all keys share, how many and which. */
  private readonly shift: number;
  private readonly rest: number;

  /** @param low low words of the first `count` keys (1 or more): what they have in common is taken to hold for all. */
  constructor(low: Int32Array, count: number) {
    let differing = 0;
    for (let i = 1; i < count; i++) differing |= low[i] ^ low[0];
    this.shift = Math.min(MAX_SHIFT, differing === 0 ? 0 : 31 - Math.clz32(differing & -differing));
    this.rest = low[0] & ((1 << this.shift) - 1);
  }

  /** How many of the lowest bits are left out. */
  get sharedBits(): number {
    return this.shift;
  }

  /** The number of a key; one that is not there gets `used`, and the caller keeps it. −1 as in {@link findAll}. */
  find(used: number, hi: number, lo: number): number {
    const { shift } = this;
    if ((lo & ((1 << shift) - 1)) !== this.rest) return -1;
    const segment = this.segmentOf(hi, (lo >>> shift) >>> SEGMENT_BITS, used);
    if (segment < 0) return -1;
    const place = segment * SEGMENT_PLACES + ((lo >>> shift) & (SEGMENT_PLACES - 1));
    const number = this.places[place];
    if (number !== 0) return number - 1;
    this.places[place] = used + 1;
    return used;
  }

  /**
   * The numbers of the first `count` keys, one after another. A key that is not there gets the next number and is written behind the others
   * into `keys`, which must have the room.
   * @returns how many keys there are now; −1, with nothing done, when these keys are none for such an index.
   */
  findAll(
    keys: Int32Array,
    used: number,
    high: Int32Array,
    low: Int32Array,
    numbers: Int32Array,
    count: number,
  ): number {
    if (!this.prepare(used, high, low, numbers, count)) return -1;
    const { places } = this;
    let all = used;
    for (let i = 0; i < count; i++) {
      const place = numbers[i];
      let number = places[place];
      if (number === 0) {
        keys[all * 2] = high[i];
        keys[all * 2 + 1] = low[i];
        number = ++all;
        places[place] = number;
      }
      numbers[i] = number - 1;
    }
    return all;
  }

  /** The place of each key, in `to`; false when one has none. */
  private prepare(used: number, high: Int32Array, low: Int32Array, to: Int32Array, count: number): boolean {
    const { shift, rest } = this;
    const restMask = (1 << shift) - 1;
    for (let i = 0; i < count; i++) {
      const lo = low[i];
      if ((lo & restMask) !== rest) return false;
      const segment = this.segmentOf(high[i], (lo >>> shift) >>> SEGMENT_BITS, used + i);
      if (segment < 0) return false;
      to[i] = segment * SEGMENT_PLACES + ((lo >>> shift) & (SEGMENT_PLACES - 1));
    }
    return true;
  }

  /** The segment of these words, made if there is none; −1 when there would be too many for so many keys. */
  private segmentOf(hi: number, lo: number, keys: number): number {
    const { entries, mask } = this;
    let slot = hashOf(hi, lo) & mask;
    for (let at = slot * ENTRY_WORDS; entries[at + 2] !== 0; at = slot * ENTRY_WORDS) {
      if (entries[at + 1] === lo && entries[at] === hi) return entries[at + 2] - 1;
      slot = (slot + 1) & mask;
    }
    return this.addSegment(hi, lo, keys);
  }

  private addSegment(hi: number, lo: number, keys: number): number {
    const segment = this.segments;
    const length = (segment + 1) * SEGMENT_PLACES;
    if (length > FREE_PLACES + keys * PLACES_A_KEY) return -1;
    this.segments++;
    if (length > this.places.length) {
      const places = new Int32Array(this.places.length * 2);
      places.set(this.places);
      this.places = places;
    }
    if (this.segments * 2 > this.mask) this.growEntries();
    this.enter(hi, lo, segment);
    return segment;
  }

  private enter(hi: number, lo: number, segment: number): void {
    const { entries, mask } = this;
    let slot = hashOf(hi, lo) & mask;
    while (entries[slot * ENTRY_WORDS + 2] !== 0) slot = (slot + 1) & mask;
    entries[slot * ENTRY_WORDS] = hi;
    entries[slot * ENTRY_WORDS + 1] = lo;
    entries[slot * ENTRY_WORDS + 2] = segment + 1;
  }

  private growEntries(): void {
    const before = this.entries;
    this.entries = new Int32Array(before.length * 2);
    this.mask = this.mask * 2 + 1;
    for (let at = 0; at < before.length; at += ENTRY_WORDS) {
      if (before[at + 2] !== 0) this.enter(before[at], before[at + 1], before[at + 2] - 1);
    }
  }
}

/** Neighbouring segments of a file or volume spread without collisions. */
function hashOf(hi: number, lo: number): number {
  return lo ^ Math.imul(hi ^ (hi >>> 15), 0x9e3779b1);
}
