// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import type { RequestArgument } from '#contract/requests.ts';
import { closeConsoles, openConsole } from '../mount.ts';

afterEach(closeConsoles);

async function audit(options: Parameters<typeof openConsole>[1] = {}, changes = 0) {
  const opened = await openConsole('/overview', { seconds: 60, ...options });
  for (let turn = 0; turn < changes; turn++) {
    const kind = turn % 3 === 2 ? 'balloon-target' : 'weight';
    const guestId = 1 + (turn % 2);
    opened.host.apply(kind === 'weight' ? { kind, guestId, value: 200 + turn } : { kind, guestId, valuePages: 5_120 });
  }
  await opened.router.push('/audit');
  const rows = () => opened.wrapper.findAll('[data-testid="audit-row"]');
  const lastAsked = () =>
    opened.host.asked.findLast(({ name }) => name === 'history.audit')?.argument as RequestArgument<'history.audit'>;
  const choose = async (filter: string, label: string) => {
    await opened.find(filter).trigger('click');
    const box = () => document.querySelector<HTMLInputElement>(`[data-testid="${filter}-${label}"]`);
    await opened.until(() => expect(box()).not.toBeNull());
    box()?.click();
  };
  return { ...opened, rows, lastAsked, choose };
}

describe('the audit page', () => {
  it('lists the actions newest first, with before and after in their units, who made them and the outcome', async () => {
    const { rows, until } = await audit({}, 3);
    await until(() => expect(rows()).toHaveLength(3));
    expect(rows().map((row) => row.attributes('data-row'))).toEqual(['3', '2', '1']);
    expect(rows()[0]?.text()).toMatch(/build.*Balloon target from [\d.]+.*to 20\.0\sMiB.*this console.*applied/s);
    expect(rows()[2]?.text()).toMatch(/00:01:00.*build.*Weight from 100.*to 200.*raised/s);
  });

  it('tells settings of the host, what an act gave up, reasons, and which row undoes which', async () => {
    const { host, rows, until, choose, lastAsked } = await audit();
    host.apply({ kind: 'policy', value: 'fifo' }, 'cli', { reason: 'to compare' });
    host.apply({ kind: 'precache-cap', guestId: 1, valuePages: 2_560 });
    host.apply({ kind: 'policy', value: 'max-over-share' }, 'console', { undoes: 1, reason: 'Undo of 1 change' });
    host.apply({ kind: 'remove-guest', guestId: 2 });
    host.frame(1);
    await until(() => expect(rows()).toHaveLength(4));
    const texts = rows().map((row) => row.text().replaceAll('\u00a0', ' '));
    expect(texts[0]).toMatch(/search.*Removed from the host\s*[\d.]+ MiB of RAM, [\d.]+ MiB of precache.*given up/s);
    expect(texts[1]).toMatch(/host.*Eviction policy.*FIFO.*max over share.*undoes #1: Undo of 1 change/s);
    expect(texts[2]).toMatch(/build.*Precache cap.*none.*10\.0 MiB/s);
    expect(texts[3]).toMatch(/host.*Eviction policy.*max over share.*FIFO.*to compare; undone by #3.*command line/s);
    await choose('audit-kind', 'Eviction policy');
    await until(() => expect(lastAsked().kinds).toEqual(['policy']));
    await until(() => expect(rows()).toHaveLength(2));
  });

  it('shows a new action by itself, above those that were paged in', async () => {
    const { host, rows, find, until } = await audit({}, 130);
    await until(() => expect(rows()).toHaveLength(100));
    await find('audit-more').trigger('click');
    await until(() => expect(rows()).toHaveLength(130));
    expect(find('audit-more').exists()).toBe(false);
    host.apply({ kind: 'weight', guestId: 3, value: 7 });
    host.frame(1);
    await until(() => expect(rows()).toHaveLength(131));
    expect(rows()[0]?.text()).toContain('db');
    expect(rows().at(-1)?.attributes('data-row')).toBe('1');
  });

  it('filters by guest and kind, and clears', async () => {
    const { rows, find, choose, lastAsked, text, until } = await audit({}, 6);
    await until(() => expect(rows()).toHaveLength(6));
    await choose('audit-guest', 'search');
    await until(() => expect(rows().every((row) => row.text().includes('search'))).toBe(true));
    expect(lastAsked()).toMatchObject({ guests: ['search'], kinds: [] });
    await choose('audit-kind', 'Weight');
    await until(() => expect(lastAsked()).toMatchObject({ guests: ['search'], kinds: ['weight'] }));
    await until(() => expect(text('audit-lead')).toMatch(/2 of 6\sactions/));
    await find('audit-clear').trigger('click');
    await until(() => expect(rows()).toHaveLength(6));
  });

  it('says what would be here where there is nothing, and under a filter how to see more', async () => {
    const { find, text, choose, until } = await audit();
    await until(() => expect(find('audit-empty').exists()).toBe(true));
    expect(text('audit-empty')).toMatch(/No admin action yet.*Guests page/s);
    await choose('audit-kind', 'Weight');
    await until(() => expect(text('audit-empty')).toMatch(/under this filter.*Clear the filter/s));
  });

  it('verifies, with the anchor to copy, and always says what verifying cannot find', async () => {
    const { find, text, until } = await audit({}, 2);
    expect(text('audit-limits')).toMatch(/tail that was cut off.*correct hashes.*rewritten together with/s);
    await find('audit-verify').trigger('click');
    await until(() => expect(text('audit-verdict')).toMatch(/Sound: 2\srows, nothing found/));
    expect(text('audit-head')).toBe('ab'.repeat(32));
    await find('audit-copy').trigger('click');
    await until(() => expect(text('audit-copy')).toBe('Anchor copied'));
    expect(JSON.parse(await navigator.clipboard.readText())).toMatchObject({
      format: 'tmem-console audit anchor 1',
      databaseId: 'fake',
      rows: 2,
      headHash: 'ab'.repeat(32),
    });
  });

  it('names what is wrong with the chain', async () => {
    const finding = { kind: 'altered', fromId: 7, toId: 7, sentence: 'Row 7 of the audit was altered.' } as const;
    const verification = { sound: false, findings: 101, shown: [finding] };
    const { find, text, until } = await audit({ verification });
    await find('audit-verify').trigger('click');
    await until(() => expect(text('audit-verdict')).toMatch(/Not sound: 101\sfindings/));
    expect(text('audit-findings')).toMatch(/Row 7 of the audit was altered\..*And 100 more/s);
  });

  it('shows a failure beside what it concerns, and tries again', async () => {
    const failure = { code: 'history-damaged' as const, message: 'Page 411 is damaged.', remedy: 'Restore a backup.' };
    const failures = { 'history.audit': failure, 'history.verifyAudit': failure };
    const { host, find, wrapper, until } = await audit({ failures });
    await until(() => expect(wrapper.find('.list [role="alert"]').text()).toContain('Restore a backup.'));
    await find('audit-verify').trigger('click');
    await until(() => expect(wrapper.find('.verify [role="alert"]').text()).toContain('Page 411 is damaged.'));
    host.options.failures = {};
    await wrapper.find('.list [role="alert"] button').trigger('click');
    await until(() => expect(find('audit-empty').exists()).toBe(true));
  });

  it('shows what was put back, from where, and what it is anchored to', async () => {
    const head = { databaseId: 'fake', headHash: 'ab'.repeat(32) };
    const { text, find } = await openConsole('/audit', {
      seconds: 5,
      restorations: [
        {
          id: 1,
          wallMs: Date.UTC(2025, 10, 23, 14),
          appVersion: '0.1.0',
          backup: '/home/ada/backups/history.db.2025-11-23T13-00-00-000Z.backup',
          setAside: '/home/ada/history.db.2025-11-23T14-00-00-000Z.set-aside',
          former: { ...head, rows: 14 },
          restored: { ...head, rows: 12 },
        },
      ],
    });
    expect(text('restoration')).toContain('Restored from history.db.2025-11-23T13-00-00-000Z.backup');
    expect(text('restoration')).toContain('anchored to 12 rows of audit, head abababababababab…');
    expect(text('restoration')).toContain(
      '14 rows of audit, was set aside as history.db.2025-11-23T14-00-00-000Z.set-aside',
    );
    expect(find('restorations-empty').exists()).toBe(false);
  });

  it('begins with the row that a marker led to, and goes back to the newest', async () => {
    const { host, find, wrapper, router, text, until } = await openConsole('/overview', { seconds: 5 });
    for (let value = 1; value <= 6; value++) host.apply({ kind: 'weight', guestId: 1, value }, 'console');
    await router.push('/audit?row=4');
    const rows = () => wrapper.findAll('[data-testid="audit-row"]').map((row) => row.attributes('data-row'));
    await until(() => expect(rows()[0]).toBe('4'));
    expect(wrapper.find('[aria-current="true"][data-row]').attributes('data-row')).toBe('4');
    expect(text('audit-from-row')).toContain('From row 4 on');
    await find('audit-newest').trigger('click');
    await until(() => expect(Number(rows()[0])).toBeGreaterThan(5));
  });

  it('names the rows that are not as they were written, and leads to them', async () => {
    const sentence = 'Rows 2 to 3 of the audit were altered.';
    const { find, text, until } = await openConsole('/audit', {
      seconds: 5,
      verification: { sound: false, findings: 1, shown: [{ kind: 'altered', fromId: 2, toId: 3, sentence }] },
    });
    await find('audit-verify').trigger('click');
    await until(() => expect(text('audit-findings')).toContain('Rows 2 to 3, altered:'));
    expect(find('audit-findings').find('a').attributes('href')).toBe('/audit?row=3');
  });
});
