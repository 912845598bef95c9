import { BlockCsvDecoder, firstLines } from '../block-csv.ts';
import { BYTES_OF, unitNote, unitOf } from '../block-units.ts';
import type { BlockUnit, DecodeOptions, TraceFormatReader } from '../format.ts';

/**
 * Tencent Cloud Block Storage (SNIA IOTTA 27917, 28064), CSV, mostly without a header:
 *
 *     timestamp in s, offset, size, 0 (read) | 1 (write), volume
 *
 * The original counts offset and size in sectors of 512 bytes; a copy in circulation has offsets in bytes. Unless they are given, the units
 * are told by the beginning of the file: sixteen different offsets, or sixteen sizes, all of them multiples of 512, are bytes.
 * A volume is a virtual disk. The trace does not say whose: each is taken for a guest of its own.
 */
export const tencent: TraceFormatReader = {
  name: 'tencent',
  title: 'Tencent Cloud block storage CSV',
  unclear: ['offset', 'size'],

  likeness: (head) =>
    /^(?:timestamp,offset,size,iotype,volumeid\s+)?\d+,\d+,\d+,[01],\d+\s/i.test(firstLines(head)) ? 0.98 : 0,

  decoder(options, head) {
    const { offset, size } = unitsOf(options, head);
    return new BlockCsvDecoder(
      {
        title: 'Tencent',
        columns: ['time', 'offset', 'size', 'operation', 'volume'],
        open: false,
        time: 0,
        offset: 1,
        size: 2,
        op: 3,
        volume: 4,
        timeUnitUs: 1_000_000,
        offsetUnitBytes: BYTES_OF[offset],
        sizeUnitBytes: BYTES_OF[size],
        read: '0',
        write: '1',
        volumeTitle: 'volume',
        tenantPerVolume: true,
        notes: [...unitNote('offset', offset, options.offsetUnit), ...unitNote('size', size, options.sizeUnit)],
      },
      options,
    );
  },
};

const ENOUGH = 16;

function unitsOf(options: DecodeOptions, head: Uint8Array): { offset: BlockUnit; size: BlockUnit } {
  const offsets = new Set<number>();
  const sizes: number[] = [];
  for (const [, offset, size] of firstLines(head).matchAll(/^ *\d+ *, *(\d+) *, *(\d+) *,/gm)) {
    offsets.add(Number(offset));
    sizes.push(Number(size));
  }
  return { offset: options.offsetUnit ?? unitOf(offsets, ENOUGH), size: options.sizeUnit ?? unitOf(sizes, ENOUGH) };
}
