import { describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import { Random } from '#main/host/random.ts';
import { GUEST, GUEST_WIDTH } from '#main/host/sample-columns.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import type { Alternative } from '#main/what-if/study.ts';
import { StudyError } from '#main/what-if/study-error.ts';
import { smallConfig } from '../host/small-config.ts';
import { randomConfig, randomStart } from './random-study.ts';

const asItIs: Alternative = { name: 'as it is', changes: [] };

describe('a full run', () => {
  it.each([1, 2, 3, 4, 5, 6])('without a change is what the undisturbed host does, seed %i', async (seed) => {
    const config = randomConfig(seed);
    const { state } = randomStart(config, new Random(seed, 5));
    const start = { config, state: state ?? new Host(config).snapshot() };
    const horizonMs = 7_000 + 137 * seed;
    const [outcome] = (await runStudy({ start, horizonMs, alternatives: [asItIs], engine: 'full' })).alternatives;
    const host = new Host(config);
    host.restore(start.state);
    const before = countsIn(host, config.guests.length);
    const fromSecond = Math.floor(host.hostMs / 1000);
    host.runTo(host.hostMs + horizonMs);
    const batch = host.takeSamples();
    const within = countsIn(host, config.guests.length);
    config.guests.forEach((_, guest) => {
      let [reads, accesses] = [0, 0];
      for (let second = 0; second < batch.seconds; second++) {
        const row = (second * config.guests.length + guest) * GUEST_WIDTH;
        reads += batch.guests[row + GUEST.diskReads] ?? NaN;
        accesses += batch.guests[row + GUEST.accesses] ?? NaN;
      }
      reads += (within[guest]?.diskReads ?? NaN) - (before[guest]?.diskReads ?? NaN);
      accesses += (within[guest]?.accesses ?? NaN) - (before[guest]?.accesses ?? NaN);
      expect(outcome?.guests[guest]).toMatchObject({ accesses, diskReads: reads, error: 0 });
    });
    expect(outcome?.overTime).toMatchObject({ firstSecond: fromSecond, seconds: batch.seconds });
    expect(outcome?.host.evictions).toBeGreaterThanOrEqual(0);
  });

  it('counts the same whether it is run at once or in two halves', async () => {
    const config = smallConfig();
    const whole = await runStudy({
      start: { config, state: null },
      horizonMs: 20_000,
      alternatives: [asItIs],
      engine: 'full',
    });
    const host = new Host(config);
    host.runTo(7_350);
    const halves = await Promise.all([
      runStudy({ start: { config, state: null }, horizonMs: 7_350, alternatives: [asItIs], engine: 'full' }),
      runStudy({
        start: { config, state: host.snapshot() },
        horizonMs: 12_650,
        alternatives: [asItIs],
        engine: 'full',
      }),
    ]);
    const sum = (column: 'accesses' | 'diskReads' | 'evictions'): number =>
      halves.reduce((total, half) => total + (half.alternatives[0]?.host[column] ?? NaN), 0);
    const all = whole.alternatives[0]?.host;
    expect([sum('accesses'), sum('diskReads'), sum('evictions')]).toEqual([
      all?.accesses,
      all?.diskReads,
      all?.evictions,
    ]);
  });

  it('does not touch the state it starts from', async () => {
    const config = smallConfig();
    const host = new Host(config);
    host.runTo(4_000);
    const state = host.snapshot();
    const changes = [
      { kind: 'weight', guestId: 1, value: 900 } as const,
      { kind: 'remove-guest', guestId: 2 } as const,
    ];
    const start = { config, state };
    await runStudy({ start, horizonMs: 3_000, alternatives: [{ name: 'other', changes }], engine: 'full' });
    expect(state).toEqual(host.snapshot());
  });

  it('ends within moments of being cancelled, and tells how far it is', async () => {
    const config = randomConfig(4);
    const cancel = new AbortController();
    const told: number[] = [];
    const running = runStudy(
      { start: { config, state: null }, horizonMs: 80_000_000, alternatives: [asItIs], engine: 'full' },
      {
        signal: cancel.signal,
        onProgress: (done) => {
          told.push(done);
          if (told.length === 3) cancel.abort();
        },
      },
    );
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(told).toHaveLength(3);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });
});

describe('a study', () => {
  const config = smallConfig();
  const ask = (changes: Alternative['changes'], horizonMs = 1_000) =>
    runStudy({
      start: { config, state: null },
      horizonMs,
      alternatives: [{ name: 'mine', changes }],
      engine: 'auto',
    });

  it.each<[Alternative['changes'], string]>([
    [[{ kind: 'weight', guestId: 7, value: 1 }], 'In the alternative "mine": there is no guest 7'],
    [[{ kind: 'weight', guestId: 1, value: 65_536 }], 'the weight 65536 is not a whole number from 0 to 65535'],
    [[{ kind: 'balloon-target', guestId: 1, pages: 9 }], 'the balloon target 9 is not a whole number from 10 to 120'],
    [[{ kind: 'idle-tax', permille: 1_000 }], 'the idle tax in thousandths 1000'],
    [[{ kind: 'pool-limit', pages: 0.5 }], 'the pool limit 0.5'],
    [[{ kind: 'host-size', pages: 129 }], 'too small for its reserve and the guests'],
  ])('refuses %j', async (changes, sentence) => {
    const asked = ask(changes);
    await expect(asked).rejects.toBeInstanceOf(StudyError);
    await expect(asked).rejects.toThrow(sentence);
  });

  it('refuses an empty horizon, no alternatives, and two of one name', async () => {
    await expect(ask([], 0)).rejects.toThrow('A horizon of 0 ms');
    const start = { config, state: null };
    await expect(runStudy({ start, horizonMs: 1, alternatives: [], engine: 'auto' })).rejects.toThrow('1 to 8');
    const twice: Alternative[] = [asItIs, { name: 'as it is', changes: [{ kind: 'idle-tax', permille: 0 }] }];
    await expect(runStudy({ start, horizonMs: 1, alternatives: twice, engine: 'auto' })).rejects.toThrow('"as it is"');
  });

  it('is answered by the cheapest engine that is exact', async () => {
    const alternatives: Alternative[] = [asItIs, { name: 'fifo', changes: [{ kind: 'policy', policy: 'fifo' }] }];
    const start = { config, state: null };
    const auto = await runStudy({ start, horizonMs: 30_000, alternatives, engine: 'auto' });
    expect(auto.alternatives.map(({ engine }) => engine)).toEqual(['distances', 'full']);
    const full = await runStudy({ start, horizonMs: 30_000, alternatives, engine: 'full' });
    expect(auto.alternatives.map(({ guests }) => guests)).toEqual(full.alternatives.map(({ guests }) => guests));
  });
});

describe('a study of more accesses than can be recorded', () => {
  const config = smallConfig();
  const busy = config.guests.map((guest) => ({
    ...guest,
    pace: { ...guest.pace, phases: [{ ms: 1_000, accessesPerS: 10_000_000 }] },
  }));
  const start = { config: { ...config, guests: busy }, state: null };

  it('is left to full runs, and refused by the others before the memory is full', async () => {
    const cancel = new AbortController();
    const asked = { start, horizonMs: 80_000_000, alternatives: [asItIs] };
    const auto = runStudy({ ...asked, engine: 'auto' }, { signal: cancel.signal, onProgress: () => cancel.abort() });
    await expect(auto).rejects.toMatchObject({ code: 'cancelled' });
    await expect(runStudy({ ...asked, engine: 'distances' })).rejects.toThrow('too many to be recorded');
  });
});

/** What each guest has counted in the second under way. */
function countsIn(host: Host, guests: number): { readonly diskReads: number; readonly accesses: number }[] {
  const found = host.snapshot().filter(({ name }) => name === 'guest counts');
  expect(found).toHaveLength(guests);
  return found.map(({ values }) => ({
    diskReads: values[GUEST.diskReads] ?? NaN,
    accesses: values[GUEST.accesses] ?? NaN,
  }));
}
