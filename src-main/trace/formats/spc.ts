import { BlockCsvDecoder, firstLines } from '../block-csv.ts';
import { SECTOR_BYTES } from '../block-units.ts';
import type { TraceFormatReader } from '../format.ts';

/**
 * SPC trace files (Storage Performance Council, "Trace File Format Specification" 1.0.1), as in the UMass repository's Financial and
 * WebSearch traces:
 *
 *     ASU, lba in blocks, size in bytes, R|W, seconds[, fields of the recorder's own …]
 *
 * An ASU (application storage unit) is a volume; all are of one guest. The specification leaves the size of a block to the trace's own
 * description: it is 512 bytes in those.
 */
export const spc: TraceFormatReader = {
  name: 'spc',
  title: 'SPC (UMass) block trace CSV',

  likeness: (head) =>
    /^(?:asu,lba,size,opcode,timestamp\s+)?\d+ *, *\d+ *, *\d+ *, *[RW] *, *\d+(?:\.\d*)?\s*[,\n]/i.test(
      firstLines(head),
    )
      ? 0.97
      : 0,

  decoder: (options) =>
    new BlockCsvDecoder(
      {
        title: 'SPC',
        columns: ['ASU', 'lba', 'size', 'operation', 'time'],
        open: true,
        volume: 0,
        offset: 1,
        size: 2,
        op: 3,
        time: 4,
        timeUnitUs: 1_000_000,
        offsetUnitBytes: SECTOR_BYTES,
        sizeUnitBytes: 1,
        read: 'r',
        write: 'w',
        volumeTitle: 'ASU',
        tenantPerVolume: false,
        notes: [],
      },
      options,
    ),
};
