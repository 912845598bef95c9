import { describe, expect, it } from 'vitest';
import { Random } from '#main/host/random.ts';
import { runDistances } from '#main/what-if/distances.ts';
import { runFull } from '#main/what-if/full.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { Slices } from '#main/what-if/slices.ts';
import { randomChanges, randomConfig, randomStart } from './random-study.ts';

describe('the distances engine', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))(
    'equals the full run in every number, seed %i',
    async (seed) => {
      const config = randomConfig(seed);
      const random = new Random(seed, 13);
      const study = new PreparedStudy(randomStart(config, random), 1 + random.below(20_000));
      const alternatives = Array.from({ length: 3 }, (_, at) => ({
        name: `a${at}`,
        changes: at === 0 ? [] : randomChanges(random, config, ['max-over-share']),
      }));
      const settings = alternatives.map((alternative) => study.settingOf(alternative));
      const tape = await study.tape(settings.map(({ setting }) => setting));
      for (const named of settings) {
        const exact = await runFull(study.start, study.parts, named, study.horizonMs, new Slices());
        const found = await runDistances(tape, study.parts, config, named, new Slices());
        if (named.setting.policy !== 'max-over-share') {
          expect(found.assumptions[0]?.held).toBe(false);
          continue;
        }
        const { engine: _full, assumptions: _none, ...numbers } = exact;
        const { engine, assumptions, ...others } = found;
        expect(engine).toBe('distances');
        expect(assumptions.every(({ held }) => held)).toBe(true);
        expect(others).toEqual(numbers);
      }
    },
  );
});
