// @vitest-environment happy-dom
import axe from 'axe-core';
import { afterEach, describe, expect, it } from 'vitest';
import { useStaged } from '#renderer/stores/staged.ts';
import { closeConsoles, openConsole } from '../mount.ts';

afterEach(closeConsoles);

async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, {
    rules: { 'color-contrast': { enabled: false }, 'aria-hidden-focus': { enabled: false } },
    resultTypes: ['violations'],
  });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** Text of what a dialog or a page shows, wherever it stands in the document. */
function shown(testid: string): string {
  const found = document.querySelector(`[data-testid="${testid}"]`);
  if (found === null) throw new Error(`${testid} is not shown.`);
  return found.textContent.replaceAll('\u00a0', ' ');
}

function press(testid: string): void {
  const found = document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
  if (found === null) throw new Error(`${testid} is not shown.`);
  found.click();
}

type Options = Parameters<typeof openConsole>[1];

async function openGallery(options: Options = {}) {
  const console_ = await openConsole('/scenarios', { seconds: 30, ...options });
  await console_.until(() => expect(console_.find('scenario-list').exists()).toBe(true));
  return console_;
}

async function openTraces(options: Options = {}) {
  const console_ = await openGallery(options);
  await console_.find('view-traces').trigger('click');
  await console_.until(() => expect(console_.wrapper.find('[aria-busy="true"]').exists()).toBe(false));
  return console_;
}

describe('the gallery', () => {
  it('shows the claims by their letters, the live scenario first chosen, and a bad file with its place', async () => {
    const { wrapper, find, text } = await openGallery();
    const names = wrapper.findAll('[role="option"]').map((option) => option.text());
    expect(names.map((name) => name.slice(0, 16))).toEqual([
      expect.stringContaining('three real trace') as string,
      expect.stringContaining('aeverything fits') as string,
      expect.stringContaining('bpreswap') as string,
      expect.stringContaining('wrong.json') as string,
    ]);
    expect(text('scenario-detail')).toContain('About three real traces.');
    await find('scenario-wrong.json').trigger('click');
    expect(text('scenario-detail')).toContain('guests.1.ramMiB');
    expect(find('scenario-try').attributes('disabled')).toBeDefined();
    expect(await violations()).toEqual([]);
  });

  it('moves the choice by the arrow keys, Home and End', async () => {
    const { find, wrapper } = await openGallery();
    const chosen = (): string => wrapper.find('[aria-selected="true"]').attributes('data-testid') ?? '';
    const key = (name: string) => find('scenario-list').trigger('keydown', { key: name });
    await key('ArrowDown');
    expect(chosen()).toBe('scenario-a-fits.json');
    expect(find('scenario-list').attributes('aria-activedescendant')).toBe(
      find('scenario-a-fits.json').attributes('id'),
    );
    await key('End');
    expect(chosen()).toBe('scenario-wrong.json');
    await key('ArrowDown');
    expect(chosen()).toBe('scenario-wrong.json');
    await key('Home');
    expect(chosen()).toBe('scenario-three-real-traces.json');
  });

  it('says what would be here when there is nothing, and why it cannot be listed', async () => {
    await openGallery({ scenarios: { isEmpty: true } });
    expect(document.body.textContent).toContain('Choose a scenario');
    expect(await violations()).toEqual([]);
    closeConsoles();
    const failure = { code: 'internal' as const, message: 'The folder cannot be read.' };
    const { until } = await openConsole('/scenarios', { failures: { 'scenarios.list': failure } });
    await until(() => expect(document.body.textContent).toContain('The folder cannot be read.'));
  });

  it('adds a file, chooses it, and says why one is refused', async () => {
    const { find, text, until } = await openGallery();
    await find('scenario-add').trigger('click');
    await until(() => expect(text('scenario-outcome')).toContain('Added mine.json'));
    expect(text('scenario-detail')).toContain('my own');
    expect(find('open-undo').exists()).toBe(false);
    await find('outcome-dismiss').trigger('click');
    expect(find('scenario-outcome').exists()).toBe(false);
  });
});

describe('a trial', () => {
  it('shows the bound beside the figures that it speaks of', async () => {
    const { find, text, until } = await openGallery();
    await find('scenario-b-preswap.json').trigger('click');
    expect(text('trial-empty')).toContain('30 s of host time');
    await find('scenario-try').trigger('click');
    await until(() => expect(find('trial-table').exists()).toBe(true));
    expect(text('claim-bound')).toBe('Swap writes = 0 up to 8,192 pages.');
    expect(text('figures-first')).toContain('Most in tmem (pages)');
    expect(text('figure-mostHeld')).toContain('8,192');
    expect(text('figure-swapOuts')).toContain('1,616');
    expect(text('trial-about')).toContain('modelled as the file says · 30 s of host time in 640 ms · seed 1');
    // What no guest did is left out.
    expect(find('figure-refaults').exists()).toBe(false);
    expect(await violations()).toEqual([]);
    // It is still there after a look at another scenario.
    await find('scenario-a-fits.json').trigger('click');
    expect(find('trial-table').exists()).toBe(false);
    await find('scenario-b-preswap.json').trigger('click');
    expect(find('trial-table').exists()).toBe(true);
  });

  it('under other circumstances stands beside the one before', async () => {
    const { host, find, text, until } = await openGallery();
    await find('scenario-b-preswap.json').trigger('click');
    await find('trial-variant').setValue('no-tmem');
    await find('scenario-try').trigger('click');
    await until(() => expect(text('trial-about')).toContain('without tmem'));
    expect(text('figure-swapOuts')).toContain('19,616');
    expect(find('trial-before').exists()).toBe(false);
    await find('trial-variant').setValue('as-is');
    await find('scenario-try').trigger('click');
    await until(() => expect(text('trial-before')).toContain('without tmem'));
    expect(text('figure-swapOuts')).toMatch(/808 ?9,808.*1,616 ?19,616/);
    expect(host.asked.filter(({ name }) => name === 'scenarios.try').map(({ argument }) => argument)).toMatchObject([
      { variant: 'no-tmem' },
      { variant: 'as-is' },
    ]);
    expect(await violations()).toEqual([]);
  });

  it('shows how far it is and what is left, and is cancelled', async () => {
    const { host, find, text, until } = await openGallery({ scenarios: { isStuck: true } });
    await find('scenario-try').trigger('click');
    await until(() => expect(text('trial-progress')).toContain('40 %, about 3 s left'));
    expect(find('scenario-try').attributes('disabled')).toBeDefined();
    expect(await violations()).toEqual([]);
    await find('trial-cancel').trigger('click');
    await until(() => expect(text('trial-empty')).toContain('was cancelled'));
    expect(host.scenarios.cancelled).toEqual([1]);
  });

  it('that fails says why and can be tried again', async () => {
    const workFailure = { code: 'study-failed' as const, message: 'It needs more memory.', remedy: 'Use less.' };
    const { find, text, until } = await openGallery({ scenarios: { workFailure } });
    await find('scenario-try').trigger('click');
    await until(() => expect(text('trial-failure')).toContain('It needs more memory.'));
    expect(await violations()).toEqual([]);
  });
});

describe('the check of a claim', () => {
  it('says by word and icon whether it holds, and shows each figure beside its bound', async () => {
    const { host, find, wrapper, text, until } = await openGallery();
    await find('scenario-b-preswap.json').trigger('click');
    expect(text('trial-empty')).toContain('makes all 2 runs that it speaks of');
    await find('scenario-check').trigger('click');
    await until(() => expect(find('verdict').exists()).toBe(true));
    expect(text('verdict-said')).toBe('Holds: all 2 figures are within their bounds');
    expect(find('verdict-said').find('svg.lucide-circle-check').exists()).toBe(true);
    expect(text('claim-mark')).toBe('holds');
    expect(wrapper.findAll('[data-testid="verdict-check"]').map((row) => row.text().replaceAll('\u00a0', ' '))).toEqual(
      ['most pages in preswap8,192 pages= 8,192 pagesholds', 'work of web99.96 %≥ 98.20 %holds'],
    );
    expect(text('verdict-table')).toContain('4,000');
    expect(text('verdict-runs')).toBe(
      'modelled · 2 runs of 30 s of host time · seed 1: as the file says; without tmem',
    );
    expect(host.asked.find(({ name }) => name === 'scenarios.check')?.argument).toEqual({
      scenario: { origin: 'shipped', file: 'b-preswap.json' },
    });
    // The run of the file as it is was one of them, and the list remembers.
    expect(find('trial-table').exists()).toBe(true);
    expect(text('scenario-b-preswap.json')).toContain('holds');
    expect(text('scenario-a-fits.json')).not.toContain('holds');
    expect(await violations()).toEqual([]);
    // A run of another kind stands beside, and does not change what was found.
    await find('trial-variant').setValue('without-backup');
    await find('scenario-try').trigger('click');
    await until(() => expect(text('trial-before')).toContain('as the file says'));
    expect(text('verdict-said')).toContain('Holds');
  });

  it('that fails shows which figure is outside its bound, and what could not be measured', async () => {
    const checks = [
      {
        what: 'most pages of backup',
        measured: 5_459,
        relation: 'at-most',
        bound: 2_150.4,
        unit: 'pages',
        holds: false,
      },
      { what: 'disk reads of web', measured: null, relation: 'exactly', bound: 0, unit: 'pages', holds: false },
      { what: 'share of backup', measured: 2_048, relation: 'exactly', bound: 2_048, unit: 'pages', holds: true },
    ] as const;
    const { find, text, until } = await openGallery({ scenarios: { verdict: { holds: false, checks: [...checks] } } });
    await find('scenario-b-preswap.json').trigger('click');
    await find('scenario-check').trigger('click');
    await until(() => expect(text('verdict-said')).toBe('Does not hold: 2 of 3 figures outside their bounds'));
    expect(find('verdict-said').find('svg.lucide-circle-x').exists()).toBe(true);
    expect(text('claim-mark')).toBe('does not hold');
    expect(text('verdict-checks')).toContain('5,459 pages≤ 2,150.40 pagesdoes not hold');
    expect(text('verdict-checks')).toContain('disk reads of web–= 0 pagesdoes not hold');
    expect(text('scenario-b-preswap.json')).toContain('does not hold');
    expect(await violations()).toEqual([]);
  });

  it('is offered only where the file says how it is measured', async () => {
    const { find } = await openGallery();
    expect(find('scenario-check').exists()).toBe(false);
    expect(find('scenario-try').classes()).toContain('is-primary');
  });
});

describe('removing', () => {
  it('a scenario of ones own asks first, says where it goes, and is undone', async () => {
    const { host, find, text, until } = await openGallery();
    await find('scenario-add').trigger('click');
    await until(() => expect(text('scenario-detail')).toContain('my own'));
    await find('scenario-remove').trigger('click');
    await until(() => expect(shown('remove-consequences')).toContain('/home/ada/scenarios-removed'));
    expect(shown('remove-consequences')).toContain('Runs of it stay in the history');
    expect(host.asked.some(({ name }) => name === 'scenarios.remove')).toBe(false);
    expect(await violations()).toEqual([]);
    press('remove-confirm');
    await until(() => expect(text('scenario-outcome')).toContain('Removed mine.json'));
    expect(find('scenario-mine.json').exists()).toBe(false);
    expect(document.querySelector('[data-testid="remove-dialog"]')).toBeNull();
    expect(text('scenario-detail')).not.toContain('my own');
    await find('remove-undo').trigger('click');
    await until(() => expect(text('scenario-outcome')).toContain('Put mine.json back'));
    expect(find('scenario-mine.json').attributes('aria-selected')).toBe('true');
    expect(find('remove-undo').exists()).toBe(false);
  });

  it('is not offered for what ships, and says why where it is refused', async () => {
    const failure = { code: 'in-use' as const, message: 'mine.json is the live host.' };
    const { find, text, until } = await openGallery({ failures: { 'scenarios.remove': failure } });
    expect(find('scenario-remove').exists()).toBe(false);
    await find('scenario-add').trigger('click');
    await until(() => expect(text('scenario-detail')).toContain('my own'));
    await find('scenario-remove').trigger('click');
    await until(() => expect(document.querySelector('[data-testid="remove-confirm"]')).not.toBeNull());
    press('remove-confirm');
    await until(() => expect(shown('remove-failure')).toContain('mine.json is the live host.'));
    press('remove-cancel');
    await until(() => expect(document.querySelector('[data-testid="remove-dialog"]')).toBeNull());
    expect(find('put-back-failure').exists()).toBe(false);
  });

  it('a trace says which scenarios play it', async () => {
    const { find, wrapper, text, until } = await openGallery();
    await find('scenario-add').trigger('click');
    await until(() => expect(text('scenario-detail')).toContain('my own'));
    await find('view-traces').trigger('click');
    await until(() => expect(find('trace-table').exists()).toBe(true));
    expect(wrapper.findAll('[data-testid="trace-remove"]')).toHaveLength(1);
    await find('trace-remove').trigger('click');
    await until(() => expect(shown('remove-consequences')).toContain('“my own” plays it, and cannot run without it'));
    expect(await violations()).toEqual([]);
    press('remove-confirm');
    await until(() => expect(text('scenario-outcome')).toContain('Removed torn.csv'));
    expect(text('trace-table')).not.toContain('torn.csv');
    await find('remove-undo').trigger('click');
    await until(() => expect(text('trace-table')).toContain('torn.csv'));
  });
});

describe('making a scenario the live host', () => {
  it('says first what happens and how it is undone; the tray of the former host is emptied', async () => {
    const { host, find, text, until } = await openGallery();
    const staged = useStaged();
    staged.stage({ kind: 'weight', guestId: 2, value: 300 }, 'a test');
    await find('scenario-b-preswap.json').trigger('click');
    await find('scenario-open').trigger('click');
    await until(() => expect(shown('open-consequences')).toContain('Run 1 of “three real traces” ends in order'));
    expect(shown('open-consequences')).toContain('A new run of “b: preswap” begins at host time 0, with seed 1');
    expect(shown('open-consequences')).toContain('Undo opens “three real traces” again as a new run');
    expect(shown('open-consequences')).toContain('1 staged change in the tray is of the present host');
    expect(await violations()).toEqual([]);
    expect(staged.list).toHaveLength(1);
    expect(host.asked.some(({ name }) => name === 'scenarios.open')).toBe(false);
    press('open-confirm');
    await until(() => expect(text('scenario-outcome')).toContain('is the live host now, as run 2'));
    expect(host.asked.find(({ name }) => name === 'scenarios.open')?.argument).toEqual({
      scenario: { origin: 'shipped', file: 'b-preswap.json' },
    });
    await until(() => expect(text('source')).toContain('modelled: b: preswap · seed 42'));
    expect(staged.list).toEqual([]);
    await find('open-undo').trigger('click');
    await until(() => expect(shown('open-dialog')).toContain('Make “three real traces” the live host?'));
  });

  it('that is refused says why in the dialog, which stays', async () => {
    const failure = { code: 'bad-trace' as const, message: 'The former host goes on.' };
    const { find, until } = await openGallery({ failures: { 'scenarios.open': failure } });
    await find('scenario-a-fits.json').trigger('click');
    await find('scenario-open').trigger('click');
    await until(() => expect(document.querySelector('[data-testid="open-confirm"]')).not.toBeNull());
    press('open-confirm');
    await until(() => expect(shown('open-failure')).toContain('The former host goes on.'));
    press('open-cancel');
    await until(() => expect(document.querySelector('[data-testid="open-dialog"]')).toBeNull());
  });

  it('begins the live one anew when that is asked for', async () => {
    const { find, until } = await openGallery();
    await find('scenario-open').trigger('click');
    await until(() => expect(shown('open-dialog')).toContain('Begin “three real traces” anew?'));
    expect(shown('open-consequences')).toContain('The run that ends cannot go on afterwards');
  });
});

describe('traces', () => {
  it('are told with what they hold, and a damaged one with its sentence', async () => {
    const { text, wrapper } = await openTraces();
    expect(text('trace-table')).toContain('329,951');
    expect(text('trace-table')).toContain('3.7 s');
    expect(text('trace-table')).toContain('The stored trace is damaged.');
    expect(wrapper.findAll('[data-testid="trace-row"]')).toHaveLength(2);
    expect(await violations()).toEqual([]);
  });

  it('are imported in the format asked for and appear in the table', async () => {
    const { host, find, text, until } = await openTraces();
    await find('import-format').setValue('msr');
    await find('trace-import').trigger('click');
    await until(() => expect(text('import-done')).toContain('Scenarios can name it as “web.csv”'));
    expect(host.asked.find(({ name }) => name === 'traces.import')?.argument).toEqual({ format: 'msr' });
    await until(() => expect(text('trace-table')).toContain('web.csv'));
    expect(await violations()).toEqual([]);
  });

  it('show how far an import is, and nothing of a cancelled one stays', async () => {
    const { find, text, until } = await openTraces({ scenarios: { isStuck: true } });
    await find('trace-import').trigger('click');
    await until(() => expect(text('import-progress')).toContain('40 %'));
    await find('import-cancel').trigger('click');
    await until(() => expect(text('import-done')).toContain('was cancelled; nothing of it was kept'));
    expect(text('trace-table')).not.toContain('web.csv');
  });

  it('say the line of a bad one, and what would be here when there is none', async () => {
    const workFailure = { code: 'bad-trace' as const, message: 'web.csv: line 3,777: it has 3 fields.' };
    const { find, text, until } = await openTraces({ scenarios: { workFailure, isEmpty: true } });
    expect(text('traces-empty')).toContain('No trace is at hand');
    await find('trace-import').trigger('click');
    await until(() => expect(text('import-failure')).toContain('line 3,777'));
    expect(await violations()).toEqual([]);
  });
});
