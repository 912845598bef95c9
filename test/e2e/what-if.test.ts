import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { StudyResult, StudyStanding } from '#contract/studies.ts';
import { Host } from '#main/host/host.ts';
import { GUEST, GUEST_WIDTH } from '#main/host/sample-columns.ts';
import { exampleConfig } from '../host/example-config.ts';
import { type RunningConsole, launchConsole } from './harness/app.ts';
import { actions, ask, hostMs, sum, temporaryFolder, violations, withHistory } from './support.ts';

/** Studies as an administrator makes them, in the real window over a live host. The steps stand on each other. */
const folder = temporaryFolder();
/** Where the app exports to in these tests, instead of asking. */
const target = join(folder, 'exported');
let console_: RunningConsole;
beforeAll(async () => {
  console_ = await launchConsole({
    userDataFolder: folder,
    size: { width: 1280, height: 800 },
    env: { TMEM_CONSOLE_REPORT_FILE: target },
  });
  await console_.firstChart();
  await ask(console_.page, 'host.setSpeed', { speed: 'max' });
  await vi.waitUntil(async () => (await hostMs(console_.page)) > 330_000, { timeout: 60_000, interval: 100 });
  await ask(console_.page, 'host.setSpeed', { speed: '1x' });
});
afterAll(() => console_.close());

/** The processes of studies that run now. */
async function studyProcesses(): Promise<number[]> {
  return console_.app.evaluate(({ app }) =>
    app
      .getAppMetrics()
      .filter(({ name }) => name === 'Tmem Console study')
      .map(({ pid }) => pid),
  );
}

const BASELINE = { name: 'as it is', changes: [] };
const FAVOUR_DB = { name: 'favour db', changes: [{ kind: 'weight', guestId: 3, value: 400 }] };

/** A study by full runs over hours: longer than any test. */
async function startEndless(): Promise<number> {
  const { id } = await ask<{ id: number }>(console_.page, 'study.start', {
    start: { kind: 'forecast' },
    order: { horizonMs: 80_000_000, engine: 'full', alternatives: [BASELINE, FAVOUR_DB] },
  });
  return id;
}

async function standing(id: number): Promise<StudyStanding> {
  return ask<StudyStanding>(console_.page, 'study.watch', { id, seen: 0 });
}

/** Waits until a study has ended, and answers how. */
async function ended(id: number): Promise<StudyStanding> {
  const isOver = async (): Promise<boolean> => !['waiting', 'running'].includes((await standing(id)).phase);
  await vi.waitUntil(isOver, { timeout: 120_000, interval: 100 });
  return standing(id);
}

describe('studies of the live host', () => {
  it('compares an alternative with what happened, estimated first and then exact', async () => {
    const { page } = console_;
    await page.getByTestId('nav-what-if').click();
    await page.getByTestId('add-alternative').click();
    await page.getByTestId('quick-double db').click();
    expect(await page.getByTestId('knob-weight 3-A').inputValue()).toBe('200');
    await page.getByTestId('knob-weight 3-A').fill('400');
    await page.getByTestId('name-A').fill('favour db');
    await page.getByTestId('study-run').click();
    await expect
      .poll(() => page.getByTestId('outcome-engine').textContent(), { timeout: 60_000 })
      .toMatch(/(full|distances).*exact.*(full|distances).*exact/s);
    expect(await page.getByTestId('study-asked').textContent()).toMatch(/replay of \d\d:\d\d:\d\d to \d\d:\d\d:\d\d/);
    expect(await page.getByTestId('study-progress').count()).toBe(0);
  });

  it('gives for the replay without changes what is recorded, and for the change what the same host would have done', async () => {
    const { page, userDataFolder } = console_;
    const { run } = await ask<{ run: { id: number } }>(page, 'host.describe', {});
    const [fromS, toS] = [40, 240];
    const { id } = await ask<{ id: number }>(page, 'study.start', {
      start: { kind: 'replay', runId: run.id, fromMs: fromS * 1000 },
      order: { horizonMs: (toS - fromS) * 1000, engine: 'auto', alternatives: [BASELINE, FAVOUR_DB] },
    });
    expect(await ended(id)).toMatchObject({ phase: 'done', failure: null });
    const { result } = await ask<{ result: StudyResult }>(page, 'study.outcome', { id });
    const [baseline, favoured] = result.alternatives;
    const recorded = withHistory(userDataFolder, (database) =>
      [1, 2, 3].map((guestId) => sum(database, 'diskReads', { guestId, from: fromS, to: toS })),
    );
    expect(baseline?.guests.map(({ diskReads }) => diskReads)).toEqual(recorded);
    const host = new Host(await exampleConfig());
    host.runTo(fromS * 1000);
    host.takeSamples();
    host.setWeight(3, 400);
    host.runTo(toS * 1000);
    const { guests, seconds } = host.takeSamples();
    const computed = [0, 1, 2].map((place) => {
      let reads = 0;
      for (let s = 0; s < seconds; s++) reads += guests[(s * 3 + place) * GUEST_WIDTH + GUEST.diskReads] ?? NaN;
      return reads;
    });
    expect(favoured?.guests.map(({ diskReads }) => diskReads)).toEqual(computed);
  });

  it('draws the course, the sensitivity, the curves, and a map of two knobs', async () => {
    const { page } = console_;
    await page.getByTestId('chart-study').waitFor();
    await page.getByTestId('sensitivity-knob').selectOption({ label: 'db weight' });
    expect(await page.getByTestId('chart-sensitivity').locator('svg[role="img"]').getAttribute('aria-label')).toMatch(
      /db from .* at 13 to .* at 800.*Marked: today at 100/s,
    );
    expect(await page.getByTestId('chart-curves').locator('svg[role="img"]').getAttribute('aria-label')).toMatch(
      /Miss-ratio curves: build from 100.% at 0.MiB.*Marked: build RAM at 12.MiB/s,
    );
    await page.getByTestId('heat-draw').click();
    await page.getByTestId('heat-map').locator('td').first().waitFor({ timeout: 60_000 });
    expect(await page.getByTestId('spare-ram').textContent()).toMatch(/The host could do without/);
  });

  it('stages an alternative as a change set, and nothing is changed by that', async () => {
    const { page } = console_;
    await page.getByTestId('stage-A').click();
    expect(await page.getByTestId('tray-open').textContent()).toMatch(/1.staged change/);
    expect(await page.getByTestId('tray-drawer').textContent()).toMatch(/db weight.*100.*400.*What-if, A favour db/s);
    await page.getByTestId('tray-discard').click();
    await page.getByTestId('tray-dismiss').click();
    expect(await actions(page)).toEqual([]);
  });

  it('holds the live host up by less than a second at 1x while two studies run and a third waits', async () => {
    const { page } = console_;
    const ids = [await startEndless(), await startEndless(), await startEndless()];
    await expect.poll(async () => (await studyProcesses()).length).toBe(2);
    const pids = await studyProcesses();
    const before = await hostMs(page);
    const lags: number[] = [];
    while ((await hostMs(page)) < before + 8_000) {
      lags.push(Number(await page.getByTestId('lag').getAttribute('data-ms')));
    }
    expect(lags.length).toBeGreaterThan(10);
    expect(Math.max(...lags)).toBeLessThan(1_000);
    expect((await Promise.all(ids.map(standing))).map(({ phase }) => phase)).toEqual(['running', 'running', 'waiting']);
    for (const id of ids) await ask(page, 'study.cancel', { id });
    for (const id of ids) expect((await ended(id)).phase).toBe('cancelled');
    await expect.poll(async () => (await studyProcesses()).filter((pid) => pids.includes(pid))).toEqual([]);
  });

  it('says why a study failed whose process was killed, and the next one runs', async () => {
    const { page } = console_;
    const id = await startEndless();
    await expect.poll(async () => (await standing(id)).phase).toBe('running');
    // One that only waits for a study may be among them.
    for (const pid of await studyProcesses()) process.kill(pid, 'SIGKILL');
    expect(await ended(id)).toMatchObject({ phase: 'failed', failure: { code: 'study-failed' } });
    const before = await hostMs(page);
    await expect.poll(() => hostMs(page)).toBeGreaterThan(before);
    await page.getByTestId('study-run').click();
    await expect
      .poll(() => page.getByTestId('outcome-engine').textContent(), { timeout: 60_000 })
      .toMatch(/exact.*exact/s);
  });

  it('shows progress and what is left, and ends at once when it is cancelled', async () => {
    const { page } = console_;
    await page.getByTestId('kind-forecast').click();
    await page.getByTestId('horizon').selectOption({ label: '1 h' });
    await page.getByTestId('engine').selectOption('full');
    await page.getByTestId('study-run').click();
    await expect.poll(() => page.getByTestId('study-progress').textContent()).toMatch(/\d+.%, about .* left/);
    const pids = await studyProcesses();
    await page.getByTestId('study-cancel').click();
    await expect.poll(() => page.getByTestId('study-run').count()).toBe(1);
    // The page may have another one made ready for the next study by then.
    await expect.poll(async () => (await studyProcesses()).filter((pid) => pids.includes(pid))).toEqual([]);
  });

  it('keeps a study over a restart of its page, opens it with its numbers, exports and deletes it', async () => {
    const { page } = console_;
    await page.getByTestId('kind-replay').click();
    await page.getByTestId('horizon').selectOption({ label: '1 min' });
    await page.getByTestId('engine').selectOption('auto');
    await page.getByTestId('all-settings').click();
    await page.getByTestId('knob-precache-cap 3-A').fill('4');
    await page.getByTestId('knob-disk-class-A').selectOption({ label: 'hard disk' });
    await page.getByTestId('study-run').click();
    await expect
      .poll(() => page.getByTestId('outcome-engine').textContent(), { timeout: 60_000 })
      .toMatch(/exact.*full.*exact/s);
    // Only in the alternative does a disk take time.
    await expect.poll(() => page.getByTestId('outcome-slow 3').textContent()).toMatch(/db slowed down\s*–.*\d×/s);
    const numbers = await page.getByTestId('outcome-reads').textContent();
    await page.getByTestId('save-name').fill('kept');
    await page.getByTestId('save-study').click();
    await page.getByTestId('saved-study').waitFor();
    await page.reload();
    await page.getByTestId('open-1').click();
    await expect.poll(() => page.getByTestId('outcome-reads').textContent()).toBe(numbers);
    expect(await page.getByTestId('knob-weight 3-A').inputValue()).toBe('400');
    if ((await page.getByTestId('knob-disk-class-A').count()) === 0) await page.getByTestId('all-settings').click();
    expect(await page.getByTestId('knob-precache-cap 3-A').inputValue()).toBe('4');
    expect(await page.getByTestId('knob-disk-class-A').inputValue()).toBe('hdd');
    await page.screenshot({ path: 'test-results/what-if-hardware-1280.png' });
    await page.getByTestId('knob-precache-cap 3-A').press('Escape');
    await page.getByTestId('knob-disk-class-A').selectOption({ label: 'as it is' });
    await page.getByTestId('all-settings').click();
    await page.getByTestId('saved-study').getByRole('button', { name: 'CSV' }).click();
    await expect.poll(() => page.getByTestId('saved-notice').textContent()).toContain(target);
    expect(readFileSync(target, 'utf8').split('\r\n')[0]).toContain('study,alternative,engine,guest');
    await page.getByTestId('saved-study').getByRole('button', { name: 'Delete kept' }).click();
    await page.getByTestId('saved-study').getByRole('button', { name: 'Really delete kept' }).click();
    await expect.poll(() => page.getByTestId('saved-study').count()).toBe(0);
  });

  it('finds the best weights, verified by a full run, as an alternative', async () => {
    const { page } = console_;
    await page.getByTestId('tune').click();
    await page.getByTestId('tune-throughput').click();
    await page.getByTestId('importance-db').fill('3');
    await page.getByTestId('tune-begin').click();
    await expect
      .poll(() => page.getByTestId('study-notice').textContent(), { timeout: 120_000 })
      .toMatch(/settings were estimated and \d+ simulated/);
    expect(await page.getByTestId('name-B').inputValue()).toBe('tuned');
    const cells = page.getByTestId('outcome-reads').locator('td');
    const reads = await Promise.all(
      [0, 2].map(async (at) => parseFloat((await cells.nth(at).innerText()).replace(/,/g, ''))),
    );
    expect(reads[1]).toBeLessThan(reads[0] ?? NaN);
    await page.getByRole('button', { name: 'Remove B tuned' }).click();
  });

  it('tells a forecast that was applied against what then happens', async () => {
    const { page } = console_;
    await page.getByTestId('kind-forecast').click();
    await page.getByTestId('study-run').click();
    await expect.poll(() => page.getByTestId('study-asked').textContent(), { timeout: 60_000 }).toContain('forecast');
    await expect
      .poll(() => page.getByTestId('outcome-engine').textContent(), { timeout: 60_000 })
      .toMatch(/exact.*exact/s);
    await page.getByTestId('stage-A').click();
    await page.getByTestId('tray-apply').click();
    await page.getByTestId('saved-study').waitFor();
    await page.getByTestId('speed-10x').click();
    await expect
      .poll(() => page.getByTestId('forecast-outcome').getAttribute('data-over'), { timeout: 60_000 })
      .toBe('true');
    await page.getByTestId('speed-1x').click();
    expect(await page.getByTestId('forecast-outcome').textContent()).toMatch(/disk reads .*, forecast .*all of 1.min/s);
  });

  it('has nothing that axe-core finds wrong, with its results, a map of two knobs and the open tray', async () => {
    const { page } = console_;
    await page.getByTestId('heat-draw').click();
    await page.getByTestId('heat-map').locator('td').first().waitFor({ timeout: 60_000 });
    await page.getByTestId('knob-weight 1-A').fill('250');
    await page.getByTestId('stage-A').click();
    await page.getByTestId('tray-drawer').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await violations(page)).toEqual([]);
    }
    await page.getByTestId('tray-discard').click();
    await page.getByTestId('knob-weight 1-A').press('Escape');
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [width, height] of [
      [1280, 800],
      [1920, 1080],
    ] as const) {
      it(`fits the window with a result: ${colorScheme}, ${width} x ${height}`, async () => {
        const { app, page } = console_;
        await page.emulateMedia({ colorScheme });
        await app.evaluate(
          ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height),
          { width, height },
        );
        await page.waitForFunction((wanted) => innerWidth === wanted, width);
        const overflow = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return scrollWidth - clientWidth;
        });
        expect(overflow).toBe(0);
        await page.evaluate(() => document.querySelector('main')?.scrollTo(0, 0));
        await console_.screenshot(`what-if-${colorScheme}-${width}`);
        await page.evaluate(() => document.querySelector('main')?.scrollTo(0, 100_000));
        await console_.screenshot(`what-if-below-${colorScheme}-${width}`);
      });
    }
  }

  it('printed no error on the way', () => {
    expect(console_.consoleErrors).toEqual([]);
  });
});
