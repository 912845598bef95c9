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
import { openForReading } from '#main/history/connection.ts';
import { exampleConfig } from '../host/example-config.ts';
import { recordRun } from '../what-if/recorded-host.ts';

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
    [['--for', '1s', '--run', '1'], '--run belongs to a history'],
    [['--for', '1s', '--forecast'], 'A forecast goes by what was seen before it'],
    [['--for', '1s', '--sweep', 'db.weight'], '--sweep 1: "db.weight" is no SETTING=FROM..TO'],
    [['--for', '1s', '--sweep', 'db.weight=1..9:1'], '1 values are not from 2 to 64'],
    [['--for', '1s', '--sweep', 'poolLimit=1MiB..2GiB'], 'has two units'],
    [['--for', '1s', '--sweep', 'web.weight=1..9'], 'there is no guest "web"'],
    [['--for', '1s', '--spare', '2'], 'It is a number of disk reads per access, from 0 to 1.'],
    [['--for', '1s', '--spare', '0', '--alt', 'x: idleTax=0'], 'are different questions'],
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
    const given = await run(...['what-if', file, '--for', '1s', '--traces', join(store, 'others')]);
    expect(given.stderr).toContain(join(store, 'others', 'gone.gz'));
  });
});

describe('tmem-console what-if on a recorded host', () => {
  let file = '';
  beforeAll(async () => {
    file = join(store, 'history.db');
    const commands = [{ hostMs: 9_000, change: { kind: 'weight', guestId: 3, value: 250 } }] as const;
    await recordRun(file, await exampleConfig(), { seconds: 20, commands, checkpointsMs: [2_000] });
  });

  /** What the samples of the last ten seconds add up to, by guest. */
  function stored(): unknown[] {
    const database = openForReading(file);
    const rows = database
      .prepare(
        `SELECT sum(accesses) AS accesses, sum(diskReads) AS diskReads FROM guestSamples
         WHERE second >= 10 GROUP BY guestId ORDER BY guestId`,
      )
      .all();
    database.close();
    return rows;
  }

  it('replays it without being told its scenario, and equals the record', async () => {
    const { code, stdout, stderr } = await run('what-if', '--db', file, '--for', '10s', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const found = JSON.parse(stdout) as { alternatives: { guests: object[] }[] };
    expect(found).toMatchObject({ scenario: 'three real traces', seed: 42, run: 1, kind: 'replay', fromMs: 10_000 });
    expect(found.alternatives[0]?.guests).toMatchObject(stored());
  });

  it('forecasts from its end: as many accesses as in the stretch before', async () => {
    const asked = ['what-if', '--db', file, '--for', '10s', '--forecast', '--alt', 'one: search.weight=900', '--json'];
    const { code, stdout } = await run(...asked);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as { alternatives: { guests: { accesses: number }[] }[] };
    expect(found).toMatchObject({ kind: 'forecast', fromMs: 20_000, alternatives: [{}, { name: 'one' }] });
    const seen = stored() as { accesses: number }[];
    found.alternatives[0]?.guests.forEach(({ accesses }, place) =>
      // One access at the seam may fall to either side.
      expect(Math.abs(accesses - (seen[place]?.accesses ?? NaN))).toBeLessThanOrEqual(1),
    );
  });

  it.each<[string[], string]>([
    [['--at', '15s', '--for', '10s'], 'recorded to 20000 ms'],
    [['--at', '1s', '--for', '10s'], 'its oldest checkpoint is at 2000 ms'],
    [['--run', '7', '--for', '10s'], 'The history has no run 7.'],
    [['--seed', '3', '--for', '10s'], 'the seed is recorded'],
  ])('refuses %j with a sentence', async (parameters, sentence) => {
    const { code, stderr } = await run('what-if', '--db', file, ...parameters);
    expect(code).not.toBe(0);
    expect(stderr).toContain(sentence);
  });
});

describe('tmem-console what-if --sweep and --spare', () => {
  const asked = ['what-if', scenario, '--at', '20s', '--for', '20s', '--json'];

  it('tells the outcome of every value, equal to alternatives with these values', async () => {
    const { stdout } = await run(...asked, '--sweep', 'db.weight=100..400:3', '--engine', 'distances');
    const swept = JSON.parse(stdout) as { sweeps: object[]; outcomes: { guests: object[] }[] };
    expect(swept.sweeps).toEqual([{ knob: 'db.weight', values: ['100', '200', '400'] }]);
    const alts = ['200', '400'].flatMap((weight) => ['--alt', `${weight}: db.weight=${weight}`]);
    const one = JSON.parse((await run(...asked, ...alts)).stdout) as { alternatives: { guests: object[] }[] };
    expect(swept.outcomes.map(({ guests }) => guests)).toEqual(one.alternatives.map(({ guests }) => guests));
  });

  it('of two knobs has every pair', async () => {
    const { stdout } = await run(...asked, '--sweep', 'db.weight=50..800:3', '--sweep', 'poolLimit=16MiB..48MiB:2');
    const { outcomes } = JSON.parse(stdout) as { outcomes: { name: string; engine: string }[] };
    expect(outcomes.map(({ name }) => name)).toEqual(
      ['50', '200', '800'].flatMap((weight) => [`${weight} × 16MiB`, `${weight} × 48MiB`]),
    );
    expect(new Set(outcomes.map(({ engine }) => engine))).toEqual(new Set(['curves']));
  });

  it('finds a host that is small enough and not too small', async () => {
    const { stdout } = await run(...asked, '--spare', '0.02');
    const found = JSON.parse(stdout) as { hostPages: number; leastPages: number; least: Sized; today: Sized };
    expect(found.leastPages).toBeLessThan(found.hostPages);
    const worst = (outcome: Sized): number =>
      Math.max(
        ...outcome.guests.map(({ accesses, diskReads }, place) => {
          const before = found.today.guests[place];
          return diskReads / accesses - (before?.diskReads ?? NaN) / (before?.accesses ?? NaN);
        }),
      );
    expect(worst(found.least)).toBeLessThanOrEqual(0.02);
    // A 256th of what could be taken less would be too little.
    const smaller = `${found.leastPages - Math.ceil(found.hostPages / 128)}pages`;
    const { stdout: other } = await run(...asked, '--alt', `smaller: hostSize=${smaller}`);
    const { alternatives } = JSON.parse(other) as { alternatives: Sized[] };
    expect(worst(alternatives[1] ?? found.today)).toBeGreaterThan(0.02);
  });
});

interface Sized {
  readonly guests: readonly { readonly accesses: number; readonly diskReads: number }[];
}

describe('alternatives', () => {
  it('name every setting there is', () => {
    const guests = [{ id: 4, name: 'web.1' }];
    const text =
      'all: web.1.weight=7, web.1.balloonTarget=1.5GiB, policy=fifo, idleTax=.25, poolLimit=8pages, hostSize=4KiB';
    expect(
      parseAlternatives([text, 'gone: web.1.removed=yes', 'cap: web.1.cap=512MiB, web.1.cap=none'], guests),
    ).toEqual([
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
      {
        name: 'cap',
        changes: [
          { kind: 'precache-cap', guestId: 4, pages: 131_072 },
          { kind: 'precache-cap', guestId: 4, pages: null },
        ],
      },
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
