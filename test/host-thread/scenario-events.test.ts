import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClockEvent } from '#contract/model.ts';
import type { Frame } from '#contract/stream.ts';
import { ScenarioMarks } from '#main/host-thread/scenario-marks.ts';
import { type StartedHost, startHost } from '#main/host-thread/start-host.ts';
import { eventMarks } from '#main/scenario/event-marks.ts';

const EVENTS = [
  { atS: 3, set: 'guests.web.weight', to: 300 },
  { atS: 3, set: 'policy', to: 'fifo' },
  { atS: 7.5, set: 'guests.web.balloonTargetMiB', to: 3 },
  { atS: 20, set: 'guests.web.capMiB', to: null },
];
const AT_3 = 'Scenario: weight of web set to 300; policy set to fifo.';
const AT_7 = 'Scenario: balloon target of web set to 3 MiB.';
const AT_20 = 'Scenario: cap of web taken away.';

let folder = '';
const open: StartedHost[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmem-events-'));
  await writeScenario(EVENTS);
});
async function writeScenario(events: readonly object[]): Promise<void> {
  const guest = {
    ...{ name: 'web', ramMiB: 4, minMiB: 2, maxMiB: 8 },
    workload: { kind: 'zipf-files', accessesPerS: 500, files: 3_000, pagesPerFile: 1, alpha: 0.8 },
  };
  const host = { totalMiB: 16, reservedMiB: 1, balloonMiBPerS: 4 };
  const scenario = { name: 'eventful', seed: 1, host, policy: 'max-over-share', guests: [guest], events };
  await writeFile(join(folder, 'eventful.json'), JSON.stringify(scenario));
}
afterEach(async () => {
  for (const host of open.splice(0)) host.close();
  await rm(folder, { recursive: true });
});

/** A host on a wall clock that the test moves, ten host seconds a wall second. */
async function start() {
  const clock = { ms: 0 };
  const frames: Frame[] = [];
  const started = await startHost(
    {
      databaseFile: join(folder, 'history.db'),
      tracesFolder: resolve('resources/traces'),
      cacheFolder: join(folder, 'traces'),
      scenarioFile: join(folder, 'eventful.json'),
      seed: null,
      versions: { app: 'test' },
    },
    {
      now: () => clock.ms,
      wallMs: () => 1_700_000_000_000 + clock.ms,
      emit: (frame) => frames.push(frame),
      onProgress: () => undefined,
    },
  );
  open.push(started);
  started.loop.setSpeed('10x');
  const pass = async (hostSeconds: number): Promise<void> => {
    for (const end = clock.ms + hostSeconds * 100; clock.ms < end; clock.ms += 20) {
      started.loop.slice();
      await new Promise(setImmediate);
    }
  };
  return { started, pass, frames };
}

/** As a `kill -9` leaves it: what was not written is lost, the run has no end. */
function kill(started: StartedHost): void {
  open.splice(open.indexOf(started), 1);
  started.close();
}

function stored(): Pick<ClockEvent, 'hostMs' | 'detail'>[] {
  const database = new Database(join(folder, 'history.db'), { readonly: true });
  try {
    return database
      .prepare(`SELECT hostMs, detail FROM clockEvents WHERE kind = 'scenario' ORDER BY id`)
      .all() as never;
  } finally {
    database.close();
  }
}

/** In which host seconds the history has RAM of a guest. */
function secondsThere(guest: string): number[] {
  const database = new Database(join(folder, 'history.db'), { readonly: true });
  try {
    return database
      .prepare('SELECT second FROM guestSamples NATURAL JOIN guests WHERE name = ? AND ramPages > 0 ORDER BY second')
      .pluck()
      .all(guest) as number[];
  } finally {
    database.close();
  }
}

const streamed = (frames: readonly Frame[]): string[] =>
  frames.flatMap(({ clockEvents }) =>
    clockEvents.filter(({ kind }) => kind === 'scenario').map(({ detail }) => detail),
  );

describe('timed events of the scenario', () => {
  it('are marked at their host times, those of one time as one, and the window is told', async () => {
    const { started, pass, frames } = await start();
    await pass(2);
    expect(stored()).toEqual([]);
    await pass(8);
    expect(stored()).toEqual([
      { hostMs: 3_000, detail: AT_3 },
      { hostMs: 7_500, detail: AT_7 },
    ]);
    await started.loop.end();
    expect(streamed(frames)).toEqual([AT_3, AT_7]);
  });

  it('are marked once, whether the run was ended in order or killed, and what comes later is marked then', async () => {
    const first = await start();
    await first.pass(5);
    await first.started.loop.end();
    kill(first.started);

    const second = await start();
    expect(second.started.description).toMatchObject({ run: { id: 1 }, notice: null });
    await second.pass(4);
    // The checkpoint that a restart begins at lies before what was marked last.
    kill(second.started);

    const third = await start();
    expect(third.started.description.run.id).toBe(1);
    expect(third.started.description.notice).toContain('equals the record');
    await third.pass(14);
    expect(stored()).toEqual([
      { hostMs: 3_000, detail: AT_3 },
      { hostMs: 7_500, detail: AT_7 },
      { hostMs: 20_000, detail: AT_20 },
    ]);
    expect(streamed(third.frames)).toEqual([AT_20]);
    await third.started.loop.end();
  });

  it('are marked anew in a new run of the scenario', async () => {
    const first = await start();
    await first.pass(5);
    kill(first.started);
    const database = new Database(join(folder, 'history.db'));
    database.prepare('DELETE FROM checkpoints').run();
    database.close();
    const second = await start();
    expect(second.started.description.run.id).toBe(2);
    await second.pass(5);
    expect(stored().map(({ hostMs }) => hostMs)).toEqual([3_000, 3_000]);
  });

  it('wait where they cannot be written', () => {
    const marks = new ScenarioMarks(eventMarks({ events: EVENTS }), [3_000]);
    expect(marks.due(7_499)).toBeNull();
    expect(marks.due(7_500)).toEqual({ hostMs: 7_500, text: AT_7 });
    expect(marks.due(9_000)).toEqual({ hostMs: 7_500, text: AT_7 });
    marks.done();
    expect(marks.due(9_000)).toBeNull();
  });
});

describe('a guest that the scenario removes and starts again', () => {
  it('is two guests of the history, and a restart computes both lives as they were', async () => {
    await writeScenario([
      { atS: 3, set: 'guests.web.running', to: false },
      { atS: 5, set: 'guests.web.running', to: true },
      { atS: 10, set: 'guests.web.weight', to: 250 },
    ]);
    const presenceIn = ({ description }: StartedHost) => description.guestSettings.map(({ presence }) => presence);
    const first = await start();
    expect(first.started.description.guests).toMatchObject([
      { id: 1, name: 'web' },
      { id: 2, name: 'web-2' },
    ]);
    expect(presenceIn(first.started)).toEqual(['present', 'waiting']);
    await first.pass(9);
    kill(first.started);

    const second = await start();
    expect(second.started.description.run.id).toBe(1);
    expect(second.started.description.notice).toContain('equals the record');
    expect(presenceIn(second.started)).toEqual(['removed', 'present']);
    const { guestSettings } = second.started.description;
    expect(guestSettings.map(({ removedByScenarioMs }) => removedByScenarioMs)).toEqual([3_000, null]);
    await second.pass(7);
    await second.started.loop.end();
    expect(secondsThere('web')).toEqual([0, 1, 2]);
    expect(secondsThere('web-2').slice(0, 6)).toEqual([5, 6, 7, 8, 9, 10]);
  });
});

describe('the words of an event', () => {
  it.each([
    [{ set: 'guests.a.b.frozen', to: true }, 'a.b frozen'],
    [{ set: 'guests.web.frozen', to: false }, 'web thawed'],
    [{ set: 'guests.web.running', to: false }, 'web removed'],
    [{ set: 'guests.web.running', to: true }, 'web started'],
    [{ set: 'guests.web.capMiB', to: 12 }, 'cap of web set to 12 MiB'],
    [{ set: 'idleTax', to: 0.5 }, 'idle tax set to 0.5'],
    [{ set: 'host.poolLimitMiB', to: null }, 'limit of precache taken away'],
    [{ set: 'host.totalMiB', to: 64 }, 'RAM of the host set to 64 MiB'],
  ])('%j is "%s"', (event, text) => {
    expect(eventMarks({ events: [{ atS: 1, ...event }] })).toEqual([{ hostMs: 1_000, text: `Scenario: ${text}.` }]);
  });

  it('are cut where there are too many of one time', () => {
    const events = Array.from({ length: 40 }, () => ({ atS: 1, set: 'guests.web.weight', to: 300 }));
    const [mark] = eventMarks({ events });
    expect(mark?.text).toHaveLength(300);
    expect(mark?.text.endsWith('…')).toBe(true);
  });
});
