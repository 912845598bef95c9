import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import { GUEST, GUEST_WIDTH } from '#main/host/sample-columns.ts';
import { exampleConfig } from '../host/example-config.ts';
import { type RunningConsole, launchConsole } from './harness/app.ts';
import { actions, ask, hostMs, sum, temporaryFolder, withHistory } from './support.ts';

/**
 * One console from start to restart, as an administrator would use it, in the real window. The steps stand on each other:
 * they run in order.
 */
let console_: RunningConsole;
beforeAll(async () => {
  console_ = await launchConsole({ userDataFolder: temporaryFolder() });
});
afterAll(() => console_.close());

/** Seconds of host time before the change, and over which its effect is judged. */
const SETTLE_S = 120;
const WINDOW_S = 120;

/** Waits until host time has reached a second (the console runs at full speed). */
async function reach(second: number): Promise<void> {
  await expect.poll(() => hostMs(console_.page), { timeout: 120_000, interval: 100 }).toBeGreaterThan(second * 1000);
}

async function edit(knob: 'weight' | 'target', guest: string, text: string): Promise<void> {
  const input = console_.page.getByTestId(`${knob}-${guest}`);
  await input.fill(text);
  await input.press('Enter');
}

/** Applies what is staged. */
async function apply(): Promise<void> {
  await console_.page.getByTestId('tray-apply').click();
}

/** Share of the pool that db held, and what the others lost, over the seconds that were summed. */
function totals(sumOf: (column: 'ephemeralPages' | 'evictedBySelf' | 'evictedByOthers', guestId: number) => number) {
  const held = [1, 2, 3].map((guestId) => sumOf('ephemeralPages', guestId));
  const lost = [1, 2].map((guestId) => sumOf('evictedBySelf', guestId) + sumOf('evictedByOthers', guestId));
  const add = (a: number, b: number): number => a + b;
  return { shareOfDb: (held[2] ?? NaN) / held.reduce(add), evictionsOfOthers: lost.reduce(add) };
}

/** The seconds after the one of the change up to `until`, with the change and without it. */
async function counterfactual(changeMs: number, until: number) {
  const config = await exampleConfig();
  const run = (changed: boolean) => {
    const host = new Host(config);
    host.runTo(changeMs);
    if (changed) host.setWeight(3, 400);
    host.runTo((Math.floor(changeMs / 1000) + 1) * 1000);
    host.takeSamples();
    host.runTo(until * 1000);
    const { guests, seconds } = host.takeSamples();
    return totals((column, guestId) => {
      let total = 0;
      for (let second = 0; second < seconds; second++) {
        total += guests[(second * 3 + guestId - 1) * GUEST_WIDTH + GUEST[column]] ?? NaN;
      }
      return total;
    });
  };
  return { without: run(false), withIt: run(true) };
}

const raw = async (testId: string): Promise<number> =>
  Number(await console_.page.getByTestId(testId).getAttribute('data-pages'));

describe('the console over a live host', () => {
  it('opens on a running host and says what it is', async () => {
    const { page } = console_;
    await expect.poll(() => page.getByTestId('source').textContent()).toMatch(/modelled.*three real traces.*seed 42/);
    await console_.firstChart();
    const before = await hostMs(page);
    await expect.poll(() => hostMs(page)).toBeGreaterThan(before + 500);
  });

  it('shows the pool filling', async () => {
    const { page } = console_;
    await page.getByTestId('nav-guests').click();
    await page.getByTestId('speed-10x').click();
    await expect.poll(() => raw('occupancy-db')).toBeGreaterThan(0);
    const first = await raw('occupancy-db');
    await expect.poll(() => raw('occupancy-db'), { timeout: 30_000 }).toBeGreaterThan(first);
  });

  it.each(['-1', 'abc', '1e9', '65536', '', '1.5'])(
    'refuses the weight "%s" with a sentence and changes nothing',
    async (text) => {
      const { page } = console_;
      await edit('weight', 'db', text);
      await expect
        .poll(() => page.getByTestId('error-weight-db').textContent())
        .toMatch(/whole number from 0 to 65,535/);
      expect(await actions(page)).toEqual([]);
      await page.getByTestId('weight-db').press('Escape');
      expect(await page.getByTestId('weight-db').inputValue()).toBe('100');
    },
  );

  it('refuses a balloon target outside its bounds with a sentence and changes nothing', async () => {
    const { page } = console_;
    await edit('target', 'db', '4000');
    await expect.poll(() => page.getByTestId('error-target-db').textContent()).toMatch(/16.*112.*MiB/s);
    expect(await actions(page)).toEqual([]);
    await page.getByTestId('target-db').press('Escape');
  });

  it('moves the pool towards a guest whose weight is raised fourfold, and evicts the others more', async () => {
    const { page, userDataFolder } = console_;
    await page.getByTestId('speed-max').click();
    await reach(SETTLE_S);
    await edit('weight', 'db', '400');
    await apply();
    await expect.poll(() => page.getByTestId('applied-db').textContent()).toMatch(/\d\d:\d\d:\d\d/);
    const [action] = await actions(page);
    expect(action).toMatchObject({ kind: 'weight', guestName: 'db', before: 100, after: 400 });
    const changedAt = Math.floor((action?.hostMs ?? 0) / 1000);
    const until = changedAt + WINDOW_S;
    await reach(until + 2);
    await page.getByTestId('speed-1x').click();
    // What the same host would have done without the change: the model is deterministic, so it can simply be run.
    const { without, withIt } = await counterfactual(action?.hostMs ?? NaN, until);
    const shown = withHistory(userDataFolder, (database) =>
      totals((column, guestId) => sum(database, column, { guestId, from: changedAt + 1, to: until })),
    );
    expect(shown).toEqual(withIt);
    expect(shown.shareOfDb).toBeGreaterThan(without.shareOfDb + 0.1);
    expect(shown.shareOfDb).toBeLessThan(400 / 600);
    expect(shown.evictionsOfOthers).toBeGreaterThan(without.evictionsOfOthers + 1_000);
  });

  it('shrinks a guest whose balloon target is lowered, and the rest of the host grows by as much', async () => {
    const { page, userDataFolder } = console_;
    await page.getByTestId('pause').click();
    const before = await raw('ram-db');
    expect(before).toBe(30 * 256);
    await edit('target', 'db', '20');
    await apply();
    await expect.poll(() => page.getByTestId('applied-db').textContent()).toMatch(/\d\d:\d\d:\d\d/);
    await page.getByTestId('pause').click();
    await page.getByTestId('speed-10x').click();
    await expect.poll(() => raw('ram-db'), { timeout: 60_000 }).toBe(20 * 256);
    const [action] = await actions(page);
    const changedAt = Math.floor((action?.hostMs ?? NaN) / 1000);
    await reach(changedAt + 20);
    withHistory(userDataFolder, (database) => {
      const rows = database
        .prepare('SELECT * FROM hostSamples WHERE runId = 1 AND second IN (?, ?) ORDER BY second')
        .all(changedAt - 1, changedAt + 8) as Record<string, number>[];
      const [first, last] = rows;
      if (first === undefined || last === undefined) throw new Error('The seconds around the change are not stored.');
      const rest = (row: Record<string, number>): number =>
        (row['ephemeralPages'] ?? NaN) + (row['persistentPages'] ?? NaN) + (row['fallowPages'] ?? NaN);
      expect((first['guestPages'] ?? NaN) - (last['guestPages'] ?? NaN)).toBe(10 * 256);
      expect(rest(last) - rest(first)).toBe(10 * 256);
    });
  });

  it('stops the clock on pause, and goes on from there', async () => {
    const { page } = console_;
    await page.getByTestId('pause').click();
    const { hostMs: stopped } = await ask<{ hostMs: number }>(page, 'host.setPaused', { paused: true });
    const shown = await page.getByTestId('host-time').textContent();
    // Frames go on while the clock stands: after several of them the time is still the same.
    for (let turn = 0; turn < 100; turn++) await ask(page, 'history.runs', {});
    expect(await ask(page, 'host.setPaused', { paused: true })).toEqual({ hostMs: stopped });
    expect(await page.getByTestId('host-time').textContent()).toBe(shown);
    await page.getByTestId('pause').click();
    await expect.poll(() => hostMs(page)).toBeGreaterThan(stopped + 1000);
  });

  it('shows the eviction history, filters it and sums it up', async () => {
    const { page } = console_;
    await page.getByTestId('nav-evictions').click();
    await expect.poll(() => page.getByTestId('eviction-row').count()).toBeGreaterThan(5);
    expect(await page.getByTestId('eviction-summary').textContent()).toMatch(/build/);
  });

  it('goes on where it was after a restart, with the past in sight', async () => {
    const { userDataFolder } = console_;
    const before = await hostMs(console_.page);
    await console_.close();
    console_ = await launchConsole({ userDataFolder });
    const { page } = console_;
    await console_.firstChart();
    const { runs } = await ask<{ runs: { id: number; end: string }[] }>(page, 'history.runs', {});
    expect(runs.map(({ id, end }) => [id, end])).toEqual([[1, 'running']]);
    expect(await hostMs(page)).toBeGreaterThanOrEqual(before);
    await page.getByTestId('nav-evictions').click();
    await expect.poll(() => page.getByTestId('eviction-row').count()).toBeGreaterThan(5);
    expect((await actions(page)).map(({ kind }) => kind)).toEqual(['balloon-target', 'weight']);
  });

  it('printed no error on the way', () => {
    expect(console_.consoleErrors).toEqual([]);
  });
});
