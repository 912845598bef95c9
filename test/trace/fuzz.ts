import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { ReadTrace } from '#main/trace/format.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { TRACE_FORMATS } from '#main/trace/registry.ts';
import { TraceError } from '#main/trace/trace-error.ts';
import { event, oracleBytes } from './support.ts';
import { BLOCK_WRITERS, describedLcsBytes, lcsBytes, vscsiRecord } from './writers.ts';

const count = fc.oneof(
  { arbitrary: fc.nat(20_000), weight: 400 },
  fc.constantFrom(0, 4096, 2 ** 24, 2 ** 31, 2 ** 32 - 1, 10 * 2 ** 30, 2 ** 53, 2 ** 64),
);

const ftraceFile = fc
  .array(
    fc.tuple(fc.constantFrom('get_pages', 'map_pages', 'fault', 'add_to_page_cache'), fc.nat(40), fc.nat(30), count),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((events) =>
    Buffer.from(
      events
        .map(([name, ino, page, length], at) => {
          const ofs = page * 4096;
          if (name === 'add_to_page_cache')
            return event(`${at}.5`, `${name}: dev 8:1 ino ${ino} pfn=0x1 ofs=${ofs} order=0`);
          const range = name === 'fault' ? ofs : `${ofs}-${ofs + length}`;
          return event(`${at}.000001`, `${name}: dev=254:0 ino=${ino.toString(16)} ofs=${range}`, 'npm install-44');
        })
        .join(''),
    ),
  );

const oracleFile = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(3), fc.bigInt(0n, 2n ** 64n - 1n), count), { minLength: 1, maxLength: 40 }),
    fc.boolean(),
  )
  .map(([records, withTenant]) => {
    let time = 1000;
    const full = records.map(([gap, object, size]) => ({
      time: (time += gap),
      object: object % 50n,
      size: size % 2 ** 32,
      tenant: gap,
    }));
    return Buffer.from(oracleBytes(full, withTenant));
  });

const msrFile = fc
  .array(fc.tuple(fc.constantFrom('hm', 'usr'), fc.nat(3), fc.boolean(), count, count), { minLength: 1, maxLength: 40 })
  .map((lines) =>
    Buffer.from(
      lines
        .map(
          ([host, disk, write, ofs, size], at) =>
            `${128e15 + at},${host},${disk},${write ? 'Write' : 'Read'},${ofs},${size},1\n`,
        )
        .join(''),
    ),
  );

const csvFile = fc
  .tuple(
    fc.constantFrom(',', ';', '\t'),
    fc.array(fc.tuple(fc.string({ maxLength: 6 }), count, count), { minLength: 1, maxLength: 40 }),
  )
  .map(([delimiter, lines]) =>
    Buffer.from(
      ['time,object,offset,size', ...lines.map(([object, ofs, size], at) => `${at}.25,${object},${ofs},${size}`)]
        .join('\n')
        .replaceAll(',', delimiter),
    ),
  );

const blockRequests = fc.array(
  fc.record({
    timeUs: fc.nat(9_000_000),
    volume: fc.nat(3),
    sector: count.map((value) => Math.min(value, 2 ** 44)),
    sectors: fc.nat(200),
    write: fc.boolean(),
    content: fc.nat(5),
  }),
  { minLength: 1, maxLength: 40 },
);

/** Files of a block format as it should be, and (of text) with a number in them that is absurd. */
const blockFile = (format: string): fc.Arbitrary<Buffer> => {
  const writers = Object.values(BLOCK_WRITERS).filter((writer) => writer.format === format);
  return fc
    .tuple(fc.constantFrom(...writers), blockRequests, fc.nat(), count, fc.boolean())
    .map(([{ write }, requests, which, absurd, asItShould]) => {
      const bytes = write(requests);
      if (asItShould || format === 'vscsi') return bytes;
      const numbers = [...bytes.toString().matchAll(/\d+/g)];
      const { index, 0: number } = numbers[which % numbers.length] ?? { index: 0, 0: '' };
      return Buffer.concat([
        bytes.subarray(0, index),
        Buffer.from(absurd.toLocaleString('en', { useGrouping: false })),
        bytes.subarray(index + number.length),
      ]);
    });
};

const vscsiFile = fc
  .tuple(
    fc.constantFrom(1, 2),
    fc.array(fc.tuple(fc.nat(1e7), count, count, fc.constantFrom(0x28, 0x2a, 0x12)), { minLength: 1, maxLength: 40 }),
  )
  .map(([version, records]) =>
    Buffer.concat(
      records.map(([timeUs, sector, length, command]) =>
        vscsiRecord(version, { timeUs, sector: Math.min(sector, 2 ** 53), length: length % 2 ** 32, command }),
      ),
    ),
  );

const lcsFile = fc
  .record({
    layout: fc.constantFrom(0, 1, 2, 11, 12, 13, 14, 18),
    records: fc.array(
      fc.record({
        time: fc.nat(2 ** 31),
        object: fc.bigInt(0n, 2n ** 64n - 1n).map((object) => object % 50n),
        size: count.map((size) => size % 2 ** 32),
        op: fc.nat(255),
        tenant: fc.nat(3),
      }),
      { maxLength: 40 },
    ),
    claimed: fc.oneof({ arbitrary: fc.constant(null), weight: 4 }, count),
    header: fc.oneof(
      { arbitrary: fc.constant([]), weight: 4 },
      fc.array(fc.tuple(fc.constantFrom(0, 8, 9, 10, 24, 31, 124, 248, 249, 253, 1000, 1004, 1023), fc.nat(255)), {
        maxLength: 2,
      }),
    ),
  })
  .map(({ layout, records, claimed, header }) => {
    const requests = Math.min(claimed ?? records.length, 2 ** 53);
    const bytes =
      layout === 0
        ? describedLcsBytes(records, requests)
        : lcsBytes(layout % 10, layout < 10 ? 1024 : 8192, records, requests);
    for (const [at, value] of header) bytes[at] = value;
    return bytes;
  });

/** Files of each format, most of them well formed, some with absurd numbers. */
const FILES: Readonly<Record<string, fc.Arbitrary<Buffer>>> = {
  ftrace: ftraceFile,
  oracleGeneral: oracleFile,
  oracleGeneralOpNS: oracleFile,
  lcs: lcsFile,
  vscsi: fc.oneof(vscsiFile, blockFile('vscsi')),
  msr: msrFile,
  csv: csvFile,
  ...Object.fromEntries(['alibaba', 'tencent', 'fiu', 'spc'].map((format) => [format, blockFile(format)])),
};

/** What can happen to a file: nothing, cut off, bits turned, bytes put in, parts doubled or taken out, noise. */
const damage = fc.array(
  fc.record({
    kind: fc.constantFrom('cut', 'flip', 'insert', 'double', 'remove', 'noise'),
    at: fc.nat(),
    length: fc.integer({ min: 1, max: 300 }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
  { maxLength: 4 },
);
type Damage = typeof damage extends fc.Arbitrary<readonly (infer D)[]> ? D : never;

function damaged(bytes: Buffer, { kind, at, length, bytes: other }: Damage): Buffer {
  const from = bytes.length === 0 ? 0 : at % bytes.length;
  const before = bytes.subarray(0, from);
  const after = bytes.subarray(from + length);
  switch (kind) {
    case 'cut':
      return before;
    case 'flip':
      return Buffer.from(bytes.map((byte, i) => (i === from ? byte ^ (1 << (length % 8)) : byte)));
    case 'insert':
      return Buffer.concat([before, other, bytes.subarray(from)]);
    case 'double':
      return Buffer.concat([bytes.subarray(0, from + length), bytes.subarray(from)]);
    case 'remove':
      return Buffer.concat([before, after]);
    case 'noise':
      return Buffer.concat([before, other, after]);
  }
}

const packings: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  plain: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
  twice: (bytes) =>
    Buffer.concat([gzipSync(bytes.subarray(0, bytes.length >> 1)), gzipSync(bytes.subarray(bytes.length >> 1))]),
};

const none = fc.constant<Damage[]>([]);
const noise = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes));
const casesOf = (format: string) =>
  fc.record({
    file: fc.oneof({ arbitrary: FILES[format] ?? noise, weight: 9 }, noise),
    packing: fc.constantFrom(...Object.keys(packings)),
    inside: fc.oneof(none, damage),
    outside: fc.oneof({ arbitrary: none, weight: 3 }, damage),
    // Mostly recognised, else as what it is, seldom as something else.
    readAs: fc.constantFrom(
      'auto',
      'auto',
      'auto',
      'auto',
      format,
      ...TRACE_FORMATS.map(({ name }) => name).slice(0, 2),
    ),
    unit: fc.constantFrom('page' as const, 'object' as const),
  });

/** Reads made-up and damaged files of a format: each gives a valid trace or a located error. Returns how many did which. */
export async function fuzzReader(
  format: string,
  parameters: fc.Parameters<unknown>,
): Promise<{ traces: number; errors: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'tmem-fuzz-'));
  const file = join(folder, 'trace');
  const tally = { traces: 0, errors: 0 };
  try {
    await fc.assert(
      fc.asyncProperty(casesOf(format), async ({ file: whole, packing, inside, outside, readAs, unit }) => {
        const content = inside.reduce(damaged, whole);
        const stored = outside.reduce(damaged, packings[packing]?.(content) ?? content);
        writeFileSync(file, stored);
        try {
          expectValid(await readTrace(file, { format: readAs, unit }));
          tally.traces++;
        } catch (error) {
          if (!(error instanceof TraceError)) throw error;
          expectLocated(error, file);
          tally.errors++;
        }
      }),
      parameters,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return tally;
}

function expectLocated({ code, message }: TraceError, file: string): void {
  expect(code).toBe('bad-trace');
  expect(message.startsWith(`${file}: `)).toBe(true);
  expect(message).toMatch(/\.$/);
  expect(message).toMatch(
    /line [\d,]+|byte [\d,]+|bytes look like no format|the file is empty|no page-cache event|no re(?:cords|quest)|size of no bytes|claims a window|dictionary/,
  );
}

function expectValid({
  pages,
  distinctPages,
  fileOfPage,
  indexOfPage,
  fileNames,
  timesUs,
  writes,
  tenants,
  contents,
  contentHashes,
  info,
}: ReadTrace): void {
  expect(pages.length).toBeGreaterThan(0);
  expect([fileOfPage.length, indexOfPage.length]).toEqual([distinctPages, distinctPages]);
  let seen = 0;
  let outOfTurn = 0;
  for (const page of pages) {
    if (page > seen || page < 0) outOfTurn++;
    if (page === seen) seen++;
  }
  expect(outOfTurn).toBe(0);
  expect(seen).toBe(distinctPages);
  expect(fileOfPage.every((file) => file >= 0 && file < fileNames.length)).toBe(true);
  expect(new Set(Array.from(fileOfPage, (file, page) => `${file} ${indexOfPage[page] ?? '?'}`)).size).toBe(
    distinctPages,
  );
  if (contents) {
    expect(Math.max(...contents)).toBe((contentHashes?.length ?? 0) / 2);
  }
  for (const array of [timesUs, writes, tenants, contents]) if (array) expect(array.length).toBe(pages.length);
  if (timesUs) expect(timesUs.every((time) => Number.isInteger(time))).toBe(true);
  expect(info.records).toBeGreaterThan(0);
}
