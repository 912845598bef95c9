import { beforeAll, describe, expect, it } from 'vitest';
import type { Exploration } from '#contract/studies.ts';
import { explore, heatMapOf } from '#main/study-process/explore.ts';
import type { CurveStudy } from '#main/what-if/curves.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import { exampleConfig } from '../host/example-config.ts';

let study: PreparedStudy;
let curves: CurveStudy;
let found: Exploration;
beforeAll(async () => {
  study = new PreparedStudy({ config: await exampleConfig(), state: null }, 60_000);
  curves = await study.curves();
  found = explore(study, curves);
});

const sum = (values: Iterable<number>): number => [...values].reduce((total, one) => total + one, 0);

describe('what curves say beside the alternatives', () => {
  it('gives each guest’s curve from all accesses down, with its RAM and share on it', () => {
    expect(found.curves.map(({ guestId }) => guestId)).toEqual([1, 2, 3]);
    for (const { pages, misses, accesses, ramPages } of found.curves) {
      expect(misses[0]).toBe(accesses);
      expect([...misses]).toEqual([...misses].sort((a, b) => b - a));
      expect(pages.at(-1)).toBeGreaterThan(ramPages);
    }
  });

  it('has today’s value among those of each knob, and there the answer of the baseline', () => {
    const answer = curves.newAnswer();
    curves.answer(study.settingOf({ name: 'as it is', changes: [] }).setting, answer);
    for (const { values, today, diskReads } of found.sensitivities) {
      const at = values.indexOf(today);
      expect(at).toBeGreaterThanOrEqual(0);
      expect([...diskReads.subarray(at * 3, at * 3 + 3)]).toEqual([...answer.misses]);
      expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
    }
  });

  it('never reads the disk more with a larger host', () => {
    const sizes = found.sensitivities.find(({ knob }) => knob.kind === 'host-size');
    const reads = sizes?.values.map((_, at) => sum(sizes.diskReads.subarray(at * 3, at * 3 + 3))) ?? [];
    expect(reads.length).toBeGreaterThan(10);
    expect(reads).toEqual([...reads].sort((a, b) => b - a));
  });

  it('maps two knobs so that a row is the other knob’s sensitivity', async () => {
    const across = { knob: { kind: 'weight', guestId: 3 } as const, values: [50, 100, 200] };
    const down = { knob: { kind: 'balloon-target', guestId: 2 } as const, values: [8_192, 11_264] };
    const { diskReads } = await heatMapOf(study, curves, { across, down });
    const alone = found.sensitivities.find(({ knob }) => knob.kind === 'weight' && knob.guestId === 3);
    // The second row is today's target of guest 2.
    across.values.forEach((value, column) => {
      const at = alone?.values.indexOf(value) ?? -1;
      expect(diskReads[3 + column]).toBeCloseTo(sum(alone?.diskReads.subarray(at * 3, at * 3 + 3) ?? []), 6);
    });
  });

  it('marks what the host would refuse', async () => {
    const across = { knob: { kind: 'balloon-target', guestId: 1 } as const, values: [0, 3_072] };
    const down = { knob: { kind: 'weight', guestId: 1 } as const, values: [100] };
    const { diskReads } = await heatMapOf(study, curves, { across, down });
    expect([...diskReads].map(Number.isNaN)).toEqual([true, false]);
  });

  it('uses up nothing that a better engine needs: its answer is the same as without', async () => {
    const request = {
      start: { config: await exampleConfig(), state: null },
      horizonMs: 60_000,
      alternatives: [{ name: 'as it is', changes: [] }],
      engine: 'distances' as const,
    };
    expect(await runStudy(request, {}, study)).toEqual(await runStudy(request));
  });
});
