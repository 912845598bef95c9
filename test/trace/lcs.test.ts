import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorOf, readFrom, references, temporaryFolder } from './support.ts';
import type { ObjectRecord } from './writers.ts';
import { describedLcsBytes, lcsBytes } from './writers.ts';

const folder = temporaryFolder();

/** Every layout: [title, whether it has operations and tenants, writer, bytes of the header, of a record]. */
type Layout = readonly [
  string,
  boolean,
  (records: readonly ObjectRecord[], requests?: number) => Buffer,
  number,
  number,
];
const LAYOUTS: readonly Layout[] = [
  ['the self-describing header', true, describedLcsBytes, 1024, 27],
  ...[1, 2].map((version): Layout => [
    `version ${version} and a header of 1,024 bytes`,
    version > 1,
    (records, requests) => lcsBytes(version, 1024, records, requests),
    1024,
    [24, 28][version - 1] ?? 0,
  ]),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((version): Layout => [
    `version ${version} and a header of 8,192 bytes`,
    version > 1,
    (records, requests) => lcsBytes(version, 8192, records, requests),
    8192,
    [24, 28, 36, 40, 44, 52, 68, 100][version - 1] ?? 0,
  ]),
];
const records: readonly ObjectRecord[] = [
  { time: 1000, object: 7n, size: 5000, op: 1, tenant: 300 },
  { time: 1001, object: 0xffff_ffff_0000_0007n, size: 4096, op: 3, tenant: 300 },
  { time: 1003, object: 7n, size: 10_000, op: 12, tenant: 300 },
  { time: 1003, object: 9n, size: 0, op: 1, tenant: 2 },
  { time: 1004, object: 7n, size: 1, op: 13, tenant: 2 },
];

describe.each(LAYOUTS)('an lcs trace with %s', (_, hasTenants, write, headerBytes, recordBytes) => {
  it('comes back object for object', async () => {
    const record = fc.record({
      time: fc.nat(50),
      object: fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(2n ** 63n, 2n ** 63n + 3n)),
      size: fc.oneof(fc.nat(40_000), fc.constantFrom(0, 4096, 8192)),
      op: fc.nat(14),
      tenant: fc.nat(3).map((tenant) => tenant * 20_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 50 }), async (some) => {
        const list = [...some, { ...records[0], time: 3, object: 3n, size: 1, op: 1, tenant: 0 }];
        const trace = await readFrom(folder, 'lcs', write(list));
        expect(trace.info).toMatchObject({
          format: 'lcs',
          postCache: true,
          ignored: list.filter(({ size }) => size === 0).length,
        });
        // Each object of a tenant has its own pages; they and the tenants are numbered as they first appear.
        const tenants: number[] = [];
        const pages = new Map<string, number>();
        const expected: number[][] = [];
        for (const { time, object, size, op, tenant } of list) {
          if (size > 0 && !tenants.includes(tenant)) tenants.push(tenant);
          const guest = hasTenants ? tenants.indexOf(tenant) : 0;
          for (let part = 0; part < Math.ceil(size / 4096); part++) {
            const key = `${guest} ${object} ${part}`;
            if (!pages.has(key)) pages.set(key, pages.size);
            const isWrite = hasTenants && op >= 3 && op !== 12;
            expected.push([pages.get(key) ?? 0, (time - (list[0]?.time ?? 0)) * 1e6, Number(isWrite), guest]);
          }
        }
        const found = Array.from(trace.pages, (page, at) => [
          page,
          trace.timesUs?.[at],
          trace.writes?.[at] ?? 0,
          trace.tenants?.[at] ?? 0,
        ]);
        expect(found).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('names the objects of each tenant, and counts records as objects when asked to', async () => {
    const trace = await readFrom(folder, 'lcs', write(records), { unit: 'object' });
    expect([...trace.pages]).toEqual(hasTenants ? [0, 1, 0, 2, 3] : [0, 1, 0, 2, 0]);
    expect(references(trace)[3]).toBe(hasTenants ? 'objects of tenant 2[0]' : 'objects[2]');
  });

  it('says at which byte it is cut off, within a record or between two', async () => {
    const bytes = write(records);
    const at = (record: number): string => (headerBytes + record * recordBytes).toLocaleString('en');
    const within = await errorOf(readFrom(folder, 'lcs', bytes.subarray(0, -5)));
    expect(within.message).toContain(
      `byte ${at(4)} (record 5): the record has ${recordBytes - 5} of its ${recordBytes} bytes`,
    );
    const between = await errorOf(readFrom(folder, 'lcs', bytes.subarray(0, -recordBytes)));
    expect(between.message).toContain(`byte ${at(4)}: the trace ends after 4 of the 5 records that its header counts`);
    const header = await errorOf(readFrom(folder, 'lcs', bytes.subarray(0, headerBytes - 1)));
    expect(header.message).toContain('byte 0: the header has');
    const onlyHeader = await errorOf(readFrom(folder, 'lcs', bytes.subarray(0, headerBytes)));
    expect(onlyHeader.message).toContain('it has no records');
  });

  it('takes no memory for records and sizes that are only claimed', async () => {
    const claimed = await errorOf(readFrom(folder, 'lcs', write(records, Math.floor(10_737_418_240 / recordBytes))));
    expect(claimed.message).toMatch(/the trace ends after 5 of the [\d,]+ records/);
    const huge = [...records, { time: 1, object: 1n, size: 0xffff_ffff, op: 1, tenant: 0 }];
    const error = await errorOf(readFrom(folder, 'lcs', write(huge)));
    expect(error.message).toContain(`(record 6): the record covers 4,294,967,296 bytes`);
  });

  it('is read whatever its header counts, where it counts nothing', async () => {
    expect((await readFrom(folder, 'lcs', write(records, 0))).info.records).toBe(4);
  });
});

describe('the header of an lcs trace', () => {
  const changed = (bytes: Buffer, change: (bytes: Buffer) => void): Buffer => {
    const copy = Buffer.from(bytes);
    change(copy);
    return copy;
  };
  const large = lcsBytes(2, 8192, records);
  const described = describedLcsBytes(records);

  it.each<[string, Buffer, string]>([
    [
      'a version of the future',
      changed(large, (bytes) => bytes.writeUInt8(9, 8)),
      'byte 8: the header is of version 9',
    ],
    ['no version', changed(large, (bytes) => bytes.writeUInt8(0, 8)), 'byte 8: the header is of version 0'],
    ['a version of the larger header', lcsBytes(3, 1024, records), 'byte 8: the header is of version 3, not of 1 to 2'],
    ['no end mark', changed(large, (bytes) => bytes.writeUInt8(0, 8190)), 'byte 1,016: the header has no end mark'],
    ['a negative count', changed(large, (bytes) => bytes.writeBigInt64LE(-5n, 24)), 'byte 24: the header says that'],
    ['a big-endian format', changed(described, (bytes) => bytes.write('>', 8)), 'byte 8: the format'],
    ['an unknown type', changed(described, (bytes) => bytes.write('x', 10)), 'byte 10: the format has a letter'],
    ['a wrong count of fields', changed(described, (bytes) => bytes.writeUInt32LE(2 ** 31, 1000)), 'byte 1,000:'],
    [
      'a wrong record size',
      changed(described, (bytes) => bytes.writeUInt32LE(28, 1004)),
      'byte 1,004: the header says',
    ],
    [
      'no object',
      changed(described, (bytes) => bytes.writeUInt8(0, 248)),
      'byte 248: the object is said to be field 0',
    ],
    ['an object of decimals', changed(described, (bytes) => bytes.writeUInt8(5, 248)), 'byte 248: the object'],
  ])('with %s is refused where it is wrong', async (_, bytes, reason) => {
    expect((await errorOf(readFrom(folder, 'lcs', bytes))).message).toContain(reason);
  });

  it('says in which unit the times are', async () => {
    for (const [unit, us] of [
      [0, 3e6],
      [1, 3e6],
      [2, 3000],
      [3, 3],
      [4, 0],
      [77, 3e6],
    ] as const) {
      const bytes = changed(lcsBytes(1, 1024, records), (header) => header.writeInt32LE(unit, 124));
      expect((await readFrom(folder, 'lcs', bytes)).timesUs?.[3]).toBe(us);
    }
  });

  it('may leave out times, sizes, operations and tenants', async () => {
    // libCacheSim wrote whatever was in memory for fields that it did not set.
    const bytes = changed(described, (header) => header.set([4, 0, 0, 0, 0, 9, 0, 250, 200], 248));
    const trace = await readFrom(folder, 'lcs', bytes);
    expect([trace.timesUs, trace.writes, trace.tenants]).toEqual([null, null, null]);
    expect([...trace.pages]).toEqual([0, 1, 0, 2, 0]);
  });

  it('makes negative sizes and times that are no numbers errors of their record', async () => {
    const negative = changed(lcsBytes(3, 8192, records), (bytes) => bytes.writeBigInt64LE(-1n, 8192 + 36 + 12));
    expect((await errorOf(readFrom(folder, 'lcs', negative))).message).toContain(
      'byte 8,228 (record 2): the size is -1',
    );
    const never = changed(described, (bytes) => bytes.writeDoubleLE(NaN, 1024 + 2));
    expect((await errorOf(readFrom(folder, 'lcs', never))).message).toContain('byte 1,024 (record 1): the time is NaN');
  });
});
