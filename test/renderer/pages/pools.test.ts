// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { medianAge, poolRows, poolSummary } from '#renderer/pages/pools/pool-rows.ts';
import type { PoolReading } from '#contract/requests.ts';
import { closeConsoles, openConsole } from '../mount.ts';

afterEach(closeConsoles);

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
const reading = (rest: Partial<PoolReading>): PoolReading => ({
  guestId: 1,
  guest: 'build',
  pool: 'precache',
  pages: { last: 256, min: 0, mean: 128, max: 512 },
  puts: 10,
  putsFailed: 0,
  gets: 40,
  hits: 30,
  flushes: 2,
  evicted: 5,
  ...rest,
});

describe('rows of pools', () => {
  it('have their share of the pages of their own kind, and the hit ratio of their gets', () => {
    const rows = poolRows([
      reading({}),
      reading({ guestId: 2, guest: 'db', pages: { last: 768, min: 0, mean: 0, max: 768 }, gets: 0, hits: 0 }),
      reading({ pool: 'preswap', pages: { last: 100, min: 0, mean: 0, max: 100 } }),
    ]);
    expect(rows.map(({ share, hitRatio }) => [share, hitRatio])).toEqual([
      [0.25, 0.75],
      [0.75, NaN],
      [1, 0.75],
    ]);
  });

  it('leave out pools that nobody uses, and put precache first', () => {
    const none = { pages: { last: 0, min: 0, mean: 0, max: 0 }, puts: 0, gets: 0, hits: 0, flushes: 0, evicted: 0 };
    const rows = poolRows([
      reading({ pool: 'preswap' }),
      reading({ guestId: 2, guest: 'db', pool: 'preswap', ...none }),
      reading({ guestId: 2, guest: 'db', pool: 'precache', ...none, putsFailed: 1 }),
    ]);
    expect(rows.map(({ reading: { guest, pool } }) => `${guest} ${pool}`)).toEqual(['db precache', 'build preswap']);
  });

  it('say in two sentences what stands out', () => {
    expect(plain(poolSummary(poolRows([reading({ putsFailed: 7 })]), '2 min'))).toBe(
      "1 pool in use. build's precache is the largest: 1.0 MiB, 100.0 % of all precache. 75.0 % of 40 gets found their page in 2 min; 7 puts were refused.",
    );
    expect(poolSummary([], '2 min')).toBe('');
  });
});

describe('the median age of evicted pages', () => {
  it('is the class of the middle one', () => {
    expect(medianAge([1, 1, 5, 1, 0, 0])).toBe('< 1 min');
    expect(medianAge([0, 0, 0, 0, 0, 3])).toBe('≥ 1 h');
    expect(medianAge([0, 0, 0, 0, 0, 0])).toBeNull();
  });
});

describe('the pools page', () => {
  it('shows each pool with what it holds and did, and both kinds over time', async () => {
    const { wrapper, text, find, until } = await openConsole('/pools', { seconds: 300 });
    await until(() => expect(wrapper.findAll('[data-testid="pool-row"]')).toHaveLength(6));
    const first = plain(wrapper.find('[data-testid="pool-row"]').text());
    expect(first).toMatch(/build\s*precache\s*[\d.]+ MiB\s*[\d.]+ %/);
    await until(() => expect(plain(wrapper.find('[data-testid="pool-row"]').text())).toContain('< 10 s'));
    expect(text('pool-summary')).toContain('pools in use.');
    expect(find('chart-precache').find('canvas').attributes('aria-label')).toMatch(/^Precache, last 2.min: build from/);
    expect(find('chart-preswap').find('canvas').attributes('aria-label')).toMatch(/^Preswap, last 2.min/);
  });

  it('asks for the time that is chosen, and keeps it when held', async () => {
    const { host, find, text, until } = await openConsole('/pools', { seconds: 300 });
    const range = (): unknown =>
      (host.asked.findLast(({ name }) => name === 'history.pools')?.argument as { range: unknown }).range;
    await until(() => expect(range()).toEqual({ fromS: 180, toS: 299 }));
    await find('hold-view').trigger('click');
    expect(text('view-badge')).toBe('held: 00:03:00 to 00:04:59');
    host.frame(20);
    await until(() => expect(find('host-time').attributes('data-ms')).toBe('320000'));
    await find('zoom-out').trigger('click');
    await until(() => expect(range()).toEqual({ fromS: 120, toS: 319 }));
    expect(text('view-badge')).toBe('past: 00:02:00 to 00:05:19');
    await find('back-to-live').trigger('click');
    expect(find('view-badge').exists()).toBe(false);
    await until(() => expect(range()).toEqual({ fromS: 200, toS: 319 }));
  });

  it('says what would be here while nothing is recorded', async () => {
    const { text, until, find } = await openConsole('/pools', { seconds: 0, paused: true });
    await until(() => expect(find('pools-empty').exists()).toBe(true));
    expect(text('pools-empty')).toContain('No guest has put a page in this time.');
  });

  it('says what went wrong, and tries again', async () => {
    const failure = { code: 'history-damaged' as const, message: 'Page 411 is damaged.' };
    const { host, wrapper, until } = await openConsole('/pools', {
      seconds: 60,
      failures: { 'history.pools': failure },
    });
    await until(() => expect(wrapper.text()).toContain('Page 411 is damaged.'));
    host.options.failures = {};
    await wrapper.find('[role="alert"] button').trigger('click');
    await until(() => expect(wrapper.findAll('[data-testid="pool-row"]')).toHaveLength(6));
  });
});
