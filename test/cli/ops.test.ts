import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const FOLDER = 'test/host/tmem/conformance';
const fixture = (name: string): string => gunzipSync(readFileSync(`${FOLDER}/${name}.gz`)).toString('utf8');
const scripts = readdirSync(FOLDER).flatMap((file) => /^(.*)\.script\.gz$/.exec(file)?.[1] ?? []);

function ops(script: string, ...options: string[]) {
  const { status, stdout, stderr } = spawnSync('node', ['src-main/cli/main.ts', 'ops', ...options, '-'], {
    input: script,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

describe('tmem-console ops', () => {
  it.each(scripts)('prints for %s what Xen 4.12 printed, and with the quota sign turned what that printed', (name) => {
    const script = fixture(`${name}.script`);
    const shipped = ops(script);
    expect(shipped.status).toBe(0);
    expect(shipped.stdout === fixture(`${name}.out`)).toBe(true);
    const documented = ops(script, '--policy', 'xen-documented');
    expect(documented.stdout === fixture(`${name}.fixedquota.out`)).toBe(true);
  });

  it('has all five scripts to compare', () => {
    expect(scripts).toHaveLength(5);
  });

  it.each([
    ['an unknown operation', 'explode 1'],
    ['a missing number', 'get 1 0 1 2'],
    ['a number that is none', 'weight 1 many'],
    ['an option after the first operation', 'heap 100'],
  ])('stops at %s with its line number and reason, and keeps what ran before', (_what, line) => {
    const { status, stdout, stderr } = ops(`heap 600\n# a comment\ndomain 1 10 100\n${line}\nmem\n`);
    expect(status).toBe(2);
    expect(stdout).toBe('domain 1 tot=10 max=100\n');
    expect(stderr).toMatch(/line 4/i);
  });

  it('refuses a script that cannot be read and a policy it does not know', () => {
    const missing = spawnSync('node', ['src-main/cli/main.ts', 'ops', 'no-such.script'], { encoding: 'utf8' });
    expect([missing.status, missing.stdout]).toEqual([2, '']);
    expect(missing.stderr).toContain('no-such.script');
    expect(ops('', '--policy', 'lottery').status).toBe(2);
  });
});
