import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BackupSchedule } from '#main/app/backups/schedule.ts';

const MINUTE = 60_000;
const START = Date.UTC(2025, 0, 15, 12);

/** A schedule over a fake clock; `newest` is the wall time of the newest backup. */
function planned(options: { everyMinutes?: number | null; newest?: number | null; fails?: boolean } = {}) {
  const plan = { everyMinutes: 60 as number | null, newest: null as number | null, ...options };
  const made: number[] = [];
  const schedule = new BackupSchedule({
    everyMinutes: () => plan.everyMinutes,
    newestAtMs: () => plan.newest,
    make: () => {
      made.push(Date.now() - START);
      if (options.fails !== true) plan.newest = Date.now();
      return Promise.resolve();
    },
    now: () => Date.now(),
  });
  return { schedule, plan, made };
}

describe('the schedule of backups', () => {
  beforeEach(() => vi.useFakeTimers({ now: START }));
  afterEach(() => vi.useRealTimers());

  it('makes the first one shortly after the start where there is none, then one each time the plan says', async () => {
    const { schedule, made } = planned();
    schedule.start();
    await vi.advanceTimersByTimeAsync(121 * MINUTE);
    expect(made).toEqual([20_000, 60 * MINUTE + 20_000, 120 * MINUTE + 20_000]);
    schedule.stop();
  });

  it('waits until the newest one is old enough', async () => {
    const { schedule, made } = planned({ newest: START - 50 * MINUTE });
    schedule.start();
    expect(schedule.nextAtMs).toBe(START + 10 * MINUTE);
    await vi.advanceTimersByTimeAsync(9 * MINUTE);
    expect(made).toEqual([]);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(made).toEqual([10 * MINUTE]);
    schedule.stop();
  });

  it('tries one that failed again when the next one is due, not at once', async () => {
    const { schedule, made } = planned({ fails: true });
    schedule.start();
    await vi.advanceTimersByTimeAsync(61 * MINUTE);
    expect(made).toEqual([20_000, 60 * MINUTE + 20_000]);
    schedule.stop();
  });

  it('makes none while it is switched off or stopped', async () => {
    const { schedule, plan, made } = planned({ everyMinutes: null });
    schedule.start();
    expect(schedule.nextAtMs).toBeNull();
    plan.everyMinutes = 5;
    schedule.plan();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(made).toHaveLength(1);
    schedule.stop();
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(made).toHaveLength(1);
  });

  it('is not kept from working by a clock that was set back', async () => {
    const { schedule, made } = planned({ newest: START + 400 * 24 * 60 * MINUTE });
    schedule.start();
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(made).toEqual([60 * MINUTE]);
    schedule.stop();
  });
});
