import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readScenario } from '#main/cli/replay/scenario.ts';
import { POLICY_NAMES } from '#main/host/tmem/policies/index.ts';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'src-main/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'tmem-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function replay(...parameters: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'replay', ...parameters], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const example = JSON.parse(readFileSync(join(root, 'test/host/replay/replay-example.scenario.json'), 'utf8')) as {
  guests: { name: string; trace: string; ramPages: number; weight: number }[];
};
const traces = join(root, 'resources/traces');
const published = (changes: object = {}): object => ({
  ...example,
  guests: example.guests.map((guest) => ({ ...guest, trace: join(traces, guest.trace.replace('../traces/', '')) })),
  ...changes,
});
const ids = file('ids.csv', 'time,id\n0,1\n1,2\n2,1\n3,3\n4,1\n');

describe('tmem-console replay --scenario', () => {
  it.each(POLICY_NAMES)('prints the published numbers under %s', async (policy) => {
    const scenario = file(`${policy}.json`, JSON.stringify(published({ policy })));
    const { code, stdout, stderr } = await replay('--scenario', scenario, '--json');
    const expected = readFileSync(join(root, `test/host/replay/replay-example.${policy}.out.json`), 'utf8');
    expect([code, stderr, JSON.parse(stdout)]).toEqual([0, '', JSON.parse(expected)]);
  });

  it('takes trace paths relative to the scenario, and prints a table for people', async () => {
    const guest = { trace: 'ids.csv', ramPages: 1, weight: 5 };
    const guests = [{ ...guest, name: 'one' }, { ...guest, name: 'two' }]; // prettier-ignore
    const scenario = { guests, poolPages: 2, policy: 'fifo', interleave: 'time' };
    const path = file('small.json', JSON.stringify(scenario));
    const { code, stdout } = await replay('--scenario', path);
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual(['guest', 'one', 'two', '']);
    const { guests: results } = JSON.parse((await replay('--scenario', path, '--json')).stdout) as {
      guests: Record<string, unknown>[];
    };
    expect(Object.keys(results[0] ?? {})).toEqual([
      'name',
      'accesses',
      'cacheHits',
      'precacheHits',
      'diskReads',
      'puts',
      'evictedBySelf',
      'evictedByOthers',
      'residentPages',
    ]);
  });

  it.each([
    [{ poolPages: -1 }, 'poolPages must be a whole number from 0 to 1,099,511,627,776 (it is -1)'],
    [{ poolPages: undefined }, 'poolPages is missing'],
    [{ policy: 'lru' }, 'policy must be one of fifo, xen-shipped, xen-documented, max-over-share (it is "lru")'],
    [{ policy: 'fifo', idleTax: 1 }, 'idleTax must be a number from 0 to 0.999'],
    [{ policy: 'fifo', interleave: 'random' }, 'interleave must be "time" or "round-robin"'],
    [{ policy: 'fifo', speed: 3 }, 'speed is no field of a replay scenario'],
    [{ policy: 'fifo', guests: [] }, 'guests must have at least one guest'],
    [
      { guests: [{ name: 'a', trace: 'ids.csv', ramPages: 1, weight: 65_536 }] },
      'guests[0].weight must be a whole number',
    ],
    [
      { guests: [{ name: 'a', trace: 'ids.csv', ramPages: 1.5, weight: 1 }] },
      'guests[0].ramPages must be a whole number',
    ],
    [{ guests: [{ name: 'a', trace: 'ids.csv', ramPages: 1, weight: 1, cap: 2 }] }, 'guests[0].cap is no field'],
  ])('refuses %j by the path of the field', async (changes, reason) => {
    const reading = readScenario(file('bad.json', JSON.stringify(published(changes))));
    await expect(reading).rejects.toThrow(reason);
    await expect(reading).rejects.toMatchObject({ code: 'bad-scenario' });
  });

  it('refuses what is no JSON, no file, no trace, or has no times to go by', async () => {
    expect(await replay('--scenario', file('bad.json', '{"guests": ['))).toMatchObject({ code: 2, stdout: '' });
    expect((await replay('--scenario', file('bad.json', '[]'))).stderr).toContain('the whole file');
    expect((await replay('--scenario', 'missing.json')).stderr).toContain('missing.json cannot be read (ENOENT');
    const one = (trace: string) => ({
      guests: [{ name: 'a', trace, ramPages: 1, weight: 1 }],
      poolPages: 5,
      policy: 'fifo',
      interleave: 'time',
    });
    expect(await replay('--scenario', file('gone.json', JSON.stringify(one('gone.gz'))))).toMatchObject({ code: 2 });
    file('timeless.csv', 'id\n1\n');
    const { code, stderr } = await replay('--scenario', file('timeless.json', JSON.stringify(one('timeless.csv'))));
    expect(code).toBe(2);
    expect(stderr).toContain('guests[0].trace has no times');
  });
});

describe('tmem-console replay TRACE', () => {
  it('prints the misses of each size', async () => {
    const { code, stdout } = await replay(ids, '--cache-pages', '1,2,0', '--json');
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        requests: 5,
        distinct: 3,
        results: [
          { cachePages: 1, misses: 5 },
          { cachePages: 2, misses: 4 },
          { cachePages: 0, misses: 5 },
        ],
      },
    ]);
    const lru = await replay(ids, '--algorithm', 'lru', '--cache-pages', '2', '--json');
    expect(JSON.parse(lru.stdout)).toMatchObject({ results: [{ cachePages: 2, misses: 3 }] });
    const table = await replay(ids, '--cache-pages', '2');
    expect(table.stdout).toContain('5 requests for 3 pages.');
  });

  it('takes the format, the unit and the columns from the command line', async () => {
    const sized = file('sized.csv', '7 10000 1.5\n8 1 2.5\n');
    const columns = ['--columns', 'object=1,size=2,time=3'];
    const misses = async (...more: string[]): Promise<unknown> =>
      JSON.parse((await replay(sized, ...columns, '--cache-pages', '9', '--json', ...more)).stdout);
    expect(await misses()).toMatchObject({ requests: 4, distinct: 4 });
    expect(await misses('--unit', 'object', '--no-header')).toMatchObject({ requests: 2, distinct: 2 });
    expect(await misses('--format', 'CSV', '--delimiter', ' ', '--time-unit', 'ms')).toMatchObject({ requests: 4 });
  });

  it('keeps decoded traces where it is told to', async () => {
    const store = join(folder, 'store');
    const first = await replay(ids, '--cache-pages', '2', '--json', '--store', store);
    expect(readdirSync(store)).toHaveLength(1);
    expect(await replay(ids, '--cache-pages', '2', '--json', '--store', store)).toEqual(first);
    expect((await replay(ids, '--cache-pages', '2', '--store', '/proc/none')).stderr).toContain('could not be stored');
  });

  it.each([
    [[], 'either a trace and --cache-pages, or --scenario'],
    [['ids.csv'], 'either a trace and --cache-pages, or --scenario'],
    [['ids.csv', '--scenario', 'small.json'], 'either a trace'],
    [['ids.csv', '--cache-pages', '-1'], 'is not a whole number of pages'],
    [['ids.csv', '--cache-pages', '1,abc'], '"abc" is not a whole number of pages'],
    [['ids.csv', '--cache-pages', ''], '"" is not a whole number of pages'],
    [['ids.csv', '--cache-pages', '1', '--format', 'nope'], 'It is one of auto, ftrace'],
    [['ids.csv', '--cache-pages', '1', '--algorithm', 'clock'], 'Allowed choices are fifo, lru'],
    [['ids.csv', '--cache-pages', '1', '--unit', 'byte'], 'Allowed choices are page, object'],
    [['ids.csv', '--cache-pages', '1', '--columns', 'what=1'], '"what=1" is not COLUMN=NUMBER'],
    [['ids.csv', '--cache-pages', '1', '--delimiter', ',,'], 'It is one character'],
    [['gone.csv', '--cache-pages', '1'], 'gone.csv: the file cannot be read (ENOENT'],
    [['ids.csv', '--cache-pages', '1', '--format', 'msr'], 'line 1: the line has 2 fields'],
  ])('refuses %j with a sentence and exit code 2', async (parameters, reason) => {
    const { code, stdout, stderr } = await replay(...parameters);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(reason);
  });

  it('ends with 130 when it is interrupted while it reads', async () => {
    const lines = 'some_id,1\n'.repeat(200_000);
    const long = file('long.csv.gz', gzipSync(`id,size\n${lines.repeat(40)}`, { level: 1 }));
    const child = spawn(process.execPath, [main, 'replay', long, '--cache-pages', '1', '--json'], { stdio: 'pipe' });
    const output: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    // It listens for the signal as soon as it reads; before that the signal ends it as any process.
    const again = setInterval(() => child.kill('SIGINT'), 50);
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    clearInterval(again);
    expect(code === 130 || signal === 'SIGINT').toBe(true);
    expect(output).toEqual([]);
  });
});
