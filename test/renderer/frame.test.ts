// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { matching, type Command } from '#renderer/components/frame/useCommands.ts';
import { usePreferences } from '#renderer/stores/preferences.ts';
import { useStaged } from '#renderer/stores/staged.ts';
import { closeConsoles, openConsole } from './mount.ts';

afterEach(closeConsoles);

const press = (key: string, init: KeyboardEventInit = {}): void => {
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }));
};

async function frame(options: Parameters<typeof openConsole>[1] = {}) {
  const opened = await openConsole('/overview', { seconds: 30, ...options });
  await opened.until(() => expect(opened.find('pause').attributes('disabled')).toBeUndefined());
  return opened;
}

describe('the frame', () => {
  it('always says where the numbers come from, and how fast', async () => {
    const { host, text, find, until } = await frame();
    expect(text('source')).toBe('modelled: three real traces · seed 42 · 1×');
    await find('speed-10x').trigger('click');
    await until(() => expect(text('source')).toContain('10×'));
    expect(host.speed).toBe('10x');
    expect(text('host-time')).toBe('00:00:30');
  });

  it('pauses and runs the host, and shows that it stands', async () => {
    const { host, text, find, until } = await frame();
    await find('pause').trigger('click');
    await until(() => expect(text('paused-badge')).toBe('paused at 00:00:30'));
    expect([host.paused, text('pause'), find('pause').attributes('data-paused')]).toEqual([true, 'Run', 'true']);
    await find('pause').trigger('click');
    await until(() => expect(find('paused-badge').exists()).toBe(false));
    expect(host.paused).toBe(false);
  });

  it('says why a command to the clock failed, until it is dismissed', async () => {
    const { host, wrapper, find, until } = await frame();
    host.options.failures = { 'host.setPaused': { code: 'host-failed', message: 'It broke.' } };
    await find('pause').trigger('click');
    await until(() => expect(wrapper.text()).toContain('The clock of the host was not changed. It broke.'));
    await wrapper.find('.tone-bad button').trigger('click');
    expect(wrapper.find('.tone-bad').exists()).toBe(false);
  });

  it('tells what the last run left to say, until it is dismissed', async () => {
    const { find, text, until } = await frame({ notice: 'The last run did not end in order.' });
    await until(() => expect(text('notice')).toContain('The last run did not end in order.'));
    await find('notice').find('button').trigger('click');
    expect(find('notice').exists()).toBe(false);
  });

  it('has landmarks and a way past the navigation', async () => {
    const { wrapper } = await frame();
    expect(wrapper.findAll('header, nav, main, footer').length).toBeGreaterThanOrEqual(4);
    await wrapper.find('a.skip').trigger('click');
    expect(document.activeElement?.id).toBe('main');
  });
});

describe('shortcuts', () => {
  it('pause, set the speed and go to pages', async () => {
    const { host, router, until } = await frame();
    press('p');
    await until(() => expect(host.paused).toBe(true));
    press('3');
    await until(() => expect(host.speed).toBe('max'));
    press('g');
    press('e');
    await until(() => expect(router.currentRoute.value.path).toBe('/evictions'));
  });

  it('do nothing while something is typed, or when they are switched off', async () => {
    const { host, router, find, until } = await frame();
    await router.push('/guests');
    await until(() => expect(find('weight-build').exists()).toBe(true));
    await find('weight-build').trigger('keydown', { key: 'p' });
    usePreferences().preferences.singleKeys = false;
    press('p');
    press('?');
    expect(host.paused).toBe(false);
    expect(host.asked.some(({ name }) => name === 'host.setPaused')).toBe(false);
    expect(document.querySelector('[data-testid="shortcut-sheet"]')).toBeNull();
  });

  it('open the sheet and the palette', async () => {
    const { until } = await frame();
    press('k', { ctrlKey: true });
    await until(() => expect(document.querySelector('[data-testid="palette-input"]')).not.toBeNull());
    press('k', { ctrlKey: true });
    await until(() => expect(document.querySelector('[data-testid="palette-input"]')).toBeNull());
    press('?');
    await until(() => expect(document.querySelector('[data-testid="shortcut-sheet"]')?.textContent).toContain('Ctrl'));
  });
});

describe('the palette', () => {
  const command = (label: string, group: Command['group'] = 'Change'): Command => ({
    id: label,
    group,
    label,
    hint: '',
    run: () => undefined,
  });
  const all = [command('Overview', 'Go to'), command('Set weight of build…'), command('Weight watchers', 'Help')];

  it('finds commands that hold every word, those that begin with it first', () => {
    expect(matching(all, 'weight').map(({ label }) => label)).toEqual(['Weight watchers', 'Set weight of build…']);
    expect(matching(all, 'BUILD  set').map(({ label }) => label)).toEqual(['Set weight of build…']);
    expect(matching(all, 'go to').map(({ label }) => label)).toEqual(['Overview']);
    expect(matching(all, '')).toHaveLength(3);
    expect(matching(all, 'nonsense')).toEqual([]);
  });

  it('offers what can be done with the tray now: review, apply, undo, redo', async () => {
    const { host, find, until } = await frame();
    const shown = async (typed: string): Promise<HTMLElement[]> => {
      press('k', { ctrlKey: true });
      await until(() => expect(document.querySelector('[data-testid="palette-input"]')).not.toBeNull());
      const input = document.querySelector<HTMLInputElement>('[data-testid="palette-input"]');
      if (input !== null) input.value = typed;
      input?.dispatchEvent(new Event('input', { bubbles: true }));
      await until(() => expect(entries().every((entry) => matches(entry, typed))).toBe(true));
      return entries();
    };
    const entries = () => [...document.querySelectorAll<HTMLElement>('.palette-dialog [role="option"]')];
    const matches = (entry: HTMLElement, typed: string) => entry.textContent.toLowerCase().includes(typed);
    const choose = async (typed: string): Promise<void> => {
      const [entry] = await shown(typed);
      entry?.click();
      await until(() => expect(document.querySelector('[data-testid="palette-input"]')).toBeNull());
    };
    for (const typed of ['undo the', 'redo the', 'staged change']) {
      expect(await shown(typed)).toEqual([]);
      press('Escape');
      await until(() => expect(document.querySelector('[data-testid="palette-input"]')).toBeNull());
    }
    useStaged().stage({ kind: 'policy', value: 'fifo' }, 'Guests');
    await choose('review 1');
    await until(() => expect(find('tray-drawer').exists()).toBe(true));
    await choose('apply 1');
    await until(() => expect(host.settings.policy).toBe('fifo'));
    await until(() => expect(find('tray-undo').attributes('disabled')).toBeUndefined());
    await choose('undo the');
    await until(() => expect(host.settings.policy).toBe('max-over-share'));
    await until(() => expect(find('tray-redo').attributes('disabled')).toBeUndefined());
    await choose('redo the');
    await until(() => expect(host.settings.policy).toBe('fifo'));
  });

  it('leads to the weight of a guest', async () => {
    const { router, find, until } = await frame();
    press('k', { ctrlKey: true });
    await until(() => expect(document.querySelectorAll('[role="option"]').length).toBeGreaterThan(5));
    const option = [...document.querySelectorAll<HTMLElement>('[role="option"]')].find((entry) =>
      entry.textContent.includes('Set weight of db'),
    );
    option?.click();
    await until(() => expect(router.currentRoute.value.path).toBe('/guests'));
    await until(() => expect(document.activeElement).toBe(find('weight-db').element));
  });
});
