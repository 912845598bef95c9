import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Settings } from '#contract/settings.ts';
import { launchConsole, type RunningConsole } from './harness/app.ts';
import { temporaryFolder } from './support.ts';

const background = (page: Page): Promise<string> =>
  page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const isDark = ({ app }: RunningConsole): Promise<boolean> =>
  app.evaluate(({ nativeTheme }) => nativeTheme.shouldUseDarkColors);

async function openSettings({ page }: RunningConsole): Promise<void> {
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('setting-secondsDays').waitFor();
}

describe('the settings', () => {
  it('hold at once, and after a restart: look, contrast, motion, speed, how long the history is kept', async () => {
    const userDataFolder = temporaryFolder();
    const first = await launchConsole({ userDataFolder, size: { width: 1280, height: 800 } });
    // The test's own colour scheme would answer in the place of the system's.
    await first.page.emulateMedia({ colorScheme: null });
    await first.firstChart();
    await openSettings(first);
    await first.page.getByTestId('theme-dark').click();
    await expect.poll(() => isDark(first)).toBe(true);
    await expect.poll(() => background(first.page)).toBe('rgb(16, 21, 28)');
    await first.page.getByTestId('contrast-more').click();
    await expect.poll(() => background(first.page)).toBe('rgb(0, 0, 0)');
    await first.screenshot('settings-contrast-dark');
    await first.page.getByTestId('motion-reduced').click();
    await expect
      .poll(() =>
        first.page.evaluate(
          () => getComputedStyle(document.querySelector('.button') ?? document.body).transitionProperty,
        ),
      )
      .toBe('none');
    await first.page.getByTestId('start-10x').click();
    await first.page.getByTestId('unit-pages').click();
    await first.page.getByTestId('setting-secondsDays').fill('3');
    await first.page.getByTestId('settings-save').click();
    await expect.poll(() => first.page.getByTestId('settings-outcome').textContent()).toBe('Saved.');
    await first.close();
    const kept = JSON.parse(readFileSync(join(userDataFolder, 'settings.json'), 'utf8')) as { settings: Settings };
    expect(kept.settings).toMatchObject({
      retention: { secondsDays: 3 },
      appearance: { theme: 'dark', contrast: 'more', motion: 'reduced', memoryUnit: 'pages' },
      startSpeed: '10x',
    });
    const second = await launchConsole({ userDataFolder });
    await second.page.emulateMedia({ colorScheme: null });
    await second.firstChart();
    expect(await background(second.page)).toBe('rgb(0, 0, 0)');
    await expect.poll(() => second.page.getByTestId('source').textContent()).toContain('10×');
    expect(await second.page.getByTestId('figure-fallow').textContent()).toMatch(/[\d,]+\u00a0pages/);
    await second.close();
  });

  it('are checked while they are typed; what cannot be saved stays as it was typed, with the reason', async () => {
    const userDataFolder = temporaryFolder();
    writeFileSync(join(userDataFolder, 'a-file'), '');
    const console_ = await launchConsole({ userDataFolder });
    const { page } = console_;
    await console_.firstChart();
    await openSettings(console_);
    await page.getByTestId('setting-sizeMib').fill('12');
    await expect.poll(() => page.getByText('Type a whole number of MiB from 64 to 1,048,576.').count()).toBe(1);
    expect(await page.getByTestId('settings-save').isDisabled()).toBe(true);
    await page.getByTestId('setting-sizeMib').fill('512');
    const folder = join(userDataFolder, 'a-file', 'backups');
    await page.getByTestId('setting-folder').fill(folder);
    await page.getByTestId('settings-save').click();
    await expect.poll(() => page.getByTestId('settings-failure').textContent()).toContain("can't hold backups");
    await console_.screenshot('settings-refused');
    await page.getByTestId('nav-guests').click();
    await openSettings(console_);
    expect(await page.getByTestId('setting-folder').inputValue()).toBe(folder);
    expect(await page.getByTestId('setting-sizeMib').inputValue()).toBe('512');
    await page.getByTestId('setting-folder').fill(join(userDataFolder, 'elsewhere'));
    await page.getByTestId('settings-save').click();
    await expect.poll(() => page.getByTestId('settings-outcome').textContent()).toBe('Saved.');
    await page.getByTestId('backup-now').click();
    await expect.poll(() => page.getByTestId('backup-outcome').textContent()).toContain('Backed up and checked');
    expect(await page.getByTestId('backup-row').first().getByRole('rowheader').getAttribute('title')).toContain(
      'elsewhere',
    );
    await console_.close();
  });

  it('that cannot be read are kept beside the file, and the window says that the defaults hold', async () => {
    const userDataFolder = temporaryFolder();
    writeFileSync(join(userDataFolder, 'settings.json'), '{"version":1,"settings":{}}');
    const console_ = await launchConsole({ userDataFolder });
    await expect
      .poll(() => console_.page.getByTestId('settings-notice').textContent())
      .toContain('settings.json.damaged');
    await console_.close();
  });
});
