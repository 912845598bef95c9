import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReportSchema } from '#contract/reports.ts';
import { type RunningConsole, launchConsole } from './harness/app.ts';
import { hostMs, temporaryFolder, withHistory } from './support.ts';

/** The record as an administrator uses it: a change, the audit, reports. The steps stand on each other. */
let console_: RunningConsole;
const folder = temporaryFolder();
/** Where the app saves reports in these tests, instead of asking. */
const target = join(folder, 'saved', 'report');
beforeAll(async () => {
  console_ = await launchConsole({
    userDataFolder: folder,
    size: { width: 1280, height: 800 },
    env: { TMEM_CONSOLE_REPORT_FILE: target },
  });
});
afterAll(() => console_.close());

async function save(page: Page, format: string): Promise<void> {
  await page.getByTestId(`format-${format}`).click();
  await page.getByTestId('report-save').click();
}

describe('the record of the console', () => {
  it('shows a changed weight on the Audit page with before and after, applied', async () => {
    const { page } = console_;
    await page.getByTestId('nav-guests').click();
    await page.getByTestId('speed-max').click();
    await expect.poll(() => hostMs(page), { timeout: 60_000 }).toBeGreaterThan(120_000);
    await page.getByTestId('speed-1x').click();
    const input = page.getByTestId('weight-db');
    await input.fill('400');
    await input.press('Enter');
    await page.getByTestId('tray-apply').click();
    await page.getByTestId('applied-db').waitFor();
    await page.getByTestId('nav-audit').click();
    await expect.poll(() => page.getByTestId('audit-row').count()).toBe(1);
    await expect
      .poll(() => page.getByTestId('audit-row').textContent())
      .toMatch(/db.*Weight.*from 100.*to 400.*this console.*applied/s);
  });

  it('verifies the chain and gives the anchor to copy', async () => {
    const { page, app } = console_;
    await page.getByTestId('audit-verify').click();
    await expect.poll(() => page.getByTestId('audit-verdict').textContent()).toMatch(/Sound: 1.row, nothing found/);
    const head = withHistory(folder, (database) =>
      database.prepare('SELECT hash FROM actions ORDER BY id DESC LIMIT 1').pluck().get(),
    );
    expect(await page.getByTestId('audit-head').textContent()).toBe(head);
    await page.getByTestId('audit-copy').click();
    await expect.poll(() => page.getByTestId('audit-copy').textContent()).toMatch('Anchor copied');
    const copied = await app.evaluate(({ clipboard }) => clipboard.readText());
    expect(JSON.parse(copied)).toMatchObject({ rows: 1, headHash: head });
  });

  it('says what stands in the way of saving, and keeps what was typed', async () => {
    const { page } = console_;
    await page.getByTestId('nav-reports').click();
    await page.getByTestId('report-from').fill('00:00:10');
    await page.getByTestId('report-to').fill('00:01:49');
    await expect.poll(() => page.getByTestId('figure-recorded').textContent()).toMatch(/100.s/);
    // The folder is not there yet.
    await save(page, 'json');
    await expect
      .poll(() => page.getByTestId('report-failure').textContent())
      .toMatch(/no such folder.*Create the folder/s);
    expect(await page.getByTestId('report-from').inputValue()).toBe('00:00:10');
    expect(await page.getByTestId('report-to').inputValue()).toBe('00:01:49');
  });

  it('saves a JSON report whose totals are those of the database', async () => {
    const { page } = console_;
    mkdirSync(join(folder, 'saved'));
    await save(page, 'json');
    await page.getByTestId('report-saved').waitFor();
    expect(await page.getByTestId('report-saved').getAttribute('data-file')).toBe(target);
    const report = v.parse(ReportSchema, JSON.parse(readFileSync(target, 'utf8')));
    withHistory(folder, (database) => {
      const within = 'WHERE runId = 1 AND second BETWEEN 10 AND 109';
      for (const { guestId, counts } of report.guests) {
        const row = database
          .prepare(
            `SELECT sum(diskReads) AS reads, sum(precacheHits) AS hits FROM guestSamples ${within} AND guestId = ?`,
          )
          .get(guestId);
        expect({ reads: counts.diskReads.total, hits: counts.precacheHits.total }).toEqual(row);
      }
      const evicted = database.prepare(`SELECT sum(pages) FROM evictions ${within}`).pluck().get();
      expect(report.evictions.pages).toBe(evicted);
    });
    expect(report.guests).toHaveLength(3);
    expect(report.recordedSeconds).toBe(100);
    // What the page shows is what the file says.
    for (const { name, counts } of report.guests) {
      const shown = await page.getByTestId(`reads-${name}`).getAttribute('data-pages');
      expect(Number(shown)).toBe(counts.diskReads.total);
    }
  });

  it('saves an HTML report that opens without a script or a request', async () => {
    const { page, app } = console_;
    await page.getByTestId('report-span-run').click();
    await save(page, 'html');
    await page.getByTestId('report-saved').waitFor();
    expect(existsSync(target)).toBe(true);
    const text = readFileSync(target, 'utf8');
    expect(text).toMatch(/^<!doctype html>/i);
    expect(text).not.toMatch(/<script|<link|<img|src=|@import|url\(/i);
    expect(text).toMatch(/weight 100 → 400/);
    expect(app.windows()).toHaveLength(1);
  });

  it.each([
    ['1280x800', 1280, 800],
    ['1920x1080', 1920, 1080],
  ])('looks right at %s, light and dark', async (name, width, height) => {
    const { page, app } = console_;
    await app.evaluate(
      ({ BrowserWindow }, size) => {
        BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height);
      },
      { width, height },
    );
    await page.waitForFunction((wanted) => innerWidth === wanted, width);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const path of ['audit', 'reports'] as const) {
        await page.getByTestId(`nav-${path}`).click();
        if (path === 'audit') await page.getByTestId('audit-verify').click();
        await page.getByTestId(path === 'audit' ? 'audit-verdict' : 'report-preview').waitFor();
        await console_.screenshot(`${path}-${name}-${colorScheme}`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      }
    }
  });
});
