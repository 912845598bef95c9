import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../../src-main/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'tmem-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function cli(...parameters: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...parameters], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

const READING = ['--columns', 'time=2,object=3', '--delimiter', ';', '--no-header'];

describe('tmem-console import', () => {
  it('keeps a trace so that scenarios play it by its name, without being told how to read it', async () => {
    mkdirSync(join(folder, 'scenarios'));
    writeFileSync(join(folder, 'disk.csv'), Array.from({ length: 500 }, (_, at) => `x;${at};${at % 50}`).join('\n'));
    const imported = await cli('import', 'disk.csv', ...READING, '-o', 'scenarios', '--json');
    expect(imported.stderr).toContain('scenarios can name it as "disk.csv"');
    expect(JSON.parse(imported.stdout)).toMatchObject({ references: 500, distinctPages: 50, format: 'csv' });
    const guest = { name: 'one', trace: 'disk.csv', ramMiB: 1, minMiB: 1, maxMiB: 1 };
    const pace = { phases: [{ s: 1, accessesPerS: 400 }] };
    const host = { totalMiB: 4, reservedMiB: 1, balloonMiBPerS: 1 };
    const scenario = { name: 'disk', seed: 1, host, policy: 'fifo', guests: [{ ...guest, pace }] };
    writeFileSync(join(folder, 'scenarios', 'disk.json'), JSON.stringify(scenario));
    const { stdout } = await cli('run', 'scenarios/disk.json', '--for', '1s', '--json');
    expect((JSON.parse(stdout) as { guests: { diskReads: number }[] }).guests[0]?.diskReads).toBe(50);
  });

  it('keeps nothing of one that is damaged, and replaces nothing', async () => {
    writeFileSync(join(folder, 'torn.csv'), 'x;1;2\nx;nothing;3\n');
    const torn = await cli('import', 'torn.csv', ...READING, '-o', 'scenarios');
    expect(torn.code).toBe(2);
    expect(torn.stderr).toMatch(/torn\.csv: line 2/);
    const again = await cli('import', 'disk.csv', ...READING, '-o', 'scenarios');
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/is there already/);
    expect(readdirSync(join(folder, 'scenarios')).sort()).toEqual(['disk.csv.tmemtrace', 'disk.json']);
  });
});
