import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZstdStream } from '#main/trace/zstd-stream.ts';
import { errorOf, event, oracleBytes, readFrom, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const line = (page: number): string => event('1.0', `fault: dev=8:1 ino=a ofs=${page * 4096}`);
const text = Array.from({ length: 20_000 }, (_, i) => line((i * 7919) % 5003)).join('');
const half = text.indexOf('\n', text.length / 2) + 1;

describe('a compressed trace', () => {
  it.each([
    ['gzip', gzipSync(text)],
    ['gzip with a name and a comment', namedGzip(text)],
    ['gzip of several members', Buffer.concat([gzipSync(text.slice(0, half)), gzipSync(text.slice(half))])],
    ['zstd', zstdCompressSync(text)],
    [
      'zstd of several frames',
      Buffer.concat([zstdCompressSync(text.slice(0, half)), zstdCompressSync(text.slice(half))]),
    ],
    ['zstd with a skippable frame', Buffer.concat([skippable(70_000), zstdCompressSync(text), skippable(0)])],
  ])('is read from %s as if it were plain', async (_, bytes) => {
    const trace = await readFrom(folder, 'packed', bytes);
    expect([trace.pages.length, trace.distinctPages, trace.info.notes]).toEqual([20_000, 5003, []]);
  });

  it('is read from frames of a byte or two', async () => {
    // The smallest zstd frames are shorter than what its decompressor waits for.
    const parts = 'id\n7\n12\n7\n'.match(/[^]{1,2}/g) ?? [];
    for (const pack of [gzipSync, zstdCompressSync]) {
      const trace = await readFrom(folder, 'packed', Buffer.concat(parts.map((part) => pack(part))));
      expect([...trace.pages]).toEqual([0, 1, 0]);
    }
  });

  it.each([
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text)],
  ])('may be followed by other bytes in %s, which are ignored and mentioned', async (name, bytes) => {
    for (const garbage of [Buffer.alloc(1000), Buffer.from('garbage after the end')]) {
      const trace = await readFrom(folder, 'packed', Buffer.concat([bytes, garbage]));
      expect(trace.pages.length).toBe(20_000);
      expect(trace.info.notes).toEqual([`Bytes after the end of the ${name} data were ignored.`]);
    }
  });

  it.each([
    ['gzip', gzipSync(text), 'cut off after byte'],
    ['zstd', zstdCompressSync(text), 'cut off at byte'],
  ])('that is cut off in %s is refused, wherever that is', async (_, bytes, reason) => {
    for (const length of [bytes.length - 1, bytes.length - 9, bytes.length >> 1]) {
      const error = await errorOf(readFrom(folder, 'packed', bytes.subarray(0, length), { format: 'ftrace' }));
      expect(error.message).toContain(reason);
    }
  });

  it('that is damaged is refused with its place', async () => {
    const gzip = Buffer.from(gzipSync(text));
    gzip.fill(0x55, gzip.length >> 1, (gzip.length >> 1) + 40);
    expect((await errorOf(readFrom(folder, 'packed', gzip))).message).toMatch(/damaged after byte [\d,]+ of|line \d+:/);
    const wrong = Buffer.from(gzipSync(text));
    wrong.writeUInt32LE(0x12345678, wrong.length - 8);
    expect((await errorOf(readFrom(folder, 'packed', wrong))).message).toContain('a checksum is wrong');
    const zstd = Buffer.from(zstdCompressSync(text));
    zstd.fill(0xff, zstd.length >> 1, (zstd.length >> 1) + 40);
    expect((await errorOf(readFrom(folder, 'packed', zstd))).message).toMatch(
      /damaged before byte [\d,]+ of|line \d+:/,
    );
  });

  it('is found damaged where its zstd codes have weights without an end, which the decompressor would read for ever', async () => {
    // Found by the fuzz test: both states of the weights come to stand where they take no more bits.
    const endless = Buffer.from(
      '28b52ffd603d00bd02000247120ff13fb0e701d43e837349a07c26643c025fbf3e945a2007e702f4d34bdb2c233cc8c0aa3d0f4ffb984b0db37957882eb6fb60db262c34c80c1946caad8aaccc0a374d82eb000000000000000000000000000000',
      'hex',
    );
    expect((await errorOf(readFrom(folder, 'endless', endless))).message).toMatch(/damaged before byte .* have no end/);
  });

  it('reads blocks with all kinds of weights whole', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 256 }),
        fc.integer({ min: 20, max: 3_000 }),
        fc.nat(),
        (kinds, length, seed) => {
          // Symbols of different frequencies, so that their codes differ in length.
          const data = Uint8Array.from({ length }, (_, at) =>
            Math.floor(kinds * (((at * 7_919 + seed) % 1_009) / 1_009) ** 3),
          );
          const pieces: Uint8Array[] = [];
          const stream = new ZstdStream((bytes) => pieces.push(bytes.slice()));
          stream.push(zstdCompressSync(data));
          stream.end();
          expect(Buffer.concat(pieces).equals(data)).toBe(true);
        },
      ),
    );
  });

  it('is not given the window that a zstd frame only claims', async () => {
    // Magic, a single segment of 8-byte size: 10 GiB; and one with a window descriptor of 2 GiB.
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(10n * 1024n ** 3n);
    const segment = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0]), size, Buffer.alloc(100)]);
    const window = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3]), Buffer.alloc(100)]);
    const before = process.memoryUsage.rss();
    expect((await errorOf(readFrom(folder, 'packed', segment))).message).toContain(
      'claims a window of 10,737,418,240 bytes',
    );
    expect((await errorOf(readFrom(folder, 'packed', window))).message).toContain(
      'claims a window of 2,147,483,648 bytes',
    );
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6);
  });

  it('that swells a thousandfold is refused as soon as it is no trace, and read when it is one', async () => {
    const zeros = Buffer.alloc(50_000_000);
    for (const bomb of [gzipSync(zeros), zstdCompressSync(zeros)]) {
      expect((await errorOf(readFrom(folder, 'bomb', bomb))).message).toContain('look like no format');
      expect((await errorOf(readFrom(folder, 'bomb', bomb, { format: 'ftrace' }))).message).toContain(
        'line 1: the line is longer',
      );
    }
    const record = oracleBytes([{ time: 5, object: 1n, size: 4096 }]);
    const many = Buffer.concat(Array.from({ length: 1_000_000 }, () => record));
    const trace = await readFrom(folder, 'bomb', zstdCompressSync(many));
    expect([trace.pages.length, trace.distinctPages]).toEqual([1_000_000, 1]);
  });
});

describe('reading', () => {
  it('tells how far it is, up to the whole file', async () => {
    const bytes = gzipSync(text);
    const seen: [number, number][] = [];
    await readFrom(folder, 'packed', bytes, { onProgress: (read, total) => seen.push([read, total]) });
    expect(seen.at(-1)).toEqual([bytes.length, bytes.length]);
  });

  it('stops when it is cancelled, before it begins or in the middle', async () => {
    const cancelled = await errorOf(readFrom(folder, 'plain', text, { signal: AbortSignal.abort() }));
    expect(cancelled.code).toBe('cancelled');
    const control = new AbortController();
    const long = text.repeat(3);
    for (const bytes of [Buffer.from(long), gzipSync(long, { level: 0 })]) {
      let pieces = 0;
      const reading = readFrom(folder, 'plain', bytes, {
        signal: control.signal,
        onProgress: () => {
          if (++pieces === 2) control.abort();
        },
      });
      expect((await errorOf(reading)).code).toBe('cancelled');
      expect(pieces).toBeLessThanOrEqual(2);
    }
  });

  it('refuses what it cannot open, and formats that there are not', async () => {
    expect((await errorOf(readFrom(folder, 'empty', ''))).message).toContain('the file is empty');
    expect((await errorOf(readFrom(folder, 'plain', text, { format: 'lru' }))).remedy).toContain('ftrace');
    const { readTrace } = await import('#main/trace/read-trace.ts');
    expect((await errorOf(readTrace(`${folder}/missing`))).message).toContain('ENOENT');
    expect((await errorOf(readTrace(folder))).message).toContain('directory');
  });
});

function skippable(length: number): Buffer {
  const frame = Buffer.alloc(8 + length, 0x28);
  frame.writeUInt32LE(0x184d2a53, 0);
  frame.writeUInt32LE(length, 4);
  return frame;
}

/** A gzip member whose header has every optional field. */
function namedGzip(content: string): Buffer {
  const plain = gzipSync(content);
  const header = Buffer.concat([
    plain.subarray(0, 10),
    Buffer.from([3, 0, 1, 2, 3]),
    Buffer.from('name\0comment\0'),
    Buffer.from([0, 0]),
  ]);
  header[3] = 2 + 4 + 8 + 16;
  return Buffer.concat([header, plain.subarray(10)]);
}
