import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleError } from '#contract/errors.ts';
import type { HostDescription } from '#contract/model.ts';
import { REQUESTS } from '#contract/requests.ts';
import type { ScenarioRef, WorkStanding } from '#contract/scenarios.ts';
import { createScenarioDesk } from '#main/app/scenarios/create-scenario-desk.ts';
import type { LiveHost, ScenarioDesk } from '#main/app/scenarios/scenario-desk.ts';
import { forkStudy } from '#main/study-process/fork-study.ts';
import { AT_ONCE } from '#main/study-process/studies.ts';
import { Turns } from '#main/study-process/turns.ts';
import type { WorkJob } from '#main/study-process/work-job.ts';

const PROCESS = new URL('../../src-main/study-process/work-process.ts', import.meta.url);
const FITS: ScenarioRef = { origin: 'shipped', file: 'a-fits.json' };
const TRACES: ScenarioRef = { origin: 'shipped', file: 'three-real-traces.json' };
const MSR_LINES = 4_000;

let folder = '';
let chosen: string | null = null;
let order: string[] = [];
/** Scenarios whose host does not start. */
let broken: readonly string[] = [];
const desks: ScenarioDesk[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmem-scenarios-'));
  chosen = null;
  order = [];
  broken = [];
});
afterEach(async () => {
  for (const desk of desks.splice(0)) desk.work.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A host that only remembers what it was started with. */
function fakeLive(start: () => ScenarioDesk['start']): LiveHost {
  let runId = 1;
  let scenarioFile = start().scenarioFile;
  return {
    describe: () => {
      if (broken.some((name) => scenarioFile.endsWith(name))) throw new ConsoleError('bad-trace', 'It is torn.');
      const source = { kind: 'modelled', scenario: scenarioFile, seed: 7 } as const;
      return { run: { id: runId, source } } as HostDescription;
    },
    whileStopped: async (work, how) => {
      order.push(`end: ${how?.because ?? ''}`);
      const answer = await work();
      const started = start();
      ({ scenarioFile } = started);
      if (started.begins === 'anew') runId++;
      order.push(`${started.begins}: ${scenarioFile.split('/').at(-1) ?? ''}`);
      return answer;
    },
  };
}

function openDesk({ namedFile = null, memoryMiB = 1_024 }: { namedFile?: string | null; memoryMiB?: number } = {}) {
  const desk: ScenarioDesk = createScenarioDesk({
    resources: resolve('resources'),
    userData: folder,
    namedFile,
    memoryMiB,
    turns: new Turns(AT_ONCE),
    startProcess: () => forkStudy<WorkJob>(PROCESS),
    live: () => live,
    chooseScenario: () => Promise.resolve(chosen),
    chooseTrace: () => Promise.resolve(chosen),
  });
  const live = fakeLive(() => desk.start);
  desks.push(desk);
  return desk;
}

/** Waits for the end of a piece of work. */
async function ended(desk: ScenarioDesk, id: number): Promise<WorkStanding> {
  for (let seen = 0; ;) {
    const now = await desk.work.watch({ id, seen });
    if (now.phase !== 'waiting' && now.phase !== 'running') return now;
    seen = now.version;
  }
}

/** A block trace of one volume, with a bad line where one is wanted. */
function msrTrace(lines = MSR_LINES, badLine: number | null = null): string {
  return Array.from({ length: lines }, (_, at) =>
    at + 1 === badLine
      ? 'not,a,request'
      : `${128_166_372_003_061_629 + at},web,0,${at % 3 === 0 ? 'Write' : 'Read'},${4_096 * (at % 500)},4096,100`,
  ).join('\n');
}

async function importFile(
  desk: ScenarioDesk,
  name: string,
  content: string | Uint8Array,
  format: string | null = null,
) {
  chosen = join(folder, name);
  await writeFile(chosen, content);
  const { id } = await desk.importTrace({ format });
  if (id === null) throw new Error('Nothing was imported.');
  return { id, standing: await ended(desk, id) };
}

describe('the gallery', () => {
  it('lists each scenario that ships with what it shows: claims a to j, and the real traces', async () => {
    const found = await openDesk().list();
    expect(v.parse(REQUESTS['scenarios.list'].answer, found)).toEqual(found);
    const letters = new Set(found.scenarios.map(({ summary }) => summary?.claim?.letter));
    expect(Array.from('abcdefghij').filter((letter) => !letters.has(letter))).toEqual([]);
    const real = found.scenarios.find(({ scenario }) => scenario.file === TRACES.file)?.summary;
    expect(real?.guests.map(({ name }) => name)).toEqual(['build', 'search', 'db']);
    expect(found.scenarios.flatMap(({ summary }) => summary?.missingTraces ?? ['unread'])).toEqual([]);
    expect(found.opened).toEqual(TRACES);
  });

  it('tells of a bad file of ones own where it is wrong, and lists the others', async () => {
    const own = join(folder, 'scenarios');
    await mkdir(own);
    await writeFile(join(own, 'torn.json'), '{"name": ');
    const scenario = JSON.parse(await readFile('resources/scenarios/a-fits.json', 'utf8')) as {
      guests: { ramMiB: unknown }[];
    };
    if (scenario.guests[1] !== undefined) scenario.guests[1].ramMiB = 'much';
    await writeFile(join(own, 'wrong.json'), JSON.stringify(scenario));
    const { scenarios } = await openDesk().list();
    const failureOf = (file: string) => scenarios.find((one) => one.scenario.file === file)?.failure;
    expect(failureOf('torn.json')).toMatchObject({ code: 'bad-scenario' });
    expect(failureOf('wrong.json')?.message).toContain('guests.1.ramMiB');
    expect(scenarios.filter(({ summary }) => summary !== null).length).toBeGreaterThan(10);
  });

  it('adds a copy of a file that fits, and nothing of one that does not or whose name is taken', async () => {
    const desk = openDesk();
    chosen = join(folder, 'mine.json');
    await cp('resources/scenarios/a-fits.json', chosen);
    expect(await desk.add()).toEqual({ added: { origin: 'own', file: 'mine.json' } });
    await writeFile(chosen, '{"name": "mine"}');
    await expect(desk.add()).rejects.toMatchObject({ code: 'bad-scenario' });
    await cp('resources/scenarios/b-preswap-quota.json', chosen);
    await expect(desk.add()).rejects.toThrow(/another scenario file mine\.json/);
    expect(await readdir(join(folder, 'scenarios'))).toEqual(['mine.json']);
    chosen = null;
    expect(await desk.add()).toEqual({ added: null });
  });

  it('says which trace a scenario lacks, and plays it once it was imported', async () => {
    const desk = openDesk();
    const scenario = JSON.parse(await readFile('resources/scenarios/three-real-traces.json', 'utf8')) as {
      forS?: number;
      guests: { trace?: string }[];
    };
    scenario.forS = 3;
    if (scenario.guests[0] !== undefined) scenario.guests[0].trace = 'web.csv';
    chosen = join(folder, 'mine.json');
    await writeFile(chosen, JSON.stringify(scenario));
    const { added } = await desk.add();
    if (added === null) throw new Error('Nothing was added.');
    const mine = async () =>
      (await desk.list()).scenarios.find(({ scenario: one }) => one.file === 'mine.json')?.summary;
    expect((await mine())?.missingTraces).toEqual(['web.csv']);
    await expect(desk.try({ scenario: added, variant: 'as-is' })).rejects.toThrow(/web\.csv/);
    await expect(desk.open({ scenario: added })).rejects.toThrow(/web\.csv/);
    expect(order).toEqual([]);
    await importFile(desk, 'web.csv', msrTrace());
    expect((await mine())?.missingTraces).toEqual([]);
    const { id } = await desk.try({ scenario: added, variant: 'as-is' });
    expect(await ended(desk, id)).toMatchObject({ phase: 'done', failure: null });
    const { trial } = desk.work.outcome({ id });
    expect(trial?.guests[0]?.totals.accesses).toBeGreaterThan(1_000);
  });

  it('does not open a file that the console was not started with', async () => {
    const named = resolve('resources/scenarios/a-fits.json');
    expect(openDesk({ namedFile: named }).start.scenarioFile).toBe(named);
    await expect(openDesk().open({ scenario: { origin: 'named', file: named } })).rejects.toMatchObject({
      code: 'bad-scenario',
    });
  });
});

describe('a trial', () => {
  it('runs the scenario from its beginning and counts what the claim says', async () => {
    const desk = openDesk();
    const { id } = await desk.try({ scenario: FITS, variant: 'as-is' });
    expect(await ended(desk, id)).toMatchObject({ phase: 'done', part: 1 });
    const outcome = desk.work.outcome({ id });
    expect(v.parse(REQUESTS['work.outcome'].answer, outcome)).toEqual(outcome);
    const { trial } = outcome;
    expect(trial).toMatchObject({ scenario: 'a: everything fits', seconds: 40, seed: 1, policy: 'max-over-share' });
    for (const { totals, mostHeldPages, heldCourse } of trial?.guests ?? []) {
      expect(totals.precachePuts + totals.preswapPuts + totals.precachePutsFailed).toBe(0);
      expect(totals.accesses).toBeGreaterThan(0);
      expect(mostHeldPages).toBe(0);
      expect(heldCourse).toHaveLength(40);
    }
  });

  it('fills preswap to the quota of claim b and no further', async () => {
    const desk = openDesk();
    const { id } = await desk.try({ scenario: { origin: 'shipped', file: 'b-preswap-quota.json' }, variant: 'as-is' });
    await ended(desk, id);
    const [grower] = desk.work.outcome({ id }).trial?.guests ?? [];
    expect(grower?.mostHeldPages).toBe(8_192);
    expect(grower?.totals.swapOuts).toBeGreaterThan(0);
  });

  it('without tmem, or under another policy, is another run of the same scenario', async () => {
    const desk = openDesk();
    const scenario: ScenarioRef = { origin: 'shipped', file: 'd-ephemeral-hog.json' };
    const held = new Map<string, number>();
    for (const variant of ['as-is', 'no-tmem', 'fifo'] as const) {
      const { id } = await desk.try({ scenario, variant });
      await ended(desk, id);
      const { trial } = desk.work.outcome({ id });
      expect(trial?.variant).toBe(variant);
      held.set(variant, trial?.guests.find(({ name }) => name === 'backup')?.mostHeldLatePages ?? NaN);
    }
    // A quarter of 8,192 pages is the share of the hog; without weights it holds more.
    expect(held.get('as-is')).toBeLessThanOrEqual(1.05 * 2_048);
    expect(held.get('no-tmem')).toBe(0);
    expect(held.get('fifo')).toBeGreaterThan(1.05 * 2_048);
  });

  it('is cancelled while it runs, and leaves its turn to others', async () => {
    const desk = openDesk();
    const { id } = await desk.try({ scenario: TRACES, variant: 'as-is' });
    for (let seen = 0; ;) {
      const now = await desk.work.watch({ id, seen });
      if (now.phase === 'running') break;
      seen = now.version;
    }
    desk.work.cancel({ id });
    expect(await ended(desk, id)).toMatchObject({ phase: 'cancelled', failure: null });
    expect(desk.work.outcome({ id })).toEqual({ trial: null, verdict: null, trace: null });
    const next = await desk.try({ scenario: FITS, variant: 'as-is' });
    expect((await ended(desk, next.id)).phase).toBe('done');
  });

  it('waits where two run already, and too many are refused', async () => {
    const desk = openDesk();
    const ids = [];
    for (let at = 0; at < 6; at++) ids.push((await desk.try({ scenario: TRACES, variant: 'as-is' })).id);
    await expect(desk.try({ scenario: FITS, variant: 'as-is' })).rejects.toMatchObject({ code: 'bad-study' });
    expect((await desk.work.watch({ id: ids[5] ?? 0, seen: 0 })).phase).toBe('waiting');
    for (const id of ids) desk.work.cancel({ id });
    for (const id of ids) expect((await ended(desk, id)).phase).toBe('cancelled');
  });

  it('fails with a sentence when it needs more memory than it may use', async () => {
    const desk = openDesk({ memoryMiB: 10 });
    const { id } = await desk.try({ scenario: TRACES, variant: 'as-is' });
    expect(await ended(desk, id)).toMatchObject({ phase: 'failed', failure: { code: 'study-failed' } });
  });
});

describe('the check of a claim', () => {
  it('makes its runs and tells whether it holds, with the run of the file as it is', async () => {
    const desk = openDesk();
    const listed = (await desk.list()).scenarios.find(({ scenario }) => scenario.file === 'c-precache-curve.json');
    expect(listed?.summary).toMatchObject({
      claim: { letter: 'c', runs: 2 },
      variants: [{ name: 'without-precache', title: 'without precache' }],
    });
    const { id } = await desk.check({ scenario: { origin: 'shipped', file: 'c-precache-curve.json' } });
    expect(await ended(desk, id)).toMatchObject({ phase: 'done', part: 1 });
    const outcome = desk.work.outcome({ id });
    expect(v.parse(REQUESTS['work.outcome'].answer, outcome)).toEqual(outcome);
    expect(outcome.verdict).toMatchObject({
      ...{ letter: 'c', holds: true, seconds: 40, seed: 1 },
      runs: ['as the file says', 'without precache'],
    });
    expect(outcome.trial).toMatchObject({ variant: 'as-is', seconds: 40 });
    const reads = outcome.verdict?.checks.find(({ what }) => what === 'disk reads of web with tmem');
    expect(reads?.measured).toBe(outcome.trial?.guests[0]?.totals.diskReads);
  });

  it('is refused with a sentence where nothing is claimed', async () => {
    const desk = openDesk();
    const { id } = await desk.check({ scenario: TRACES });
    expect(await ended(desk, id)).toMatchObject({
      phase: 'failed',
      failure: { code: 'bad-study', message: expect.stringContaining('three real traces') as string },
    });
  });

  it('of a file of ones own that makes a wrong claim finds it out; its variants can be tried', async () => {
    const scenario = JSON.parse(await readFile('resources/scenarios/b-preswap-quota.json', 'utf8')) as {
      claim: { measure: { quotaPages: number } };
      variants: object[];
    };
    scenario.claim.measure.quotaPages = 8_000;
    scenario.variants = [{ name: 'roomy', title: 'with a roomy quota', set: { 'guests.grower.maxMiB': 96 } }];
    chosen = join(folder, 'mine.json');
    await writeFile(chosen, JSON.stringify(scenario));
    const desk = openDesk();
    const { added } = await desk.add();
    if (added === null) throw new Error('Nothing was added.');
    const { id } = await desk.check({ scenario: added });
    await ended(desk, id);
    expect(desk.work.outcome({ id }).verdict).toMatchObject({ holds: false });
    const roomy = await desk.try({ scenario: added, variant: 'roomy' });
    await ended(desk, roomy.id);
    const { trial } = desk.work.outcome(roomy);
    expect(trial).toMatchObject({ variant: 'roomy', variantTitle: 'with a roomy quota' });
    expect(trial?.guests[0]?.totals.swapOuts).toBe(0);
    const none = await desk.try({ scenario: added, variant: 'none' });
    expect((await ended(desk, none.id)).failure?.message).toContain('no variant "none"');
  });
});

it('tells where the script lies that records a trace', async () => {
  const { recorderFile } = await openDesk().traces();
  expect(await readFile(recorderFile, 'utf8')).toMatch(/^#!/);
});

describe('removing', () => {
  async function addMine(desk: ScenarioDesk, trace: string | null = null): Promise<ScenarioRef> {
    const from = trace === null ? 'a-fits.json' : 'three-real-traces.json';
    const text = await readFile(join('resources/scenarios', from), 'utf8');
    chosen = join(folder, 'mine.json');
    await writeFile(chosen, trace === null ? text : text.replace('filemap-cc.txt.gz', trace));
    const { added } = await desk.add();
    if (added === null) throw new Error('Nothing was added.');
    return added;
  }
  const files = async (desk: ScenarioDesk): Promise<string[]> =>
    (await desk.list()).scenarios
      .filter(({ scenario }) => scenario.origin === 'own')
      .map(({ scenario }) => scenario.file);

  it('moves a scenario aside, whence it is put back; twice the same name is no matter', async () => {
    const desk = openDesk();
    await addMine(desk);
    const first = await desk.remove({ file: 'mine.json' });
    expect(await files(desk)).toEqual([]);
    await addMine(desk);
    const second = await desk.remove({ file: 'mine.json' });
    const { removedFolder } = await desk.list();
    expect((await readdir(removedFolder)).sort()).toEqual([first.removed, second.removed].sort());
    expect(await desk.putBack(second)).toEqual({ file: 'mine.json' });
    expect(await files(desk)).toEqual(['mine.json']);
    await expect(desk.putBack(first)).rejects.toMatchObject({ code: 'in-use' });
    await expect(desk.remove({ file: 'none.json' })).rejects.toMatchObject({ code: 'file-unwritable' });
  });

  it('refuses the live scenario, and the trace that the live host plays', async () => {
    const desk = openDesk();
    await importFile(desk, 'web.csv', msrTrace());
    const mine = await addMine(desk, 'web.csv');
    await desk.open({ scenario: mine });
    await expect(desk.remove({ file: 'mine.json' })).rejects.toMatchObject({ code: 'in-use' });
    await expect(desk.removeTrace({ file: 'web.csv.tmemtrace' })).rejects.toThrow(/The live host plays web\.csv/);
    expect(await files(desk)).toEqual(['mine.json']);
    await desk.open({ scenario: FITS });
    const { removed } = await desk.removeTrace({ file: 'web.csv.tmemtrace' });
    expect((await desk.traces()).traces.filter(({ origin }) => origin === 'own')).toEqual([]);
    const lacking = (await desk.list()).scenarios.find(({ scenario }) => scenario.file === 'mine.json');
    expect(lacking?.summary?.missingTraces).toEqual(['web.csv']);
    await desk.putTraceBack({ removed });
    expect(
      (await desk.traces()).traces.filter(({ origin, summary }) => origin === 'own' && summary !== null),
    ).toHaveLength(1);
  });

  it('goes by names of files only', () => {
    for (const file of ['../history.db', '.hidden.json', 'a/b.json', '']) {
      expect(v.safeParse(REQUESTS['scenarios.remove'].argument, { file }).success).toBe(false);
      expect(v.safeParse(REQUESTS['traces.putBack'].argument, { removed: file }).success).toBe(false);
    }
  });
});

describe('opening a scenario', () => {
  it('ends the live host with its reason, begins a new run of it, and is remembered', async () => {
    const desk = openDesk();
    expect(await desk.open({ scenario: FITS })).toMatchObject({ name: 'a: everything fits', runId: 2 });
    expect(order).toEqual(['end: Stopped: the scenario "a: everything fits" was opened.', 'anew: a-fits.json']);
    expect(await desk.list()).toMatchObject({ opened: FITS, former: TRACES });
    // What restarts later goes on with the run that was begun.
    expect(desk.start.begins).toBe('continue');
    const again = openDesk();
    expect(again.start).toEqual({ scenarioFile: resolve('resources/scenarios/a-fits.json'), begins: 'continue' });
  });

  it('goes back to the former host, whose run goes on, when its own cannot start', async () => {
    broken = ['a-fits.json'];
    const desk = openDesk();
    await expect(desk.open({ scenario: FITS })).rejects.toThrow(/the former host goes on\. It is torn/);
    expect(order.at(-1)).toBe('continue: three-real-traces.json');
    expect(await desk.list()).toMatchObject({ opened: TRACES, former: null });
    expect(openDesk().start.scenarioFile).toContain('three-real-traces');
  });

  it('says so when neither can start', async () => {
    broken = ['a-fits.json', 'three-real-traces.json'];
    await expect(openDesk().open({ scenario: FITS })).rejects.toThrow(
      /the former host could not be started again either/,
    );
  });

  it('forgets what it cannot read, and opens what it opened first', async () => {
    await writeFile(
      join(folder, 'opened-scenario.json'),
      '{"version": 1, "scenario": {"origin": "own", "file": "../x.json"}}',
    );
    expect(openDesk().start.scenarioFile).toContain('three-real-traces');
  });
});

describe('traces', () => {
  it('that ship are told with what is known of them', async () => {
    const found = await openDesk().traces();
    expect(v.parse(REQUESTS['traces.list'].answer, found)).toEqual(found);
    expect(found.traces.map(({ file, summary }) => [file, summary?.references, summary?.distinctPages])).toEqual([
      ['filemap-cc.txt.gz', 329_951, 8_293],
      ['filemap-db.txt.gz', 146_935, 28_457],
      ['filemap-search.txt.gz', 62_896, 16_618],
    ]);
    expect(found.traces.every(({ summary }) => summary?.postCache === false)).toBe(true);
    // Known now: the next look needs no process.
    const started = JSON.parse(await readFile(join(folder, 'traces', 'summaries.json'), 'utf8')) as object;
    expect(Object.keys(started)).toHaveLength(3);
    expect(await openDesk({ memoryMiB: 1 }).traces()).toEqual(found);
  });

  it('are imported whole, compressed or not, and listed', async () => {
    const desk = openDesk();
    const { id, standing } = await importFile(desk, 'web.csv.gz', gzipSync(msrTrace()));
    expect(standing).toMatchObject({ phase: 'done', part: 1 });
    const { trace } = desk.work.outcome({ id });
    expect(trace).toMatchObject({
      origin: 'own',
      summary: { format: 'msr', references: MSR_LINES, distinctPages: 500, postCache: true, writes: 1_334 },
    });
    const { traces } = await desk.traces();
    expect(traces.find(({ origin }) => origin === 'own')).toEqual(trace);
    await expect(importFile(desk, 'web.csv.gz', gzipSync(msrTrace()))).rejects.toThrow(/already/);
  });

  it('with a bad line are refused with its number, and nothing of them stays', async () => {
    const desk = openDesk();
    const { standing } = await importFile(desk, 'bad.csv', msrTrace(MSR_LINES, 3_777), 'msr');
    expect(standing.phase).toBe('failed');
    expect(standing.failure).toMatchObject({ code: 'bad-trace' });
    expect(standing.failure?.message).toMatch(/line 3,?777/);
    expect(await readdir(join(folder, 'imported-traces'))).toEqual([]);
  });

  it('are imported no further when that is cancelled, and nothing of them stays', async () => {
    const desk = openDesk();
    chosen = join(folder, 'long.csv');
    await writeFile(chosen, msrTrace(600_000));
    const { id } = await desk.importTrace({ format: null });
    if (id === null) throw new Error('Nothing was imported.');
    for (let seen = 0; ;) {
      const now = await desk.work.watch({ id, seen });
      if (now.part > 0 || now.phase === 'done') break;
      seen = now.version;
    }
    desk.work.cancel({ id });
    expect((await ended(desk, id)).phase).toBe('cancelled');
    expect(await readdir(join(folder, 'imported-traces'))).toEqual([]);
    expect((await desk.traces()).traces.filter(({ origin }) => origin === 'own')).toEqual([]);
  });

  it('that were left half written are cleared away, and a damaged one says so', async () => {
    const own = join(folder, 'imported-traces');
    await mkdir(own);
    await writeFile(join(own, 'half.csv.tmemtrace.0b0e.tmp'), 'TMEM');
    await writeFile(join(own, 'torn.csv.tmemtrace'), 'TMEMTRC');
    const { traces } = await openDesk().traces();
    expect(existsSync(join(own, 'half.csv.tmemtrace.0b0e.tmp'))).toBe(false);
    expect(traces.find(({ file }) => file === 'torn.csv.tmemtrace')).toMatchObject({
      summary: null,
      failure: { code: 'bad-trace', remedy: expect.stringContaining('Import the trace again') as string },
    });
    expect(traces.filter(({ summary }) => summary !== null)).toHaveLength(3);
  });
});
