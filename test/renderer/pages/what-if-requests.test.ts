// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, type EffectScope, nextTick, ref } from 'vue';
import type { RequestArgument } from '#contract/requests.ts';
import type { KnobValues } from '#contract/studies.ts';
import { useHeatMap } from '#renderer/pages/what-if/useHeatMap.ts';
import { usePreparation } from '#renderer/pages/what-if/usePreparation.ts';
import { useConnection } from '#renderer/stores/connection.ts';
import { connect } from '../mount.ts';

/** What the page asks the main process for by itself, or beside its studies. */
let scope: EffectScope;
beforeEach(() => {
  connect();
  scope = effectScope();
});
afterEach(() => {
  scope.stop();
  vi.useRealTimers();
});

/** Requests by name and argument, answered by `answer`. */
function listen(answer: (name: string) => unknown): [string, unknown][] {
  const asked: [string, unknown][] = [];
  vi.spyOn(useConnection(), 'request').mockImplementation(((name: string, argument: unknown) => {
    asked.push([name, argument]);
    return Promise.resolve(answer(name));
  }) as never);
  return asked;
}

describe('what is made ready for a study', () => {
  type Stretch = RequestArgument<'study.prepare'>;
  const replay = (fromMs: number | null, horizonMs: number): Stretch => ({
    start: { kind: 'replay', runId: 1, fromMs },
    horizonMs,
  });

  function prepared() {
    vi.useFakeTimers();
    const asked = listen(() => null);
    const stretch = ref<Stretch | null>(replay(null, 60_000));
    const chosenMs = ref(60_000);
    const isUnderWay = ref(false);
    scope.run(() =>
      usePreparation(
        () => stretch.value,
        () => chosenMs.value,
        () => isUnderWay.value,
      ),
    );
    return { asked, stretch, chosenMs, isUnderWay };
  }

  it('is the stretch that a choice comes to rest at, and that again each minute, as now moves on', async () => {
    const { asked, stretch, chosenMs } = prepared();
    await vi.advanceTimersByTimeAsync(100);
    chosenMs.value = 120_000;
    stretch.value = replay(null, 120_000);
    await nextTick();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toEqual([['study.prepare', replay(null, 120_000)]]);
    stretch.value = replay(null, 120_500);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked.slice(1)).toEqual([['study.prepare', replay(null, 120_500)]]);
  });

  it('is not asked for again while a record that is too short for the choice grows', async () => {
    const { asked, stretch } = prepared();
    for (let second = 1; second <= 20; second++) {
      stretch.value = replay(null, second * 1_000);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(asked).toHaveLength(1);
  });

  it('is nothing while a study is under way, and the stretch in sight when it has ended', async () => {
    const { asked, isUnderWay, stretch } = prepared();
    isUnderWay.value = true;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked).toEqual([]);
    stretch.value = replay(5_000, 60_000);
    isUnderWay.value = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toEqual([['study.prepare', replay(5_000, 60_000)]]);
  });
});

describe('a heat map', () => {
  const values: KnobValues = { knob: { kind: 'idle-tax' }, values: [0, 500] };
  const standing = (phase: string, version: number) => ({ id: 7, phase, version, part: 0.25, failure: null });

  it('that is cancelled asks for that once, is not drawn, and lets another be', async () => {
    let phase = 'running';
    const asked = listen((name) => {
      if (name === 'study.heatMap') return { id: 7 };
      if (name === 'study.cancel') phase = 'cancelled';
      return name === 'study.watch' ? new Promise((resolve) => setTimeout(resolve, 1, standing(phase, 1))) : null;
    });
    const heatMap = scope.run(useHeatMap);
    if (heatMap === undefined) throw new Error('No heat map.');
    const drawn = heatMap.draw(3, values, values);
    await vi.waitFor(() => expect(heatMap.progressText.value).toMatch(/^25/));
    await heatMap.cancel();
    await drawn;
    expect(asked.filter(([name]) => name === 'study.cancel')).toEqual([['study.cancel', { id: 7 }]]);
    expect(asked.some(([name]) => name === 'study.outcome')).toBe(false);
    expect([heatMap.map.value, heatMap.busy.value, heatMap.failure.value]).toEqual([null, false, null]);
    // What has ended is not cancelled again.
    await heatMap.cancel();
    expect(asked.filter(([name]) => name === 'study.cancel')).toHaveLength(1);
  });

  it('is given up with its page', async () => {
    let watched = 0;
    const asked = listen((name) => {
      if (name === 'study.heatMap') return { id: 7 };
      // Answers once, then not for a long time.
      return name === 'study.watch' && ++watched > 1 ? new Promise(() => null) : standing('running', 1);
    });
    void scope.run(useHeatMap)?.draw(3, values, values);
    await vi.waitFor(() => expect(watched).toBe(2));
    scope.stop();
    await vi.waitFor(() => expect(asked.at(-1)).toEqual(['study.cancel', { id: 7 }]));
  });
});
