import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ReadTrace } from '#main/trace/format.ts';
import { TRACE_FORMATS } from '#main/trace/registry.ts';
import { errorOf, event, oracleBytes, readFrom, repository, temporaryFolder } from './support.ts';
import { BLOCK_WRITERS, describedLcsBytes, lcsBytes } from './writers.ts';

const folder = temporaryFolder();

const requests = Array.from({ length: 40 }, (_, at) => ({
  timeUs: at * 700_000,
  volume: at % 3,
  sector: at === 0 ? 801 : at * 8,
  sectors: at === 0 ? 1 : 8,
  write: at % 4 === 0,
  content: at % 7,
}));
const objects = Array.from({ length: 40 }, (_, at) => ({
  time: 1000 + at,
  object: BigInt(at * 977) % 23n,
  size: 100 * at + 1,
  op: at % 15,
  tenant: at % 3,
}));

const ftraceText = gunzipSync(readFileSync(join(repository, 'resources/traces/filemap-cc.txt.gz'))).subarray(
  0,
  200_000,
);
/** A sample of each format as its files in the wild are: [title, format, bytes]. */
const SAMPLES: readonly (readonly [string, string, Buffer])[] = [
  ['ftrace', 'ftrace', ftraceText.subarray(0, ftraceText.lastIndexOf('\n') + 1)],
  ['old ftrace', 'ftrace', Buffer.from(event('1.5', 'add_to_page_cache: dev 8:1 ino a page=0 pfn=1 ofs=0'))],
  ['oracleGeneral', 'oracleGeneral', Buffer.from(oracleBytes(objects))],
  ['oracleGeneralOpNS', 'oracleGeneralOpNS', Buffer.from(oracleBytes(objects, true))],
  ['lcs, self-describing', 'lcs', describedLcsBytes(objects)],
  ['lcs 2, small header', 'lcs', lcsBytes(2, 1024, objects)],
  ['lcs 1', 'lcs', lcsBytes(1, 8192, objects)],
  ['lcs 8', 'lcs', lcsBytes(8, 8192, objects)],
  ['csv', 'csv', Buffer.from('time,object,size\n1,2,3\n')],
  ['csv of one column', 'csv', Buffer.from('key\n7\n9\n')],
  ...Object.entries(BLOCK_WRITERS).map(([title, { format, write }]) => [title, format, write(requests)] as const),
];
const SHORT = Object.entries(BLOCK_WRITERS).map(
  ([title, { format, write }]) => [`${title}, one record`, format, write(requests.slice(0, 1))] as const,
);

describe('the format of a trace', () => {
  it.each(SAMPLES)('is recognised, and no other thinks that it is its own: %s', (title, format, bytes) => {
    const likeness = TRACE_FORMATS.map((known) => known.likeness(bytes.subarray(0, 65_536), 'trace'));
    const surest = Math.max(...likeness);
    const others = likeness.filter((_, at) => TRACE_FORMATS[at]?.name !== format);
    expect(TRACE_FORMATS[likeness.indexOf(surest)]?.name).toBe(format);
    // Only the guess at what a CSV header may be ever falls on another's file, and is far less sure.
    expect(Math.max(...others)).toBeLessThanOrEqual(surest - 0.3);
    expect(others.filter((other) => other > 0).length).toBeLessThanOrEqual(title === 'old ftrace' ? 1 : 0);
  });

  it.each([...SAMPLES, ...SHORT])(
    'is recognised through gzip and zstd, whatever the file is called: %s',
    async (_, format, bytes) => {
      const plain = await readFrom(folder, 'trace.oracleGeneral.csv', bytes);
      expect(plain.info.format).toBe(format);
      for (const packed of [gzipSync(bytes), zstdCompressSync(bytes)]) {
        const trace = await readFrom(folder, 'trace.txt', packed);
        expect([trace.info, trace.pages]).toEqual([plain.info, plain.pages]);
      }
    },
  );

  it.each(SAMPLES)('is recognised although the end is cut off, and the place is told: %s', async (_, format, bytes) => {
    const cut = bytes.subarray(0, Math.max(1, Math.floor(bytes.length * 0.9) - 3));
    const outcome = (reading: Promise<ReadTrace>): Promise<unknown> =>
      reading.then(
        ({ info }) => info.format,
        (error: unknown) => error,
      );
    const named = await outcome(readFrom(folder, 'cut', cut, { format }));
    const recognised = await outcome(readFrom(folder, 'cut', cut));
    expect(recognised).toEqual(named);
  });

  it('covers every format that there is', () => {
    expect(new Set(SAMPLES.map(([, format]) => format))).toEqual(new Set(TRACE_FORMATS.map(({ name }) => name)));
  });

  it('is none of text, zeros and noise', async () => {
    const noise = new Uint8Array(20_000).map((_, at) => Math.imul(at, 2_654_435_761) >>> 21);
    const texts = ['Lorem ipsum, dolor; sit amet\n', '{"a": [1, 2, 3]}\n', '1,2,3\n', '1 2 3 4 5\n', '0,1,2,3\n'];
    for (const content of [noise, new Uint8Array(20_000), new Uint8Array(20_000).fill(1), ...texts]) {
      expect((await errorOf(readFrom(folder, 'other', content))).message).toContain('look like no format');
    }
  });
});

describe('reading any format', () => {
  const many = requests.flatMap((request) => Array.from({ length: 800 }, () => request));
  it.each(Object.entries(BLOCK_WRITERS))('can be cancelled, and tells its progress: %s', async (_, { write }) => {
    const bytes = write(many);
    const cancel = new AbortController();
    const seen: number[] = [];
    const reading = readFrom(folder, 'long', bytes, {
      signal: cancel.signal,
      onProgress: (read, total) => {
        seen.push(read / total);
        cancel.abort();
      },
    });
    const error = await errorOf(reading);
    expect(error.code).toBe('cancelled');
    expect(seen).toHaveLength(1);
    const whole: number[] = [];
    await readFrom(folder, 'long', bytes, { onProgress: (read, total) => whole.push(read / total) });
    expect(whole.at(-1)).toBe(1);
    expect(whole.length).toBeGreaterThan(1);
  });
});
