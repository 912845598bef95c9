// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { useTimeView } from '#renderer/stores/time-views.ts';
import { closeConsoles, openConsole } from '../mount.ts';

afterEach(closeConsoles);

const failure = { code: 'history-damaged' as const, message: 'Page 411 is damaged.', remedy: 'Restore a backup.' };

describe('the overview', () => {
  it('shows figures, the parts of the RAM and the charts of a running host', async () => {
    const { wrapper, text, find, until } = await openConsole('/overview', { seconds: 200 });
    await until(() => expect(text('figure-hit-ratio')).toMatch(/Precache hit ratio last 10 s\s*[\d.]+ %.*points from/));
    expect(text('figure-reads-avoided')).toMatch(/[\d,.]+ \/s\s*of [\d,.]+ \/s misses in the guests/);
    expect(text('figure-fallow')).toMatch(/MiB\s*[\d.]+ % of 128\.0 MiB host RAM/);
    const parts = find('ram-bar').findAll('[data-pages]');
    expect(parts.map((part) => part.attributes('data-part'))).toEqual(['reserved', 'guest 1', 'guest 2', 'guest 3', 'ephemeral 1', 'ephemeral 2', 'ephemeral 3', 'persistent', 'fallow']); // prettier-ignore
    expect(parts.reduce((sum, part) => sum + Number(part.attributes('data-pages')), 0)).toBe(128 * 256);
    expect(find('chart-occupancy').find('canvas').attributes('aria-label')).toMatch(/^Pool occupancy, last 2.min: build from/); // prettier-ignore
    await until(() => expect(wrapper.text()).toContain('Who evicts whom'));
  });

  it('reads the charts with the keyboard, with one cursor for both', async () => {
    const { find, until } = await openConsole('/overview', { seconds: 200 });
    await until(() => expect(find('chart-occupancy').find('input').exists()).toBe(true));
    const slider = find('chart-occupancy').find('input');
    expect(slider.attributes('aria-valuetext')).toBe('no time chosen');
    expect([slider.attributes('min'), slider.attributes('max')]).toEqual(['79', '199']);
  });

  it('has a table for each chart', async () => {
    const { find, until } = await openConsole('/overview', { seconds: 200 });
    await until(() => expect(find('chart-evictions').find('canvas').exists()).toBe(true));
    await find('chart-evictions').find('button.toggle').trigger('click');
    const head = find('chart-evictions').findAll('thead th');
    expect(head.map((cell) => cell.text())).toEqual(['Host time', 'build, /s', 'search, /s', 'db, /s']);
    expect(find('chart-evictions').find('tbody th').text()).toBe('00:03:19');
    expect(find('chart-evictions').findAll('tbody tr')).toHaveLength(121);
  });

  it('asks the history for a long window, within the points the contract allows', async () => {
    const { host, find, until } = await openConsole('/overview', { seconds: 5_000 });
    await until(() => expect(find('chart-occupancy').find('canvas').exists()).toBe(true));
    await find('window-1h').trigger('click');
    const hour = () =>
      host.asked.findLast(({ name }) => name === 'history.series')?.argument as {
        range: unknown;
        maxPoints: number;
      };
    await until(() => expect(hour().range).toEqual({ fromS: 1_399, toS: 4_999 }));
    expect(hour().maxPoints).toBeLessThanOrEqual(1_500);
    await until(() =>
      expect(find('chart-occupancy').find('canvas').attributes('aria-label')).toContain('last 1\u00a0h'),
    );
  });

  it('shows each region’s own failure, and loads it when tried again', async () => {
    const { host, wrapper, find, until } = await openConsole('/overview', {
      seconds: 200,
      failures: { 'history.evictionSummary': failure },
    });
    await until(() => expect(wrapper.find('[role="alert"]').text()).toContain('Page 411 is damaged. Restore a backup.'.slice(0, 20))); // prettier-ignore
    expect(find('chart-occupancy').find('[role="alert"]').exists()).toBe(false);
    host.options.failures = {};
    await wrapper.find('[role="alert"] button').trigger('click');
    await until(() => expect(wrapper.find('table.matrix').exists()).toBe(true));
  });

  it('says what will be here while nothing has been recorded', async () => {
    const { text, until } = await openConsole('/overview', { seconds: 0, paused: true });
    await until(() => expect(text('chart-occupancy')).toContain('will be drawn here as soon as the host runs'));
    expect(text('figure-evictions')).toContain('–');
  });

  it('shows the frame at once and waits calmly while the host starts', async () => {
    const { wrapper, text } = await openConsole('/overview', { hanging: ['host.describe'] });
    expect(text('source')).toBe('starting the host…');
    expect(wrapper.find('nav').exists()).toBe(true);
    expect(wrapper.text()).toContain('Starting the host');
    expect(wrapper.find('[role="alert"]').exists()).toBe(false);
  });

  it('says clearly that the host has ended, why, and what to do', async () => {
    const failures = {
      'host.describe': { code: 'host-failed' as const, message: 'The host thread ended with an error.' },
    };
    const { host, text, find, until } = await openConsole('/overview', { seconds: 5, failures });
    await until(() => expect(text('host-ended')).toContain('The host has ended. The host thread ended with an error.'));
    host.options.failures = {};
    await find('host-ended').find('button').trigger('click');
    await until(() => expect(find('host-ended').exists()).toBe(false));
  });

  it('warns while the history is not being written', async () => {
    const historyFailure = { code: 'history-unwritable' as const, message: 'The disk is full.' };
    const { text, until } = await openConsole('/overview', { seconds: 5, historyFailure });
    await until(() => expect(text('history-failure')).toContain('The history is not being written. The disk is full.'));
  });

  it('marks actions where they took effect', async () => {
    const { host, wrapper, until } = await openConsole('/overview', { seconds: 100 });
    await until(() => expect(wrapper.findAll('li').some((row) => row.text().includes('Run started'))).toBe(true));
    host.apply({ kind: 'weight', guestId: 2, value: 50 }, 'cli');
    host.frame(2);
    await until(() => expect(wrapper.text()).toMatch(/00:01:40\s*search weight 100 → 50\s*command line/));
  });

  it('asks the history once for a stretch of the past, shows its means, and comes back to live', async () => {
    const { host, find, text, until } = await openConsole('/overview', { seconds: 5_000 });
    await until(() => expect(find('chart-occupancy').find('canvas').exists()).toBe(true));
    useTimeView('overview').show({ fromS: 1_000, toS: 1_600 });
    const asked = () =>
      host.asked.filter(({ name, argument }) => {
        const range = (argument as { range?: { fromS: number } }).range;
        return name === 'history.series' && range?.fromS === 1_000;
      });
    await until(() => expect(asked()).toHaveLength(1));
    await until(() =>
      expect(find('chart-occupancy').find('canvas').attributes('aria-label')).toContain('00:16:40 to 00:26:40'),
    );
    expect(text('view-badge')).toBe('past: 00:16:40 to 00:26:40');
    expect(text('figure-hit-ratio')).toMatch(/mean\s*[\d.]+ %\s*00:16:40 to 00:26:40/);
    host.frame(30);
    await until(() => expect(find('host-time').attributes('data-ms')).toBe('5030000'));
    expect(asked()).toHaveLength(1);
    await find('back-to-live').trigger('click');
    await until(() => expect(text('figure-hit-ratio')).toContain('last 10 s'));
  });

  it('keeps what is held as it is, out of what the window has itself', async () => {
    const { host, find, until } = await openConsole('/overview', { seconds: 200 });
    await until(() => expect(find('chart-occupancy').find('input').exists()).toBe(true));
    await find('hold-view').trigger('click');
    const before = host.asked.filter(({ name }) => name === 'history.series').length;
    host.frame(50);
    await until(() => expect(find('host-time').attributes('data-ms')).toBe('250000'));
    const slider = find('chart-occupancy').find('input');
    expect([slider.attributes('min'), slider.attributes('max')]).toEqual(['80', '199']);
    expect(host.asked.filter(({ name }) => name === 'history.series')).toHaveLength(before);
  });
});
