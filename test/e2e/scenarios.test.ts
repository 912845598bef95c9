import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ClockEvent, HostDescription, Run } from '#contract/model.ts';
import { launchConsole, type RunningConsole } from './harness/app.ts';
import { ask, hostMs, temporaryFolder, withHistory } from './support.ts';

const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;

async function openScenarios({ page }: RunningConsole): Promise<void> {
  await page.getByTestId('nav-scenarios').click();
  await page.getByTestId('scenario-list').waitFor();
}

/** Chooses a scenario and makes it the live host, as a person does. */
async function makeLive(page: Page, file: string): Promise<void> {
  await page.getByTestId(`scenario-${file}`).click();
  await page.getByTestId('scenario-open').click();
  await page.getByTestId('open-confirm').click();
  await page.getByTestId('open-dialog').waitFor({ state: 'detached' });
}

/** The next file that a dialog of the system would give. */
async function nextFile({ app }: RunningConsole, file: string): Promise<void> {
  await app.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
  }, file);
}

async function picture(console_: RunningConsole, name: string): Promise<void> {
  const { app, page } = console_;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const size of SIZES) {
      await app.evaluate(({ BrowserWindow }, { width, height }) => {
        BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
      }, size);
      await page.waitForFunction(({ width }) => innerWidth === width, size);
      await console_.screenshot(`${name}-${colorScheme}-${size.width}`);
      const overflow = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return scrollWidth - clientWidth;
      });
      expect(overflow).toBe(0);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

describe('the gallery of scenarios', () => {
  it('tries a claim beside the live host, and shows its figures beside the bound', async () => {
    const console_ = await launchConsole({ size: SIZES[0] });
    const { page } = console_;
    await console_.firstChart();
    await openScenarios(console_);
    await picture(console_, 'scenarios');
    await page.getByTestId('scenario-b-preswap-quota.json').click();
    await page.getByTestId('scenario-try').click();
    await page.getByTestId('trial-table').waitFor();
    expect(await page.getByTestId('claim-bound').textContent()).toContain('8,192 pages');
    expect(await page.getByTestId('figure-mostHeld').textContent()).toContain('8,192');
    expect(await page.getByTestId('trial-about').textContent()).toContain('modelled');
    await picture(console_, 'scenarios-trial');
    await page.getByTestId('scenario-d-ephemeral-hog.json').click();
    await page.getByTestId('scenario-check').click();
    const said = page.getByTestId('verdict-said');
    await said.waitFor({ timeout: 120_000 });
    expect(await said.textContent()).toMatch(/^Holds: all 9.figures are within their bounds$/);
    expect(await page.getByTestId('verdict-check').filter({ hasText: 'most pages of backup' }).count()).toBe(3);
    await picture(console_, 'scenarios-verdict');
    // A variant that the file names, beside the run of the file as it is.
    await page.getByTestId('trial-variant').selectOption('without-hog');
    await page.getByTestId('scenario-try').click();
    await expect
      .poll(() => page.getByTestId('trial-about').textContent(), { timeout: 60_000 })
      .toContain('without the hog');
    expect(await page.getByTestId('trial-before').textContent()).toContain('beside it as the file says');
    await picture(console_, 'scenarios-compared');
    await page.getByTestId('scenario-b-preswap-quota.json').click();
    // By keyboard: the list has the focus, an arrow moves the choice.
    await page.getByTestId('scenario-list').focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.getByTestId('scenario-detail').locator('h2').first().textContent()).toBe(
      'c: precache by the curve',
    );
    const { run } = await ask<HostDescription>(page, 'host.describe', {});
    expect(run).toMatchObject({ id: 1, source: { scenario: 'three real traces' } });
    await console_.close();
  });

  it('makes a scenario the live host, undoes that, and has it live again after a restart', async () => {
    const userDataFolder = temporaryFolder();
    const console_ = await launchConsole({ userDataFolder, size: SIZES[0] });
    const { page } = console_;
    await console_.firstChart();
    await ask(page, 'host.setSpeed', { speed: '10x' });
    await expect.poll(() => hostMs(page)).toBeGreaterThan(5_000);
    await ask(page, 'host.applyChanges', { changes: [{ kind: 'weight', guestId: 2, value: 300 }] });
    await openScenarios(console_);
    await page.getByTestId('scenario-d-ephemeral-hog.json').click();
    await page.getByTestId('scenario-open').click();
    const consequences = page.getByTestId('open-consequences');
    expect(await consequences.textContent()).toMatch(/Run 1 of “three real traces” ends in order/);
    await picture(console_, 'scenarios-open');
    await page.getByTestId('open-confirm').click();
    await page.getByTestId('open-dialog').waitFor({ state: 'detached' });
    await expect
      .poll(() => page.getByTestId('source').textContent())
      .toBe('modelled: d: a hog of precache · seed 1 · 10×');
    await expect.poll(() => hostMs(page)).toBeGreaterThan(2_000);
    // Every page lives with the other guests.
    for (const name of ['overview', 'guests', 'pools', 'evictions', 'what-if', 'reports', 'audit', 'settings']) {
      await page.getByTestId(`nav-${name}`).click();
      await page.waitForSelector('h1');
    }
    await page.getByTestId('nav-guests').click();
    await page.getByTestId('weight-backup').waitFor();
    await openScenarios(console_);
    await page.getByTestId('open-undo').click();
    expect(await consequences.textContent()).toMatch(/new run of “three real traces” begins at host time 0/);
    await page.getByTestId('open-confirm').click();
    await page.getByTestId('open-dialog').waitFor({ state: 'detached' });
    await expect.poll(() => page.getByTestId('source').textContent()).toContain('three real traces');
    await makeLive(page, 'j-fallow-memory.json');
    await expect.poll(() => page.getByTestId('source').textContent()).toContain('j: fallow memory');
    await expect.poll(() => hostMs(page)).toBeGreaterThan(3_000);
    await console_.close();

    const again = await launchConsole({ userDataFolder });
    await again.firstChart();
    await expect.poll(() => again.page.getByTestId('source').textContent()).toContain('j: fallow memory');
    const { run, notice } = await ask<HostDescription>(again.page, 'host.describe', {});
    expect({ id: run.id, notice }).toEqual({ id: 4, notice: null });
    expect(await hostMs(again.page)).toBeGreaterThanOrEqual(3_000);
    const { runs } = await ask<{ runs: Run[] }>(again.page, 'history.runs', {});
    expect(runs.map(({ end }) => end)).toEqual(['stopped', 'stopped', 'stopped', 'running']);
    const { clockEvents } = await ask<{ clockEvents: ClockEvent[] }>(again.page, 'history.events', {
      range: null,
      limit: 100,
    });
    expect(clockEvents.find(({ runId, kind }) => runId === 1 && kind === 'stop')?.detail).toBe(
      'Stopped: the scenario "d: a hog of precache" was opened.',
    );
    expect(await ask(again.page, 'history.verifyAudit', {})).toMatchObject({ sound: true, rows: 1 });
    await again.close();
    const ended = withHistory(userDataFolder, (database) =>
      database.prepare('SELECT count(*) AS checkpoints FROM checkpoints WHERE runId = 1 AND hostMs > 5000').get(),
    ) as { checkpoints: number };
    expect(ended.checkpoints).toBeGreaterThan(0);
  });

  it('adds a scenario of ones own with a trace that is imported first', async () => {
    const folder = temporaryFolder();
    const console_ = await launchConsole({ size: SIZES[0] });
    const { page } = console_;
    await console_.firstChart();
    await openScenarios(console_);
    const bad = join(folder, 'bad.json');
    writeFileSync(bad, JSON.stringify({ name: 'bad', seed: 1, host: { totalMiB: 'much' } }));
    await nextFile(console_, bad);
    await page.getByTestId('scenario-add').click();
    expect(await page.getByTestId('add-failure').textContent()).toContain('host.totalMiB');
    const mine = join(folder, 'mine.json');
    writeFileSync(mine, JSON.stringify(ownScenario));
    await nextFile(console_, mine);
    await page.getByTestId('scenario-add').click();
    expect(await page.getByTestId('scenario-obstacle').textContent()).toContain('web.csv');
    await page.getByTestId('view-traces').click();
    await page.getByTestId('trace-table').waitFor();
    const trace = join(folder, 'web.csv');
    writeFileSync(trace, msrTrace(20_000));
    const torn = join(folder, 'torn.csv');
    writeFileSync(torn, `${msrTrace(2_000)}\nnot,a,request`);
    await nextFile(console_, torn);
    await page.getByTestId('trace-import').click();
    expect(await page.getByTestId('import-failure').textContent()).toMatch(/line 2,?001/);
    await nextFile(console_, trace);
    await page.getByTestId('trace-import').click();
    await page.getByTestId('import-done').waitFor();
    await expect.poll(() => page.getByTestId('trace-row').count()).toBe(4);
    await picture(console_, 'traces');
    await page.getByTestId('view-gallery').click();
    // A claim that does not hold says so.
    await page.getByTestId('scenario-check').click();
    await page.getByTestId('verdict-said').waitFor({ timeout: 60_000 });
    expect(await page.getByTestId('verdict-said').textContent()).toContain('Does not hold: 1 of');
    await picture(console_, 'scenarios-broken');
    // Removed and put back.
    await page.getByTestId('scenario-remove').click();
    await page.getByTestId('remove-dialog').waitFor();
    await picture(console_, 'scenarios-remove');
    await page.getByTestId('remove-confirm').click();
    await page.getByTestId('scenario-mine.json').waitFor({ state: 'detached' });
    await page.getByTestId('remove-undo').click();
    await page.getByTestId('scenario-mine.json').waitFor();
    await makeLive(page, 'mine.json');
    await expect.poll(() => page.getByTestId('source').textContent()).toContain('my own');
    await expect.poll(() => hostMs(page)).toBeGreaterThan(1_000);
    // What the scenario does at its times is marked, once.
    await ask(page, 'host.setSpeed', { speed: '10x' });
    await expect.poll(() => hostMs(page), { timeout: 30_000 }).toBeGreaterThan(4_000);
    const marks = async (): Promise<string[]> => {
      const told = await ask<{ clockEvents: ClockEvent[] }>(page, 'history.events', { range: null, limit: 100 });
      return told.clockEvents.filter(({ kind }) => kind === 'scenario').map(({ detail }) => detail);
    };
    await expect.poll(marks).toEqual(['Scenario: weight of web set to 300.']);
    // The live host cannot do without its trace.
    await page.getByTestId('nav-scenarios').click();
    await page.getByTestId('view-traces').click();
    await page.getByTestId('trace-remove').click();
    expect(await page.getByTestId('remove-consequences').textContent()).toContain('“my own” plays it');
    await page.getByTestId('remove-confirm').click();
    expect(await page.getByTestId('remove-failure').textContent()).toContain('The live host plays web.csv');
    await picture(console_, 'traces-remove');
    await page.getByTestId('remove-cancel').click();
    await page.getByTestId('nav-overview').click();
    await page.getByText('weight of web set to 300').first().waitFor();
    await picture(console_, 'scenario-event');
    await console_.close();
  });
});

const ownScenario = {
  name: 'my own',
  seed: 3,
  forS: 5,
  host: { totalMiB: 32, reservedMiB: 2, balloonMiBPerS: 4 },
  policy: 'max-over-share',
  claim: {
    letter: 'c',
    sentence: 'Precache does what the miss-ratio curve says, though its guest is not plain LRU.',
    bound: 'Disk reads = misses of one LRU cache of RAM + pool.',
    measure: { kind: 'by-curve', guests: ['web'], without: 'without-precache' },
  },
  variants: [{ name: 'without-precache', title: 'without precache', set: { 'guests.web.precache': false } }],
  events: [{ atS: 3, set: 'guests.web.weight', to: 300 }],
  guests: [
    {
      name: 'web',
      kernel: { cache: 'two-list' },
      trace: 'web.csv',
      pace: { phases: [{ s: 10, accessesPerS: 1000 }] },
      ramMiB: 4,
      minMiB: 2,
      maxMiB: 8,
    },
  ],
};

/** Pages that are used again soon, between pages that are not: plain LRU forgets them, two lists keep them. */
function msrTrace(lines: number): string {
  const pageAt = (at: number): number => (at % 4 < 2 ? (at >> 2) % 600 : 1_000 + (at % 4_000));
  return Array.from(
    { length: lines },
    (_, at) => `${128_166_372_003_061_629 + at},web,0,Read,${4_096 * pageAt(at)},4096,100`,
  ).join('\n');
}
