import { describe, expect, it } from 'vitest';
import { createWorkload, OFFICE_DAY, type WorkloadConfig } from '#main/host/workload/create-workload.ts';
import { Random } from '#main/host/random.ts';
import { drive, driveUntil, isAnonTouch, isFree, isRead, pageOf, range, workloadOf } from './drive.ts';

/** One page each ms, without jitter. */
const scan = (pages: number, changes: object = {}): WorkloadConfig => ({
  kind: 'scan', pages, requestPages: 1, accessesPerS: 1000, jitterPermille: 0, ...changes,
}); // prettier-ignore
const usemem: WorkloadConfig = {
  kind: 'usemem', maxPages: 40, stepPages: 40, sweeps: 0, holdMs: 1000, accessesPerS: 1000, jitterPermille: 0,
}; // prettier-ignore

describe('phases', () => {
  it('take their turns, each with files of its own, and go on where they were', () => {
    const config: WorkloadConfig = {
      kind: 'phases',
      phases: [
        { ms: 4, work: scan(10) },
        { ms: 20, work: null },
        { ms: 3, work: scan(5) },
      ],
    };
    const workload = workloadOf(config);
    expect(workload.filePages).toBe(15);
    expect(range(0, 15).map((page) => workload.fileOf(page))).toEqual([...range(0, 10).map(() => 0), 1, 1, 1, 1, 1]);
    expect(range(0, 15).map((page) => workload.indexOf(page))).toEqual([...range(0, 10), ...range(0, 5)]);
    // The access at the very end of a phase comes at the beginning of its next turn.
    const steps = drive(workload, 14);
    expect(steps.map(pageOf)).toEqual([0, 1, 2, 10, 11, 3, 4, 5, 6, 12, 13, 14, 7, 8]);
    expect(steps.map(({ atNs }) => atNs / 1e6)).toEqual([1, 2, 3, 25, 26, 27, 28, 29, 30, 51, 52, 53, 54, 55]);
  });

  it('keep the think time that a phase`s end cut short', () => {
    const rare = scan(10, { accessesPerS: 10 });
    const steps = drive(workloadOf({ kind: 'phases', phases: [{ ms: 30, work: rare }, { ms: 70, work: null }] }), 5); // prettier-ignore
    // 100 ms of thinking take 3 turns and 10 ms of the fourth; the next one the other 20, 2 turns, and 20 of the one after.
    expect(steps.map(({ atNs }) => atNs / 1e6)).toEqual([310, 620, 1000, 1310, 1620]);
  });

  it('end their program where told, which gives its memory back and begins anew', () => {
    const workload = workloadOf({
      kind: 'phases',
      phases: [
        { ms: 10, work: scan(5) },
        { ms: 30, work: usemem, exit: true },
      ],
    });
    const steps = driveUntil(workload, 80);
    const frees = steps.filter(isFree);
    expect(frees.map(({ atNs, page, count }) => [atNs / 1e6, page, count])).toEqual([[40, 0, 40]]);
    const touched = steps.filter(isAnonTouch);
    expect(touched.map(pageOf)).toEqual([...range(0, 29), ...range(0, 29)]);
  });

  it('without repetition stay in the last phase for ever, or end with it', () => {
    const once = (work: WorkloadConfig | null): WorkloadConfig => ({
      kind: 'phases', repeat: false, phases: [{ ms: 10, work: scan(100) }, { ms: 1, work }],
    }); // prettier-ignore
    expect(drive(workloadOf(once(null)), 1000)).toHaveLength(9);
    expect(drive(workloadOf(once(scan(7))), 1000)).toHaveLength(1000);
    expect(drive(workloadOf(once(scan(7, { passes: 2 }))), 1000)).toHaveLength(9 + 14);
  });

  it('end when all their programs have ended', () => {
    const phases = [
      { ms: 10, work: scan(20, { passes: 1 }) },
      { ms: 10, work: null },
    ];
    expect(drive(workloadOf({ kind: 'phases', phases }), 1000)).toHaveLength(20);
    expect(drive(workloadOf({ kind: 'phases', phases: [{ ms: 10, work: null }] }), 1000)).toHaveLength(0);
  });

  it('lengths vary evenly by the jitter', () => {
    const workload = workloadOf({
      kind: 'phases',
      lengthJitterPermille: 400,
      phases: [
        { ms: 1000, work: scan(10) },
        { ms: 1000, work: null },
      ],
    });
    const steps = driveUntil(workload, 2_000_000);
    const pauses = steps.map(({ atNs }, i) => (atNs - (steps[i - 1]?.atNs ?? 0)) / 1e6).filter((gap) => gap > 500);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(600);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(1402);
    const mean = pauses.reduce((sum, gap) => sum + gap, 0) / pauses.length;
    // 800 ms / √12 over √1,000, four times.
    expect(Math.abs(mean - 1001)).toBeLessThan(30);
  });
});

describe('programs that run together', () => {
  it('keep their own rates and their own pages', () => {
    const workload = workloadOf({ kind: 'together', works: [scan(10), scan(4, { accessesPerS: 250 }), usemem] });
    const steps = driveUntil(workload, 1000);
    const first = steps.filter((step) => isRead(step) && step.page < 10);
    const second = steps.filter((step) => isRead(step) && step.page >= 10);
    expect(first).toHaveLength(999);
    expect(second).toHaveLength(249);
    expect(second.map(pageOf)).toEqual(range(0, 249).map((i) => 10 + (i % 4)));
    expect(steps.filter(isAnonTouch)).toHaveLength(999);
  });

  it('go on when one of them ends, and end with the last', () => {
    const workload = workloadOf({ kind: 'together', works: [scan(10, { passes: 1 }), scan(4, { passes: 5 })] });
    expect(drive(workload, 1000)).toHaveLength(30);
    expect(workload.thinkNs()).toBe(Infinity);
  });

  it('all lose their memory at once, and only those that run begin again', () => {
    const workload = workloadOf({ kind: 'together', works: [usemem, scan(3, { passes: 1 }), usemem] });
    drive(workload, 60);
    workload.restart();
    const steps = drive(workload, 10);
    expect(steps.map(pageOf)).toEqual([0, 40, 1, 41, 2, 42, 3, 43, 4, 44]);
  });
});

describe('a workload that pauses', () => {
  it('does nothing in its pauses and all else as without them', () => {
    const steps = driveUntil(workloadOf({ kind: 'on-off', work: scan(7), onMs: 100, offMs: 400 }), 5000);
    expect(steps.map(pageOf)).toEqual(steps.map((_, i) => i % 7));
    expect(steps).toHaveLength(1000);
    expect(steps.every(({ atNs }) => (atNs / 1e6) % 500 <= 100)).toBe(true);
  });
});

describe('day and night', () => {
  const config: WorkloadConfig = {
    kind: 'day-night', dayMs: 4000, levelsPermille: [0, 500, 1000, 100], work: scan(1000, { accessesPerS: 1000 }),
  }; // prettier-ignore
  const perSlot = (steps: readonly { atNs: number }[], slotMs: number): number[] => {
    const slots = steps.map(({ atNs }) => Math.ceil(atNs / 1e6 / slotMs) - 1);
    return range(0, Math.max(...slots) + 1).map((slot) => slots.filter((each) => each === slot).length);
  };

  it('changes the rate by the table, day after day', () => {
    const steps = driveUntil(workloadOf(config), 8000.001);
    expect(perSlot(steps, 1000)).toEqual([0, 500, 1000, 100, 0, 500, 1000, 100]);
  });

  it('begins at the time of day that it is told', () => {
    const steps = driveUntil(workloadOf({ ...config, startMs: 2500 }), 4000.001);
    expect(perSlot(steps, 500)).toEqual([500, 50, 50, 0, 0, 250, 250, 500]);
  });

  it('stretches think times that reach over a change', () => {
    // One access a second of work: 1 s asleep, then half speed: 2 s.
    const steps = drive(workloadOf({ ...config, work: scan(10, { accessesPerS: 1 }) }), 3);
    // Slots of a second give 0, 0.5, 1 and 0.1 s of work. The second: 0.5 + 0.1 + 0, then 0.4 at half speed. The third: 0.1
    // at half speed, then 0.9.
    expect(steps.map(({ atNs }) => atNs / 1e6)).toEqual([2500, 5800, 6900]);
  });

  it('has an office day unless told otherwise', () => {
    const day: WorkloadConfig = { kind: 'day-night', dayMs: 24_000, work: scan(10) };
    const counts = perSlot(driveUntil(workloadOf(day), 24_000), 1000);
    // An access may fall to the other side of the hour.
    expect(counts).toHaveLength(24);
    OFFICE_DAY.forEach((level, hour) => expect(Math.abs((counts[hour] ?? 0) - level)).toBeLessThanOrEqual(1));
  });
});

describe('parts of a workload', () => {
  it('draw by themselves: what one is does not change the others', () => {
    const zipf: WorkloadConfig = { kind: 'zipf-files', files: 100, pagesPerFile: 1, alpha: 1, accessesPerS: 1000 };
    const pagesOfSecond = (first: WorkloadConfig): number[] => {
      const workload = workloadOf({ kind: 'together', works: [first, zipf] });
      const base = workload.filePages - 100;
      return driveUntil(workload, 500).filter((step) => isRead(step) && step.page >= base).map(({ page }) => page - base); // prettier-ignore
    };
    const alone = pagesOfSecond(scan(10));
    expect(alone.length).toBeGreaterThan(400);
    expect(pagesOfSecond({ ...zipf, files: 7, alpha: 0.5 })).toEqual(alone);
  });
});

describe('a config that cannot be run', () => {
  it.each<[string, WorkloadConfig]>([
    ['guests[2].workload.pages must be a whole number from 1 to 268435456, not 0.', scan(0)],
    ['guests[2].workload.accessesPerS must be a number from 0.001 to 10000000, not NaN.', scan(5, { accessesPerS: NaN })],
    ['guests[2].workload.works[1].passes must be a whole number', { kind: 'together', works: [scan(1), scan(1, { passes: 0.5 })] }],
    ['guests[2].workload.phases[0].ms must be', { kind: 'phases', phases: [{ ms: 0, work: null }] }],
    ['guests[2].workload.phases[0].work.maxPages must be', { kind: 'phases', phases: [{ ms: 5, work: { ...usemem, maxPages: -1 } }] }],
    ['guests[2].workload.levelsPermille must be above 0 at some time of the day', { kind: 'day-night', work: scan(1), levelsPermille: [0, 0] }],
    ['guests[2].workload.hotPages must be a whole number from 1 to 9', { kind: 'database', tablePages: 10, hotPages: 10, hotPermille: 5, accessesPerS: 1 }],
    ['guests[2].workload.filePages must be 1 or more where anonPages is 0', { kind: 'idle', filePages: 0, anonPages: 0, accessesPerS: 1 }],
    ['guests[2].workload must be a workload of at most', { kind: 'zipf-files', files: 1_000_000, pagesPerFile: 1_000, alpha: 1, accessesPerS: 1 }],
  ])('is refused: %s', (message, config) => {
    expect(() => createWorkload(config, new Random(1, 1), 'guests[2].workload')).toThrow(message);
  }); // prettier-ignore
});
