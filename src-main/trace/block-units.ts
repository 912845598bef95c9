import type { BlockUnit } from './format.ts';
import { BadRecord } from './trace-error.ts';

/** Bytes of a sector, the unit in which block traces count. */
export const SECTOR_BYTES = 512;
/** How many bytes one of a unit is. */
export const BYTES_OF: Readonly<Record<BlockUnit, number>> = { sectors: SECTOR_BYTES, bytes: 1 };

/**
 * The unit that values seem to be counted in: bytes when so many of them (or more) are above 0 and all are multiples of a sector, which
 * sectors would only be by chance.
 */
export function unitOf(values: Iterable<number>, enough: number): BlockUnit {
  let seen = 0;
  for (const value of values) {
    if (value % SECTOR_BYTES !== 0) return 'sectors';
    if (value > 0) seen++;
  }
  return seen >= enough ? 'bytes' : 'sectors';
}

/** A sentence that says what values were taken for, and how to say otherwise. */
export function unitNote(what: 'offset' | 'size', unit: BlockUnit, given: BlockUnit | undefined): string[] {
  if (given !== undefined) return [];
  const taken = unit === 'sectors' ? `sectors of ${SECTOR_BYTES} bytes` : 'bytes';
  return [`Its ${what}s were taken for ${taken}, by what they look like; if that is wrong, give the ${what} unit.`];
}

/** So many of a unit in bytes. @throws BadRecord when that is above 2^53 − 1, beyond any disk. */
export function inBytes(value: number, unitBytes: number, what: string): number {
  const bytes = value * unitBytes;
  if (bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw new BadRecord(`the ${what} ${value} (in units of ${unitBytes} bytes) is beyond 8 PiB, larger than any disk`);
}
