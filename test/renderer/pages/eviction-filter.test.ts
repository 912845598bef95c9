import { describe, expect, it } from 'vitest';
import type { HostDescription, Run } from '#contract/model.ts';
import { EVICTION_ROW, type Frame } from '#contract/stream.ts';
import { matchingRows, parseHostTime, readFilter } from '#renderer/pages/evictions/eviction-filter.ts';
import type { EvictionView } from '#renderer/stores/preferences.ts';

const run = (id: number, axisStartS: number, seconds: number): Run => ({
  id,
  source: { kind: 'modelled', scenario: 's', seed: 1 },
  axisStartS,
  seconds,
  startedAtMs: 0,
  end: 'running',
});
const axis = {
  runs: [run(1, 0, 500), run(2, 501, 0)],
  description: { run: run(2, 501, 0) } as HostDescription,
  newest: 1500,
};
const view: EvictionView = { victims: [], beneficiaries: [], reasons: [], span: 'all', runId: 0, from: '', to: '' };

describe('a host time that was typed', () => {
  it.each([
    ['00:00:00', 0],
    ['0:12:30', 750],
    ['51:00:01', 183_601],
    ['2 d 03:04:05', 183_845],
    ['2\u00a0d 03:04:05', 183_845],
    [' 00:00:07 ', 7],
  ])('reads "%s"', (text, seconds) => {
    expect(parseHostTime(text)).toBe(seconds);
  });

  it.each(['12:30', '00:60:00', '00:00:60', '-1:00:00', 'abc', '', '٠٠:٠٠:٠٧', '1e3:00:00', '00:00:07.5'])(
    'refuses "%s"',
    (text) => {
      expect(parseHostTime(text)).toBeNull();
    },
  );
});

describe('the filter of a view', () => {
  it('asks for everything, or for a stretch that ends now', () => {
    expect(readFilter(view, axis)).toMatchObject({ ok: true, open: true, filter: { range: null } });
    expect(readFilter({ ...view, span: '15m' }, axis)).toMatchObject({ filter: { range: { fromS: 601, toS: 1500 } } });
    expect(readFilter({ ...view, span: '1d' }, axis)).toMatchObject({ filter: { range: { fromS: 0, toS: 1500 } } });
  });

  it('places typed host times on the axis of all runs', () => {
    const custom = { ...view, span: 'custom' as const, from: '00:00:10', to: '00:00:20' };
    expect(readFilter(custom, axis)).toMatchObject({ open: false, filter: { range: { fromS: 511, toS: 521 } } });
    expect(readFilter({ ...custom, runId: 1 }, axis)).toMatchObject({ filter: { range: { fromS: 10, toS: 20 } } });
    expect(readFilter({ ...custom, to: '' }, axis)).toMatchObject({ open: true, filter: { range: { toS: 1500 } } });
    expect(readFilter({ ...custom, runId: 1, to: '' }, axis)).toMatchObject({
      open: false,
      filter: { range: { fromS: 10, toS: 499 } },
    });
  });

  it('says what is wrong, at the end that is wrong', () => {
    const custom = { ...view, span: 'custom' as const };
    expect(readFilter({ ...custom, from: '12:3' }, axis)).toMatchObject({ ok: false, to: null });
    expect(readFilter({ ...custom, to: 'x' }, axis)).toMatchObject({ ok: false, from: null });
    const backwards = readFilter({ ...custom, from: '00:01:00', to: '00:00:10' }, axis);
    expect(backwards).toMatchObject({ ok: false, to: 'This is before 00:01:00, where the range begins.' });
  });

  it('never gives a range that the contract refuses', () => {
    const reading = readFilter({ ...view, span: 'custom', from: '90:00:00', to: '99:00:00' }, axis);
    const range = reading.ok ? reading.filter.range : null;
    expect(range !== null && range.fromS <= range.toS).toBe(true);
    expect(readFilter({ ...view, span: '2m' }, { ...axis, newest: -1 })).toMatchObject({
      filter: { range: { fromS: 0, toS: 0 } },
    });
  });
});

describe('the rows of a frame that pass a filter', () => {
  /** Second, victim, beneficiary, reason and pages; the rest of a row says nothing here. */
  const row = (...begin: number[]): number[] => [...begin, ...Array.from({ length: EVICTION_ROW - 5 }, () => 0)];
  const frame = {
    evictions: Float64Array.from([...row(1, 1, 2, 0, 10), ...row(1, 2, 1, 1, 5), ...row(2, 1, 0, 2, 3)]),
  } as Frame;
  const none = { range: null, victims: [], beneficiaries: [], reasons: [] };

  it('are counted by victim, beneficiary and reason', () => {
    expect(matchingRows(frame, none)).toBe(3);
    expect(matchingRows(frame, { ...none, victims: [1] })).toBe(2);
    expect(matchingRows(frame, { ...none, victims: [1], beneficiaries: [0] })).toBe(1);
    expect(matchingRows(frame, { ...none, reasons: ['balloon'] })).toBe(1);
    expect(matchingRows(frame, { ...none, reasons: ['cap'] })).toBe(0);
  });
});
