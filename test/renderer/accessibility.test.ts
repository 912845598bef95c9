// @vitest-environment happy-dom
import axe from 'axe-core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeConsoles, openConsole } from './mount.ts';

afterEach(closeConsoles);

/** What axe-core finds wrong; colours are checked on the tokens, layout needs a real window. */
async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, {
    // The dialogs hide what is behind them and keep the focus inside; axe asks for a person's look at that.
    rules: { 'color-contrast': { enabled: false }, 'aria-hidden-focus': { enabled: false } },
    resultTypes: ['violations'],
  });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

describe('the pages have no accessibility violation that axe-core knows', () => {
  it.each(['/overview', '/guests', '/evictions', '/reports', '/audit', '/what-if', '/settings'])(
    '%s with data',
    async (path) => {
      const { wrapper, until } = await openConsole(path, { seconds: 300 });
      await until(() => expect(wrapper.find('[aria-busy="true"]').exists()).toBe(false));
      expect(await violations()).toEqual([]);
    },
  );

  it.each(['/overview', '/guests', '/evictions', '/reports', '/audit', '/what-if', '/settings'])(
    '%s while the host starts',
    async (path) => {
      await openConsole(path, { hanging: ['host.describe'] });
      expect(await violations()).toEqual([]);
    },
  );

  it.each(['/overview', '/guests', '/evictions', '/reports', '/audit', '/what-if'])(
    '%s when the history cannot be read',
    async (path) => {
      const failure = {
        code: 'history-damaged' as const,
        message: 'Page 411 is damaged.',
        remedy: 'Restore a backup.',
      };
      const failures = { 'history.series': failure, 'history.evictions': failure, 'history.evictionSummary': failure, 'history.events': failure, 'history.audit': failure, 'report.preview': failure }; // prettier-ignore
      await openConsole(path, { seconds: 30, failures });
      expect(await violations()).toEqual([]);
    },
  );

  it('the guest table with a refused weight', async () => {
    const { find, until } = await openConsole('/guests', { seconds: 30 });
    await until(() => expect(find('weight-build').attributes('disabled')).toBeUndefined());
    await find('weight-build').setValue('abc');
    await find('target-db').setValue('10');
    expect(await violations()).toEqual([]);
  });

  it('the What-if page with a result, a map, saved studies and the open tray', async () => {
    const { find, until } = await openConsole('/what-if', { seconds: 300 });
    await until(() => expect(find('example-double build').exists()).toBe(true));
    await find('example-double build').trigger('click');
    await find('study-run').trigger('click');
    await until(() => expect(find('outcome-engine').text()).toContain('exact'));
    await find('heat-draw').trigger('click');
    await until(() => expect(find('heat-map').find('td').exists()).toBe(true));
    await find('save-study').trigger('submit');
    await until(() => expect(find('saved-study').exists()).toBe(true));
    await find('stage-A').trigger('click');
    await until(() => expect(find('tray-drawer').exists()).toBe(true));
    expect(await violations()).toEqual([]);
  });

  it('the palette and the shortcut sheet', async () => {
    const { find, until } = await openConsole('/overview', { seconds: 30 });
    await find('palette').trigger('click');
    await until(() => expect(document.querySelector('[data-testid="palette-input"]')).not.toBeNull());
    expect(await violations()).toEqual([]);
  });
});
