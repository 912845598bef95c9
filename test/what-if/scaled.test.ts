import { describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import { Random } from '#main/host/random.ts';
import { runFull } from '#main/what-if/full.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { sampleRecording } from '#main/what-if/sampled-recording.ts';
import { runScaled } from '#main/what-if/scaled.ts';
import { Slices } from '#main/what-if/slices.ts';
import { randomChanges, randomConfig } from './random-study.ts';

const POLICIES = ['fifo', 'xen-shipped', 'xen-documented', 'max-over-share'] as const;

describe('the scaled engine', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'is a full run where every page is in the sample, under any policy, seed %i',
    async (seed) => {
      const config = { ...randomConfig(seed), policy: POLICIES[seed % 4] ?? 'fifo', idleTaxPermille: 0 };
      const random = new Random(seed, 17);
      const changes = randomChanges(random, config, POLICIES);
      const study = new PreparedStudy({ config, state: null }, 1 + random.below(15_000));
      const named = study.settingOf({ name: 'all', changes });
      const sample = await sampleRecording(await study.recording(), study.parts, { rate: 1 });
      const found = await runScaled(sample, study.parts, config, named, new Slices());
      const exact = await runFull(study.start, study.parts, named, study.horizonMs, new Slices());
      expect(found.guests).toEqual(exact.guests);
      expect(found.host).toEqual(exact.host);
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('goes on from any state at the end of a host second, seed %i', async (seed) => {
    const config = randomConfig(seed);
    const host = new Host(config);
    host.runTo(6_000);
    const study = new PreparedStudy({ config, state: host.snapshot() }, 9_500);
    const named = study.settingOf({ name: 'as it is', changes: [] });
    const sample = await sampleRecording(await study.recording(), study.parts, { rate: 1 });
    const found = await runScaled(sample, study.parts, config, named, new Slices());
    const exact = await runFull(study.start, study.parts, named, study.horizonMs, new Slices());
    expect(found.guests).toEqual(exact.guests);
  });
});
