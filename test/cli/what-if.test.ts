import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAlternatives } from '#main/cli/what-if/alternatives.ts';
import { parseDuration, parsePages } from '#main/cli/what-if/units.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import { exampleConfig } from '../host/example-config.ts';

const main = resolve('src-main/cli/main.ts');
const scenario = resolve('resources/scenarios/three-real-traces.json');

let store = '';
beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), 'tmem-what-if-'));
});
afterAll(() => rm(store, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...parameters: string[]): Promise<Ended> {
  return new Promise((done) => {
    const all = [main, ...parameters, '--store', store];
    execFile(process.execPath, all, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('tmem-console what-if', () => {
  it('prints what a study of the scenario finds', async () => {
    const alt = 'favour db: db.weight=400, search.balloonTarget=20MiB';
    const { code, stdout, stderr } = await run(...['what-if', scenario, '--for', '20s', '--alt', alt, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const config = await exampleConfig();
    const changes = [
      { kind: 'weight', guestId: 3, value: 400 },
      { kind: 'balloon-target', guestId: 2, pages: 5_120 },
    ] as const;
    const expected = await runStudy({
      start: { config, state: null },
      horizonMs: 20_000,
      alternatives: [
        { name: 'as it is', changes: [] },
        { name: 'favour db', changes },
      ],
      engine: 'full',
    });
    const found = JSON.parse(stdout) as { alternatives: { engine: string; guests: object[]; changes: object[] }[] };
    expect(found).toMatchObject({ scenario: 'three real traces', seed: 42, fromMs: 0, horizonMs: 20_000 });
    expect(found.alternatives.map(({ guests }) => guests)).toEqual(expected.alternatives.map(({ guests }) => guests));
    expect(found.alternatives[1]).toMatchObject({ changes, engine: 'distances' });
  });

  it.each(['curves', 'distances', 'scaled', 'full'])('answers by %s, the same each time', async (engine) => {
    const asked = ['what-if', scenario, '--at', '5s', '--for', '5s', '--engine', engine, '--json', '--over-time'];
    const first = await run(...asked);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ fromMs: 5_000, alternatives: [{ name: 'as it is' }] });
    expect(await run(...asked)).toEqual(first);
  });

  it('prints tables for people, with who wins and who loses', async () => {
    const { code, stdout } = await run(
      ...['what-if', scenario, '--at', '1m', '--for', '30s', '--alt', 'one: search.weight=9000'],
    );
    expect(code).toBe(0);
    expect(stdout).toContain('as it is (distances, exact)');
    expect(stdout).toContain('Fewer disk reads than "as it is": search. More:');
  });

  it.each<[string[], string]>([
    [['--for', 'soon'], '--for: "soon" is no duration. Write it like 90s'],
    [['--for', '0s'], 'A horizon of 0 ms'],
    [['--for', '1s', '--at', '5'], '--at: "5" is no duration'],
    [['--for', '1s', '--alt', 'db.weight'], '--alt 1: "db.weight" is no SETTING=VALUE'],
    [['--for', '1s', '--alt', 'x:'], '--alt 1: "x:" has no settings'],
    [['--for', '1s', '--alt', 'x: web.weight=1'], 'there is no guest "web". The guests are build, search, db.'],
    [['--for', '1s', '--alt', 'x: db.weigth=1'], 'a guest has no setting "weigth"'],
    [['--for', '1s', '--alt', 'x: db.weight=65536'], '"65536" is not a whole number from 0 to 65535'],
    [['--for', '1s', '--alt', 'x: db.balloonTarget=2'], '"2" is no size. Write it like 512MiB'],
    [
      ['--for', '1s', '--alt', 'x: db.balloonTarget=1MiB'],
      'the balloon target 256 is not a whole number from 4096 to 28672',
    ],
    [['--for', '1s', '--alt', 'x: policy=lru'], 'there is no policy "lru". The policies are fifo'],
    [['--for', '1s', '--alt', 'x: idleTax=1'], '"1" is no idle tax'],
    [['--for', '1s', '--alt', 'x: size=1'], 'the host has no setting "size"'],
    [['--for', '1s', '--alt', 'as it is: policy=fifo'], 'the name of the host without changes'],
    [['--for', '1s', '--alt', 'x: idleTax=0', '--alt', 'x: idleTax=0.1'], 'Two alternatives are called "x".'],
    [['--for', '1s', '--engine', 'magic'], 'Allowed choices are curves'],
    [[], "required option '--for <duration>'"],
  ])('refuses %j with a sentence and exit code 2', async (parameters, sentence) => {
    const { code, stdout, stderr } = await run('what-if', scenario, ...parameters);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
  });

  it('ends with 130 when it is interrupted', async () => {
    const asked = [main, 'what-if', scenario, '--for', '20h', '--engine', 'full', '--store', store];
    const child = spawn(process.execPath, asked, { stdio: 'pipe' });
    // It listens for the signal as soon as it studies; before that the signal ends it as any process.
    const again = setInterval(() => child.kill('SIGINT'), 200);
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    clearInterval(again);
    expect(code === 130 || signal === 'SIGINT').toBe(true);
  });

  it('finds traces beside the scenario, and says which is missing', async () => {
    const json = JSON.parse(readFileSync(scenario, 'utf8')) as { guests: { trace: string }[] };
    const file = join(store, 'own.json');
    await writeFile(
      file,
      JSON.stringify({ ...json, guests: json.guests.map((guest) => ({ ...guest, trace: 'gone.gz' })) }),
    );
    const { code, stderr } = await run('what-if', file, '--for', '1s');
    expect(code).toBe(2);
    expect(stderr).toContain('gone.gz');
    const given = await run(...['what-if', scenario, '--for', '1s', '--traces', store]);
    expect(given.stderr).toContain(join(store, 'filemap-cc.txt.gz'));
  });
});

describe('alternatives', () => {
  it('name every setting there is', () => {
    const guests = [{ id: 4, name: 'web.1' }];
    const text =
      'all: web.1.weight=7, web.1.balloonTarget=1.5GiB, policy=fifo, idleTax=.25, poolLimit=8pages, hostSize=4KiB';
    expect(parseAlternatives([text, 'gone: web.1.removed=yes'], guests)).toEqual([
      {
        name: 'all',
        changes: [
          { kind: 'weight', guestId: 4, value: 7 },
          { kind: 'balloon-target', guestId: 4, pages: 393_216 },
          { kind: 'policy', policy: 'fifo' },
          { kind: 'idle-tax', permille: 250 },
          { kind: 'pool-limit', pages: 8 },
          { kind: 'host-size', pages: 1 },
        ],
      },
      { name: 'gone', changes: [{ kind: 'remove-guest', guestId: 4 }] },
    ]);
  });

  it('take durations and sizes as people write them', () => {
    expect(['90s', '10m', '1h30m', '250ms', '1.5s', '2d'].map((text) => parseDuration(text, '--for'))).toEqual([
      90_000, 600_000, 5_400_000, 250, 1_500, 172_800_000,
    ]);
    for (const text of ['', '5', 's', '5 s', '-5s', '5sx', '1h 5']) {
      expect(() => parseDuration(text, '--for'), text).toThrow('is no duration');
    }
    expect(['1MiB', '2 GiB', '4KiB', '7pages', '0.5MiB', '5', '5MB', '-1MiB'].map(parsePages)).toEqual([
      256,
      524_288,
      1,
      7,
      128,
      null,
      null,
      null,
    ]);
  });
});
