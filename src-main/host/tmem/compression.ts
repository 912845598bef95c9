/**
 * The size that Xen's compressor (LZO1X-1) makes of a page that repeats one 64-bit word, as the conformance scripts put
 * it: some literal bytes, then one long match to the end of the page. Worked out from the format for an empty dictionary:
 * a header byte and 4 + p literals (p the period of the bytes: 1, 2, 4 or 8), the match (its first byte, its length of
 * 4,096 − 4 − p bytes less 33 in steps of 255, two bytes of distance), and three bytes of end mark. Xen's own dictionary
 * keeps what earlier pages left in it, so its sizes may differ by a few bytes.
 */
export function compressedSize(lo: number, hi: number): number {
  const period = periodOf(lo >>> 0, hi >>> 0);
  const literals = 4 + period;
  const length = PAGE_BYTES - literals - LONG_MATCH;
  return 1 + literals + 1 + Math.ceil((length - LENGTH_STEP) / LENGTH_STEP) + 1 + 2 + END_MARK;
}

const PAGE_BYTES = 4096;
/** Lengths of a far match above this are written in steps. */
const LONG_MATCH = 33;
const LENGTH_STEP = 255;
const END_MARK = 3;

function periodOf(lo: number, hi: number): number {
  if (lo !== hi) return 8;
  if (lo >>> 16 !== (lo & 0xffff)) return 4;
  return (lo & 0xff) === ((lo >>> 8) & 0xff) ? 1 : 2;
}
