import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replaySingleCache } from '#main/host/replay/single-cache.ts';
import { readTrace } from '#main/trace/read-trace.ts';

const main = resolve('src-main/cli/main.ts');
const scenario = resolve('resources/scenarios/three-real-traces.json');
const search = resolve('resources/traces/filemap-search.txt.gz');
const build = resolve('resources/traces/filemap-cc.txt.gz');

let store = '';
beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), 'tmem-curves-'));
});
afterAll(() => rm(store, { recursive: true }));

function run(...parameters: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [main, ...parameters, '--store', store], (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

interface Curve {
  readonly trace: string;
  readonly requests: number;
  readonly distinct: number;
  readonly rate: number;
  readonly points: readonly { readonly pages: number; readonly misses: number }[];
}
const curvesOf = (stdout: string): Curve[] =>
  stdout.trim().split('\n').map((line) => JSON.parse(line) as Curve); // prettier-ignore

describe('tmem-console curves', () => {
  it('prints the misses of an LRU cache at any size, to the digit', async () => {
    const sizes = [0, 1, 100, 4_096, 8_292, 8_293, 99_999];
    const { code, stdout } = await run('curves', build, '--pages', sizes.join(','), '--json');
    const { pages, distinctPages } = await readTrace(build);
    const misses = replaySingleCache('lru', pages, distinctPages, sizes);
    expect(code).toBe(0);
    expect(curvesOf(stdout)).toEqual([
      {
        trace: build,
        requests: 329_951,
        distinct: 8_293,
        rate: 1,
        points: sizes.map((size, at) => ({ pages: size, misses: misses[at] })),
      },
    ]);
  });

  it('gives a curve for each trace, from no page to all of them', async () => {
    const found = curvesOf((await run('curves', build, search, '--points', '5', '--json')).stdout);
    expect(found.map(({ trace, distinct }) => [trace, distinct])).toEqual([[build, 8_293], [search, 16_618]]); // prettier-ignore
    for (const { points, requests, distinct } of found) {
      expect(points).toHaveLength(5);
      expect(points[0]).toEqual({ pages: 0, misses: requests });
      expect(points.at(-1)).toEqual({ pages: distinct, misses: distinct });
    }
    const table = await run('curves', search, '--points', '3');
    expect(table.stdout).toContain('62,896 references to 16,618 pages');
  });

  it('says when it looked at a sample only', async () => {
    const asked = await run('curves', search, '--sample', '0.5', '--points', '3', '--json');
    expect(curvesOf(asked.stdout)[0]?.rate).toBe(0.5);
    expect((await run('curves', search, '--sample', '0.5')).stdout).toContain('estimated from 50.0 % of the pages');
  });

  it.each<[string[], string]>([
    [[], "missing required argument 'trace'"],
    [['gone.gz'], 'gone.gz'],
    [[search, '--pages', '1,x'], '"x" is not a whole number of pages'],
    [[search, '--points', '1'], 'It is a whole number from 2'],
    [[search, '--sample', '2'], 'It is a number above 0, up to 1'],
  ])('refuses %j', async (parameters, sentence) => {
    const { code, stdout, stderr } = await run('curves', ...parameters);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
  });
});

describe('tmem-console tune', () => {
  it('recommends weights, with the numbers of the run that verified them', async () => {
    const asked = ['tune', scenario, '--at', '60s', '--for', '10s', '--objective', 'throughput'];
    const { code, stdout } = await run(...asked, '--weights', '50,100,400', '--json');
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as { changes: object[]; badness: number; badnessToday: number };
    expect(found).toMatchObject({
      objective: 'throughput',
      recommended: { engine: 'full' },
      today: { engine: 'full' },
    });
    expect(found.badness).toBeLessThanOrEqual(found.badnessToday);
    const said = await run(...asked, '--importance', 'db=100');
    expect(said.stdout).toMatch(/^(Recommended: |Today's setting is already the best)/);
  });

  it('finds the smallest pool for targets', async () => {
    const asked = ['tune', scenario, '--at', '60s', '--for', '10s', '--objective', 'targets', '--target', 'build=0.05'];
    const { code, stdout } = await run(...asked);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Recommended: .*poolLimit=\d+pages/)]);
  });

  it.each<[string[], string]>([
    [['--objective', 'fun'], 'Allowed choices are throughput, worst-ratio, targets'],
    [['--objective', 'targets'], 'The objective targets has no target'],
    [['--objective', 'throughput', '--target', 'db=1'], '--target does not go with the objective throughput'],
    [['--objective', 'worst-ratio', '--importance', 'db=1'], '--importance does not go with the objective worst-ratio'],
    [['--objective', 'throughput', '--importance', 'web=1'], 'there is no guest "web"'],
    [['--objective', 'throughput', '--importance', 'db'], '"db" has no number'],
    [['--objective', 'throughput', '--weights', '1,99999'], 'They are whole numbers from 0 to 65535'],
  ])('refuses %j', async (parameters, sentence) => {
    const { code, stderr } = await run('tune', scenario, '--for', '1s', ...parameters);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });
});
