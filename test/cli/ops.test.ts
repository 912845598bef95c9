import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../../src-main/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'tmem-ops-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tmem-console ops` with a script on standard input. */
function ops(script: string, ...parameters: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { maxBuffer: 1 << 26 };
    const child = execFile(process.execPath, [main, 'ops', ...parameters, '-'], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
    child.stdin?.end(script);
  });
}

describe('tmem-console ops', () => {
  it('runs a script from a file and from standard input alike', async () => {
    const conformance = join(import.meta.dirname, '../host/tmem/conformance');
    const script = gunzipSync(readFileSync(join(conformance, 'v4_shared_3c.script.gz'))).toString();
    const published = gunzipSync(readFileSync(join(conformance, 'v4_shared_3c.out.gz'))).toString();
    const file = join(folder, 'v4.script');
    writeFileSync(file, script);
    const fromFile = new Promise<string>((resolve) => {
      execFile(process.execPath, [main, 'ops', file], { maxBuffer: 1 << 26 }, (_, stdout) => resolve(stdout));
    });
    expect(await fromFile).toBe(published);
    expect(await ops(script)).toEqual({ code: 0, stdout: published, stderr: '' });
  });

  it('refuses a malformed line with its number and the reason, and keeps what ran before', async () => {
    const { code, stdout, stderr } = await ops('# a comment\n\ndomain 1 10 20 # its RAM\nput 1 0 0 0 0 5\nmem\n');
    expect({ code, stdout }).toEqual({ code: 2, stdout: 'domain 1 tot=10 max=20\n' });
    expect(stderr).toBe('tmem-console: Line 4 ends where a fill word was expected.\n');
  });

  it('names the policies it has when it is asked for another', async () => {
    const { code, stdout, stderr } = await ops('mem\n', '--policy', 'lru');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('fifo, xen-shipped, xen-documented, max-over-share');
  });

  it('says which script it cannot read', async () => {
    const missing = join(folder, 'missing.script');
    const { code, stderr } = await new Promise<{ code: number; stderr: string }>((resolve) => {
      execFile(process.execPath, [main, 'ops', missing], (error, _, text) =>
        resolve({ code: Number(error?.code), stderr: text }),
      );
    });
    expect(code).toBe(2);
    expect(stderr).toContain(missing);
  });

  it('ends quietly when its reader goes away', async () => {
    const child = spawn(process.execPath, [main, 'ops', '-']);
    child.stdin.on('error', () => undefined);
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.stdin.end(`domain 1 0 0\n${'freeable_mb\n'.repeat(300_000)}`);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = (await once(child, 'exit')) as [number | null];
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
  });

  it('carries 64-bit fill words, and prints a hit in decimal', async () => {
    const { stdout } = await ops(
      'domain 1 0 9\nnewpool 1 eph private\n' +
        'put 1 0 ffffffffffffffff 0 8000000000000000 4294967295 18446744073709551615\n' +
        'get 1 0 FFFFFFFFFFFFFFFF 0 8000000000000000 4294967295\n' +
        'put 1 0 0 0 0 0 9007199254740993\nget 1 0 0 0 0 0\n',
    );
    expect(stdout).toBe(
      'domain 1 tot=0 max=9\nnewpool 0\nput 1\nget 1 18446744073709551615\nput 1\nget 1 9007199254740993\n',
    );
  });
});
