// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { closeConsoles, openConsole } from '../mount.ts';

afterEach(closeConsoles);

async function guests(options: Parameters<typeof openConsole>[1] = {}) {
  const opened = await openConsole('/guests', { seconds: 40, ...options });
  await opened.until(() => expect(opened.find('weight-build').attributes('disabled')).toBeUndefined());
  const input = (testid: string): HTMLInputElement => opened.find(testid).element as HTMLInputElement;
  const type = (testid: string, text: string) => {
    input(testid).value = text;
    return opened.find(testid).trigger('input');
  };
  const press = (testid: string, key: string) => opened.find(testid).trigger('keydown', { key });
  /** Types, stages with Enter, and applies what is in the tray. */
  const apply = async (testid: string, text: string) => {
    await type(testid, text);
    await press(testid, 'Enter');
    await opened.find('tray-apply').trigger('click');
  };
  return { ...opened, input, type, press, apply };
}

describe('the guest table', () => {
  it('shows each guest’s memory, settings, share and figures with their units', async () => {
    const { host, text, find, input } = await guests();
    const [build] = host.guests;
    expect(find('ram-build').attributes('data-pages')).toBe(String(build?.ram));
    expect(text('ram-build')).toMatch(/^\d+\.\d MiB$/);
    expect(find('occupancy-build').attributes('data-pages')).toBe(String(build?.ephemeral));
    expect(text('share-build')).toMatch(/^33\.3 % · \d+\.\d MiB$/);
    expect(text('hit-ratio-build')).toMatch(/ %$/);
    for (const figure of ['disk-reads', 'evicted', 'caused']) expect(text(`${figure}-build`)).toMatch(/^[\d,.]+ \/s$/);
    expect(input('weight-build').value).toBe('100');
  });

  it('states the share while a weight is typed, stages it with Enter, and applies it from the tray', async () => {
    const { host, text, find, input, type, press, until } = await guests();
    await type('weight-build', '400');
    expect(text('effect-weight-build')).toMatch(/^Weight: 400 of 600 = 66\.7 % = \d+\.\d MiB of the pool$/);
    expect(find('weight-build').attributes('data-dirty')).toBe('true');
    await press('weight-build', 'Enter');
    expect(find('weight-build').attributes('data-staged')).toBe('true');
    expect(input('weight-build').value).toBe('400');
    expect(text('effect-weight-build')).toMatch(/^Weight: 400 of 600 = 66\.7 %/);
    expect(host.guests[0]?.weight).toBe(100);
    await find('tray-apply').trigger('click');
    await until(() => expect(text('applied-build')).toBe('build weight 100 → 400, applied at 00:00:40'));
    expect(host.guests[0]?.weight).toBe(400);
    expect(text('announcement')).toBe('Applied: build weight 100 → 400, applied at 00:00:40.');
    // No sample has come since: the action tells what the host has.
    expect(input('weight-build').value).toBe('400');
    expect(text('share-build')).toMatch(/^66\.7 %/);
    expect(find('weight-build').attributes('data-dirty')).toBe('false');
  });

  it.each(['-1', 'abc', '1e9', '65536', '', '1.5', ' ', '٣'])(
    'refuses the weight "%s" with a sentence, sends nothing and keeps what was typed',
    async (typed) => {
      const { host, text, find, input, type, press } = await guests();
      await type('weight-db', typed);
      await press('weight-db', 'Enter');
      expect(text('error-weight-db')).toContain('Type a whole number from 0 to 65,535');
      expect(find('weight-db').attributes('aria-invalid')).toBe('true');
      expect(input('weight-db').value).toBe(typed);
      expect(host.asked.some(({ name }) => name === 'host.applyChanges')).toBe(false);
    },
  );

  it('marks guests that wait for their start, which have no share of the pool until then', async () => {
    const { host, text, find, until } = await guests();
    for (const guest of host.settings.guestSettings) if (guest.guestId === 2) guest.presence = 'waiting';
    host.frame(1);
    await until(() => expect(text('waiting-search')).toBe('not started'));
    expect(text('share-build')).toMatch(/^50\.0 %/);
    await find('ram-search').trigger('click');
    await until(() => expect(text('detail-waiting')).toMatch(/^search has not started yet/));
    for (const guest of host.settings.guestSettings) guest.presence = 'present';
    host.frame(1);
    await until(() => expect(find('waiting-search').exists()).toBe(false));
    expect(text('share-build')).toMatch(/^33\.3 %/);
  });

  it('takes back with Escape what was typed', async () => {
    const { find, input, type, press } = await guests();
    await type('weight-db', 'abc');
    await press('weight-db', 'Escape');
    expect(input('weight-db').value).toBe('100');
    expect(find('error-weight-db').exists()).toBe(false);
  });

  it('applies a balloon target in whole pages and says how long it takes', async () => {
    const { host, text, find, type, press, until } = await guests();
    await type('target-search', '12.5');
    expect(text('effect-target-search')).toMatch(/^Balloon target: .* MiB less than now, about \d+ s of host time at 0\.25 MiB\/s$/); // prettier-ignore
    await press('target-search', 'Enter');
    await find('tray-apply').trigger('click');
    await until(() => expect(text('applied-search')).toMatch(/balloon target [\d.]+ → 12\.5 MiB, applied at/));
    expect(host.guests[1]?.target).toBe(3200);
  });

  it('refuses a balloon target outside the guest’s limits and names them', async () => {
    const { host, text, type } = await guests();
    await type('target-db', '1');
    const { min = 0 } = host.guests[2] ?? {};
    expect(text('error-target-db')).toContain(
      `below this guest's minimum. Type from ${Math.ceil((min / 256) * 10) / 10}`,
    );
  });

  it('keeps what is staged when the host refuses it, and says why in the tray', async () => {
    const failure = { code: 'history-unwritable' as const, message: 'The disk is full.', remedy: 'Free some space.' };
    const { host, text, find, input, apply, until } = await guests({ failures: { 'host.applyChanges': failure } });
    await apply('weight-build', '400');
    await until(() => expect(text('tray-failure')).toContain('The disk is full. Free some space.'));
    expect(input('weight-build').value).toBe('400');
    expect(host.guests[0]?.weight).toBe(100);
    host.options.failures = {};
    await find('tray-apply').trigger('click');
    await until(() => expect(host.guests[0]?.weight).toBe(400));
  });

  it('is busy while a change is on its way, and sends it once', async () => {
    const { host, find, apply } = await guests({ hanging: ['host.applyChanges'] });
    await apply('weight-build', '400');
    await find('tray-apply').trigger('click');
    expect(find('weight-build').attributes('aria-busy')).toBe('true');
    expect(host.asked.filter(({ name }) => name === 'host.applyChanges')).toHaveLength(1);
  });

  it('says what a weight does with the others that are staged', async () => {
    const { text, type, press } = await guests();
    await type('weight-build', '300');
    await press('weight-build', 'Enter');
    await type('weight-db', '200');
    expect(text('effect-weight-db')).toMatch(/^Weight: 200 of 600 = 33\.3 %/);
  });

  it('takes a staged value back with Escape', async () => {
    const { input, find, type, press } = await guests();
    await type('weight-build', '300');
    await press('weight-build', 'Enter');
    await press('weight-build', 'Escape');
    expect(input('weight-build').value).toBe('100');
    expect(find('tray').exists()).toBe(false);
  });

  it('keeps what is typed when the weight changes elsewhere, and says so', async () => {
    const { host, wrapper, input, type, until } = await guests();
    await type('weight-build', '250');
    host.apply({ kind: 'weight', guestId: 1, value: 300 }, 'cli');
    host.frame(1);
    await until(() => expect(wrapper.text()).toContain('It was changed to 300 meanwhile.'));
    expect(input('weight-build').value).toBe('250');
  });

  it('keeps what is typed when the page is left and opened again', async () => {
    const { router, input, find, type, until } = await guests();
    await type('weight-build', '250');
    await router.push('/overview');
    expect(find('weight-build').exists()).toBe(false);
    await router.push('/guests');
    await until(() => expect(input('weight-build').value).toBe('250'));
  });

  it('moves between cells with the arrow keys, but not out of typed text sideways', async () => {
    const { input, find, type, press } = await guests();
    input('weight-build').focus();
    input('weight-build').select();
    await press('weight-build', 'ArrowDown');
    expect(document.activeElement).toBe(input('weight-search'));
    input('weight-search').select();
    await press('weight-search', 'ArrowRight');
    expect(document.activeElement).toBe(find('share-search').element);
    await press('share-search', 'ArrowLeft');
    await type('weight-search', '12');
    await press('weight-search', 'ArrowRight');
    expect(document.activeElement).toBe(input('weight-search'));
    await press('weight-search', 'ArrowUp');
    expect(document.activeElement).toBe(input('weight-build'));
  });

  it('sorts by a column and says so', async () => {
    const { wrapper, find } = await guests();
    const names = () => wrapper.findAll('tbody tr.guest th .title').map((cell) => cell.text());
    const head = find('guests-table').findAll('thead th');
    await head[0]?.find('button').trigger('click');
    expect(names()).toEqual(['build', 'db', 'search']);
    expect(head[0]?.attributes('aria-sort')).toBe('ascending');
    await head[0]?.find('button').trigger('click');
    expect(names()).toEqual(['search', 'db', 'build']);
  });

  it('leads from the command palette to the cell', async () => {
    const { router, input, until } = await guests();
    await router.push({ path: '/guests', query: { edit: 'weight-search' } });
    await until(() => expect(document.activeElement).toBe(input('weight-search')));
    expect(router.currentRoute.value.query).toEqual({});
  });

  it('says what would be here when the host has no guests', async () => {
    const { wrapper, until } = await openConsole('/guests', { guests: 0, seconds: 5 });
    await until(() => expect(wrapper.text()).toContain('This host has no guests.'));
  });
});
