import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadTrace } from '#main/trace/format.ts';
import { errorOf, readFrom, references, temporaryFolder } from './support.ts';
import type { BlockRequest, BlockWriter } from './writers.ts';
import { BLOCK_WRITERS, md5, vscsiRecord } from './writers.ts';

const folder = temporaryFolder();

const request = fc.record({
  timeUs: fc.nat(5_000_000),
  volume: fc.nat(3),
  // Mostly neighbours, some far out.
  sector: fc.oneof({ arbitrary: fc.nat(4000), weight: 20 }, fc.nat(2 ** 31)),
  sectors: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(8, 16, 64, 0)),
  write: fc.boolean(),
  content: fc.nat(5),
});
// Two first requests by which every unit can be told: the second is of one sector that no page begins with.
const telling = [{ timeUs: 0, volume: 0, sector: 801, sectors: 1, write: false, content: 0 }];
const requestLists = fc
  .array(request, { minLength: 1, maxLength: 60 })
  .map((list): BlockRequest[] => [
    ...telling,
    ...list.map((each, at) => ({ ...each, timeUs: at * 1e5 + each.timeUs })),
  ]);

/** What a trace of these requests must be, made plainly. */
function expected(list: readonly BlockRequest[], { fileName, tickUs, tenantPerVolume }: BlockWriter): object {
  const tick = (timeUs: number): number => Math.floor(timeUs / tickUs) * tickUs;
  const volumes = new Map<number, number>();
  const rows: { page: string; timeUs: number; write: number; tenant: number }[] = [];
  for (const { timeUs, volume, sector, sectors, write } of list) {
    if (!volumes.has(volume)) volumes.set(volume, volumes.size);
    const from = Math.floor(sector / 8);
    const to = Math.floor((sector + sectors - 1) / 8);
    for (let page = from; page <= to && sectors > 0; page++) {
      rows.push({
        page: `${fileName(volume)}[${page}]`,
        timeUs: tick(timeUs) - tick(list[0]?.timeUs ?? 0),
        write: Number(write),
        tenant: tenantPerVolume ? (volumes.get(volume) ?? 0) : 0,
      });
    }
  }
  return {
    references: rows.map(({ page }) => page),
    timesUs: rows.map(({ timeUs }) => timeUs),
    writes: rows.map(({ write }) => write),
    tenants: rows.map(({ tenant }) => tenant),
    requests: list.filter(({ sectors }) => sectors > 0).length,
    ignored: list.filter(({ sectors }) => sectors === 0).length,
    postCache: true,
  };
}

function found(trace: ReadTrace): object {
  const none = new Uint8Array(trace.pages.length);
  return {
    references: references(trace),
    timesUs: [...(trace.timesUs ?? [])],
    writes: [...(trace.writes ?? none)],
    tenants: [...(trace.tenants ?? none)],
    requests: trace.info.records,
    ignored: trace.info.ignored,
    postCache: trace.info.postCache,
  };
}

describe.each(Object.entries(BLOCK_WRITERS))('a trace written as %s', (name, writer) => {
  const isBytes = name.includes('offsets in bytes');

  it('comes back page for page', async () => {
    await fc.assert(
      fc.asyncProperty(requestLists, async (list) => {
        const requests = writer.hasVolumes ? list : list.map((each) => ({ ...each, volume: 0 }));
        // What a short file does not tell is given.
        const trace = await readFrom(folder, 'some', writer.write(requests), isBytes ? { offsetUnit: 'bytes' } : {});
        expect(trace.info.format).toBe(writer.format);
        expect(found(trace)).toEqual(expected(requests, writer));
      }),
      { numRuns: 60 },
    );
  });

  it('counts a request as one object where it begins, when asked to', async () => {
    const at = (sector: number): BlockRequest => ({
      timeUs: 0,
      volume: 1,
      sector,
      sectors: 9,
      write: false,
      content: 0,
    });
    const trace = await readFrom(folder, 'some', writer.write([at(8), at(801), at(8), at(808)]), { unit: 'object' });
    expect([...trace.pages]).toEqual([0, 1, 0, 2]);
  });
});

describe('the units of a Tencent trace', () => {
  const offsets = (count: number, unit: number): string =>
    Array.from({ length: count }, (_, at) => `1538323200,${(at + 1) * 8 * unit},8,0,1283\n`).join('');

  it.each([
    ['sectors, where not all are multiples of 512', 40, 1, 'sectors of 512 bytes'],
    ['bytes, where enough of them all are', 40, 512, 'bytes'],
    ['sectors, as in the original, where there are too few to tell', 15, 512, 'sectors of 512 bytes'],
  ])('are told by the file: %s', async (_, count, unit, said) => {
    const trace = await readFrom(folder, 'cbs.csv', offsets(count, unit));
    expect(trace.info.notes[0]).toContain(`Its offsets were taken for ${said}`);
    expect(trace.distinctPages).toBe(count);
    expect(trace.indexOfPage[0]).toBe(said === 'bytes' ? 1 : unit);
  });

  it('are what they are said to be', async () => {
    const trace = await readFrom(folder, 'cbs.csv', offsets(40, 512), { offsetUnit: 'sectors', sizeUnit: 'sectors' });
    expect([trace.indexOfPage[0], trace.info.notes]).toEqual([512, []]);
    const inBytes = await readFrom(folder, 'cbs.csv', '1,4096,4097,1,7\n', { offsetUnit: 'bytes', sizeUnit: 'bytes' });
    expect(references(inBytes)).toEqual(['volume 7[1]', 'volume 7[2]']);
  });

  it('are refused for formats that have none to choose', async () => {
    const error = await errorOf(readFrom(folder, 'ali.csv', '3,R,0,4096,1\n', { offsetUnit: 'bytes' }));
    expect(error.message).toContain('it is read as alibaba, a format that says itself what its offsets are counted in');
    expect(error.remedy).toContain('tencent');
    const other = await errorOf(readFrom(folder, 'x', vscsiRecord(1, record), { offsetUnit: 'bytes' }));
    expect(other.message).toContain('it is read as vscsi');
  });
});

const record = { timeUs: 0, sector: 8, length: 4096, command: 0x28 };

describe('the vscsi reader', () => {
  it('takes the lengths of reads and writes for bytes when all are multiples of 512, and says so', async () => {
    const inquiry = vscsiRecord(2, { timeUs: 0, sector: 0, length: 36, command: 0x12 });
    const trace = await readFrom(folder, 'v', Buffer.concat([inquiry, vscsiRecord(2, record)]));
    expect([references(trace), trace.info.ignored]).toEqual([['disk[1]'], 1]);
    expect(trace.info.notes).toEqual([expect.stringContaining('Its sizes were taken for bytes')]);
    const asSectors = await readFrom(
      folder,
      'v',
      Buffer.concat([inquiry, vscsiRecord(2, { ...record, length: 512 })]),
      {
        sizeUnit: 'sectors',
      },
    );
    expect([asSectors.pages.length, asSectors.info.notes]).toEqual([64, []]);
  });

  it('knows all commands that read and write, and ignores the others', async () => {
    const commands = [0x08, 0x28, 0x88, 0xa8, 0x0a, 0x2a, 0x8a, 0xaa, 0x00, 0x35, 0x42];
    const bytes = Buffer.concat(commands.map((command) => vscsiRecord(1, { ...record, command })));
    const trace = await readFrom(folder, 'v', bytes);
    expect([...(trace.writes ?? [])]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(trace.info.ignored).toBe(3);
  });

  it('says at which byte a record is of another version, cut off, or beyond any disk', async () => {
    const two = [vscsiRecord(2, record), vscsiRecord(2, record)];
    const other = Buffer.concat([...two, vscsiRecord(1, record), Buffer.alloc(8)]);
    expect((await errorOf(readFrom(folder, 'v', other))).message).toContain(
      'byte 80 (record 3): the record is of version',
    );
    const cut = Buffer.concat(two).subarray(0, 45);
    expect((await errorOf(readFrom(folder, 'v', cut))).message).toContain(
      'byte 40 (record 2): the record has 5 of its 40',
    );
    const far = Buffer.concat([...two, vscsiRecord(2, { ...record, sector: 2 ** 45 })]);
    expect((await errorOf(readFrom(folder, 'v', far))).message).toContain('byte 80 (record 3): the block number');
    const none = await errorOf(readFrom(folder, 'v', 'no such trace', { format: 'vscsi' }));
    expect(none.message).toContain('byte 0: its first two records are of neither version');
  });
});

describe('the FIU reader', () => {
  const line = (lba: number, size: number, ...digests: string[]): string =>
    `1000 4892 syslogd ${lba} ${size} W 6 0 ${digests.join(' ')}\n`;
  const [a, b] = [md5('a'), md5('b')];

  it('numbers the contents of pages by their digests', async () => {
    const trace = await readFrom(
      folder,
      'f',
      line(8, 16, a, b) + line(80, 8, b) + line(8, 8, md5('c')) + line(0, 8, a),
    );
    expect([...(trace.contents ?? [])]).toEqual([1, 2, 2, 3, 1]);
    expect(trace.info.notes).toEqual([]);
  });

  it('knows equal pages of different traces by the hashes of their contents', async () => {
    const hashes = async (text: string): Promise<string[]> => {
      const { contentHashes = [] } = await readFrom(folder, 'f', text);
      return Array.from(
        { length: contentHashes.length / 2 },
        (_, at) => `${contentHashes[2 * at]} ${contentHashes[2 * at + 1]}`,
      );
    };
    const first = await hashes(
      line(8, 16, a, b) + Array.from({ length: 50 }, (_, at) => line(8, 8, md5(`${at}`))).join(''),
    );
    const second = await hashes(line(0, 8, md5('7')) + line(0, 8, b));
    expect(new Set(first).size).toBe(52);
    expect(second).toEqual([first[9], first[1]]);
    // The first 16 digits of the digest, as a 64-bit number.
    const [low = '', high = ''] = (first[0] ?? '').split(' ');
    expect(Number(high).toString(16).padStart(8, '0') + Number(low).toString(16).padStart(8, '0')).toBe(a.slice(0, 16));
  });

  it('tells no content where no digest is of the page alone, and says how often', async () => {
    // From the middle of a page, part of a page, no digest, one digest for two pages; then one that is known.
    const text = line(4, 8, a) + line(8, 4, a) + line(8, 8) + line(8, 16, a) + line(8, 8, b);
    const trace = await readFrom(folder, 'f', text);
    expect([...(trace.contents ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect(trace.info.notes).toEqual([expect.stringContaining('6 references are of unknown content')]);
  });

  it('puts a page’s content together from the digests of its sectors, wherever the request begins', async () => {
    const sectors = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, at) => md5(`${from + at}`));
    const text =
      line(4, 12, ...sectors(4, 12)) +
      line(8, 8, ...sectors(8, 8)) +
      line(16, 8, ...sectors(8, 8)) +
      line(8, 8, ...sectors(9, 8));
    const trace = await readFrom(folder, 'f', text);
    expect([...(trace.contents ?? [])]).toEqual([0, 1, 1, 1, 2]);
  });

  it('has no contents for objects', async () => {
    const trace = await readFrom(folder, 'f', line(8, 8, a), { unit: 'object' });
    expect(trace.contents).toBeUndefined();
  });

  it('reads processes whose names hold blanks and numbers', async () => {
    const trace = await readFrom(folder, 'f', `5 1 a R 1 b 16 8 r 6 0 ${a}\r\n7001\t1\t7\t16\t8\tW\t6\t0\t${a}\n`);
    expect(references(trace)).toEqual(['dev 6:0[2]', 'dev 6:0[2]']);
    expect([[...(trace.timesUs ?? [])], [...(trace.writes ?? [])]]).toEqual([
      [0, 6],
      [0, 1],
    ]);
  });
});

describe.each([
  ['alibaba', '3,R,0,4096,100', 'device_id,opcode,offset,length,timestamp'],
  ['tencent', '100,0,8,1,7', 'Timestamp,Offset,Size,IOType,VolumeID'],
  ['spc', '0,20941264,8192,W,0.551706', 'ASU,LBA,Size,Opcode,Timestamp'],
])('the %s reader', (format, line, header) => {
  it('knows its header, and skips comments and blank lines', async () => {
    const trace = await readFrom(folder, 'h.csv', `\uFEFF# from a mirror\r\n\r\n${header}\r\n${line}\r\n\n# end\n`);
    expect(trace.info).toMatchObject({ format, records: 1, ignored: 1 });
  });

  it('says where a line is wrong', async () => {
    const fields = line.split(',');
    const spoilt = fields.map((_, at) => fields.map((field, i) => (i === at ? 'x' : field)).join(','));
    for (const bad of [...spoilt, fields.slice(1).join(','), line.replace(/,/g, ';')]) {
      const error = await errorOf(readFrom(folder, 'b.csv', `${line}\n${line}\n${bad}\n`));
      expect(error.message).toMatch(/b\.csv: line 3: the (line has \d fields, not the 5|\w+ "x" is n)/);
    }
  });

  it('takes no memory in proportion to a size that a line claims', async () => {
    const huge = line.replace(/4096|8192|,8,/, (size) => (size === ',8,' ? ',20971520,' : '10737418240'));
    const error = await errorOf(readFrom(folder, 'b.csv', `${line}\n${huge}\n`));
    expect(error.message).toContain('line 2: the record covers 10,737,418,240 bytes');
    const beyond = line.replace(/4096|8192|,8,/, (size) =>
      size === ',8,' ? ',18014398509481984,' : '18014398509481984',
    );
    expect((await errorOf(readFrom(folder, 'b.csv', `${line}\n${beyond}\n`))).message).toContain('line 2: the size');
  });
});

it('reads the first lines of published traces', async () => {
  const published: readonly (readonly [string, string, string])[] = [
    [
      'alibaba',
      '419,W,8792731648,16384,1577808000000046\n725,R,59110326272,360448,1577808000000103\n',
      'device 419[2146663]',
    ],
    ['tencent', '1538323200,12910952,128,0,1283\n1538323200,6338688,8,1,1360\n', 'volume 1283[1613869]'],
    ['fiu', `89968195792462 20782 gzip 283193184 8 R 6 0 56f11b711d91a065a2b6458eca924523\n`, 'dev 6:0[35399148]'],
    ['spc', '0,303567,3584,w,0.000000\n1,55590,3072,w,0.000000\n0,303574,3584,w,0.026214\n', 'ASU 0[37945]'],
  ];
  for (const [format, text, first] of published) {
    const trace = await readFrom(folder, 'published', text);
    expect([trace.info.format, references(trace)[0]]).toEqual([format, first]);
  }
});
