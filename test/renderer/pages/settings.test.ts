// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils';
import axe from 'axe-core';
import { afterEach, describe, expect, it } from 'vitest';
import { memoryUnit, mib } from '#renderer/format.ts';
import { closeConsoles, openConsole } from '../mount.ts';

afterEach(() => {
  closeConsoles();
  memoryUnit.value = 'mib';
});

const value = (found: { element: Element }): string => (found.element as HTMLInputElement).value;
const body = (testid: string): HTMLElement | null => document.querySelector(`[data-testid="${testid}"]`);
const click = async (testid: string): Promise<void> => {
  body(testid)?.click();
  await flushPromises();
};
const failure = { code: 'file-unwritable' as const, message: 'The disk is full.', remedy: 'Free some space.' };

async function openSettings(options: Parameters<typeof openConsole>[1] = {}) {
  const opened = await openConsole('/settings', { seconds: 30, ...options });
  await opened.until(() => expect(opened.find('setting-secondsDays').exists()).toBe(true));
  return opened;
}

describe('the settings page', () => {
  it('saves what is typed, and says so', async () => {
    const { host, find, text } = await openSettings();
    expect(find('settings-save').attributes('disabled')).toBeDefined();
    await find('setting-secondsDays').setValue('14');
    await find('setting-sizeMib').setValue('4,096');
    expect(find('settings-changed').exists()).toBe(true);
    await find('settings-save').trigger('click');
    await flushPromises();
    expect(host.backups.settings.retention).toMatchObject({ secondsDays: 14, sizeMib: 4_096 });
    expect(text('settings-outcome')).toBe('Saved.');
    expect(find('settings-changed').exists()).toBe(false);
  });

  it('says beside each field what is wrong with it, and does not save', async () => {
    const { wrapper, find } = await openSettings();
    await find('setting-secondsDays').setValue('0');
    await find('setting-minutesDays').setValue('10');
    await find('setting-everyMinutes').setValue('soon');
    const text = wrapper.text();
    expect(text).toContain('Type a whole number of days from 1 to 3,650.');
    expect(text).toContain('Type a whole number of minutes from 5 to 10,080.');
    expect(find('setting-secondsDays').attributes('aria-invalid')).toBe('true');
    expect(find('settings-save').attributes('disabled')).toBeDefined();
    await find('setting-secondsDays').setValue('7');
    await find('setting-everyMinutes').setValue('60');
    expect(wrapper.text()).toContain('It must be kept as long as the finer figures.');
  });

  it('keeps what was typed when it cannot be saved, also on another page, and saves it later', async () => {
    const failures: Record<string, typeof failure> = { 'settings.save': failure };
    const { host, find, text, router } = await openSettings({ failures });
    await find('setting-folder').setValue('/mnt/full');
    await find('settings-save').trigger('click');
    await flushPromises();
    expect(text('settings-failure')).toContain('The disk is full. Free some space.'.split('. ')[0]);
    await router.push('/audit');
    await router.push('/settings');
    await flushPromises();
    expect(value(find('setting-folder'))).toBe('/mnt/full');
    delete failures['settings.save'];
    await find('settings-save').trigger('click');
    await flushPromises();
    expect(host.backups.settings.backups.folder).toBe('/mnt/full');
    expect(find('settings-failure').exists()).toBe(false);
  });

  it('takes back what was typed', async () => {
    const { find } = await openSettings();
    await find('setting-hoursDays').setValue('abc');
    await find('settings-revert').trigger('click');
    expect(value(find('setting-hoursDays'))).toBe('1095');
  });

  it('keeps a choice at once, beside what is typed and not saved yet', async () => {
    const { host, find } = await openSettings();
    await find('setting-secondsDays').setValue('14');
    await find('unit-gib').trigger('click');
    await flushPromises();
    expect(host.backups.settings.appearance.memoryUnit).toBe('gib');
    expect(host.backups.settings.retention.secondsDays).toBe(7);
    expect(value(find('setting-secondsDays'))).toBe('14');
    expect(mib(1_536 * 256).replaceAll('\u00a0', ' ')).toBe('1.50 GiB');
    expect(mib(512 * 256).replaceAll('\u00a0', ' ')).toBe('512.0 MiB');
  });

  it('takes the folder that the person chose', async () => {
    const { find } = await openSettings();
    await find('choose-folder').trigger('click');
    await flushPromises();
    expect(value(find('setting-folder'))).toBe('/mnt/other/backups');
  });
});

describe('the list of backups', () => {
  it('shows when, how large and whether sound; one is made, another looked through', async () => {
    const { wrapper, find, text } = await openSettings({ backups: { files: 2 } });
    const rows = () => wrapper.findAll('[data-testid="backup-row"]');
    expect(rows()).toHaveLength(2);
    expect(rows()[0]?.text().replaceAll('\u00a0', ' ')).toMatch(/23 Nov 2025.*backup.*79\.2 MiB.*11.*sound/);
    await find('backup-now').trigger('click');
    await flushPromises();
    expect(rows()).toHaveLength(3);
    expect(text('backup-outcome')).toContain('Backed up and checked: history.db.');
    await rows()[0]?.find('[data-testid="backup-check-now"]').trigger('click');
    await flushPromises();
    expect(text('backup-outcome')).toContain('is damaged.');
  });

  it('says what would be here where there is none', async () => {
    const { text } = await openSettings({ backups: { files: 0 } });
    expect(text('backups-empty')).toContain('No backup yet.');
  });

  it('asks before one is put back, says how far that reaches, and offers to undo it', async () => {
    const { host, find, text } = await openSettings();
    await find('backup-restore').trigger('click');
    await flushPromises();
    expect(body('restore-dialog')?.textContent).toContain('Put back the backup of');
    expect(body('restore-consequences')?.textContent.replaceAll('\u00a0', ' ')).toContain(
      'Recorded since, and set aside with the present file, not deleted: 1.2 h of host time, 3 admin actions and 1 run.',
    );
    expect(
      (
        await axe.run(document.body, {
          rules: { 'color-contrast': { enabled: false }, 'aria-hidden-focus': { enabled: false } },
        })
      ).violations.map(({ id }) => id),
    ).toEqual([]);
    await click('restore-confirm');
    expect(body('restore-dialog')).toBeNull();
    expect(text('backup-outcome')).toContain(
      'What stood there is kept as history.db.2025-11-23T14-30-00-000Z.set-aside.',
    );
    await find('restore-undo').trigger('click');
    await flushPromises();
    expect(body('restore-dialog')?.textContent).toContain('Put back what was set aside on');
    await click('restore-cancel');
    expect(host.asked.filter(({ name }) => name === 'backups.restore')).toHaveLength(1);
  });

  it('says in the dialog why one could not be put back, and leaves it open', async () => {
    const damaged = { code: 'history-damaged' as const, message: 'The backup is damaged, so it was not put in place.' };
    const { find } = await openSettings({ failures: { 'backups.restore': damaged } });
    await find('backup-restore').trigger('click');
    await flushPromises();
    await click('restore-confirm');
    expect(body('restore-dialog')?.textContent).toContain('so it was not put in place');
  });
});

describe('a history that is damaged at the start', () => {
  const broken = { code: 'history-damaged' as const, message: 'The history is damaged: page 7.', remedy: 'Decide.' };
  const recovery = {
    kind: 'damaged' as const,
    sentence: 'The history is damaged: page 7.',
    setAside: '/home/ada/history.db.2025-11-23T14-30-00-000Z.set-aside',
    backup: null,
    damagedBackups: 2,
  };

  it('is told with where it is, and what can be done; a new one begins only when asked to', async () => {
    const failures: Record<string, typeof broken> = { 'host.describe': broken };
    const { host, until } = await openConsole('/overview', { seconds: 30, failures, backups: { recovery } });
    await until(() => expect(body('recovery')).not.toBeNull());
    expect(body('recovery')?.textContent).toContain('The history is damaged: page 7.');
    expect(body('recovery-set-aside')?.textContent).toContain('2025-11-23T14-30-00-000Z.set-aside');
    expect(body('recovery-no-backup')?.textContent).toContain('2\u00a0newer backups did not pass the check.');
    expect(body('recovery-restore')).toBeNull();
    delete failures['host.describe'];
    await click('recovery-begin');
    await flushPromises();
    expect(host.asked.some(({ name }) => name === 'recovery.beginNew')).toBe(true);
    expect(body('recovery')).toBeNull();
  });
});

describe('the notices of the frame', () => {
  it('tell of a scheduled backup that failed, and of settings that could not be read', async () => {
    const lastFailure = { atMs: 1, message: 'The disk is full.', remedy: 'Free some space.' };
    const { text } = await openSettings({ backups: { lastFailure, settingsNotice: 'The settings are damaged.' } });
    expect(text('backup-failure')).toContain('The scheduled backup failed.');
    expect(text('settings-notice')).toContain('The settings are damaged.');
  });
});
