import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PolicyRun } from '#main/host/replay/policy-run.ts';
import { replayPool } from '#main/host/replay/pool-replay.ts';
import { buildTape } from '#main/host/replay/tape.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import { POLICY_NAMES } from '#main/host/tmem/policies/index.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { compactTrace } from './compact.ts';
import { plainReplay } from './reference.ts';
import { checkAgainstReference } from './properties.ts';

const root = join(import.meta.dirname, '../../..');

describe('a replay of the three real traces', () => {
  const traces: CompactTrace[] = [];
  beforeAll(async () => {
    for (const name of ['cc', 'search', 'db']) {
      traces.push(await readTrace(join(root, `resources/traces/filemap-${name}.txt.gz`)));
    }
  });
  const run = (policy: (typeof POLICY_NAMES)[number], idleTaxPermille = 0) => {
    const tape = buildTape(
      traces.map((trace) => ({ trace, ramPages: 4000 })),
      'round-robin',
    );
    return replayPool(tape, [{ policy, poolPages: 8000, weights: [100, 100, 100], idleTaxPermille }]).flat();
  };

  it.each(POLICY_NAMES)('gives the published numbers under %s', (policy) => {
    const file = join(import.meta.dirname, `replay-example.${policy}.out.json`);
    const published = JSON.parse(readFileSync(file, 'utf8')) as {
      guests: ({ name: string } & Record<string, number>)[];
    };
    const names = published.guests.map(({ name }) => name);
    expect(run(policy).map((outcome, guest) => ({ name: names[guest], ...outcome }))).toEqual(published.guests);
  });

  it('frees the pages of guests that have ended once idle memory is taxed', () => {
    const [untaxed] = run('max-over-share');
    const [taxed] = run('max-over-share', 750);
    expect(untaxed?.diskReads).toBe(209_776);
    // With the dead pages freed from the start the build would read its 8,293 pages once and the rest at most 22,395 times.
    expect(taxed?.diskReads).toBeLessThanOrEqual(22_395);
  });
});

describe('a replay of any scenario', () => {
  it('equals the plain reference, whatever plays it', () => {
    checkAgainstReference({ numRuns: 300 });
  });

  it('gives one answer a setting, the same alone and with 39 others', () => {
    const trace = compactTrace(Array.from({ length: 3000 }, (_, i) => (i * i) % 211));
    const tape = buildTape([{ trace, ramPages: 10 }, { trace, ramPages: 0 }], 'round-robin'); // prettier-ignore
    const settings = Array.from({ length: 40 }, (_, i) => ({
      policy: POLICY_NAMES[i % 4] ?? 'fifo',
      poolPages: 20 + 5 * i,
      weights: [100, 10 * i],
      idleTaxPermille: i % 8 === 3 ? 500 : 0,
    }));
    const together = replayPool(tape, settings);
    settings.forEach((setting, i) => expect(together[i]).toEqual(replayPool(tape, [setting])[0]));
    expect(new Set(together.map((outcome) => JSON.stringify(outcome))).size).toBeGreaterThan(20);
  });

  it('lets a guest without RAM of its own live from the pool alone', () => {
    const trace = compactTrace([1, 2, 1, 2, 3, 1]);
    const tape = buildTape([{ trace, ramPages: 0 }], 'round-robin');
    const [outcome] = replayPool(tape, [{ policy: 'fifo', poolPages: 2, weights: [0] }]).flat();
    // 1, 2 are read and put; 1, 2 come back; 3 evicts 1, which is read again in place of 2.
    expect(outcome).toEqual({
      accesses: 6,
      cacheHits: 0,
      precacheHits: 2,
      diskReads: 4,
      puts: 6,
      evictedBySelf: 2,
      evictedByOthers: 0,
      residentPages: 2,
    });
  });

  it.each(POLICY_NAMES)('stores and evicts nothing in a pool of no pages under %s', (policy) => {
    const trace = compactTrace([1, 2, 3, 1, 2, 3]);
    const tape = buildTape([{ trace, ramPages: 1 }, { trace, ramPages: 0 }], 'round-robin'); // prettier-ignore
    for (const outcome of replayPool(tape, [{ policy, poolPages: 0, weights: [5, 5], idleTaxPermille: 500 }]).flat()) {
      expect(outcome).toMatchObject({
        diskReads: 6,
        precacheHits: 0,
        evictedBySelf: 0,
        evictedByOthers: 0,
        residentPages: 0,
      });
    }
  });

  it('takes accesses by time, ties in guest order', () => {
    const early = compactTrace([1, 2], [0, 5]);
    const late = compactTrace([7, 8, 9], [0, 5, 6]);
    const tape = buildTape([early, late].map((trace) => ({ trace, ramPages: 0 })), 'time'); // prettier-ignore
    expect([...tape.guestOf]).toEqual([0, 1, 0, 1, 1]);
  });

  it('goes on in turn with the guests that are not at their end', () => {
    const traces = [compactTrace([1]), compactTrace([1, 2, 3]), compactTrace([]), compactTrace([1, 2])];
    const tape = buildTape(traces.map((trace) => ({ trace, ramPages: 0 })), 'round-robin'); // prettier-ignore
    expect([...tape.guestOf]).toEqual([0, 1, 3, 1, 3, 1]);
  });

  it('refuses to order traces by times that they have not', () => {
    const trace = compactTrace([1, 2]);
    expect(() => buildTape([{ trace, ramPages: 0 }], 'time')).toThrow('without times');
  });
});

describe('a replay of 64 guests', () => {
  it('equals the plain reference', () => {
    const guests = Array.from({ length: 64 }, (_, guest) => ({
      pages: Array.from({ length: 60 }, (__, i) => ((guest + 3) * i * i) % (10 + guest)),
      timesUs: Array.from({ length: 60 }, (__, i) => i * (40_000 + 977 * guest)),
      ramPages: guest % 5,
      weight: guest % 7 === 0 ? 0 : 10 * guest,
    }));
    const traces = guests.map(({ pages, timesUs }) => compactTrace(pages, timesUs));
    for (const policy of POLICY_NAMES) {
      for (const idleTaxPermille of [0, 750]) {
        const tape = buildTape(guests.map(({ ramPages }, i) => ({ trace: traces[i] ?? compactTrace([]), ramPages })), 'time'); // prettier-ignore
        const setting = { policy, poolPages: 500, weights: guests.map(({ weight }) => weight), idleTaxPermille };
        const plain = plainReplay({
          guests,
          poolPages: 500,
          policy,
          interleave: 'time',
          idleTax: idleTaxPermille / 1000,
        });
        expect(replayPool(tape, [setting])).toEqual([plain]);
        expect(replayPool(tape, [setting], (...parts) => new PolicyRun(...parts))).toEqual([plain]);
      }
    }
  });
});
