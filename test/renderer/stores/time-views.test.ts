// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { readTimes } from '#renderer/components/time-picker.ts';
import { isAnswered, useTimeView } from '#renderer/stores/time-views.ts';
import { connect } from '../mount.ts';

beforeEach(() => {
  connect();
});

describe('the time of a page', () => {
  it('is the newest stretch of the chosen length until a stretch is fixed', () => {
    const view = useTimeView('overview');
    expect(view.rangeAt(500)).toEqual({ fromS: 381, toS: 500 });
    view.show({ fromS: 200, toS: 100 });
    expect(view.rangeAt(900)).toMatchObject({ fromS: 100, toS: 200, held: false });
    view.backToLive();
    expect(view.rangeAt(900)).toEqual({ fromS: 781, toS: 900 });
  });

  it('is held as it is while the host goes on', () => {
    const view = useTimeView('overview');
    view.hold(500);
    expect(view.rangeAt(900)).toEqual({ fromS: 381, toS: 500, held: true });
  });

  it('goes back to live when a window is chosen', () => {
    const view = useTimeView('overview');
    view.hold(500);
    view.window.value = '1h';
    expect(view.fixed.value).toBeNull();
    expect(view.rangeAt(5_000)).toEqual({ fromS: 1_401, toS: 5_000 });
  });

  it('is never shorter than ten seconds, and never begins before the history', () => {
    const view = useTimeView('overview');
    view.show({ fromS: 100, toS: 102 });
    expect(view.rangeAt(500)).toMatchObject({ fromS: 96, toS: 106 });
    view.show({ fromS: 0, toS: 1 });
    expect(view.rangeAt(500)).toMatchObject({ fromS: 0, toS: 10 });
  });

  it('doubles around its middle, not beyond what is recorded', () => {
    const view = useTimeView('overview');
    view.show({ fromS: 100, toS: 200 });
    view.zoomOut(1_000);
    expect(view.rangeAt(1_000)).toMatchObject({ fromS: 50, toS: 250 });
    view.zoomOut(260);
    expect(view.rangeAt(1_000)).toMatchObject({ fromS: 0, toS: 260 });
  });

  it('belongs to its page, also after a visit of another one; the length is one for all', () => {
    useTimeView('overview').show({ fromS: 100, toS: 200 });
    const pools = useTimeView('pools');
    expect(pools.fixed.value).toBeNull();
    pools.window.value = '1d';
    expect(useTimeView('overview').rangeAt(900)).toMatchObject({ fromS: 100, toS: 200 });
    useTimeView('overview').backToLive();
    expect(useTimeView('overview').window.value).toBe('1d');
  });
});

describe('typed times', () => {
  const run = (id: number, axisStartS: number, seconds: number) => ({
    id,
    axisStartS,
    seconds,
    source: { kind: 'modelled' as const, scenario: 'a', seed: 1 },
    startedAtMs: 0,
    end: 'stopped' as const,
  });
  const runs = [run(1, 0, 900), run(2, 901, 300)];
  const description = { run: runs[1] } as unknown as Parameters<typeof readTimes>[1]['description'];
  const axis = { runs, description, newest: 1_500 };

  it('are host times of a run; empty ones are its ends', () => {
    const read = (runId: number, from: string, to: string) => readTimes({ runId, from, to }, axis);
    expect(read(0, '00:01:00', '00:02:00')).toEqual({ ok: true, range: { fromS: 961, toS: 1_021 } });
    expect(read(0, '', '')).toEqual({ ok: true, range: { fromS: 901, toS: 1_500 } });
    expect(read(1, '00:10:00', '09:00:00')).toEqual({ ok: true, range: { fromS: 600, toS: 899 } });
  });

  it.each([
    ['12', '', 'From is no host time'],
    ['', 'soon', 'To is no host time'],
    ['00:02:00', '00:01:00', 'The end must be after the beginning.'],
    ['01:00:00', '02:00:00', 'This run is recorded up to 00:09:59.'],
  ])('from "%s" to "%s" are refused with a sentence', (from, to, sentence) => {
    const read = readTimes({ runId: 0, from, to }, axis);
    expect(read.ok ? '' : read.sentence).toContain(sentence);
  });
});

describe('an answer for a stretch of time', () => {
  it('stands for the same stretch, and for a long one that has hardly moved on', () => {
    expect(isAnswered({ fromS: 0, toS: 119 }, null)).toBe(false);
    expect(isAnswered({ fromS: 0, toS: 119 }, { fromS: 0, toS: 119 })).toBe(true);
    expect(isAnswered({ fromS: 1, toS: 120 }, { fromS: 0, toS: 119 })).toBe(false);
    expect(isAnswered({ fromS: 10, toS: 86_410 }, { fromS: 0, toS: 86_400 })).toBe(true);
    expect(isAnswered({ fromS: 200, toS: 86_600 }, { fromS: 0, toS: 86_400 })).toBe(false);
    expect(isAnswered({ fromS: 0, toS: 86_410 }, { fromS: 0, toS: 86_400 })).toBe(true);
  });

  it('does not stand for one of another length, or of before', () => {
    expect(isAnswered({ fromS: 500, toS: 86_400 }, { fromS: 0, toS: 86_400 })).toBe(false);
    expect(isAnswered({ fromS: 82_801, toS: 86_401 }, { fromS: 0, toS: 86_400 })).toBe(false);
    expect(isAnswered({ fromS: 0, toS: 86_400 }, { fromS: 10, toS: 86_410 })).toBe(false);
  });
});
