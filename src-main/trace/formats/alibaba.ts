import { BlockCsvDecoder, firstLines } from '../block-csv.ts';
import type { TraceFormatReader } from '../format.ts';

/**
 * Alibaba Cloud's block traces (2020), CSV, mostly without a header:
 *
 *     device, R|W, offset in bytes, length in bytes, timestamp in µs
 *
 * A device is a virtual disk. The trace does not say whose: each is taken for a guest of its own.
 */
export const alibaba: TraceFormatReader = {
  name: 'alibaba',
  title: 'Alibaba Cloud block trace CSV',

  likeness: (head) =>
    /^(?:device_id,opcode,offset,length,timestamp\s+)?\d+,[RW],\d+,\d+,\d+\s/i.test(firstLines(head)) ? 0.98 : 0,

  decoder: (options) =>
    new BlockCsvDecoder(
      {
        title: 'Alibaba',
        columns: ['device', 'operation', 'offset', 'size', 'time'],
        open: false,
        volume: 0,
        op: 1,
        offset: 2,
        size: 3,
        time: 4,
        timeUnitUs: 1,
        offsetUnitBytes: 1,
        sizeUnitBytes: 1,
        read: 'r',
        write: 'w',
        volumeTitle: 'device',
        tenantPerVolume: true,
        notes: [],
      },
      options,
    ),
};
