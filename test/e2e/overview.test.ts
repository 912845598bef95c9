import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningConsole, launchConsole } from './harness/app.ts';
import { ask, hostMs, violations } from './support.ts';

/** The time of a page and the ways from its charts into the history. The steps stand on each other. */
let console_: RunningConsole;
beforeAll(async () => {
  console_ = await launchConsole({ size: { width: 1280, height: 800 } });
  await console_.firstChart();
  await ask(console_.page, 'host.setSpeed', { speed: 'max' });
  await vi.waitUntil(async () => (await hostMs(console_.page)) > 400_000, { timeout: 60_000, interval: 100 });
  await ask(console_.page, 'host.setSpeed', { speed: '1x' });
  await ask(console_.page, 'host.applyChanges', { changes: [{ kind: 'weight', guestId: 2, value: 400 }] });
});
afterAll(() => console_.close());

const chart = (page: Page): Locator => page.getByTestId('chart-occupancy');
const slider = (page: Page): Locator => chart(page).getByRole('slider');
const badge = async (page: Page): Promise<string> => (await page.getByTestId('view-badge').textContent()) ?? '';
/** First and last second that the occupancy is drawn over. */
async function drawn(page: Page): Promise<[number, number]> {
  return [Number(await slider(page).getAttribute('min')), Number(await slider(page).getAttribute('max'))];
}

describe('the time of the overview', () => {
  it('is zoomed by dragging in a chart: all charts of the page follow', async () => {
    const { page } = console_;
    const [begin, end] = await drawn(page);
    const box = await slider(page).boundingBox();
    if (box === null) throw new Error('There is no chart.');
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.55, box.y + box.height / 2, { steps: 5 });
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2, { steps: 5 });
    await console_.screenshot('overview-dragging');
    await page.mouse.up();
    await expect.poll(() => badge(page)).toMatch(/^past: 00:0\d:\d\d to 00:0\d:\d\d$/);
    const [from, to] = await drawn(page);
    expect(to - from).toBeGreaterThan(20);
    expect(to - from).toBeLessThan((end - begin) / 2);
    expect(await page.getByTestId('chart-evictions').getByRole('slider').getAttribute('max')).toBe(String(to));
    await console_.screenshot('overview-zoomed');
    // It stays while the host goes on.
    const now = await hostMs(page);
    await expect.poll(() => hostMs(page)).toBeGreaterThan(now + 2_000);
    expect(await drawn(page)).toEqual([from, to]);
    await page.getByTestId('zoom-out').click();
    await expect
      .poll(async () => (await drawn(page))[1] - (await drawn(page))[0])
      .toBeGreaterThanOrEqual(2 * (to - from) - 2);
    await page.getByTestId('back-to-live').click();
    await expect.poll(() => page.getByTestId('view-badge').count()).toBe(0);
  });

  it('is zoomed by the keyboard', async () => {
    const { page } = console_;
    await slider(page).focus();
    for (let times = 0; times < 20; times++) await page.keyboard.press('Shift+ArrowLeft');
    expect(await slider(page).getAttribute('aria-valuetext')).toContain('selected, Enter shows it');
    await page.keyboard.press('Enter');
    await expect.poll(() => badge(page)).toMatch(/^past: /);
    await page.getByTestId('back-to-live').click();
  });

  it('is held with a visible badge while the host goes on', async () => {
    const { page } = console_;
    await page.getByTestId('hold-view').click();
    const held = await drawn(page);
    expect(await badge(page)).toMatch(/^held: /);
    const now = await hostMs(page);
    await expect.poll(() => hostMs(page)).toBeGreaterThan(now + 3_000);
    expect(await drawn(page)).toEqual(held);
    await page.getByTestId('back-to-live').click();
    await expect.poll(async () => (await drawn(page))[1]).toBeGreaterThan(held[1]);
  });

  it('is any preset up to a year, or typed', async () => {
    const { page } = console_;
    await page.getByTestId('time-more').click();
    await console_.screenshot('overview-time-picker');
    await page.getByTestId('window-1y').click();
    await expect.poll(() => page.getByTestId('time-more').textContent()).toContain('1\u00a0year');
    await expect
      .poll(() => chart(page).locator('canvas').getAttribute('aria-label'))
      .toContain('Pool occupancy, last 365');
    await page.getByTestId('time-more').click();
    await page.getByTestId('time-from').fill('00:03:00');
    await page.getByTestId('time-to').fill('00:02:00');
    await page.getByTestId('time-show').click();
    expect(await page.getByTestId('time-error').textContent()).toBe('The end must be after the beginning.');
    await page.getByTestId('time-to').fill('00:05:00');
    await page.getByTestId('time-show').click();
    await expect.poll(() => badge(page)).toBe('past: 00:03:00 to 00:05:00');
    await expect
      .poll(() => chart(page).locator('canvas').getAttribute('aria-label'))
      .toContain('Pool occupancy, 00:03:00 to 00:05:00: build');
    await page.getByTestId('window-2m').click();
    expect(await page.getByTestId('view-badge').count()).toBe(0);
  });
});

describe('the charts', () => {
  it('draw the replayable span on the time axis', async () => {
    const { page } = console_;
    const span = page.getByTestId('replayable-span').first();
    await span.waitFor();
    expect((await span.boundingBox())?.width ?? 0).toBeGreaterThan(10);
    expect(await span.getAttribute('title')).toMatch(/replayable from \d\d:\d\d:\d\d/);
  });

  it('lead from the marker of an action to its row in the audit', async () => {
    const { page } = console_;
    const marker = chart(page).locator('[data-testid="marker"][data-kind="action"]').first();
    await marker.click();
    await page.getByTestId('audit-from-row').waitFor();
    expect(await page.locator('[data-testid="audit-row"][aria-current="true"]').textContent()).toMatch(
      /search.*Weight.*400/s,
    );
    await page.getByTestId('nav-overview').click();
  });

  it('lead from a burst of evictions to its rows, with the filter set', async () => {
    const { page } = console_;
    // The beginning of the run: nobody loses a page until the pool is full, then it begins at once.
    await page.getByTestId('time-more').click();
    await page.getByTestId('time-from').fill('00:00:00');
    await page.getByTestId('time-to').fill('00:00:30');
    await page.getByTestId('time-show').click();
    const marker = page.getByTestId('chart-evictions').locator('[data-testid="marker"][data-kind="burst"]').first();
    await marker.waitFor();
    await console_.screenshot('overview-burst');
    await marker.click();
    await page.getByTestId('evictions-table').waitFor();
    const [from, to] = [
      await page.getByTestId('filter-from').inputValue(),
      await page.getByTestId('filter-to').inputValue(),
    ];
    expect([from, to].join(' ')).toMatch(/^00:0\d:\d\d 00:0\d:\d\d$/);
    expect(from <= to).toBe(true);
    expect(await page.getByTestId('eviction-row').count()).toBeGreaterThan(0);
    await page.getByTestId('nav-overview').click();
    await page.getByTestId('back-to-live').click();
  });
});

describe('pages that axe-core finds nothing wrong with in the window', () => {
  it.each(['overview', 'pools', 'audit', 'settings'])('%s, light and dark', async (name) => {
    const { page } = console_;
    await page.getByTestId(`nav-${name}`).click();
    await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
    for (const colorScheme of ['light', 'dark'] as const) {
      // A colour that is still on its way to another one has the contrast of neither.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await violations(page)).toEqual([]);
    }
  });
});

describe('the pools page', () => {
  it('shows what each pool did, as the history has it', async () => {
    const { page } = console_;
    await page.getByTestId('nav-pools').click();
    await expect.poll(() => page.getByTestId('pool-row').count()).toBeGreaterThanOrEqual(3);
    expect(await page.getByTestId('pool-row').first().textContent()).toMatch(/build.*precache.*MiB.*%/s);
    await expect.poll(() => page.getByTestId('pool-summary').textContent()).toContain('in use.');
  });
});
