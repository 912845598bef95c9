import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { readTrace } from '#main/trace/read-trace.ts';

const script = join(import.meta.dirname, '../../resources/recorder/record-filemap.sh');
const tracefs = '/sys/kernel/tracing';
const folder = mkdtempSync(join(tmpdir(), 'tmem-recorder-real-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function mayTrace(): boolean {
  try {
    accessSync(join(tracefs, 'instances'), constants.W_OK);
    accessSync(join(tracefs, 'events/filemap/mm_filemap_get_pages'));
    return true;
  } catch {
    return false; // No root, no tracefs, or an older kernel.
  }
}

describe.runIf(mayTrace())('the recorder script, against the kernel', () => {
  it('records each page of a file that a command reads, and leaves nothing behind', async () => {
    const file = join(folder, 'read-me');
    writeFileSync(file, new Uint8Array(100 * 4096).fill(7));
    const before = readdirSync(join(tracefs, 'instances'));
    const output = join(folder, 'real.gz');
    const { stderr } = await promisify(execFile)('sh', [script, '-o', output, '--', 'sh', '-c', `cat ${file} | wc -c`]);
    expect(stderr).toContain('the command has ended');
    const trace = await readTrace(output);
    const inode = `inode ${statSync(file).ino.toString(16)}`;
    const number = trace.fileNames.findIndex((name) => name.endsWith(` ${inode}`));
    const pages = new Set(trace.pages.filter((page) => trace.fileOfPage[page] === number));
    const indexes = [...pages].map((page) => trace.indexOfPage[page] ?? -1);
    expect(indexes.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, page) => page));
    // The kernel tells the range that was asked for, which may reach beyond the file's end.
    expect(indexes.length).toBeLessThan(200);
    expect(readdirSync(join(tracefs, 'instances'))).toEqual(before);
    expect(readFileSync(join(tracefs, 'events/filemap/enable'), 'utf8').trim()).toBe('0');
  });
});
