/**
 * Hash of a 64-bit key by its two words, signed: MurmurHash3's finaliser over both. Neighbouring pages and multiples of a power of two
 * spread well over its low bits and its high ones.
 */
export function keyHash(high: number, low: number): number {
  let hash = low ^ Math.imul(high, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
