import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCompact, writeCompact } from '#main/trace/compact-file.ts';
import type { ReadTrace } from '#main/trace/format.ts';
import { loadTrace } from '#main/trace/load-trace.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { errorOf, event, oracleBytes, readFrom, repository, temporaryFolder } from './support.ts';
import { BLOCK_WRITERS } from './writers.ts';

const folder = temporaryFolder();
const search = join(repository, 'resources/traces/filemap-search.txt.gz');

/** Typed arrays over a shared buffer and their copies are equal in content, which is what matters here. */
const plain = (trace: ReadTrace): unknown => ({
  ...trace,
  pages: [...trace.pages],
  timesUs: trace.timesUs && [...trace.timesUs],
  writes: trace.writes && [...trace.writes],
  tenants: trace.tenants && [...trace.tenants],
  contents: trace.contents && [...trace.contents],
  contentHashes: trace.contentHashes && [...trace.contentHashes],
  fileOfPage: [...trace.fileOfPage],
  indexOfPage: [...trace.indexOfPage],
});

const request = { timeUs: 0, volume: 0, sector: 8, sectors: 16, write: true, content: 1 };

describe('a stored trace', () => {
  it('comes back as it was, with and without times, writes, tenants and contents', async () => {
    const tenants = [0, 1, 2].map((tenant) => ({ time: 5 + tenant, object: 7n, size: 8192, op: tenant, tenant }));
    const requests = [request, { ...request, timeUs: 5, content: 2 }, { ...request, timeUs: 6 }];
    const traces = [
      await readTrace(search),
      await readFrom(folder, 'opns', oracleBytes([...tenants, { time: 9, object: 7n, size: 1, op: 13 }], true)),
      await readFrom(folder, 'ids.csv', 'id\nä\nb\nä\n'),
      await readFrom(folder, 'fiu', BLOCK_WRITERS['fiu']?.write(requests) ?? ''),
    ];
    expect(traces.map(({ contents }) => contents !== undefined)).toEqual([false, false, false, true]);
    for (const trace of traces) {
      const file = join(folder, 'stored');
      await writeCompact(file, trace, 'made from here');
      const stored = await readCompact(file);
      expect(stored.source).toBe('made from here');
      expect(plain(stored.trace)).toEqual(plain(trace));
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is refused when any byte of it has changed, and when it is cut off', async () => {
    const file = join(folder, 'damaged');
    const sources = [
      await readFrom(folder, 'ids.csv', 'time,id\n1,a\n2,b\n3,a\n'),
      await readFrom(folder, 'fiu', BLOCK_WRITERS['fiu']?.write([request, { ...request, content: 2 }]) ?? ''),
    ];
    for (const source of sources) {
      await writeCompact(file, source);
      const good = readFileSync(file);
      await fc.assert(
        fc.asyncProperty(
          fc.nat(good.length - 1),
          fc.integer({ min: 1, max: 255 }),
          fc.boolean(),
          async (at, change, cut) => {
            // Bytes 48 to 63 are reserved and mean nothing.
            fc.pre(cut || at < 48 || at > 63);
            const bytes = Buffer.from(good);
            bytes[at] = (bytes[at] ?? 0) ^ change;
            writeFileSync(file, cut ? good.subarray(0, at) : bytes);
            expect((await errorOf(readCompact(file))).message).toContain(`The stored trace ${file}`);
          },
        ),
        { numRuns: 300 },
      );
    }
  });

  it('takes no memory because its header claims a size', async () => {
    const file = join(folder, 'claim');
    await writeCompact(file, await readFrom(folder, 'ids.csv', 'id\na\n'));
    const bytes = readFileSync(file);
    bytes.writeDoubleLE(2 ** 33, 16);
    const { crc32 } = await import('node:zlib');
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 44)), 44);
    writeFileSync(file, bytes);
    expect((await errorOf(readCompact(file))).message).toContain('not as many as it says');
  });
});

describe('loading a trace', () => {
  it('decodes it the first time only', async () => {
    const cache = join(folder, 'a/b/cache');
    const first = await loadTrace(search, cache);
    const second = await loadTrace(search, cache);
    expect([first.from, second.from, first.notStored]).toEqual(['decoded', 'stored', null]);
    expect(plain(second.trace)).toEqual(plain(first.trace));
  });

  it('decodes it anew when its source, or the way to read it, is another', async () => {
    const cache = join(folder, 'changed');
    const source = join(folder, 'source.csv');
    writeFileSync(source, 'id\n1\n2\n');
    const load = async (options = {}) => (await loadTrace(source, cache, options)).from;
    expect([await load(), await load(), await load({ unit: 'object' })]).toEqual(['decoded', 'stored', 'decoded']);
    utimesSync(source, 1000, 1000);
    expect([await load(), await load()]).toEqual(['decoded', 'stored']);
    writeFileSync(source, 'id\n1\n3\n');
    utimesSync(source, 1000, 1000); // As a restored copy would have it: only the content tells.
    expect(await load()).toBe('decoded');
    expect((await loadTrace(source, cache)).trace.distinctPages).toBe(2);
  });

  it('decodes it anew when the stored form is damaged', async () => {
    const cache = join(folder, 'damaged-cache');
    await loadTrace(search, cache);
    const [name = ''] = readdirSync(cache);
    truncateSync(join(cache, name), 1000);
    expect((await loadTrace(search, cache)).from).toBe('decoded');
    expect((await loadTrace(search, cache)).from).toBe('stored');
  });

  it('goes without where the folder cannot be written, and says why', async () => {
    writeFileSync(join(folder, 'a-file'), '');
    for (const place of [join(folder, 'a-file', 'cache'), '/proc/no/cache']) {
      const loaded = await loadTrace(search, place);
      expect(loaded.from).toBe('decoded');
      expect(loaded.notStored).toMatch(/ENOTDIR|ENOENT|EACCES|EEXIST/);
      expect(loaded.trace.pages.length).toBe(62_896);
    }
  });

  it('refuses a source that is no trace, and stores nothing of it', async () => {
    const cache = join(folder, 'nothing');
    const source = join(folder, 'broken.txt');
    writeFileSync(source, `${event('1.0', 'fault: dev=8:1 ino=a ofs=0')}broken\n`);
    expect((await errorOf(loadTrace(source, cache))).message).toContain('line 2');
    expect((await errorOf(loadTrace(join(folder, 'missing'), cache))).message).toContain('ENOENT');
    expect(existsSync(cache)).toBe(false);
  });

  it('survives a process that is killed while it stores, and clears away what that left', async () => {
    const cache = join(folder, 'killed');
    mkdirSync(cache);
    const store = pathToFileURL(join(repository, 'src-main/trace/load-trace.ts')).href;
    const program = `
      import { rmSync, readdirSync } from 'node:fs';
      import { loadTrace } from ${JSON.stringify(store)};
      for (;;) {
        await loadTrace(${JSON.stringify(search)}, ${JSON.stringify(cache)});
        process.stdout.write('.');
        for (const name of readdirSync(${JSON.stringify(cache)})) rmSync(${JSON.stringify(cache)} + '/' + name);
      }`;
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      for (let stored = 0; stored <= round; stored++) await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect((await loadTrace(search, cache)).trace.pages.length).toBe(62_896);
      expect((await loadTrace(search, cache)).from).toBe('stored');
      rmSync(cache, { recursive: true });
      mkdirSync(cache);
    }
    const left = join(cache, 'x.tmemtrace.01234567-0123-0123-0123-0123456789ab.tmp');
    writeFileSync(left, 'half');
    utimesSync(left, 1000, 1000);
    await loadTrace(search, cache);
    expect(existsSync(left)).toBe(false);
  });
});
