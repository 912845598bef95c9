import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudyOrder, StudyResult } from '#contract/studies.ts';
import { openHistory } from '#main/history/open-history.ts';
import { historyQueries } from '#main/history/queries/index.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { openStart } from '#main/study-process/open-start.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import type { StudyKind, TimedCommand } from '#main/what-if/study.ts';
import { smallConfig } from '../host/small-config.ts';
import { recordRun } from './recorded-host.ts';

const config = smallConfig();
const order: StudyOrder = {
  horizonMs: 10_000,
  alternatives: [
    { name: 'as it is', changes: [] },
    { name: 'favour one', changes: [{ kind: 'weight', guestId: 1, value: 300 }] },
  ],
  engine: 'auto',
};
/** What the forecast made at 20 s proposed was done then; later somebody did something else. */
const commands: TimedCommand[] = [
  { hostMs: 20_000, change: { kind: 'weight', guestId: 1, value: 300 } },
  { hostMs: 33_000, change: { kind: 'weight', guestId: 2, value: 250 } },
];

let folder = '';
let result: StudyResult;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmem-saved-'));
  await recordRun(file('made'), config, { seconds: 40, commands, checkpointsMs: [2_000] });
  result = await study('forecast');
});
afterAll(() => rm(folder, { recursive: true }));

const file = (name: string): string => join(folder, `${name}.db`);

async function study(kind: StudyKind, horizonMs = order.horizonMs): Promise<StudyResult> {
  const from = { kind: 'history', databaseFile: file('made'), runId: 1, atMs: 20_000 } as const;
  const start = await openStart(config, from, { kind, horizonMs });
  return (await runStudy({ start, ...order, horizonMs })) as StudyResult;
}

function withWriter<T>(work: (writer: HistoryWriter) => T): T {
  const writer = HistoryWriter.open({ file: file('made'), appVersion: 'test', wallClock: () => 1_700_000_001_000 });
  try {
    return work(writer);
  } finally {
    writer.close();
  }
}

function queries<T>(work: (asked: ReturnType<typeof historyQueries>) => T): T {
  const connection = openHistory(file('made'));
  try {
    return work(historyQueries(connection));
  } finally {
    connection.close();
  }
}

const save = (name: string, kind: StudyKind, found = result): number =>
  withWriter((writer) =>
    writer.saveStudy({ name, kind, runId: 1, order: { ...order, horizonMs: found.horizonMs }, result: found }),
  );

describe('a saved study', () => {
  it('comes back with every number, until it is deleted', () => {
    const id = save('more for one', 'forecast');
    const about = {
      name: 'more for one',
      kind: 'forecast',
      runId: 1,
      fromMs: 20_000,
      horizonMs: 10_000,
      applied: null,
    };
    queries((asked) => {
      expect(asked['history.studies']({}).studies[0]).toEqual({ id, savedAtMs: 1_700_000_001_000, ...about });
      expect(asked['history.study']({ id })).toEqual({
        study: { id, savedAtMs: 1_700_000_001_000, ...about },
        order,
        result,
      });
    });
    withWriter((writer) => writer.deleteStudy(id));
    queries((asked) => {
      expect(asked['history.studies']({}).studies.map((one) => one.id)).not.toContain(id);
      expect(() => asked['history.study']({ id })).toThrow(`There is no saved study ${id}.`);
    });
    expect(() => withWriter((writer) => writer.deleteStudy(id))).toThrow(`There is no saved study ${id}.`);
  });
});

describe('a forecast against its outcome', () => {
  it('sets the numbers of the applied alternative beside the stored samples of its horizon', () => {
    const id = save('applied', 'forecast');
    withWriter((writer) => writer.markStudyApplied(id, 'favour one', 1));
    const outcome = queries((asked) => asked['history.forecastOutcome']({ id }));
    expect(outcome).toMatchObject({ alternative: 'favour one', horizonS: 10, recordedS: 10, isOver: true });
    // The action that applied it is no other one.
    expect(outcome.otherActions).toBe(0);
    const stored = openHistory(file('made'));
    for (const { guestId, forecast, forecastSoFar, actual } of outcome.guests) {
      const place = guestId - 1;
      expect(forecast.diskReads).toBe(result.alternatives[1]?.guests[place]?.diskReads);
      expect(forecastSoFar).toBe(forecast.diskReads);
      expect(actual).toEqual(
        stored
          .prepare(
            `SELECT sum(accesses) AS accesses, sum(precacheHits) AS precacheHits, sum(diskReads) AS diskReads
             FROM guestSamples WHERE guestId = ? AND second >= 20 AND second < 30`,
          )
          .get(guestId),
      );
    }
    stored.close();
    // These guests loop at a steady pace: what they did is what they do.
    for (const { forecast, actual } of outcome.guests) {
      const ratio = (counts: { diskReads: number; accesses: number } | null): number =>
        (counts?.diskReads ?? NaN) / (counts?.accesses ?? NaN);
      expect(Math.abs(ratio(forecast) - ratio(actual))).toBeLessThan(0.05);
    }
  });

  it('is compared as far as the record goes, and told when others changed the host meanwhile', async () => {
    const id = save('longer', 'forecast', await study('forecast', 30_000));
    const outcome = queries((asked) => asked['history.forecastOutcome']({ id }));
    expect(outcome).toMatchObject({
      alternative: 'as it is',
      horizonS: 30,
      recordedS: 20,
      isOver: false,
      otherActions: 2,
    });
    const { forecast, forecastSoFar } = outcome.guests[1] ?? {};
    expect(forecastSoFar).toBeGreaterThan(0);
    expect(forecastSoFar).toBeLessThan(forecast?.diskReads ?? NaN);
  });

  it('is refused for a replay', async () => {
    const id = save('past', 'replay', await study('replay'));
    expect(() => queries((asked) => asked['history.forecastOutcome']({ id }))).toThrow('is a replay');
  });
});
