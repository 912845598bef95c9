import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { startHost } from '#main/host-thread/start-host.ts';
import { POLICY_NAMES } from '#main/host/tmem/policies/index.ts';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'src-main/cli/main.ts');
const shipped = join(root, 'resources/scenarios/three-real-traces.json');
const folder = mkdtempSync(join(tmpdir(), 'tmem-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function cli(...parameters: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...parameters], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

interface RunJson {
  readonly seconds: number;
  readonly policy: string;
  readonly guests: readonly (Record<string, number> & { readonly name: string })[];
  readonly host: Record<string, number>;
}

async function run(...parameters: string[]): Promise<RunJson> {
  const { code, stdout, stderr } = await cli('run', ...parameters, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as RunJson;
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const shippedJson = (): { host: object; guests: object[] } & Record<string, unknown> =>
  JSON.parse(readFileSync(shipped, 'utf8')) as { host: object; guests: object[] };

describe('tmem-console run', () => {
  it('tells every column of every guest and of the host, and the same again each time', async () => {
    const result = await run(shipped, '--for', '5s');
    expect(result.seconds).toBe(5);
    expect(result.guests.map(({ name }) => name)).toEqual(['build', 'search', 'db']);
    for (const guest of result.guests) expect(Object.keys(guest).slice(2)).toEqual([...GUEST_COLUMNS]);
    expect(Object.keys(result.host)).toEqual([...HOST_COLUMNS]);
    expect(result.guests[0]?.['accesses']).toBeGreaterThan(10_000);
    expect(await run(shipped, '--for', '5s')).toEqual(result);
    expect(await run(shipped, '--for', '5s', '--seed', '7')).not.toEqual(result);
  });

  it('prints a table for people', async () => {
    const { stdout } = await cli('run', shipped, '--for', '2s');
    expect(stdout).toMatch(/^three real traces: 2 host seconds, seed 42, max-over-share, idle tax 0.75 \(modelled\)\n/);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual(
      expect.arrayContaining(['guest', 'build', 'search', 'db']),
    );
    expect(stdout).toMatch(/Host: 144.0 MiB of RAM, /);
  });

  it('puts values into the scenario by path: guests by name or place, texts and numbers', async () => {
    const settings = ['policy=fifo', 'guests.search.ramMiB=40', 'guests.2.ramMiB=32', 'host.poolLimitMiB=8'];
    const { policy, guests, host } = await run(shipped, '--for', '3s', ...settings.flatMap((one) => ['--set', one]));
    expect([policy, ...guests.map((guest) => guest['ramPages'])]).toEqual(['fifo', 12 * 256, 40 * 256, 32 * 256]);
    expect(host['ephemeralPages']).toBeLessThanOrEqual(8 * 256);
  });

  it('does what the events of the scenario say, when they say it', async () => {
    const events = [
      { atS: 2, set: 'guests.db.weight', to: 300 },
      { atS: 2, set: 'guests.build.balloonTargetMiB', to: 14 },
      { atS: 3, set: 'guests.search.running', to: false },
      { atS: 3, set: 'policy', to: 'fifo' },
      { atS: 3, set: 'host.poolLimitMiB', to: 4 },
    ];
    const traces = ['--traces', join(root, 'resources/traces')];
    const scenario = file('events.json', JSON.stringify({ ...shippedJson(), events }));
    const early = await run(scenario, '--for', '2s', ...traces);
    expect(early.guests.map((guest) => guest['weight'])).toEqual([100, 100, 100]);
    const late = await run(scenario, '--for', '5s', ...traces, '--db', 'events.db');
    expect(late.guests.map((guest) => guest['weight'])).toEqual([100, 100, 300]);
    expect(late.guests.map((guest) => guest['ramPages'])).toEqual([14 * 256, 0, 30 * 256]);
    expect(late.host['ephemeralPages']).toBeLessThanOrEqual(4 * 256);
    const recorded = new Database(join(folder, 'events.db'), { readonly: true });
    const marks = recorded.prepare(`SELECT hostMs, detail FROM clockEvents WHERE kind = 'scenario' ORDER BY id`).all();
    recorded.close();
    expect(marks).toEqual([
      { hostMs: 2_000, detail: 'Scenario: weight of db set to 300; balloon target of build set to 14 MiB.' },
      { hostMs: 3_000, detail: 'Scenario: search removed; policy set to fifo; limit of precache set to 4 MiB.' },
    ]);
  });

  it.each<[string[], RegExp]>([
    [[shipped, '--set', 'weight'], /"weight" is no PATH=VALUE/],
    [
      [shipped, '--set', 'guests.db.weight=70000'],
      /guests.2.weight must be a whole number from 0 to 65,535 \(it is 70000\)/,
    ],
    [[shipped, '--for', '1500ms'], /no whole number of seconds/],
    [['none.json'], /cannot be read/],
  ])('refuses %j with the place and the remedy', async (parameters, reason) => {
    const { code, stdout, stderr } = await cli('run', ...parameters);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(reason);
  });

  it('ends in order on Ctrl+C', async () => {
    const child = spawn(process.execPath, [main, 'run', shipped, '--for', '24h', '--db', 'cancelled.db'], {
      cwd: folder,
    });
    const started = once(child.stdout, 'close');
    while (child.exitCode === null && !isRunning(join(folder, 'cancelled.db')))
      await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    await started;
    expect(code).toBe(130);
    const recorded = new Database(join(folder, 'cancelled.db'), { readonly: true });
    const [last] = recorded.prepare('SELECT seconds, endedAtMs IS NOT NULL AS ended FROM runs').all() as {
      seconds: number;
      ended: number;
    }[];
    recorded.close();
    expect(last?.ended).toBe(1);
  });
});

/** Whether a run was begun in a history. */
function isRunning(path: string): boolean {
  try {
    const database = new Database(path, { readonly: true, fileMustExist: true });
    try {
      return (database.prepare('SELECT COUNT(*) AS runs FROM runs').get() as { runs: number }).runs > 0;
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}

describe('the verdict of a claim', () => {
  const claim = join(root, 'resources/scenarios/c-precache-curve.json');

  it('is taken from all runs that the claim compares, and printed beside its bounds; one run is recorded', async () => {
    const { stdout, code } = await cli('run', claim, '--db', 'claim.db');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Claim c holds: 4 figures of 4 are within their bounds\.$/m);
    expect(stdout).toMatch(/^disk reads of web with tmem +([\d,]+) pages += \1 pages +holds$/m);
    expect(stdout).toMatch(/^Modelled, 2 runs of 40 host seconds each: as the file says; without precache\.$/m);
    const recorded = new Database(join(folder, 'claim.db'), { readonly: true });
    expect(recorded.prepare('SELECT seconds FROM runs').all()).toEqual([{ seconds: 40 }]);
    recorded.close();
  });

  it('says what does not hold, and does not fail for it', async () => {
    const { verdict } = (await run(claim, '--set', 'guests.web.kernel.cache=two-list')) as unknown as {
      verdict: { holds: boolean; checks: { what: string; holds: boolean }[] };
    };
    expect(verdict.holds).toBe(false);
    expect(verdict.checks.filter(({ holds }) => !holds).map(({ what }) => what)).toContain(
      'disk reads of web with tmem',
    );
  });

  it('is none of another variant or length', async () => {
    const other = await run(claim, '--variant', 'without-precache', '--for', '2s');
    expect(other).toMatchObject({ variant: 'without precache', verdict: null });
    expect(await run(claim, '--for', '3s')).toMatchObject({ variant: 'as the file says', verdict: null });
    const unknown = await cli('run', claim, '--variant', 'none');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/no variant "none".*without-precache/);
  });
});

describe('tmem-console run with traces', () => {
  it('reads them as the options say', async () => {
    file('plain.csv', Array.from({ length: 500 }, (_, at) => `x;${at};${at % 50}`).join('\n'));
    const guest = { name: 'one', trace: 'plain.csv', ramMiB: 1, minMiB: 1, maxMiB: 1 };
    const pace = { phases: [{ s: 1, accessesPerS: 400 }] };
    const host = { totalMiB: 4, reservedMiB: 1, balloonMiBPerS: 1 };
    const scenario = file('csv.json', JSON.stringify({ name: 'csv', seed: 1, host, policy: 'fifo', guests: [{ ...guest, pace }] })); // prettier-ignore
    const reading = ['--columns', 'time=2,object=3', '--delimiter', ';', '--no-header'];
    const { guests } = await run(scenario, '--for', '1s', ...reading);
    expect(guests[0]?.['diskReads']).toBe(50);
    const refused = await cli('run', scenario, '--for', '1s', ...reading, '--offset-unit', 'bytes');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/unit of the offsets/);
  });
});

describe('tmem-console run --db', () => {
  it('adds a run to a history, which reports tell of', async () => {
    const result = await run(shipped, '--for', '12s', '--db', 'run.db');
    const { code, stdout } = await cli('report', '--db', 'run.db', '--format', 'json', '-o', '-');
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as {
      recordedSeconds: number;
      guests: { name: string; counts: { diskReads: { total: number } } }[];
    };
    expect(report.recordedSeconds).toBe(12);
    expect(report.guests.map(({ counts }) => counts.diskReads.total)).toEqual(
      result.guests.map((guest) => guest['diskReads']),
    );
  });
});

describe('a run that was recorded', () => {
  it('is gone on with by the console where it ended', async () => {
    await run(shipped, '--for', '6s', '--db', 'continued.db');
    const clock = { ms: 0 };
    const started = await startHost(
      {
        databaseFile: join(folder, 'continued.db'),
        tracesFolder: join(root, 'resources/traces'),
        cacheFolder: join(folder, 'traces'),
        scenarioFile: shipped,
        seed: null,
        versions: { app: 'test' },
      },
      { now: () => clock.ms, wallMs: () => Date.now(), emit: () => undefined, onProgress: () => undefined },
    );
    try {
      expect(started.description).toMatchObject({ run: { id: 1, seconds: 6 }, notice: null });
    } finally {
      await started.loop.end();
      started.close();
    }
  });
});

describe('run and replay', () => {
  /** References as fast as they come, the guests in turn: what `replay` calls round-robin. */
  const length = 4_999;
  const names = ['one', 'two', 'three'] as const;
  const ramPages = [40, 90, 20];
  const weights = [100, 300, 50];
  const poolPages = 150;
  names.forEach((name, at) => {
    let state = 12_345 + at;
    const random = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
    const lines = Array.from(
      { length },
      (_, time) => `${time},${Math.floor(400 * random() * random())},${time % 5 === 0 ? 'W' : 'R'}`,
    );
    file(`${name}.csv`, `time,id,op\n${lines.join('\n')}\n`);
  });
  const mib = (pages: number): number => pages / 256;

  it.each(POLICY_NAMES)('agree to the digit where guests are plain LRU on traces, under %s', async (policy) => {
    const replayed = names.map((name, at) => ({
      name,
      trace: `${name}.csv`,
      ramPages: ramPages[at],
      weight: weights[at],
    }));
    const forReplay = { guests: replayed, poolPages, policy, interleave: 'round-robin' };
    const phases = [{ s: 10, accessesPerS: 1_000 }];
    const guests = names.map((name, at) => ({
      name,
      trace: `${name}.csv`,
      // A replay knows only references.
      writes: 'as-reads',
      weight: weights[at],
      ...Object.fromEntries(['ramMiB', 'minMiB', 'maxMiB'].map((field) => [field, mib(ramPages[at] ?? NaN)])),
      pace: { gapJitter: 0, lengthJitter: 0, phases },
    }));
    const totalMiB = 4;
    const reservedMiB = totalMiB - mib(poolPages + ramPages.reduce((sum, pages) => sum + pages, 0));
    const host = { totalMiB, reservedMiB, balloonMiBPerS: 1 };
    const forRun = { name: 'round-robin', seed: 1, host, policy, idleTax: 0, guests };
    const { stdout } = await cli('replay', '--scenario', file('replay.json', JSON.stringify(forReplay)), '--json');
    const ran = await run(file('run.json', JSON.stringify(forRun)), '--for', '5s');
    const told = ran.guests.map((guest) => ({
      name: guest.name,
      ...Object.fromEntries(['accesses', 'cacheHits', 'precacheHits', 'diskReads'].map((key) => [key, guest[key]])),
      puts: guest['precachePuts'],
      evictedBySelf: guest['evictedBySelf'],
      evictedByOthers: guest['evictedByOthers'],
      residentPages: guest['ephemeralPages'],
    }));
    expect({ guests: told }).toEqual(JSON.parse(stdout));
    expect(ran.guests.map((guest) => guest['accesses'])).toEqual(names.map(() => length));
  });
});
