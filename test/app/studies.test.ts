import { describe, expect, it, vi } from 'vitest';
import { ConsoleError } from '#contract/errors.ts';
import type { Exploration, HeatMap, StudyOrder, StudyResult, StudyStanding } from '#contract/studies.ts';
import { exportStudy } from '#main/app/study-export.ts';
import { StudyDesk } from '#main/app/studies.ts';
import { CPU_CLASSES } from '#main/host/costs.ts';
import type { ForkedHost } from '#main/host-thread/protocol.ts';
import type { JobStretch, StudyJob } from '#main/study-process/job.ts';
import type { StudyWatch } from '#main/study-process/studies.ts';

const order: StudyOrder = {
  horizonMs: 10_000,
  alternatives: [{ name: 'as it is', changes: [] }],
  engine: 'auto',
};
const sums = { accesses: 10, cacheHits: 4, precacheHits: 3, diskReads: 3, meanEphemeralPages: 5, error: 0 };
const result: StudyResult = {
  fromMs: 7_000,
  horizonMs: 10_000,
  alternatives: [
    {
      name: 'as it is',
      engine: 'full',
      guests: [
        {
          ...{ ...sums, guestId: 1, name: '=web', meanRamPages: 9 },
          ...{ evictedBySelf: 1, evictedByOthers: 2, evictionsCaused: 3, waitingPart: null, waitingError: null },
        },
      ],
      host: { ...sums, evictions: 3, meanFallowPages: 0 },
      assumptions: [],
      overTime: { firstSecond: 7, seconds: 1, ephemeralPages: Float64Array.of(5), diskReads: Float64Array.of(3) },
    },
  ],
};
/** As it is told: 3 hits of 6 misses take 12 hypercalls and 9 copies, so a disk read must take at least a third of those. */
const paysFrom = ({ hypercallNs, copyNs }: { hypercallNs: number; copyNs: number }): number =>
  4 * hypercallNs + 3 * copyNs;
const told: StudyResult = {
  ...result,
  alternatives: result.alternatives.map((one) => ({
    ...one,
    breakEvenDiskNs: { modern: paysFrom(CPU_CLASSES.modern), old: paysFrom(CPU_CLASSES.old) },
  })),
};
const forked = {
  runId: 4,
  hostMs: 7_000,
  entries: [],
  config: { guests: [] },
  configDigest: '',
} as unknown as ForkedHost;

const exploration: Exploration = { curves: [], sensitivities: [] };
const across = { knob: { kind: 'weight', guestId: 1 }, values: [1, 2] } as const;
const down = { knob: { kind: 'idle-tax' }, values: [0] } as const;
const map: HeatMap = {
  across: { ...across, values: [1, 2] },
  down: { ...down, values: [0] },
  diskReads: Float64Array.of(5, 6),
  accesses: 9,
};

/** A desk whose studies go as the test says. */
function desk() {
  const jobs: StudyJob[] = [];
  const prepared: JobStretch[] = [];
  const runs: { watch: StudyWatch; resolve: (found: StudyResult) => void; reject: (why: Error) => void }[] = [];
  const kept = {
    saveStudy: vi.fn(() => Promise.resolve(11)),
    markStudyApplied: vi.fn(() => Promise.resolve()),
    deleteStudy: vi.fn(() => Promise.resolve()),
  };
  const made = new StudyDesk({
    studies: {
      run: (job, given?: StudyWatch) => {
        const watch = given ?? {};
        jobs.push(job);
        return new Promise((resolve, reject) => {
          runs.push({ watch, resolve, reject });
          watch.signal?.addEventListener('abort', () => reject(new ConsoleError('cancelled', 'It was cancelled.')));
        });
      },
      heatMap: (job) => {
        jobs.push(job);
        return Promise.resolve(map);
      },
      prepare: (stretch) => {
        prepared.push(stretch);
        return Promise.resolve();
      },
      cool: () => (prepared.length = 0),
    },
    fork: () => Promise.resolve(forked),
    keeper: () => kept,
    read: () => Promise.reject(new Error('not asked')),
    chooseTarget: () => Promise.resolve(null),
    ...{ databaseFile: '/data/history.db', cacheFolder: '/data/traces', memoryMiB: 100 },
  });
  const begun = async (start: Parameters<StudyDesk['start']>[0]['start'] = { kind: 'forecast' }) => {
    const count = runs.length;
    const { id } = made.start({ start, order });
    await vi.waitFor(() => expect(runs.length).toBe(count + 1));
    const run = runs[count];
    if (run === undefined) throw new Error('It has not begun.');
    run.watch.onStart?.(1);
    return { id, ...run };
  };
  const standing = (id: number): Promise<StudyStanding> => made.watch({ id, seen: 0 });
  return { made, jobs, prepared, kept, begun, standing };
}

describe('the desk of studies', () => {
  it('forecasts from a copy of the live host, and replays out of its history', async () => {
    const { begun, jobs } = desk();
    await begun();
    await begun({ kind: 'replay', runId: 2, fromMs: 1_000 });
    expect(jobs).toMatchObject([
      { kind: 'forecast', isExplored: true, start: { kind: 'live', runId: 4, databaseFile: '/data/history.db' } },
      { kind: 'replay', isExplored: true, start: { kind: 'history', runId: 2, atMs: 1_000 } },
    ]);
  });

  it('answers a watcher as soon as something changes, and not before', async () => {
    const { made, begun, standing } = desk();
    const { id, watch } = await begun();
    const { version } = await standing(id);
    let answered = false;
    const next = made.watch({ id, seen: version }).then((now) => {
      answered = true;
      return now;
    });
    await Promise.resolve();
    expect(answered).toBe(false);
    watch.onProgress?.(0.5);
    expect(await next).toMatchObject({ part: 0.5, phase: 'running' });
  });

  it('gives the estimate while the study runs, and then its result', async () => {
    const { made, begun, standing } = desk();
    const { id, watch, resolve } = await begun();
    const estimate = { ...result, fromMs: 1 };
    watch.onEstimate?.(estimate, exploration);
    expect(await standing(id)).toMatchObject({ phase: 'running', answers: 1 });
    expect(made.outcome({ id })).toMatchObject({ result: estimate, exploration });
    // A better answer to some of it: what the curves said of the same stretch stays.
    watch.onEstimate?.(result, null);
    expect(await standing(id)).toMatchObject({ phase: 'running', answers: 2 });
    expect(made.outcome({ id })).toMatchObject({ result, exploration });
    resolve(result);
    await vi.waitFor(async () => expect((await standing(id)).phase).toBe('done'));
    expect(made.outcome({ id }).result).toEqual(told);
  });

  it('tells a failure by its sentence, and a cancelled study as cancelled', async () => {
    const { made, begun, standing } = desk();
    const failing = await begun();
    failing.reject(new ConsoleError('study-failed', 'Its process ended.'));
    await vi.waitFor(async () =>
      expect(await standing(failing.id)).toMatchObject({ phase: 'failed', failure: { message: 'Its process ended.' } }),
    );
    const cancelled = await begun();
    made.cancel({ id: cancelled.id });
    await vi.waitFor(async () =>
      expect(await standing(cancelled.id)).toMatchObject({ phase: 'cancelled', failure: null }),
    );
  });

  it('tells from which disks on precache pays, and that it pays nowhere where it finds nothing', async () => {
    const { made, begun, standing } = desk();
    const { id, resolve } = await begun();
    const [one] = result.alternatives;
    if (one === undefined) throw new Error('No alternative.');
    const blind = { ...one, host: { ...one.host, precacheHits: 0 } };
    resolve({ ...result, alternatives: [one, blind] });
    await vi.waitFor(async () => expect((await standing(id)).phase).toBe('done'));
    expect(made.outcome({ id }).result?.alternatives.map(({ breakEvenDiskNs }) => breakEvenDiskNs)).toEqual([
      told.alternatives[0]?.breakEvenDiskNs,
      { modern: null, old: null },
    ]);
  });

  it('lets only so many wait, and ends all when it stops', async () => {
    const { made, begun, standing } = desk();
    const ids: number[] = [];
    for (let n = 0; n < 6; n++) ids.push((await begun()).id);
    expect(() => made.start({ start: { kind: 'forecast' }, order })).toThrow('under way or waiting already');
    made.stop();
    for (const id of ids) await vi.waitFor(async () => expect((await standing(id)).phase).toBe('cancelled'));
  });

  it('keeps a study only when it has its final result', async () => {
    const { made, kept, begun, standing } = desk();
    const { id, watch, resolve } = await begun();
    watch.onEstimate?.(result, null);
    await expect(made.save({ id, name: 'mine' })).rejects.toMatchObject({ code: 'bad-study' });
    resolve(result);
    await vi.waitFor(async () => expect((await standing(id)).phase).toBe('done'));
    expect(await made.save({ id, name: 'mine' })).toEqual({ savedId: 11 });
    expect(kept.saveStudy).toHaveBeenCalledWith({ name: 'mine', kind: 'forecast', runId: 4, order, result: told });
  });

  it('has a process made ready for a stretch of time, and forgets it with the host', async () => {
    const { made, prepared, jobs } = desk();
    made.prepare({ start: { kind: 'replay', runId: 2, fromMs: null }, horizonMs: 60_000 });
    await vi.waitFor(() =>
      expect(prepared).toMatchObject([
        { kind: 'replay', horizonMs: 60_000, start: { kind: 'history', runId: 2, atMs: null, nowMs: 7_000 } },
      ]),
    );
    expect(jobs).toEqual([]);
    made.forgetPrepared();
    expect(prepared).toEqual([]);
  });

  it('looks at two knobs from where the study really began, as work of its own', async () => {
    const { made, jobs, begun, standing } = desk();
    const first = await begun({ kind: 'replay', runId: 2, fromMs: null });
    first.resolve(result);
    await vi.waitFor(async () => expect((await standing(first.id)).phase).toBe('done'));
    const { id } = made.heatMap({ id: first.id, across: map.across, down: map.down });
    await vi.waitFor(async () => expect((await standing(id)).phase).toBe('done'));
    expect(made.outcome({ id })).toEqual({ result: null, exploration: null, tuned: null, heatMap: map });
    // Its record has grown: "ends with the record" would be another stretch by now.
    expect(jobs.at(-1)).toMatchObject({ start: { runId: 2, atMs: 7_000 }, heatMap: { across: map.across } });
  });

  it('forgets the oldest that have ended, and says so who asks for them', async () => {
    const { made, begun, standing } = desk();
    const first = await begun();
    first.resolve(result);
    await vi.waitFor(async () => expect((await standing(first.id)).phase).toBe('done'));
    for (let n = 0; n < 12; n++) {
      const { id, resolve } = await begun();
      resolve(result);
      await vi.waitFor(async () => expect((await standing(id)).phase).toBe('done'));
    }
    expect(() => made.outcome({ id: first.id })).toThrow('is not known any more');
  });
});

describe('an exported study', () => {
  const study = {
    ...{ id: 1, name: 'mine, too', savedAtMs: 0, kind: 'replay' as const, runId: 1, fromMs: 7_000, horizonMs: 10_000 },
    applied: null,
  };

  it('has everything as JSON, lists of numbers included', () => {
    const text = [...exportStudy({ study, order, result }, 'json')].join('');
    expect(JSON.parse(text)).toMatchObject({
      format: 'tmem-console study 1',
      study: { name: 'mine, too' },
      order: { horizonMs: 10_000 },
      result: { alternatives: [{ overTime: { diskReads: [3] } }] },
    });
  });

  it('has a line for each guest and one for all as CSV, and no formula for a spreadsheet', () => {
    const lines = [...exportStudy({ study, order, result }, 'csv')].map((line) => line.trimEnd());
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe(`"mine, too",as it is,full,'=web,10000,10,4,3,3,0,5,9,1,2,3,,,,`);
    expect(lines[2]).toBe(`"mine, too",as it is,full,all guests,10000,10,4,3,3,0,5,,,,,3,0,,`);
  });
});
