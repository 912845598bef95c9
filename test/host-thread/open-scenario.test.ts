import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClockEvent } from '#contract/model.ts';
import { openHistory } from '#main/history/open-history.ts';
import type { HostThreadOptions } from '#main/host-thread/protocol.ts';
import { type StartedHost, startHost } from '#main/host-thread/start-host.ts';
import { writeCompact } from '#main/trace/compact-file.ts';
import { readTrace } from '#main/trace/read-trace.ts';

let folder = '';
let open: StartedHost | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmem-open-'));
});
afterEach(async () => {
  open?.close();
  open = null;
  await rm(folder, { recursive: true });
});

/** A host on a clock that stands still but for the slices. */
async function start(options: Partial<HostThreadOptions> = {}): Promise<StartedHost> {
  let ms = 0;
  open = await startHost(
    {
      databaseFile: join(folder, 'history.db'),
      tracesFolder: resolve('resources/traces'),
      cacheFolder: join(folder, 'cache'),
      scenarioFile: resolve('resources/scenarios/a-fits.json'),
      seed: null,
      versions: { app: 'test' },
      ...options,
    },
    { now: () => ms, wallMs: () => 1_700_000_000_000 + ms, emit: () => undefined, onProgress: () => undefined },
  );
  open.loop.setSpeed('10x');
  for (; ms < 500; ms += 20) open.loop.slice();
  return open;
}

async function end(because: string | null = null): Promise<void> {
  await open?.loop.end(because);
  open?.close();
  open = null;
}

function stops(): Pick<ClockEvent, 'runId' | 'detail'>[] {
  const history = openHistory(join(folder, 'history.db'));
  try {
    return history.prepare(`SELECT runId, detail FROM clockEvents WHERE kind = 'stop' ORDER BY id`).all() as never;
  } finally {
    history.close();
  }
}

describe('opening a scenario', () => {
  it('begins a new run without a word of warning, though the last one could go on', async () => {
    expect((await start()).description.run.id).toBe(1);
    await end();
    expect((await start()).description).toMatchObject({ run: { id: 1 }, notice: null });
    await end();
    const anew = await start({ begins: 'anew' });
    expect(anew.description).toMatchObject({ run: { id: 2 }, notice: null });
    expect(anew.fork().hostMs).toBeLessThanOrEqual(5_000);
    await end();
    // It is the new one that goes on later.
    expect((await start()).description).toMatchObject({ run: { id: 2 }, notice: null });
  });

  it('marks the end of the run before with its reason', async () => {
    await start();
    await end('Stopped: the scenario "b" was opened.');
    await start({ begins: 'anew' });
    await end();
    expect(stops()).toEqual([
      { runId: 1, detail: 'Stopped: the scenario "b" was opened.' },
      { runId: 2, detail: 'Stopped.' },
    ]);
  });

  it('plays an imported trace under the name of the file that it was made from, and lets studies find it', async () => {
    const imported = join(folder, 'imported');
    await mkdir(imported);
    const trace = await readTrace(resolve('resources/traces/filemap-search.txt.gz'));
    await writeCompact(join(imported, 'mine.txt.gz.tmemtrace'), trace);
    const scenarioFile = join(folder, 'scenario.json');
    await writeFile(scenarioFile, JSON.stringify(scenarioWith('mine.txt.gz')));
    const host = await start({ scenarioFile, importedFolder: imported });
    expect(host.fork().config.guests[0]?.traceFile).toBe(join(imported, 'mine.txt.gz.tmemtrace'));
    await end();
    // A trace beside the scenario goes before it.
    await cp(resolve('resources/traces/filemap-search.txt.gz'), join(folder, 'mine.txt.gz'));
    const beside = await start({ scenarioFile, importedFolder: imported });
    expect(beside.fork().config.guests[0]?.traceFile).toBe(join(folder, 'mine.txt.gz'));
    // They hold the same references: the run goes on.
    expect(beside.description).toMatchObject({ run: { id: 1 }, notice: null });
  });

  it('says which trace is nowhere', async () => {
    const scenarioFile = join(folder, 'scenario.json');
    await writeFile(scenarioFile, JSON.stringify(scenarioWith('nowhere.csv')));
    await expect(start({ scenarioFile })).rejects.toMatchObject({
      code: 'bad-trace',
      message: expect.stringContaining('nowhere.csv') as string,
    });
  });
});

function scenarioWith(trace: string): object {
  const pace = { phases: [{ s: 10, accessesPerS: 2_000 }] };
  return {
    name: 'mine',
    seed: 1,
    host: { totalMiB: 32, reservedMiB: 2, balloonMiBPerS: 4 },
    policy: 'max-over-share',
    guests: [{ name: 'web', trace, pace, ramMiB: 8, minMiB: 4, maxMiB: 16 }],
  };
}
