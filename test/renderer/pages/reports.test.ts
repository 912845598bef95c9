// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import type { RequestArgument } from '#contract/requests.ts';
import { closeConsoles, openConsole } from '../mount.ts';

afterEach(closeConsoles);

async function reports(options: Parameters<typeof openConsole>[1] = {}) {
  const opened = await openConsole('/reports', { seconds: 300, ...options });
  const asked = (name: string) => opened.host.asked.filter((one) => one.name === name);
  const lastPreview = () => asked('report.preview').at(-1)?.argument as RequestArgument<'report.preview'>;
  const shown = () => opened.until(() => expect(opened.find('report-preview').exists()).toBe(true));
  return { ...opened, asked, lastPreview, shown };
}

describe('the reports page', () => {
  it('shows the figures of the chosen time before anything is saved', async () => {
    const { wrapper, text, shown } = await reports();
    await shown();
    expect(wrapper.findAll('[data-testid="report-guest"]')).toHaveLength(3);
    expect(text('figure-recorded')).toMatch(/^5\smin$/);
    expect(text('report-range')).toContain('00:00:00 to 00:04:59');
  });

  it('reads typed host times, says where they cannot be read, and does not save then', async () => {
    const { find, text, lastPreview, shown, until } = await reports();
    await shown();
    await find('report-from').setValue('1:2');
    expect(text('report-error')).toContain('hh:mm:ss');
    expect(find('report-from').attributes('aria-invalid')).toBe('true');
    expect(find('report-save').attributes('disabled')).toBeDefined();
    await find('report-from').setValue('00:01:00');
    await find('report-to').setValue('00:01:59');
    await until(() => expect(lastPreview().range).toEqual({ fromS: 60, toS: 119 }));
    await until(() => expect(text('figure-recorded')).toMatch(/^1\smin$|^60\ss$/));
  });

  it('takes the guests that were chosen', async () => {
    const { find, wrapper, lastPreview, shown, until } = await reports();
    await shown();
    await find('report-guests').trigger('click');
    const box = () => document.querySelector<HTMLInputElement>('[data-testid="report-guests-db"]');
    await until(() => expect(box()).not.toBeNull());
    box()?.click();
    await until(() => expect(lastPreview().guests).toEqual(['db']));
    await until(() => expect(wrapper.findAll('[data-testid="report-guest"]')).toHaveLength(1));
  });

  it('saves in the chosen format and says where', async () => {
    const { find, text, asked, shown, until } = await reports();
    await shown();
    await find('format-json').trigger('click');
    await find('report-save').trigger('click');
    await until(() => expect(text('report-saved')).toMatch(/Saved as \/home\/ada\/report\.html \(44\sKiB\)/));
    expect(asked('report.save')[0]?.argument).toMatchObject({ format: 'json', guests: [] });
  });

  it('shows how far it is while it saves, and lets nobody save twice', async () => {
    const { find, text, asked, shown, until } = await reports({ hanging: ['report.save'] });
    await shown();
    await find('report-save').trigger('click');
    await until(() => expect(text('report-stage')).toBe('Reading the history…'));
    expect(find('report-save').attributes('disabled')).toBeDefined();
    await find('report-save').trigger('click');
    expect(asked('report.save')).toHaveLength(1);
  });

  it('gives a saving up when asked to, which is no failure', async () => {
    const { find, text, asked, shown, until } = await reports({ hanging: ['report.save'] });
    await shown();
    await find('report-save').trigger('click');
    await until(() => expect(text('report-stage')).toBe('Reading the history…'));
    await find('report-cancel').trigger('click');
    await until(() => expect(find('report-stage').exists()).toBe(false));
    expect(asked('report.cancel')).toHaveLength(1);
    expect(find('report-failure').exists()).toBe(false);
    expect(find('report-saved').exists()).toBe(false);
    expect(find('report-save').attributes('disabled')).toBeUndefined();
  });

  it('says why it could not save and what to do, keeps everything typed, and saves at the second try', async () => {
    const failure = { code: 'file-unwritable' as const, message: 'The disk is full.', remedy: 'Free some space.' };
    const { host, find, text, router, shown, until } = await reports({ failures: { 'report.save': failure } });
    await shown();
    await find('report-from').setValue('00:01:00');
    await find('format-csv').trigger('click');
    await find('report-save').trigger('click');
    await until(() => expect(text('report-failure')).toMatch(/The disk is full\..*Free some space\./s));
    await router.push('/overview');
    await router.push('/reports');
    await shown();
    expect((find('report-from').element as HTMLInputElement).value).toBe('00:01:00');
    expect(find('format-csv').attributes('data-state')).toBe('on');
    host.options.failures = {};
    await find('report-save').trigger('click');
    await until(() => expect(find('report-saved').exists()).toBe(true));
  });

  it('says what to do where nothing was recorded or nothing can be read', async () => {
    const failure = { code: 'bad-range' as const, message: 'No run in this range.', remedy: 'Choose another.' };
    const { wrapper, until } = await reports({ failures: { 'report.preview': failure } });
    await until(() => expect(wrapper.find('.columns [role="alert"]').text()).toMatch(/No run.*Choose another/s));
  });
});
