import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningConsole, launchConsole } from './harness/app.ts';
import { ask, hostMs } from './support.ts';

const PAGES = ['overview', 'guests', 'pools', 'evictions', 'reports', 'audit', 'settings'] as const;
const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;

let console_: RunningConsole;
const reach = (ms: number): Promise<void> =>
  vi
    .waitUntil(async () => (await hostMs(console_.page)) > ms, { timeout: 60_000, interval: 100 })
    .then(() => undefined);
beforeAll(async () => {
  console_ = await launchConsole();
  await console_.firstChart();
  // A few host minutes with a change in them, so that there is something to see.
  await ask(console_.page, 'host.setSpeed', { speed: 'max' });
  await reach(300_000);
  await ask(console_.page, 'host.setSpeed', { speed: '10x' });
  await ask(console_.page, 'host.applyChanges', { changes: [{ kind: 'weight', guestId: 2, value: 400 }] });
  const changed = await hostMs(console_.page);
  await reach(changed + 60_000);
  await ask(console_.page, 'host.setSpeed', { speed: '1x' });
});
afterAll(() => console_.close());

describe('every page, at both sizes, light and dark', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const size of SIZES) {
      it.each(PAGES)(`fits the window: %s, ${colorScheme}, ${size.width} x ${size.height}`, async (name) => {
        const { app, page } = console_;
        await page.emulateMedia({ colorScheme });
        await app.evaluate(({ BrowserWindow }, { width, height }) => {
          BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
        }, size);
        await page.waitForFunction(({ width }) => innerWidth === width, size);
        await page.getByTestId(`nav-${name}`).click();
        await page.waitForSelector('h1');
        await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
        const overflow = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return scrollWidth - clientWidth;
        });
        await console_.screenshot(`${name}-${colorScheme}-${size.width}`);
        expect(overflow).toBe(0);
        expect(console_.consoleErrors).toEqual([]);
      });
    }
  }
});
