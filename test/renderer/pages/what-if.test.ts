// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { closeConsoles, openConsole } from '../mount.ts';

afterEach(closeConsoles);

async function whatIf(options: Parameters<typeof openConsole>[1] = {}) {
  const opened = await openConsole('/what-if', { seconds: 600, ...options });
  await opened.until(() => expect(opened.find('knob-table').exists()).toBe(true));
  const { find } = opened;
  /** Adds one of the examples that the empty page offers. */
  const example = async (name: string) => {
    await opened.until(() => expect(find(`example-${name}`).exists()).toBe(true));
    await find(`example-${name}`).trigger('click');
  };
  const type = async (testid: string, text: string) => {
    (find(testid).element as HTMLInputElement).value = text;
    await find(testid).trigger('input');
  };
  const run = async () => {
    await find('study-run').trigger('click');
    await opened.until(() => expect(find('outcome-engine').text()).toContain('exact'));
  };
  const cells = (testid: string): string[] =>
    find(testid)
      .findAll('td')
      .map((cell) => cell.text().replaceAll('\u00a0', ' ').replaceAll(/\s+/g, ' '));
  return { ...opened, example, type, run, cells };
}

describe('the What-if page', () => {
  it('offers quick changes where there is no alternative yet', async () => {
    const { find, example, wrapper } = await whatIf();
    await example('double build');
    expect((find('knob-weight 1-A').element as HTMLInputElement).value).toBe('200');
    expect((find('name-A').element as HTMLInputElement).value).toBe('double build');
    expect(wrapper.text()).not.toContain('Add an alternative to see');
  });

  it('says live what a weight comes to in an alternative, with all that the alternative changes', async () => {
    const { example, type, cells } = await whatIf();
    await example('double build');
    await type('knob-weight 2-A', '100');
    expect(cells('knob-table').filter((text) => text.includes('50.0 % = '))).toHaveLength(1);
    await type('knob-weight 2-A', '200');
    expect(cells('knob-table').filter((text) => text.includes('40.0 % = '))).toHaveLength(2);
  });

  it('leaves out a guest that was removed, and counts no share for it, unless the replay begins before that', async () => {
    const { host, find, example, type, cells, until } = await whatIf();
    await example('double build');
    expect(find('knob-weight 3-A').exists()).toBe(true);
    await host.request('host.applyChanges', {
      changes: [{ kind: 'remove-guest', guestId: 3 }],
      reason: null,
      undoes: null,
    });
    host.frame(1);
    // The stretch that is replayed began before, with the guest.
    expect(find('knob-weight 3-A').exists()).toBe(true);
    await find('kind-forecast').trigger('click');
    await until(() => expect(find('knob-weight 3-A').exists()).toBe(false));
    await type('knob-weight 1-A', '300');
    await type('knob-weight 2-A', '100');
    expect(cells('knob-table').filter((text) => text.includes('75.0 % = '))).toHaveLength(1);
    await find('tune').trigger('click');
    await until(() => expect(document.querySelector('[data-testid="importance-build"]')).not.toBeNull());
    expect(document.querySelector('[data-testid="importance-db"]')).toBeNull();
  });

  it('leaves out a guest that the scenario removed before the stretch that is replayed', async () => {
    const { host, find, example, until } = await whatIf();
    await example('double build');
    const removed = host.settings.guestSettings.find(({ guestId }) => guestId === 3);
    if (removed === undefined) throw new Error('there is no third guest');
    removed.presence = 'removed';
    removed.removedByScenarioMs = host.hostMs - 1_000;
    host.frame(1);
    // It was there when the replayed minutes began.
    expect(find('knob-weight 3-A').exists()).toBe(true);
    removed.removedByScenarioMs = 1_000;
    host.frame(1);
    await until(() => expect(find('knob-weight 3-A').exists()).toBe(false));
  });

  it('asks for a precache cap, and stages it', async () => {
    const { host, find, example, type, run, text } = await whatIf();
    await example('double build');
    await find('all-settings').trigger('click');
    await type('knob-precache-cap 2-A', 'lots');
    expect(text('study-obstacle')).toContain('is not a precache cap');
    await type('knob-precache-cap 2-A', '');
    await run();
    await type('knob-precache-cap 2-A', '8');
    await find('study-run').trigger('click');
    const changesAt = (at: number) => host.studies.asked[at]?.order.alternatives[1]?.changes;
    expect(changesAt(0)).toEqual([{ kind: 'weight', guestId: 1, value: 200 }]);
    expect(changesAt(1)).toContainEqual({ kind: 'precache-cap', guestId: 2, pages: 2_048 });
    await find('stage-A').trigger('click');
    expect(text('tray-open')).toBe('2 staged changes');
  });

  it('refuses a value with a sentence, and does not run', async () => {
    const { host, find, text, example, type } = await whatIf();
    await example('double build');
    await type('knob-weight 1-A', 'abc');
    expect(find('knob-table').text()).toContain('is not a weight');
    expect(text('study-obstacle')).toContain('A: “abc” is not a weight.');
    expect(find('study-run').attributes('disabled')).toBeDefined();
    expect(host.studies.asked).toEqual([]);
  });

  it('asks for a replay of the last minutes, with the baseline first', async () => {
    const { host, example, run } = await whatIf();
    await example('double build');
    await run();
    expect(host.studies.asked).toEqual([
      {
        start: { kind: 'replay', runId: 1, fromMs: null },
        order: {
          horizonMs: 300_000,
          engine: 'auto',
          alternatives: [
            { name: 'as it is', changes: [] },
            { name: 'A double build', changes: [{ kind: 'weight', guestId: 1, value: 200 }] },
          ],
        },
      },
    ]);
  });

  it('cuts the replay to what is recorded, and says so', async () => {
    const { host, wrapper, example, run } = await whatIf({ seconds: 100 });
    await example('double build');
    expect(wrapper.text()).toContain('all that is recorded');
    await run();
    expect(host.studies.asked[0]?.order.horizonMs).toBe(69_000);
  });

  it('refuses a beginning outside of what is replayable', async () => {
    const { find, text, example } = await whatIf();
    await example('double build');
    await find('replay-from').setValue('00:00:05');
    expect(text('study-obstacle')).toBe('Only what is replayable can be studied: from 00:00:30 to 00:09:58.');
    await find('replay-from').setValue('soon');
    expect(text('study-obstacle')).toContain('Type the host time');
  });

  it('shows the estimate first, marked with engine and error, and how far the better one is', async () => {
    const { find, text, cells, example, until } = await whatIf({ studies: { isStuck: true } });
    await example('double build');
    await find('study-run').trigger('click');
    await until(() => expect(cells('outcome-engine')).toEqual(['curves ± 150 /s', 'curves ± 150 /s']));
    expect(text('outcome-assumptions')).toContain('shares are steady');
    expect(find('outcomes').text()).toContain('estimate, being refined');
    expect(text('study-progress')).toBe('30 %, about 4 s left');
    await find('study-cancel').trigger('click');
    await until(() => expect(find('study-run').exists()).toBe(true));
  });

  it('tells deltas, winners and losers by sign, arrow and word', async () => {
    const { find, cells, example, run } = await whatIf();
    await example('double build');
    await run();
    expect(cells('outcome-reads')).toEqual(['600 /s', '690 /s ▲ +15 % (worse)']);
    expect(cells('outcome-reads 1')).toEqual(['100 /s', '90 /s ▼ −10 % (better)']);
    expect(cells('outcome-slow 1')).toEqual(['2.00×', '1.82× ▼ −9.1 % (better)']);
    expect(cells('outcome-winners')).toEqual(['against today', 'build · search, db']);
    expect(cells('outcome-engine')).toEqual(['distances exact', 'distances exact']);
    expect(find('chart-study').exists()).toBe(true);
  });

  it('shows no numbers for an alternative that was edited since', async () => {
    const { cells, example, run, type } = await whatIf();
    await example('double build');
    await run();
    await type('knob-weight 1-A', '300');
    expect(cells('outcome-reads')[1]).toBe('run again');
    await type('knob-weight 1-A', '200');
    expect(cells('outcome-reads')[1]).toContain('690 /s');
  });

  it('draws sensitivity, curves, two knobs and what could be spared', async () => {
    const { find, text, example, run, until } = await whatIf();
    await example('double build');
    await run();
    await until(() => expect(text('spare-ram')).toMatch(/The host could do without.*none without more disk reads/));
    expect(text('spare-ram')).toMatch(/Without tmem\s*40 \/s/);
    await find('heat-draw').trigger('click');
    await until(() => expect(find('heat-map').findAll('td').length).toBe(1));
    expect(
      find('sensitivity-knob')
        .findAll('option')
        .map((one) => one.text()),
    ).toEqual(['build weight', 'search weight', 'db weight', 'host RAM']);
  });

  it('stages all of an alternative as a change set', async () => {
    const { host, find, text, example, type } = await whatIf();
    await example('double build');
    await find('all-settings').trigger('click');
    await type('knob-pool-limit-A', '16');
    await find('stage-A').trigger('click');
    expect(text('tray-open')).toBe('2 staged changes');
    expect(text('tray-drawer')).toMatch(/build weight.*pool limit\s*none\s*16\.0 MiB/);
    expect(host.guests[0]?.weight).toBe(100);
  });

  it('says why a study failed, and keeps what was typed', async () => {
    const failure = {
      code: 'study-failed' as const,
      message: 'The process of the study ended.',
      remedy: 'Run it again.',
    };
    const { find, text, example, until } = await whatIf({ studies: { failure } });
    await example('double build');
    await find('study-run').trigger('click');
    await until(() => expect(text('study-failure')).toContain('The process of the study ended.'));
    expect((find('knob-weight 1-A').element as HTMLInputElement).value).toBe('200');
  });

  it('keeps the draft when the page is left', async () => {
    const { find, router, example, until } = await whatIf();
    await example('double build');
    await router.push('/overview');
    await router.push('/what-if');
    await until(() => expect((find('knob-weight 1-A').element as HTMLInputElement).value).toBe('200'));
  });

  it('saves, reopens, compares, exports and deletes studies', async () => {
    const { host, find, text, wrapper, example, run, type, until } = await whatIf();
    await example('double build');
    await run();
    await find('save-study').trigger('submit');
    await until(() => expect(wrapper.findAll('[data-testid="saved-study"]')).toHaveLength(1));
    await type('knob-weight 1-A', '300');
    await run();
    await find('save-name').setValue('three hundred');
    await find('save-study').trigger('submit');
    await until(() => expect(wrapper.findAll('[data-testid="saved-study"]')).toHaveLength(2));
    expect(host.studies.saved.map(({ study }) => study.name)).toEqual(['double build', 'three hundred']);
    await find('open-1').trigger('click');
    await until(() => expect((find('knob-weight 1-A').element as HTMLInputElement).value).toBe('200'));
    expect(find('outcome-reads').text()).toContain('690');
    for (const box of find('saved-studies').findAll('input[type="checkbox"]')) await box.trigger('change');
    await find('compare-studies').trigger('click');
    await until(() => expect(text('study-compare')).toMatch(/three hundred: as it is.*double build: A double build/));
    const buttons = () => find('saved-study').findAll('button');
    await buttons()[1]?.trigger('click');
    await until(() => expect(text('saved-notice')).toBe('Exported to /home/ada/study.json.'));
    await buttons()[3]?.trigger('click');
    expect(host.studies.saved).toHaveLength(2);
    await buttons()[3]?.trigger('click');
    await until(() => expect(wrapper.findAll('[data-testid="saved-study"]')).toHaveLength(1));
  });

  it('tells an applied forecast against what then happens', async () => {
    const { host, find, text, example, run, until } = await whatIf();
    await find('kind-forecast').trigger('click');
    await example('double build');
    await run();
    await find('stage-A').trigger('click');
    await find('tray-apply').trigger('click');
    await until(() => expect(text('forecast-outcome')).toBe('disk reads 759 /s, forecast 690: 10 % more than forecast (1 min of 5 min; 1 later change it did not know of)')); // prettier-ignore
    expect(host.studies.saved[0]?.study.applied).toMatchObject({ alternative: 'A double build' });
  });

  it('looks for the best weights, and shows what it found as an alternative with its numbers', async () => {
    const { host, find, text, cells, until } = await whatIf();
    await find('tune').trigger('click');
    await until(() => expect(document.querySelector('[data-testid="tune-throughput"]')).not.toBeNull());
    document.querySelector<HTMLElement>('[data-testid="tune-throughput"]')?.click();
    document.querySelector<HTMLElement>('[data-testid="tune-begin"]')?.click();
    await until(() => expect(text('study-notice')).toContain('120 settings were estimated and 9 simulated'));
    expect(host.studies.asked[0]).toMatchObject({
      tune: { goal: 'throughput' },
      order: { alternatives: [{ changes: [] }] },
    });
    expect((find('knob-weight 1-A').element as HTMLInputElement).value).toBe('400');
    expect(cells('outcome-reads 1')).toEqual(['100 /s', '90 /s ▼ −10 % (better)']);
  });

  it('says where today’s setting is already the best, and adds nothing', async () => {
    const { find, text, until } = await whatIf({ studies: { isBest: true } });
    await find('tune').trigger('click');
    await until(() => expect(document.querySelector('[data-testid="tune-worst-ratio"]')).not.toBeNull());
    document.querySelector<HTMLElement>('[data-testid="tune-worst-ratio"]')?.click();
    document.querySelector<HTMLElement>('[data-testid="tune-begin"]')?.click();
    await until(() => expect(text('study-notice')).toContain('already the best'));
    expect(find('name-A').exists()).toBe(false);
  });

  it('says what is missing while there is no host', async () => {
    const { find } = await openConsole('/what-if', { hanging: ['host.describe'] });
    expect(find('knob-table').exists()).toBe(false);
  });
});
