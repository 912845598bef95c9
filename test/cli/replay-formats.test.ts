import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TRACE_FORMATS } from '#main/trace/registry.ts';

const main = join(import.meta.dirname, '../../src-main/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'tmem-formats-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function replay(...parameters: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'replay', ...parameters], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('tmem-console replay, of every format', () => {
  it('lists them all', async () => {
    const { stdout } = await replay('--help');
    for (const { name, title } of TRACE_FORMATS) expect(stdout).toContain(`${name.padEnd(18)} ${title}`);
    expect((await replay('x', '--cache-pages', '1', '--format', 'zip')).stderr).toContain(
      'vscsi, msr, alibaba, tencent, fiu',
    );
  });

  it('takes the unit of a trace that does not tell it, and says what it took otherwise', async () => {
    writeFileSync(join(folder, 'cbs.csv'), '1538323200,4096,8,0,7\n1538323201,4096,8,1,7\n1538323201,8192,8,0,7\n');
    const sectors = await replay('cbs.csv', '--cache-pages', '10', '--json');
    expect(JSON.parse(sectors.stdout)).toMatchObject({ requests: 3, distinct: 2 });
    expect(sectors.stderr).toContain('cbs.csv: Its offsets were taken for sectors of 512 bytes');
    const both = ['--offset-unit', 'bytes', '--size-unit', 'bytes'];
    const bytes = await replay('cbs.csv', '--cache-pages', '10', '--json', ...both);
    expect([bytes.code, bytes.stderr, JSON.parse(bytes.stdout)]).toMatchObject([0, '', { requests: 3, distinct: 2 }]);
  });

  it('keeps what was read in one unit apart from what was read in another', async () => {
    writeFileSync(join(folder, 'two.csv'), '1,0,8,0,7\n1,8,8,0,7\n');
    const read = async (unit: string): Promise<unknown> =>
      JSON.parse(
        (await replay('two.csv', '--cache-pages', '9', '--json', '--store', 'store', '--offset-unit', unit)).stdout,
      );
    expect(await read('sectors')).toMatchObject({ requests: 2, distinct: 2 });
    // 4,096 bytes from byte 8 on lie on two pages.
    expect(await read('bytes')).toMatchObject({ requests: 3, distinct: 2 });
    expect(await read('sectors')).toMatchObject({ requests: 2, distinct: 2 });
  });

  it('refuses a unit for a format that tells its own', async () => {
    writeFileSync(join(folder, 'fin.spc'), '0,303567,3584,w,0.000000\n');
    const { code, stderr } = await replay('fin.spc', '--cache-pages', '1', '--size-unit', 'bytes');
    expect(code).toBe(2);
    expect(stderr).toContain('it is read as spc, a format that says itself what its sizes are counted in');
    expect(stderr).toContain('it is for the formats vscsi and tencent');
  });
});
