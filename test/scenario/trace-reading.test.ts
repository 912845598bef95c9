import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScenario as openFromCommandLine } from '#main/cli/what-if/scenario-start.ts';
import { ConsoleError } from '#contract/errors.ts';
import { Host } from '#main/host/host.ts';
import { startHost } from '#main/host-thread/start-host.ts';
import { openScenario } from '#main/scenario/open-scenario.ts';
import { StudyWork } from '#main/study-process/study-work.ts';
import { observe } from '../host/scripted-host.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmem-reading-'));
  // Nine requests of one page: at multiples of 4,096, which are as many sectors or, in bytes, as many pages.
  const requests = Array.from({ length: 9 }, (_, at) => `${1_538_323_200 + at},${at * 4_096},8,${at % 2},7\n`);
  await writeFile(join(folder, 'disk.csv'), requests.join(''));
  // Two columns that could both be what is referred to.
  const rows = Array.from({ length: 12 }, (_, at) => `${at % 3};${at};${at}\n`);
  await writeFile(join(folder, 'rows.csv'), rows.join(''));
});
afterAll(() => rm(folder, { recursive: true }));

interface Played {
  readonly trace: string;
  readonly reading?: object;
  readonly writes?: string;
}

async function scenarioWith(...guests: readonly Played[]): Promise<string> {
  const file = join(folder, 'scenario.json');
  const memory = { ramMiB: 1, minMiB: 0, maxMiB: 4 };
  const pace = { phases: [{ s: 10, accessesPerS: 100 }] };
  const scenario = {
    ...{ name: 'read', seed: 1, policy: 'fifo', host: { totalMiB: 16, reservedMiB: 1, balloonMiBPerS: 1 } },
    guests: guests.map((guest, at) => ({ name: `guest${at}`, ...memory, pace, ...guest })),
  };
  await writeFile(file, JSON.stringify(scenario));
  return file;
}

const open = (file: string) => openScenario(file, { traceFolders: [], cacheFolder: join(folder, 'cache') });
/** What the host of a scenario gives studies to start from. */
async function startedHost(scenarioFile: string) {
  const started = await startHost(
    {
      ...{ databaseFile: join(folder, 'history.db'), tracesFolder: folder, cacheFolder: join(folder, 'cache') },
      ...{ scenarioFile, seed: null, versions: { app: 'test' } },
    },
    { now: () => 0, wallMs: () => 1_700_000_000_000, emit: () => undefined, onProgress: () => undefined },
  );
  const forked = started.fork();
  started.close();
  return forked;
}
const failure = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return '';
  } catch (error) {
    const { message, remedy } = ConsoleError.failureOf(error);
    return `${message} ${remedy ?? ''}`;
  }
};

describe('the trace of a guest in a scenario', () => {
  it('is read as the guest says, by the console, by the command line and by studies', async () => {
    const columns = { time: 3 };
    const file = await scenarioWith(
      { trace: 'disk.csv', reading: { format: 'tencent', offsetUnit: 'bytes', sizeUnit: 'sectors' } },
      { trace: 'disk.csv', reading: { format: 'tencent', offsetUnit: 'sectors' } },
      { trace: 'rows.csv', reading: { columns: { ...columns, object: 1 }, delimiter: ';', header: false } },
      { trace: 'rows.csv', reading: { columns: { ...columns, object: 2 }, delimiter: ';', timeUnit: 'ms' } },
      {
        trace: 'disk.csv',
        reading: { format: 'tencent', offsetUnit: 'bytes', sizeUnit: 'sectors' },
        writes: 'as-reads',
      },
    );
    const { config, scenario } = await open(file);
    const seen = config.guests.map(({ trace }) => [trace.distinctPages, trace.indexOfPage[1], trace.writes !== null]);
    // The second page of a disk lies one page further, or 4,096 sectors; rows name 3 objects, or 12.
    expect(seen).toEqual([
      [9, 1, true],
      [9, 512, true],
      [3, seen[2]?.[1], false],
      [12, seen[3]?.[1], false],
      [9, 1, false],
    ]);
    expect(config.guests[3]?.trace.timesUs?.[2]).toBe(2_000);

    const { config: filed } = await startedHost(file);
    const order = { horizonMs: 2_000, alternatives: [{ name: 'as it is', changes: [] }], engine: 'full' as const };
    const start = { kind: 'scenario' as const, atMs: 0 };
    const cacheFolder = join(folder, 'cache');
    const study = await new StudyWork().run(
      { order, config: filed, cacheFolder, start, memoryMiB: 1_024 },
      () => undefined,
    );
    const host = new Host(config);
    const live = observe(host, 2_000);
    if (study.kind !== 'result') throw new Error(`The study told ${study.kind}.`);
    expect(study.result.alternatives[0]?.guests.map(({ accesses, diskReads }) => [accesses, diskReads])).toEqual(
      config.guests.map((_, place) => [live.sum('accesses', place), live.sum('diskReads', place)]),
    );

    const told = await openFromCommandLine(file, { format: 'auto' });
    expect(told.config).toEqual(config);
    expect(told.scenario).toEqual(scenario);
  });

  it('is refused with the place where that does not fit', async () => {
    const unit = await scenarioWith({ trace: 'rows.csv', reading: { format: 'csv', offsetUnit: 'bytes' } });
    expect(await failure(open(unit))).toMatch(/rows\.csv: .*offsets.*tencent/s);
    const format = await scenarioWith({ trace: 'rows.csv', reading: { format: 'floppy' } });
    expect(await failure(open(format))).toMatch(/guests\.0\.reading\.format must be one of "ftrace"/);
    const column = await scenarioWith({ trace: 'rows.csv', reading: { columns: { when: 3 } } });
    expect(await failure(open(column))).toMatch(/guests\.0\.reading\.columns\.when is no field/);
    const delimiter = await scenarioWith({ trace: 'rows.csv', reading: { delimiter: '::' } });
    expect(await failure(open(delimiter))).toMatch(/guests\.0\.reading\.delimiter must be one character/);
  });
});
