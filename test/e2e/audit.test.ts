import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { backupHistory } from '#main/history/backup/backup.ts';
import { backupFolderOf } from '#main/history/backup/names.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { launchConsole, type RunningConsole } from './harness/app.ts';
import { ask, temporaryFolder } from './support.ts';

const changes = (value: number) => ({ changes: [{ kind: 'weight', guestId: 1, value }] });
const outcomes = (page: Page): Promise<string[]> =>
  page.getByTestId('audit-outcome').evaluateAll((cells) => cells.map((cell) => cell.textContent.trim()));

async function openAudit({ page }: RunningConsole): Promise<void> {
  await page.getByTestId('nav-audit').click();
  await page.getByTestId('audit-row').first().waitFor();
}

/** A folder whose history has three applied changes of build's weight. */
async function changedThrice(): Promise<string> {
  const userDataFolder = temporaryFolder();
  const console_ = await launchConsole({ userDataFolder });
  await console_.firstChart();
  for (const value of [150, 200, 250]) await ask(console_.page, 'host.applyChanges', changes(value));
  await console_.close();
  return userDataFolder;
}

describe('the audit page', () => {
  it('names the row that somebody altered behind the console, and leads to it', async () => {
    const userDataFolder = await changedThrice();
    const database = new Database(join(userDataFolder, 'history.db'));
    const trigger = database.prepare(`SELECT sql FROM sqlite_schema WHERE name = 'actionsNeverChanged'`).pluck().get();
    database.exec('DROP TRIGGER actionsNeverChanged');
    database.exec(`UPDATE actions SET content = replace(content, '"after":200', '"after":201') WHERE id = 2`);
    database.exec(String(trigger));
    database.close();
    const console_ = await launchConsole({ userDataFolder, size: { width: 1280, height: 800 } });
    const { page } = console_;
    await console_.firstChart();
    await openAudit(console_);
    await page.getByTestId('audit-verify').click();
    await expect.poll(() => page.getByTestId('audit-verdict').getAttribute('data-sound')).toBe('false');
    expect(await page.getByTestId('audit-findings').textContent()).toContain('Row 2, altered:');
    await console_.screenshot('audit-altered');
    await page.getByTestId('audit-findings').getByRole('link').first().click();
    await page.getByTestId('audit-from-row').waitFor();
    expect(await page.locator('[data-testid="audit-row"][aria-current="true"]').getAttribute('data-row')).toBe('2');
    await console_.close();
  });

  it('shows a tail that was cut off, against the anchor beside a backup', async () => {
    const userDataFolder = await changedThrice();
    const file = join(userDataFolder, 'history.db');
    const { anchor } = await backupHistory(file, backupFolderOf(file));
    const database = new Database(file);
    const trigger = database.prepare(`SELECT sql FROM sqlite_schema WHERE name = 'actionsNeverRemoved'`).pluck().get();
    database.exec('DROP TRIGGER actionsNeverRemoved; DELETE FROM actionOutcomes WHERE actionId = 3');
    database.exec('DELETE FROM actions WHERE id = 3');
    database.exec(String(trigger));
    database.close();
    const console_ = await launchConsole({ userDataFolder, size: { width: 1280, height: 800 } });
    const { page } = console_;
    await console_.firstChart();
    await openAudit(console_);
    await page.getByTestId('audit-verify').click();
    await expect.poll(() => page.getByTestId('audit-verdict').getAttribute('data-sound')).toBe('true');
    await page.getByText('Compare with an anchor kept elsewhere').click();
    await page.getByTestId('audit-anchor').fill('not an anchor');
    await expect.poll(() => page.getByTestId('audit-verify').isDisabled()).toBe(true);
    await page.getByTestId('audit-anchor').fill(JSON.stringify(anchor));
    await page.getByTestId('audit-verify').click();
    await expect.poll(() => page.getByTestId('audit-verdict').getAttribute('data-sound')).toBe('false');
    expect(await page.getByTestId('audit-findings').textContent()).toContain('Row 3, cut off:');
    await console_.screenshot('audit-anchor');
    await console_.close();
  });

  it('says what became of each action, also of one whose run ended before the host had it', async () => {
    const userDataFolder = await changedThrice();
    const writer = HistoryWriter.open({ file: join(userDataFolder, 'history.db'), appVersion: 'test' });
    const last = writer.lastRun();
    writer.continueRun(last?.id ?? 0, Date.now());
    const hostMs = (last?.seconds ?? 0) * 1000;
    const lost = { kind: 'weight', guestId: 2, before: 100, after: 500, source: 'console' } as const;
    writer.commitActions([{ ...lost, hostMs }], Date.now());
    writer.close();
    // Of another seed: the run that the action belongs to cannot go on.
    const console_ = await launchConsole({ userDataFolder, env: { TMEM_CONSOLE_SEED: '7' } });
    await console_.firstChart();
    await openAudit(console_);
    await expect.poll(() => outcomes(console_.page)).toEqual(['not applied', 'applied', 'applied', 'applied']);
    await console_.close();
  });

  it('records what was put back, from where, and what it is anchored to', async () => {
    const userDataFolder = await changedThrice();
    const console_ = await launchConsole({ userDataFolder, size: { width: 1280, height: 800 } });
    const { page } = console_;
    await console_.firstChart();
    const { made } = await ask<{ made: { kind: string; name: string } }>(page, 'backups.make', {});
    await ask(page, 'host.applyChanges', changes(300));
    await page.getByTestId('nav-settings').click();
    await page.getByTestId('backup-restore').first().click();
    await page.getByTestId('restore-confirm').click();
    await page.getByTestId('restore-dialog').waitFor({ state: 'detached' });
    await openAudit(console_);
    const restoration = page.getByTestId('restoration');
    await restoration.waitFor();
    expect(await restoration.textContent()).toContain(`Restored from ${made.name}`);
    expect(await restoration.textContent()).toMatch(/anchored to 3.rows of audit, head [0-9a-f]{16}…/);
    expect(await restoration.textContent()).toMatch(
      /What stood there, 4.rows of audit, was set aside as .*\.set-aside/,
    );
    expect(await page.getByTestId('audit-row').count()).toBe(3);
    await page.getByTestId('audit-verify').click();
    await expect.poll(() => page.getByTestId('audit-verdict').getAttribute('data-sound')).toBe('true');
    await console_.screenshot('audit-restored');
    await console_.close();
  });
});
