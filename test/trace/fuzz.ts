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
const cases = fc.record({
  file: fc.oneof(
    ftraceFile,
    oracleFile,
    msrFile,
    csvFile,
    fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
  ),
  packing: fc.constantFrom(...Object.keys(packings)),
  inside: fc.oneof(none, damage),
  outside: fc.oneof({ arbitrary: none, weight: 3 }, damage),
  format: fc.constantFrom('auto', 'auto', 'auto', 'auto', 'auto', ...TRACE_FORMATS.map(({ name }) => name)),
  unit: fc.constantFrom('page' as const, 'object' as const),
});

/** Reads made-up and damaged files of every format: each gives a valid trace or a located error. Returns how many did which. */
export async function fuzzReaders(parameters: fc.Parameters<unknown>): Promise<{ traces: number; errors: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'tmem-fuzz-'));
  const file = join(folder, 'trace');
  const tally = { traces: 0, errors: 0 };
  try {
    await fc.assert(
      fc.asyncProperty(cases, async ({ file: whole, packing, inside, outside, format, unit }) => {
        const content = inside.reduce(damaged, whole);
        const stored = outside.reduce(damaged, packings[packing]?.(content) ?? content);
        writeFileSync(file, stored);
        try {
          expectValid(await readTrace(file, { format, unit }));
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
  for (const array of [timesUs, writes, tenants]) if (array) expect(array.length).toBe(pages.length);
  if (timesUs) expect(timesUs.every((time) => Number.isInteger(time))).toBe(true);
  expect(info.records).toBeGreaterThan(0);
}
