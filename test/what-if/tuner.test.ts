import { beforeAll, describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import { Random } from '#main/host/random.ts';
import { runDistances } from '#main/what-if/distances.ts';
import { badnessOf, type Objective } from '#main/what-if/objectives.ts';
import { bestPartition } from '#main/what-if/partition.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import { Slices } from '#main/what-if/slices.ts';
import type { StudyStart } from '#main/what-if/study.ts';
import { tune } from '#main/what-if/tuner.ts';
import { exampleConfig } from '../host/example-config.ts';
import { randomConfig } from './random-study.ts';

const WEIGHTS = [10, 25, 50, 75, 100, 150, 200, 300, 500, 1_000];
const throughput: Objective = { kind: 'throughput', importance: new Map() };

/** The least badness of all combinations of weights, each simulated exactly. */
async function enumerated(start: StudyStart, horizonMs: number, objective: Objective, weights: readonly number[]) {
  const study = new PreparedStudy(start, horizonMs);
  const today = study.settingOf({ name: 'today', changes: [] });
  const tape = await study.tape([today.setting]);
  const guests = start.config.guests.length;
  let least = Infinity;
  for (let number = 0; number < weights.length ** guests; number++) {
    const chosen = Array.from(
      { length: guests },
      (_, at) => weights[Math.floor(number / weights.length ** at) % weights.length] ?? 0,
    );
    const named = { name: '', setting: { ...today.setting, weights: chosen } };
    const outcome = await runDistances(tape, study.parts, start.config, named, new Slices());
    least = Math.min(least, badnessOf(objective, outcome.guests));
  }
  return least;
}

let real: StudyStart;
beforeAll(async () => {
  const config = { ...(await exampleConfig()), idleTaxPermille: 0 };
  const host = new Host(config);
  host.runTo(60_000);
  real = { config, state: host.snapshot() };
});

describe('the tuner', () => {
  it.each<[string, Objective]>([
    ['fewest disk reads', throughput],
    ['db counts five times', { kind: 'throughput', importance: new Map([[3, 5]]) }],
    ['the smallest worst ratio', { kind: 'worst-ratio' }],
  ])('finds the best of 10 weights for each of the three real traces: %s', async (_, objective) => {
    const found = await tune({ start: real, horizonMs: 10_000, objective, weights: WEIGHTS });
    const least = await enumerated(real, 10_000, objective, WEIGHTS);
    const today = badnessOf(objective, found.today.guests);
    expect(found.badness).toBe(Math.min(least, today));
    expect(found.simulated).toBeLessThan(found.estimated);
  });

  it.each([2, 5, 7, 11])('finds the best of 10 weights for each guest of a random host, seed %i', async (seed) => {
    const whole = randomConfig(seed);
    const config = { ...whole, guests: whole.guests.slice(0, 3) };
    const start = { config, state: null };
    const weights = [1, 20, 50, 80, 100, 140, 200, 300, 600, 900];
    const found = await tune({ start, horizonMs: 8_000, objective: throughput, weights });
    const least = await enumerated(start, 8_000, throughput, weights);
    expect(found.badness).toBe(Math.min(least, found.badnessToday));
  });

  it('recommends what a full run verifies, and carries its numbers', async () => {
    const found = await tune({ start: real, horizonMs: 20_000, objective: throughput, weights: null });
    expect(found.alreadyBest).toBe(false);
    expect(found.badness).toBeLessThan(found.badnessToday);
    const again = await runStudy({
      start: real,
      horizonMs: 20_000,
      alternatives: [{ name: 'recommended', changes: found.changes }],
      engine: 'full',
    });
    expect(found.recommended).toEqual(again.alternatives[0]);
    expect(found.recommended.engine).toBe('full');
  });

  it("says when today's setting is already best", async () => {
    const first = await tune({ start: real, horizonMs: 10_000, objective: throughput, weights: WEIGHTS });
    const host = new Host(real.config);
    host.restore(real.state ?? []);
    for (const change of first.changes) if (change.kind === 'weight') host.setWeight(change.guestId, change.value);
    const start = { config: real.config, state: host.snapshot() };
    const second = await tune({ start, horizonMs: 10_000, objective: throughput, weights: WEIGHTS });
    expect(second).toMatchObject({ alreadyBest: true, changes: [] });
    expect(second.recommended).toEqual(second.today);
  });

  it('meets targets with a smaller pool than there is, or says that it cannot', async () => {
    const objective: Objective = { kind: 'targets', readsPerAccess: new Map([[1, 0.05]]) };
    const found = await tune({ start: real, horizonMs: 30_000, objective, weights: null });
    expect(found.targetsMet).toBe(true);
    const build = found.recommended.guests[0];
    expect((build?.diskReads ?? NaN) / (build?.accesses ?? NaN)).toBeLessThanOrEqual(0.05);
    const limit = found.changes.find((change) => change.kind === 'pool-limit');
    expect(limit?.pages).toBeLessThan(12_288);
    const never: Objective = { kind: 'targets', readsPerAccess: new Map([[3, 0]]) };
    expect(await tune({ start: real, horizonMs: 5_000, objective: never, weights: null })).toMatchObject({
      targetsMet: false,
    });
  });

  it('searches by full runs alone where curves are blind, and never ends up worse than today', async () => {
    // Dirty pages and two-list caches: no curve sees them.
    const whole = await exampleConfig();
    const guests = whole.guests.map((guest) => ({ ...guest, kernel: { ...guest.kernel, cache: 'two-list' as const } }));
    const start = { config: { ...whole, guests, idleTaxPermille: 0 }, state: null };
    const study = new PreparedStudy(start, 2_000);
    expect(study.parts.isEstimable).toBe(false);
    const found = await tune({ start, horizonMs: 2_000, objective: throughput, weights: null });
    expect(found.estimated).toBe(0);
    expect(found.simulated).toBeGreaterThan(1);
    expect(found.badness).toBeLessThanOrEqual(found.badnessToday);
    const few = [50, 200];
    const all = await tune({ start, horizonMs: 2_000, objective: throughput, weights: few });
    let least = Infinity;
    for (const a of few)
      for (const b of few)
        for (const c of few) {
          const changes = [a, b, c].map((value, at) => ({ kind: 'weight' as const, guestId: at + 1, value }));
          const asked = { start, horizonMs: 2_000, alternatives: [{ name: 'x', changes }], engine: 'full' as const };
          least = Math.min(least, badnessOf(throughput, (await runStudy(asked)).alternatives[0]?.guests ?? []));
        }
    expect(all.badness).toBe(least);
  });

  it('leaves fixed weights alone, and makes no guest worse off than is allowed', async () => {
    const free = await tune({ start: real, horizonMs: 10_000, objective: throughput, weights: null });
    const asked = {
      start: real,
      horizonMs: 10_000,
      objective: throughput,
      weights: null,
      fixed: [3],
      worseAtMost: 0.001,
    };
    const found = await tune(asked);
    expect(found.changes.some((change) => change.kind === 'weight' && change.guestId === 3)).toBe(false);
    found.recommended.guests.forEach(({ accesses, diskReads }, place) => {
      const before = found.today.guests[place];
      expect(diskReads / accesses).toBeLessThanOrEqual((before?.diskReads ?? NaN) / (before?.accesses ?? NaN) + 0.001);
    });
    expect(found.badness).toBeGreaterThanOrEqual(free.badness);
  });

  it('refuses more combinations than it can look at', async () => {
    const weights = Array.from({ length: 17 }, (_, at) => at);
    const asked = tune({ start: real, horizonMs: 1_000, objective: throughput, weights });
    await expect(asked).rejects.toMatchObject({ code: 'bad-study' });
  });
});

describe('the best partition', () => {
  it.each([1, 2, 3, 4])('is that of all partitions, cliffs and all, seed %i', (seed) => {
    const random = new Random(seed, 1);
    const quanta = 12;
    const curves = Array.from({ length: 3 }, () =>
      Array.from({ length: quanta + 1 }, () => random.below(100)).sort((a, b) => b - a),
    );
    const costs = curves.map((curve) => (given: number) => curve[given] ?? NaN);
    for (const join of ['sum', 'max'] as const) {
      const costOf = (given: readonly number[]): number => {
        const each = given.map((quantum, guest) => costs[guest]?.(quantum) ?? NaN);
        return join === 'sum' ? each.reduce((sum, cost) => sum + cost, 0) : Math.max(...each);
      };
      let least = Infinity;
      for (let a = 0; a <= quanta; a++)
        for (let b = 0; a + b <= quanta; b++) least = Math.min(least, costOf([a, b, quanta - a - b]));
      const found = Array.from(bestPartition(costs, quanta, join));
      expect(found.reduce((sum, given) => sum + given, 0)).toBe(quanta);
      expect(costOf(found)).toBe(least);
    }
  });
});
