import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { HostDescription } from '#contract/model.ts';
import { launchConsole, type RunningConsole } from './harness/app.ts';
import { ask, hostMs, temporaryFolder } from './support.ts';

type Listed = { files: { kind: string; name: string; check: { sound: boolean } | null }[]; nextAtMs: number | null };
const listed = (page: Page): Promise<Listed> => ask<Listed>(page, 'backups.list', {});

/** The newest weight of guest 3 in the host's samples. */
async function weightOfDb(page: Page): Promise<number> {
  const { run } = await ask<HostDescription>(page, 'host.describe', {});
  const { runs } = await ask<{ runs: { id: number; seconds: number; axisStartS: number }[] }>(page, 'history.runs', {});
  const present = runs.find(({ id }) => id === run.id);
  const toS = (present?.axisStartS ?? 0) + Math.max(0, (present?.seconds ?? 1) - 1);
  // Arrays of numbers do not cross the test's border as such; the page reads them.
  return page.evaluate(async (second) => {
    const { tmem } = globalThis as unknown as { tmem: { request(name: string, argument: unknown): Promise<unknown> } };
    const reply = (await tmem.request('history.series', {
      range: { fromS: Math.max(0, second - 1), toS: second },
      series: [{ guestId: 3, column: 'weight' }],
      maxPoints: 2,
    })) as { answer: { series: { value: Float64Array }[] } };
    return reply.answer.series[0]?.value.at(-1) ?? NaN;
  }, toS);
}

async function setWeight(page: Page, value: number): Promise<void> {
  await ask(page, 'host.applyChanges', { changes: [{ kind: 'weight', guestId: 3, value }] });
  const now = await hostMs(page);
  await expect.poll(() => hostMs(page)).toBeGreaterThan(now + 3_000);
  await expect.poll(() => weightOfDb(page)).toBe(value);
}

async function openSettings({ page }: RunningConsole): Promise<void> {
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('backup-now').waitFor();
}

/** Damages a database as a bad disk does: its first page, and one in the middle, are overwritten. */
function damage(file: string): void {
  const handle = openSync(file, 'r+');
  const garbage = Buffer.alloc(4_096, 0xa5);
  writeSync(handle, garbage, 0, garbage.length, 0);
  writeSync(handle, garbage, 0, garbage.length, Math.floor(statSync(file).size / 8_192) * 4_096);
  closeSync(handle);
}

describe('backups in the window', () => {
  it('are made, and one is put back with what stood there set aside; that is undone again', async () => {
    const console_ = await launchConsole({ size: { width: 1280, height: 800 } });
    const { page } = console_;
    await console_.firstChart();
    await ask(page, 'host.setSpeed', { speed: '10x' });
    await setWeight(page, 200);
    await openSettings(console_);
    await page.getByTestId('backup-now').click();
    await expect.poll(() => page.getByTestId('backup-outcome').textContent()).toContain('Backed up and checked');
    await setWeight(page, 300);
    await page.getByTestId('backup-restore').first().click();
    const consequences = page.getByTestId('restore-consequences');
    await expect
      .poll(() => consequences.textContent())
      .toMatch(/Recorded since, and set aside with the present file, not deleted: .*host time.*1.admin action/);
    await console_.screenshot('settings-restore');
    await page.getByTestId('restore-confirm').click();
    await page.getByTestId('restore-dialog').waitFor({ state: 'detached' });
    expect(await page.getByTestId('backup-outcome').textContent()).toContain('.set-aside');
    expect(await weightOfDb(page)).toBe(200);
    // The host goes on in the history that was put back.
    const restoredAt = await hostMs(page);
    await expect.poll(() => hostMs(page)).toBeGreaterThan(restoredAt + 2_000);
    await page.getByTestId('restore-undo').click();
    await expect.poll(() => consequences.textContent()).toContain('Comes back: ');
    await page.getByTestId('restore-confirm').click();
    await page.getByTestId('restore-dialog').waitFor({ state: 'detached' });
    expect(await weightOfDb(page)).toBe(300);
    const { files } = await listed(page);
    expect(files.filter(({ kind }) => kind === 'set-aside')).toHaveLength(2);
    // Both restorations stand in the audit that verifies.
    expect(await ask(page, 'history.verifyAudit', {})).toMatchObject({ sound: true, rows: 2 });
    await console_.screenshot('settings-restored');
    await console_.close();
  });

  it('are made by the schedule while the console runs', async () => {
    const console_ = await launchConsole();
    await console_.firstChart();
    const backups = (): string[] => {
      const folder = join(console_.userDataFolder, 'backups');
      return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.backup')) : [];
    };
    expect((await listed(console_.page)).nextAtMs).toBeGreaterThan(Date.now());
    await expect.poll(backups, { timeout: 60_000 }).toHaveLength(1);
    await expect.poll(async () => (await listed(console_.page)).files.length).toBe(1);
    await console_.close();
  });
});

describe('a start with a damaged history', () => {
  it('sets it aside, says so, and puts the newest good backup in its place when asked to', async () => {
    const userDataFolder = temporaryFolder();
    const before = await launchConsole({ userDataFolder });
    await before.firstChart();
    await ask(before.page, 'host.setSpeed', { speed: '10x' });
    await setWeight(before.page, 250);
    await ask(before.page, 'backups.make', {});
    await before.close();
    const file = join(userDataFolder, 'history.db');
    damage(file);
    const bytes = readFileSync(file);
    const again = await launchConsole({ userDataFolder, size: { width: 1280, height: 800 } });
    const { page } = again;
    await page.getByTestId('recovery').waitFor();
    expect(await page.getByTestId('recovery').textContent()).toContain('The history is damaged');
    const setAside = readdirSync(userDataFolder).find((name) => name.endsWith('.set-aside'));
    expect(await page.getByTestId('recovery-set-aside').textContent()).toContain(setAside);
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(join(userDataFolder, setAside ?? '')).equals(bytes)).toBe(true);
    expect(await page.getByTestId('recovery-backup').textContent()).toContain('with 1\u00a0admin action');
    await again.screenshot('recovery-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await again.screenshot('recovery-dark');
    await page.getByTestId('recovery-restore').click();
    await page.getByTestId('recovery').waitFor({ state: 'detached' });
    await again.firstChart();
    expect(await weightOfDb(page)).toBe(250);
    const now = await hostMs(page);
    await expect.poll(() => hostMs(page)).toBeGreaterThan(now + 1_000);
    expect(existsSync(join(userDataFolder, setAside ?? ''))).toBe(true);
    await again.close();
  });

  it('asks again when it was closed without a decision, and begins a new one only when asked to', async () => {
    const userDataFolder = temporaryFolder();
    const file = join(userDataFolder, 'history.db');
    writeFileSync(file, Buffer.alloc(40_960, 0x5a));
    const first = await launchConsole({ userDataFolder });
    await first.page.getByTestId('recovery-no-backup').waitFor();
    await first.close();
    const second = await launchConsole({ userDataFolder });
    await second.page.getByTestId('recovery').waitFor();
    expect(await second.page.getByTestId('recovery').textContent()).toContain('one was set aside as');
    await second.page.getByTestId('recovery-begin').click();
    await second.page.getByTestId('recovery').waitFor({ state: 'detached' });
    await second.firstChart();
    expect(await ask(second.page, 'history.runs', {})).toMatchObject({ runs: [{ id: 1, end: 'running' }] });
    expect(readdirSync(userDataFolder).filter((name) => name.endsWith('.set-aside'))).toHaveLength(1);
    await second.close();
  });
});
