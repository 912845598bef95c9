// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeConsoles, openConsole } from '../mount.ts';
import type { RequestArgument } from '#contract/requests.ts';

// happy-dom lays nothing out: give the list a height, so that its virtual rows have a window.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(600);
});
afterEach(() => {
  closeConsoles();
  vi.restoreAllMocks();
});

async function evictions(options: Parameters<typeof openConsole>[1] = {}) {
  const opened = await openConsole('/evictions', { seconds: 400, ...options });
  const rows = () => opened.wrapper.findAll('[data-testid="eviction-row"]');
  const lastFilter = () =>
    (
      opened.host.asked.findLast(({ name }) => name === 'history.evictions')?.argument as
        RequestArgument<'history.evictions'> | undefined
    )?.filter;
  return { ...opened, rows, lastFilter };
}

describe('the eviction history', () => {
  it('lists evictions newest first, with who lost pages to whom, and why', async () => {
    const { rows, until, text } = await evictions();
    await until(() => expect(rows().length).toBeGreaterThan(10));
    const seconds = rows().map((row) => Number(row.attributes('data-second')));
    expect(seconds).toEqual([...seconds].sort((a, b) => b - a));
    expect(rows()[0]?.text().replaceAll('\u00a0', ' ')).toMatch(
      /^00:06:39\s*(build|search|db)\s*(build|search|db)\s*put without room\s*\d+\s*[\d.]+ MiB$/,
    );
    expect(text('eviction-summary')).toMatch(/[\d,]+ pages \([\d.,]+ MiB\)/);
  });

  it('shows single pages with file, page and age, and how many each stands for', async () => {
    const { find, wrapper, until, host } = await evictions();
    const singles = () => wrapper.findAll('[data-testid="single-eviction"]');
    const asked = () => host.asked.filter(({ name }) => name === 'history.evictionSamples').length;
    await until(() => expect(find('view-singles').exists()).toBe(true));
    expect(asked()).toBe(0);
    await find('view-singles').trigger('click');
    await until(() => expect(singles().length).toBeGreaterThan(10));
    const cells = singles()[0]
      ?.findAll('td')
      .map((cell) => cell.text().replaceAll('\u00a0', ' '));
    const [at, victim, beneficiary, ...rest] = cells ?? [];
    expect(at).toBe('00:06:39');
    expect([victim, beneficiary].every((name) => name !== undefined && name.length > 0)).toBe(true);
    expect(rest).toEqual(['put without room', 'precache', '7', '42', '2.1 min', '1 of 4']);
    expect(find('evictions-table').exists()).toBe(false);
    await find('view-seconds').trigger('click');
    await until(() => expect(find('evictions-table').exists()).toBe(true));
  });

  it('sums up how long the evicted pages had been there', async () => {
    const { text, until } = await evictions();
    await until(() => expect(text('ages')).toMatch(/< 10 s\s*[\d,]+\s*100/));
  });

  it('keeps only a window of rows in the page', async () => {
    const { rows, until } = await evictions();
    await until(() => expect(rows().length).toBeGreaterThan(10));
    expect(rows().length).toBeLessThan(80);
  });

  it('filters by host time that is typed, and says when it cannot be read', async () => {
    const { find, rows, lastFilter, text, until } = await evictions();
    await until(() => expect(rows().length).toBeGreaterThan(0));
    await find('filter-from').setValue('0:05');
    expect(text('filter-error')).toContain('hh:mm:ss');
    expect(find('filter-from').attributes('aria-invalid')).toBe('true');
    await find('filter-from').setValue('00:05:00');
    await find('filter-to').setValue('00:05:10');
    await until(() => expect(lastFilter()?.range).toEqual({ fromS: 300, toS: 310 }));
    await until(() => expect(rows().every((row) => Number(row.attributes('data-second')) <= 310)).toBe(true));
  });

  it('filters by victim, keeps the filter, and clears it', async () => {
    const { find, router, rows, lastFilter, until } = await evictions();
    await until(() => expect(rows().length).toBeGreaterThan(0));
    await find('filter-victim').trigger('click');
    const box = () => document.querySelector<HTMLInputElement>('[data-testid="filter-victim-search"]');
    await until(() => expect(box()).not.toBeNull());
    box()?.click();
    await until(() => expect(lastFilter()?.victims).toEqual([2]));
    await router.push('/overview');
    await router.push('/evictions');
    await until(() => expect(find('filter-victim').text()).toContain('search'));
    await find('filter-clear').trigger('click');
    await until(() => expect(lastFilter()?.victims).toEqual([]));
  });

  it('counts what is new instead of moving the rows, and shows it when asked', async () => {
    const { host, find, rows, text, until } = await evictions();
    await until(() => expect(rows().length).toBeGreaterThan(0));
    expect(find('show-new').exists()).toBe(false);
    const top = rows()[0]?.attributes('data-second');
    host.frame(20);
    await until(() => expect(text('show-new')).toMatch(/^[\d,]+ new, show$/));
    expect(rows()[0]?.attributes('data-second')).toBe(top);
    await find('show-new').trigger('click');
    await until(() => expect(Number(rows()[0]?.attributes('data-second'))).toBeGreaterThan(Number(top)));
    expect(find('show-new').exists()).toBe(false);
  });

  it('says what would be here where there is nothing', async () => {
    const { wrapper, until } = await evictions({ seconds: 3 });
    await until(() => expect(wrapper.text()).toContain('No evictions in this stretch of time.'));
  });

  it('shows a failure of the list beside the list, and tries again', async () => {
    const failure = { code: 'history-damaged' as const, message: 'Page 411 is damaged.', remedy: 'Restore a backup.' };
    const { host, wrapper, rows, until } = await evictions({ failures: { 'history.evictions': failure } });
    await until(() => expect(wrapper.find('.list [role="alert"]').text()).toContain('Page 411 is damaged.'));
    host.options.failures = {};
    await wrapper.find('.list [role="alert"] button').trigger('click');
    await until(() => expect(rows().length).toBeGreaterThan(0));
  });
});
