import type { HostDescription } from '#contract/model.ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningConsole, launchConsole } from './harness/app.ts';
import { actions, ask, hostMs } from './support.ts';

/** Staged changes as an administrator uses them, in the real window. The steps stand on each other. */
let console_: RunningConsole;
beforeAll(async () => {
  console_ = await launchConsole({ size: { width: 1280, height: 800 } });
  await console_.firstChart();
  await ask(console_.page, 'host.setSpeed', { speed: 'max' });
  await vi.waitUntil(async () => (await hostMs(console_.page)) > 200_000, { timeout: 60_000, interval: 100 });
  await ask(console_.page, 'host.setSpeed', { speed: '1x' });
});
afterAll(() => console_.close());

async function stage(testid: string, text: string): Promise<void> {
  const input = console_.page.getByTestId(testid);
  await input.fill(text);
  await input.press('Enter');
}
const weights = async (): Promise<(string | null)[]> =>
  Promise.all(
    ['build', 'search', 'db'].map((name) => console_.page.getByTestId(`weight-${name}`).getAttribute('data-value')),
  );

const PICTURES = [
  ['dark', 1280, 800],
  ['light', 1920, 1080],
  ['dark', 1920, 1080],
] as const;
async function resize(width: number, height: number): Promise<void> {
  await console_.app.evaluate(({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w, h), [
    width,
    height,
  ] as const);
  await console_.page.waitForFunction(([w, h]) => innerWidth === w && innerHeight === h, [width, height] as const);
}

describe('staged changes', () => {
  it('collect from the guests in the tray, with their effect, and change nothing yet', async () => {
    const { page } = console_;
    await page.getByTestId('nav-guests').click();
    await stage('weight-db', '400');
    await stage('target-search', '40');
    expect(await page.getByTestId('tray-open').textContent()).toMatch(/2.staged changes/);
    await page.getByTestId('tray-open').click();
    expect(await page.getByTestId('tray-drawer').textContent()).toMatch(
      /db weight.*100.*400.*400 of 600 = 66.7.% = .*MiB of the pool/s,
    );
    await console_.screenshot('tray-light-1280');
    expect(await actions(page)).toEqual([]);
  });

  it('are forecast before they are applied', async () => {
    const { page } = console_;
    await page.getByTestId('tray-preview').click();
    await expect
      .poll(() => page.getByTestId('tray-summary').textContent(), { timeout: 60_000 })
      .toMatch(/(distances|full).*next 5.min:.*disk reads .*→.*exact if the past repeats/s);
    await console_.screenshot('tray-preview-light-1280');
  });

  it('are applied together, as one set of the audit', async () => {
    const { page } = console_;
    await page.getByTestId('tray-apply').click();
    await expect.poll(() => page.getByTestId('tray-outcome').textContent()).toMatch(/Applied 2.changes/);
    const applied = await actions(page);
    expect(applied.map(({ kind, guestName, after }) => [kind, guestName, after])).toEqual([
      ['balloon-target', 'search', 40 * 256],
      ['weight', 'db', 400],
    ]);
    expect(new Set(applied.map((action) => action.hostMs)).size).toBe(1);
    await expect.poll(weights).toEqual(['100', '100', '400']);
  });

  it('are undone with one key, which is audited, and redone with another', async () => {
    const { page } = console_;
    await page.keyboard.press('Control+z');
    await expect.poll(weights).toEqual(['100', '100', '100']);
    await expect.poll(async () => (await actions(page)).length).toBe(4);
    const [first] = await actions(page);
    expect(first).toMatchObject({ kind: 'weight', guestName: 'db', before: 400, after: 100 });
    await page.keyboard.press('Control+Shift+Z');
    await expect.poll(weights).toEqual(['100', '100', '400']);
    await expect.poll(async () => (await actions(page)).length).toBe(6);
  });

  it('survive a reload of the window with what can be undone, and are discarded at last', async () => {
    const { page } = console_;
    await stage('weight-build', '250');
    await page.reload();
    await expect.poll(() => page.getByTestId('tray-open').textContent()).toMatch(/1.staged change/);
    await page.getByTestId('nav-overview').click();
    await page.getByTestId('tray-discard').click();
    await expect.poll(() => page.getByTestId('tray-open').count()).toBe(0);
    expect(await actions(page)).toHaveLength(6);
    // What was applied before the reload can be undone after it.
    await page.keyboard.press('Control+z');
    await expect.poll(async () => (await actions(page)).length).toBe(8);
  });

  it('stages settings of the host, applies them with a reason, and tells them everywhere', async () => {
    const { page } = console_;
    await page.getByTestId('nav-guests').click();
    await page.getByTestId('host-policy').selectOption('xen-documented');
    await stage('host-pool-limit', '20');
    await page.getByTestId('guests-table').getByText('db', { exact: true }).click();
    await stage('cap-db', '4');
    await page.getByTestId('tray-open').click();
    await page.getByTestId('tray-reason').fill('to see Xen’s rule');
    await console_.screenshot('tray-host-light-1280');
    await page.getByTestId('tray-apply').click();
    await expect.poll(async () => (await actions(page)).length).toBe(11);
    // Noted first, then done by the host.
    const inForce = async () => {
      const { policy, poolLimitPages, guestSettings } = await ask<HostDescription>(page, 'host.describe', {});
      return { policy, poolLimitPages, caps: guestSettings.map(({ capPages }) => capPages) };
    };
    await expect
      .poll(inForce)
      .toEqual({ policy: 'xen-documented', poolLimitPages: 20 * 256, caps: [null, null, 4 * 256] });
    await expect.poll(() => page.getByTestId('host-policy').inputValue()).toBe('xen-documented');
    await page.keyboard.press('Control+z');
    await expect.poll(() => page.getByTestId('host-policy').inputValue()).toBe('max-over-share');
    await page.getByTestId('nav-audit').click();
    const rows = page.getByTestId('audit-row');
    await expect.poll(() => rows.count()).toBe(14);
    expect(await rows.nth(0).textContent()).toMatch(
      /#?14.*host.*Eviction policy.*max over share.*undoes #9: Undo of 3/s,
    );
    expect(await rows.nth(5).textContent()).toMatch(/9.*Xen, documented.*to see Xen’s rule.*undone by #14/s);
    await console_.screenshot('audit-host-light-1280');
  });

  it('asks before it removes a guest, and leads back by the backup that was made before', async () => {
    const { page } = console_;
    await page.getByTestId('nav-guests').click();
    await page.getByTestId('guests-table').getByText('build', { exact: true }).click();
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.getByTestId('remove-build').click();
    await page.getByTestId('tray-apply').click();
    await expect
      .poll(() => page.getByTestId('confirm-radius').textContent())
      .toMatch(/build is removed from the host.*MiB of RAM, .*of precache and .*of preswap are given up/s);
    await console_.screenshot('confirm-remove-light-1280');
    await page.getByTestId('confirm-apply').click();
    await expect.poll(() => page.getByTestId('removed-build').count(), { timeout: 30_000 }).toBe(1);
    expect(await page.getByTestId('weight-build').isDisabled()).toBe(true);
    expect(await page.getByTestId('tray-outcome').textContent()).toMatch(/cannot be undone/);
    await console_.screenshot('removed-light-1280');
    for (const [theme, width, height] of PICTURES) {
      await resize(width, height);
      await page.emulateMedia({ colorScheme: theme });
      await page.getByTestId('nav-audit').click();
      await expect.poll(() => page.getByTestId('audit-row').count()).toBe(15);
      await console_.screenshot(`audit-host-${theme}-${width}`);
      await page.getByTestId('nav-guests').click();
      await page.getByTestId('weight-build').waitFor();
      await console_.screenshot(`removed-${theme}-${width}`);
    }
    await resize(1280, 800);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByTestId('tray-go-back').click();
    await expect.poll(() => page.getByTestId('restore-confirm').isEnabled(), { timeout: 30_000 }).toBe(true);
    await page.getByTestId('restore-confirm').click();
    await expect.poll(() => page.getByTestId('removed-build').count(), { timeout: 60_000 }).toBe(0);
    await expect.poll(() => page.getByTestId('weight-build').isEnabled(), { timeout: 60_000 }).toBe(true);
    const { guestSettings } = await ask<HostDescription>(page, 'host.describe', {});
    expect(guestSettings[0]).toMatchObject({ guestId: 1, presence: 'present' });
  });

  it('printed no error on the way', () => {
    expect(console_.consoleErrors).toEqual([]);
  });
});
