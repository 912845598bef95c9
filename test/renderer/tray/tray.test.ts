// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { closeConsoles, openConsole } from '../mount.ts';

afterEach(closeConsoles);

async function tray(options: Parameters<typeof openConsole>[1] = {}) {
  const opened = await openConsole('/guests', { seconds: 40, ...options });
  await opened.until(() => expect(opened.find('weight-build').attributes('disabled')).toBeUndefined());
  const type = (testid: string, text: string) => {
    (opened.find(testid).element as HTMLInputElement).value = text;
    return opened.find(testid).trigger('input');
  };
  const stage = async (testid: string, text: string) => {
    await type(testid, text);
    await opened.find(testid).trigger('keydown', { key: 'Enter' });
  };
  const keys = (key: string, more: Partial<KeyboardEventInit> = {}) =>
    document.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey: true, bubbles: true, ...more }));
  const sets = () => opened.host.asked.filter(({ name }) => name === 'host.applyChanges');
  return { ...opened, type, stage, keys, sets };
}

describe('the tray of staged changes', () => {
  it('is not there while nothing is staged', async () => {
    const { find } = await tray();
    expect(find('tray').exists()).toBe(false);
  });

  it('collects changes, and shows the diff and the shares of all guests', async () => {
    const { stage, find, text, wrapper } = await tray();
    await stage('weight-build', '400');
    await stage('target-db', '20');
    expect(text('tray-open')).toBe('2 staged changes');
    await find('tray-open').trigger('click');
    const rows = wrapper.findAll('[data-testid="tray-row"]').map((row) => row.text().replaceAll('\u00a0', ' '));
    expect(rows[0]).toMatch(/build weight\s*100\s*400\s*400 of 600 = 66\.7 % = \d+\.\d MiB of the pool/);
    expect(rows[1]).toMatch(/db balloon target\s*[\d.]+ MiB\s*20\.0 MiB\s*[\d.]+ MiB (more|less) than now/);
    expect(text('tray-shares')).toMatch(/build 33\.3 % → 66\.7 %.*search 33\.3 % → 16\.7 %.*db 33\.3 % → 16\.7 %/);
  });

  it('stays on every page', async () => {
    const { stage, find, router, until } = await tray();
    await stage('weight-build', '400');
    await router.push('/overview');
    await until(() => expect(find('weight-build').exists()).toBe(false));
    expect(find('tray').exists()).toBe(true);
  });

  it('applies everything in one set', async () => {
    const { host, stage, find, sets, until } = await tray();
    await stage('weight-build', '400');
    await stage('weight-db', '50');
    await find('tray-apply').trigger('click');
    await until(() => expect(host.guests.map(({ weight }) => weight)).toEqual([400, 100, 50]));
    expect(sets()).toHaveLength(1);
    await until(() => expect(find('tray-outcome').text()).toContain('Applied'));
  });

  it('keeps everything staged when one is refused', async () => {
    const failure = { code: 'unknown-guest' as const, message: 'There is no guest 3 on this host.' };
    const { host, stage, find, text, until } = await tray({ failures: { 'host.applyChanges': failure } });
    await stage('weight-build', '400');
    await stage('weight-db', '50');
    await find('tray-apply').trigger('click');
    await until(() => expect(text('tray-failure')).toContain('There is no guest 3'));
    expect(text('tray-open')).toBe('2 staged changes');
    expect(host.guests.map(({ weight }) => weight)).toEqual([100, 100, 100]);
  });

  it('discards one, or all', async () => {
    const { stage, find, text } = await tray();
    await stage('weight-build', '400');
    await stage('weight-db', '50');
    await find('tray-open').trigger('click');
    await find('tray-row').find('button').trigger('click');
    expect(text('tray-open')).toBe('1 staged change');
    await find('tray-discard').trigger('click');
    expect(text('tray-outcome')).toContain('Discarded 1 staged change');
  });

  it('undoes the last set with Ctrl+Z and redoes it with Ctrl+Shift+Z, each by an audited set', async () => {
    const { host, stage, find, keys, sets, until } = await tray();
    await stage('weight-build', '400');
    await stage('weight-db', '50');
    await find('tray-apply').trigger('click');
    await until(() => expect(find('tray-undo').attributes('disabled')).toBeUndefined());
    keys('z');
    await until(() => expect(host.guests.map(({ weight }) => weight)).toEqual([100, 100, 100]));
    expect(host.actions.slice(2).map(({ guestName, before, after }) => [guestName, before, after])).toEqual([
      ['db', 50, 100],
      ['build', 400, 100],
    ]);
    await until(() => expect(find('tray-outcome').text()).toContain('Undone'));
    keys('Z', { shiftKey: true });
    await until(() => expect(host.guests.map(({ weight }) => weight)).toEqual([400, 100, 50]));
    expect(sets()).toHaveLength(3);
    await until(() => expect(find('tray-redo').attributes('disabled')).toBeDefined());
  });

  it('sends the reason that was typed, and says of an undo which rows it sets back', async () => {
    const { host, stage, find, keys, until } = await tray();
    await stage('weight-build', '400');
    await find('tray-open').trigger('click');
    await find('tray-reason').setValue('  build is late  ');
    await find('tray-apply').trigger('click');
    await until(() => expect(find('tray-undo').attributes('disabled')).toBeUndefined());
    keys('z');
    await until(() => expect(host.actions).toHaveLength(2));
    expect(host.actions.map(({ reason, undoes }) => [reason, undoes])).toEqual([
      ['build is late', null],
      [expect.stringMatching(/^Undo of 1.change at 00:00:4/), 1],
    ]);
    await until(() => expect(find('tray-redo').attributes('disabled')).toBeUndefined());
    keys('Z', { shiftKey: true });
    await until(() => expect(host.actions[2]).toMatchObject({ after: 400, undoes: 2 }));
    // A reason is for one set: the next has its own.
    await stage('weight-db', '50');
    await find('tray-open').trigger('click');
    expect((find('tray-reason').element as HTMLInputElement).value).toBe('');
  });

  it('stages settings of the whole host and a cap, applies them in one set, and undoes them', async () => {
    const { host, stage, find, text, keys, wrapper, until } = await tray();
    await find('host-policy').setValue('fifo');
    await stage('host-idle-tax', '0.5');
    await stage('host-pool-limit', '16');
    await stage('host-host-size', '160');
    await stage('cap-build', '4');
    expect(text('tray-open')).toBe('5 staged changes');
    await find('tray-open').trigger('click');
    const rows = wrapper.findAll('[data-testid="tray-row"]').map((row) => row.text().replaceAll('\u00a0', ' '));
    expect(rows[0]).toMatch(/^eviction policy\s*max over share\s*FIFO/);
    expect(rows[1]).toMatch(/^idle tax\s*0\.75\s*0\.5\s*counts only under the policy max over share/);
    expect(rows[2]).toMatch(/^build precache cap\s*none\s*4\.0 MiB/);
    expect(rows[3]).toMatch(/^host RAM\s*128\.0 MiB\s*160\.0 MiB\s*32\.0 MiB more for the pool/);
    expect(rows[4]).toMatch(/^pool limit\s*none\s*16\.0 MiB/);
    expect(find('tray-preview').attributes('disabled')).toBeUndefined();
    await find('tray-apply').trigger('click');
    await until(() =>
      expect(host.settings).toMatchObject({ policy: 'fifo', idleTaxPermille: 500, totalPages: 40_960 }),
    );
    expect(host.settings).toMatchObject({ poolLimitPages: 4_096, guestSettings: [{ capPages: 1_024 }, {}, {}] });
    await until(() => expect(find('tray-undo').attributes('disabled')).toBeUndefined());
    expect((find('host-pool-limit').element as HTMLInputElement).value).toBe('16');
    keys('z');
    await until(() => expect(host.settings).toMatchObject({ policy: 'max-over-share', idleTaxPermille: 750 }));
    expect(host.settings).toMatchObject({ totalPages: 128 * 256, poolLimitPages: null });
    expect(host.settings.guestSettings[0]?.capPages).toBeNull();
    host.frame(1);
    await until(() => expect((find('host-pool-limit').element as HTMLInputElement).value).toBe('none'));
  });

  it('refuses what is no setting of the host, and keeps it to be mended', async () => {
    const { stage, find, text } = await tray();
    await stage('host-idle-tax', '1.5');
    await stage('host-pool-limit', 'much');
    expect(text('host-error-idle-tax')).toContain('“1.5” is not an idle tax');
    expect(text('host-error-pool-limit')).toMatch(/“much” is not a pool limit.*Or “none”/);
    expect(find('tray').exists()).toBe(false);
    await stage('host-idle-tax', '0.25');
    expect(find('host-error-idle-tax').exists()).toBe(false);
    expect(text('tray-open')).toBe('1 staged change');
  });

  it('asks before it removes a guest, says what is given up, backs up first, and offers the way back', async () => {
    const { host, stage, find, text, sets, until } = await tray();
    await stage('weight-build', '400');
    await find('remove-build').trigger('click');
    // What was staged for it has gone with it, and nothing more can be.
    expect(text('tray-open')).toBe('1 staged change');
    expect(find('weight-build').attributes('disabled')).toBeDefined();
    expect(text('tray-drawer')).toMatch(
      /build is removed from the host.*Cannot be undone:.*MiB of RAM, .*of precache and .*of preswap are given up.*its history stays/,
    );
    const dialog = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
    await find('tray-apply').trigger('click');
    await until(() => expect(dialog('confirm-radius')?.textContent).toMatch(/build is removed from the host/));
    expect(sets()).toEqual([]);
    dialog('confirm-cancel')?.click();
    await until(() => expect(dialog('confirm-acts')).toBeNull());
    expect(sets()).toEqual([]);
    await find('tray-apply').trigger('click');
    await until(() => expect(dialog('confirm-apply')?.textContent).toContain('Back up and apply'));
    dialog('confirm-apply')?.click();
    await until(() =>
      expect(text('tray-outcome')).toMatch(
        /This cannot be undone; the backup made just before leads back\. Applied: build removed/,
      ),
    );
    expect(host.asked.map(({ name }) => name).filter((name) => /make|apply/.test(name))).toEqual([
      'backups.make',
      'host.applyChanges',
    ]);
    expect(find('tray-undo').attributes('disabled')).toBeDefined();
    host.frame(1);
    await until(() => expect(find('removed-build').exists()).toBe(true));
    await find('tray-go-back').trigger('click');
    await until(() => expect(dialog('restore-dialog')?.textContent).toContain('Put back the backup'));
  });

  it('applies nothing where the backup that was asked for cannot be made, and does without where it is not wanted', async () => {
    const failure = { code: 'file-unwritable' as const, message: 'The folder of the backups is full.' };
    const { host, find, text, sets, until } = await tray({ failures: { 'backups.make': failure } });
    await find('flush-build').trigger('click');
    const dialog = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
    await find('tray-apply').trigger('click');
    await until(() => expect(dialog('confirm-apply')).not.toBeNull());
    dialog('confirm-apply')?.click();
    await until(() => expect(dialog('confirm-failure')?.textContent).toMatch(/nothing was applied.*is full/));
    expect(sets()).toEqual([]);
    dialog('confirm-backup')?.click();
    await until(() => expect(dialog('confirm-no-way-back')).not.toBeNull());
    dialog('confirm-apply')?.click();
    await until(() => expect(host.actions).toHaveLength(1));
    await until(() => expect(text('tray-outcome')).toMatch(/cannot be undone; there is no way back/));
    expect(find('tray-go-back').exists()).toBe(false);
  });

  it('leaves out what belonged to a guest that was removed since, when a set is undone', async () => {
    const { host, stage, find, text, keys, until } = await tray();
    await stage('weight-build', '400');
    await stage('weight-db', '50');
    await find('tray-apply').trigger('click');
    await until(() => expect(find('tray-undo').attributes('disabled')).toBeUndefined());
    await stage('weight-build', '500');
    await find('tray-apply').trigger('click');
    await until(() => expect(host.actions).toHaveLength(3));
    host.apply({ kind: 'remove-guest', guestId: 1 }, 'cli');
    host.frame(1);
    await until(() => expect(find('removed-build').exists()).toBe(true));
    keys('z');
    await until(() =>
      expect(text('tray-failure')).toMatch(/was removed from the host since: there is nothing to set back/),
    );
    keys('z');
    await until(() => expect(host.guests[2]?.weight).toBe(100));
    expect(host.actions.slice(4).map(({ guestName, undoes }) => [guestName, undoes])).toEqual([['db', 2]]);
  });

  it('does not undo over a change that was made elsewhere, but stages what would', async () => {
    const { host, stage, find, text, keys, until } = await tray();
    await stage('weight-build', '400');
    await find('tray-apply').trigger('click');
    await until(() => expect(find('tray-undo').attributes('disabled')).toBeUndefined());
    host.apply({ kind: 'weight', guestId: 1, value: 250 }, 'cli');
    host.frame(1);
    await until(() => expect(find('weight-build').attributes('data-value')).toBe('250'));
    keys('z');
    await until(() => expect(text('tray-failure')).toContain('is not in force any more'));
    expect(host.guests[0]?.weight).toBe(250);
    expect(text('tray-open')).toBe('1 staged change');
  });

  it('leaves Ctrl+Z to the text that is being typed', async () => {
    const { host, type, stage, find, until } = await tray();
    await stage('weight-build', '400');
    await find('tray-apply').trigger('click');
    await until(() => expect(find('tray-undo').attributes('disabled')).toBeUndefined());
    await type('weight-db', '77');
    await find('weight-db').trigger('keydown', { key: 'z', ctrlKey: true });
    expect(host.guests[0]?.weight).toBe(400);
  });

  it('applies with Ctrl+Enter, what is typed in the cell included', async () => {
    const { host, type, find, until } = await tray();
    await type('weight-db', '77');
    await find('weight-db').trigger('keydown', { key: 'Enter', ctrlKey: true });
    await until(() => expect(host.guests[2]?.weight).toBe(77));
  });

  it('previews what is staged by a forecast, with its engine and error, and not what is staged later', async () => {
    const { host, stage, find, text, until } = await tray();
    await stage('weight-build', '400');
    await find('tray-preview').trigger('click');
    await until(() =>
      expect(text('tray-summary')).toMatch(
        /^distances\s*next 5 min: disk reads 600 → 690 \/s ▲ \+15 %, exact if the past repeats$/,
      ),
    );
    expect(host.studies.asked[0]).toMatchObject({
      start: { kind: 'forecast' },
      order: { alternatives: [{ changes: [] }, { changes: [{ kind: 'weight', guestId: 1, value: 400 }] }] },
    });
    await stage('weight-db', '50');
    expect(text('tray-summary')).toContain('build weight 100 → 400');
  });

  it('previews a precache cap', async () => {
    const { host, stage, find, text, until } = await tray();
    await stage('cap-build', '4');
    await find('tray-preview').trigger('click');
    await until(() => expect(text('tray-summary')).toContain('next 5 min: disk reads'));
    expect(host.studies.asked[0]).toMatchObject({
      order: { alternatives: [{ changes: [] }, { changes: [{ kind: 'precache-cap', guestId: 1, pages: 1_024 }] }] },
    });
  });

  it('keeps a previewed forecast that is applied, as applied by the set that did it', async () => {
    const { host, stage, find, text, until } = await tray();
    await stage('weight-build', '400');
    await find('tray-preview').trigger('click');
    await until(() => expect(text('tray-summary')).toContain('exact'));
    await find('tray-apply').trigger('click');
    await until(() => expect(host.studies.saved[0]?.study.applied).toEqual({ alternative: 'staged', actionId: 1 }));
    expect(host.studies.saved[0]?.study).toMatchObject({ kind: 'forecast', name: 'applied at 00:00:40' });
  });

  it('keeps no forecast where something else is applied than was previewed', async () => {
    const { host, stage, find, text, until } = await tray();
    await stage('weight-build', '400');
    await find('tray-preview').trigger('click');
    await until(() => expect(text('tray-summary')).toContain('exact'));
    await stage('weight-build', '300');
    await find('tray-apply').trigger('click');
    await until(() => expect(text('tray-outcome')).toContain('Applied'));
    expect(host.studies.saved).toEqual([]);
  });

  it('says beside the changes why a preview failed', async () => {
    const failure = { code: 'study-failed' as const, message: 'The process of the study ended.' };
    const { stage, find, text, until } = await tray({ studies: { failure } });
    await stage('weight-build', '400');
    await find('tray-preview').trigger('click');
    await until(() => expect(text('preview-failure')).toContain('The process of the study ended.'));
    expect(text('tray-open')).toBe('1 staged change');
  });

  it('keeps what is staged when the window is opened again', async () => {
    const first = await tray();
    await first.stage('weight-build', '400');
    await first.until(() => expect(localStorage.getItem('tmem-console.staged')).toContain('400'));
    const kept = localStorage.getItem('tmem-console.staged') ?? '';
    closeConsoles();
    const again = await openConsole('/guests', { seconds: 40 }, () =>
      localStorage.setItem('tmem-console.staged', kept),
    );
    await again.until(() => expect(again.text('tray-open')).toBe('1 staged change'));
  });
});
