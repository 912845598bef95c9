import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');
/** A small copy of the house, in which some files import what they may not; their first line says who must refuse it. */
const HOUSE = join(import.meta.dirname, 'forbidden');
const FILES = readdirSync(HOUSE, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|vue)$/.test(name))
  .sort();

const ResultSchema = v.object({
  summary: v.object({
    violations: v.array(v.object({ from: v.string(), rule: v.object({ name: v.string() }) })),
  }),
});

function cruise(outputType: 'json' | 'err-long'): Promise<{ code: number; output: string }> {
  const program = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const args = [program, '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', outputType];
  return new Promise((done) => {
    execFile(
      process.execPath,
      [...args, 'src-main', 'src-preload', 'src-renderer'],
      { cwd: HOUSE, maxBuffer: 16 * 1024 * 1024 },
      (error, output) => done({ code: typeof error?.code === 'number' ? error.code : 0, output }),
    );
  });
}

function expectedRules(file: string): string[] {
  const line = readFileSync(join(HOUSE, file), 'utf8').split('\n')[0] ?? '';
  const rules = /Refused by: ([\w., -]+?)(?: -->)?$/.exec(line)?.[1];
  return rules === undefined ? [] : rules.split(', ').sort();
}

describe('the arrows between the rooms', () => {
  let refused: Map<string, string[]>;
  beforeAll(async () => {
    const { output } = await cruise('json');
    refused = new Map();
    for (const { from, rule } of v.parse(ResultSchema, JSON.parse(output)).summary.violations) {
      refused.set(from, [...(refused.get(from) ?? []), rule.name].sort());
    }
  });

  it.each(FILES.filter((file) => expectedRules(file).length > 0))('refuse %s', (file) => {
    // A circle is told once, for one of its files.
    const found = file.endsWith('right.ts') ? refused.get(file.replace('right', 'left')) : refused.get(file);
    expect(found).toEqual(expectedRules(file));
  });

  it('let pass everything else', () => {
    const allowed = FILES.filter((file) => expectedRules(file).length === 0);
    expect(allowed.length).toBeGreaterThanOrEqual(9);
    expect(allowed.filter((file) => refused.has(file))).toEqual([]);
  });

  it('fail the check, and say what to do instead', async () => {
    const { code, output } = await cruise('err-long');
    expect(code).toBeGreaterThan(0);
    const text = output.replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'src-main/host/asks-contract.ts → src-preload/contract/treaty.ts ' +
        'The host model is pure. Pass in what it needs as an argument, or let the host thread do it.',
    );
    expect(text).toContain('Ask the main process by a request of src-preload/contract.');
  });

  it('have a case for every room', () => {
    const rules = new Set(FILES.flatMap(expectedRules));
    const config = readFileSync(join(ROOT, '.dependency-cruiser.cjs'), 'utf8');
    const rooms = [...config.matchAll(/^ {2}'(src-[\w/.-]+)': \{$/gm)].map((match) => match[1] ?? '');
    expect(rooms.length).toBeGreaterThanOrEqual(9);
    for (const room of rooms) expect(rules).toContain(`arrows-of-${room.replaceAll('/', '-')}`);
  });
});
