import { describe, expect, it } from 'vitest';
import type { OracleRecord } from './support.ts';
import { errorOf, oracleBytes, readFrom, references, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const records: OracleRecord[] = [
  { time: 1000, object: 7n, size: 5000, next: 2n },
  { time: 1001, object: 0xffff_ffff_0000_0007n, size: 4096 },
  { time: 1003, object: 7n, size: 10_000 },
  { time: 1003, object: 9n, size: 0 },
];

describe('the oracleGeneral reader', () => {
  it('makes the pages of an object references, recognised without being told', async () => {
    const trace = await readFrom(folder, 'some.trace', oracleBytes(records));
    expect(trace.info).toMatchObject({ format: 'oracleGeneral', records: 3, ignored: 1, postCache: true });
    // Two pages of object 7, one of the other, then three of object 7, the last of them new.
    expect([...trace.pages]).toEqual([0, 1, 2, 0, 1, 3]);
    expect([...(trace.timesUs ?? [])]).toEqual([0, 0, 1e6, 3e6, 3e6, 3e6]);
    expect([trace.distinctPages, trace.writes, trace.tenants]).toEqual([4, null, null]);
    expect(references(trace)[0]).toBe('objects[0]');
  });

  it('counts each record as one object whatever its size when asked to', async () => {
    const trace = await readFrom(
      folder,
      'some.trace',
      oracleBytes([...records, { time: 1003, object: 7n, size: 4e9 }]),
      {
        unit: 'object',
      },
    );
    expect([...trace.pages]).toEqual([0, 1, 0, 2, 0]);
  });

  it('keeps the order of long runs of small objects with larger and empty ones among them', async () => {
    // Runs end at, before and behind the 1,024 references that are looked up together.
    const sizes = Array.from({ length: 5_000 }, (_, at) => (at % 1_023 === 1_022 ? 9_000 : at % 700 === 699 ? 0 : 512));
    const many = sizes.map((size, at) => ({ time: 1_000 + at, object: BigInt((at * 7_919) % 3_001), size }));
    const trace = await readFrom(folder, 'some.trace', oracleBytes(many));
    const known = new Map<string, number>();
    const expected: [page: number, timeUs: number][] = [];
    for (const { time, object, size } of many) {
      for (let part = 0; part < Math.ceil(size / 4096); part++) {
        const page = known.get(`${object}:${part}`) ?? known.size;
        known.set(`${object}:${part}`, page);
        expected.push([page, (time - 1_000) * 1e6]);
      }
    }
    expect([...trace.pages]).toEqual(expected.map(([page]) => page));
    expect([...(trace.timesUs ?? [])]).toEqual(expected.map(([, timeUs]) => timeUs));
    expect(trace.info).toMatchObject({ records: sizes.filter((size) => size > 0).length, ignored: 7 });
  });

  it('keeps equal objects of different tenants apart and flags writes', async () => {
    const bytes = oracleBytes(
      [
        { time: 5, object: 7n, size: 4096, op: 1, tenant: 300 },
        { time: 5, object: 8n, size: 4096, op: 3, tenant: 300 },
        { time: 6, object: 8n, size: 8192, op: 1, tenant: 1 },
        { time: 6, object: 7n, size: 4096, op: 13, tenant: 300 },
      ],
      true,
    );
    const trace = await readFrom(folder, 'some.trace', bytes);
    expect(trace.info.format).toBe('oracleGeneralOpNS');
    expect(references(trace)).toEqual([
      'objects of tenant 300[0]',
      'objects of tenant 300[1]',
      'objects of tenant 1[0]',
      'objects of tenant 1[1]',
      'objects of tenant 300[0]',
    ]);
    expect([...(trace.tenants ?? [])]).toEqual([300, 300, 1, 1, 300]);
    expect([...(trace.writes ?? [])]).toEqual([0, 1, 0, 0, 1]);
  });

  it('is not recognised by chance', async () => {
    const noise = new Uint8Array(2400).map((_, i) => (i * 2654435761) >>> 13);
    expect((await errorOf(readFrom(folder, 'noise.oracleGeneral', noise))).message).toContain('look like no format');
    expect((await errorOf(readFrom(folder, 'zeros', new Uint8Array(2400)))).message).toContain('look like no format');
  });

  it('says at which byte a record is cut off', async () => {
    const bytes = oracleBytes(records).subarray(0, 24 * 3 + 5);
    const error = await errorOf(readFrom(folder, 'cut.trace', bytes, { format: 'oraclegeneral' }));
    expect(error.message).toContain('byte 72 (record 4): the record has 5 of its 24 bytes');
  });

  it('takes no memory in proportion to a size that a record claims', async () => {
    const huge = (count: number, size: number) =>
      oracleBytes(Array.from({ length: count }, (_, i) => ({ time: 1, object: BigInt(i), size })));
    const before = process.memoryUsage.rss();
    const one = await errorOf(readFrom(folder, 'huge', huge(3, 0xffff_ffff)));
    expect(one.message).toContain('byte 0 (record 1): the record covers 4,294,967,296 bytes');
    expect(one.remedy).toContain('"object"');
    const many = await errorOf(readFrom(folder, 'huge', huge(1000, 1_900_000_000)));
    expect(many.message).toMatch(/pages each on average/);
    // What was read of the second file are a million references or two at most.
    expect(process.memoryUsage.rss() - before).toBeLessThan(400e6);
  });
});
