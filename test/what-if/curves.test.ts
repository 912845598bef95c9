import { describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { Random } from '#main/host/random.ts';
import { curveOfPages } from '#main/what-if/miss-curve.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import { fillShares } from '#main/what-if/shares.ts';
import type { StudyChange } from '#main/what-if/study.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { exampleConfig } from '../host/example-config.ts';
import { errorStudy, ErrorTable, zipfReferences } from './error-studies.ts';
import { mixedReferences, randomConfig } from './random-study.ts';
import { runDistances } from '#main/what-if/distances.ts';
import { Slices } from '#main/what-if/slices.ts';
import { traceOf } from '../host/trace-of.ts';
import { replaySingleCache } from '#main/host/replay/single-cache.ts';

/** The host with one of its guests only. */
function alone(config: HostConfig, place: number): HostConfig {
  const guest = config.guests[place];
  if (guest === undefined) throw new Error(`There is no guest ${place}.`);
  return { ...config, guests: [{ ...guest, id: 1 }] };
}

/** Disk reads of each guest by an engine. */
async function reads(
  config: HostConfig,
  atMs: number,
  horizonMs: number,
  changes: readonly StudyChange[],
  engine: 'curves' | 'full',
): Promise<Readonly<Record<'reads' | 'errors' | 'accesses', number[]>>> {
  const host = new Host(config);
  host.runTo(atMs);
  const start = { config, state: host.snapshot() };
  const result = await runStudy({ start, horizonMs, alternatives: [{ name: 'it', changes }], engine });
  const guests = result.alternatives[0]?.guests ?? [];
  return {
    reads: guests.map(({ diskReads }) => diskReads),
    errors: guests.map(({ error }) => error),
    accesses: guests.map(({ accesses }) => accesses),
  };
}

describe('curves for one LRU guest', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))('equal the full run to the digit, seed %i', async (seed) => {
    const random = new Random(seed, 31);
    const config = alone(randomConfig(seed), 0);
    const changes: StudyChange[][] = [
      [],
      [{ kind: 'host-size', pages: config.totalPages + random.below(300) }],
      [{ kind: 'balloon-target', guestId: 1, pages: 5 + random.below(100) }],
      [{ kind: 'pool-limit', pages: random.below(200) }],
    ];
    const atMs = random.below(2) * random.below(9_000);
    for (const change of changes) {
      const found = await reads(config, atMs, 15_000, change, 'curves');
      const truth = await reads(config, atMs, 15_000, change, 'full');
      if (change[0]?.kind === 'balloon-target') {
        // While a balloon moves R + C is short of some pages for moments, so this answer is no exact one, and says so.
        const off = Math.abs((found.reads[0] ?? NaN) - (truth.reads[0] ?? NaN));
        expect(off / (truth.accesses[0] ?? NaN)).toBeLessThanOrEqual(found.errors[0] ?? NaN);
        continue;
      }
      expect(found.errors, JSON.stringify(change)).toEqual([0]);
      expect(found.reads, JSON.stringify(change)).toEqual(truth.reads);
    }
  });

  it('equal the full run to the digit on each real trace', async () => {
    const config = await exampleConfig();
    for (const [place, guest] of config.guests.entries()) {
      for (const share of [0, 1_000, 6_000]) {
        const pages = config.reservedPages + guest.ramPages + share;
        const changes: StudyChange[] = [{ kind: 'host-size', pages }];
        const found = await reads(alone(config, place), 20_000, 40_000, changes, 'curves');
        expect(found.reads).toEqual((await reads(alone(config, place), 20_000, 40_000, changes, 'full')).reads);
      }
    }
  });
});

describe('curves for a static partition', () => {
  it('equal hosts of one guest each, whatever the sizes', async () => {
    const config = await exampleConfig();
    const study = new PreparedStudy({ config, state: null }, 40_000);
    const { curves } = await study.curves();
    for (const [place, guest] of config.guests.entries()) {
      for (const share of [0, 777, 9_000]) {
        // The guest keeps its id, so its references are those of the host of three.
        const own = { ...config, totalPages: config.reservedPages + guest.ramPages + share, guests: [guest] };
        const [exact] = (
          await runStudy({
            start: { config: own, state: null },
            horizonMs: 40_000,
            alternatives: [{ name: 'own', changes: [] }],
            engine: 'full',
          })
        ).alternatives;
        expect(curves[place]?.misses(guest.ramPages + share)).toBe(exact?.guests[0]?.diskReads);
      }
    }
  });
});

describe('curves for several guests', () => {
  it.each([1, 2, 3])('lie between LRU(R + C max) and LRU(R + C min) of the shares held, seed %i', async (seed) => {
    const example = await exampleConfig();
    const config = { ...example, seed, idleTaxPermille: 0 };
    const host = new Host(config);
    host.runTo(90_000);
    const study = new PreparedStudy({ config, state: host.snapshot() }, 60_000);
    const named = study.settingOf({ name: 'as it is', changes: [] });
    const tape = await study.tape([named.setting]);
    const exact = await runDistances(tape, study.parts, config, named, new Slices());
    const { curves } = await study.curves();
    const over = exact.overTime;
    config.guests.forEach((guest, place) => {
      const held = Array.from(
        { length: over?.seconds ?? 0 },
        (_, second) => over?.ephemeralPages[second * 3 + place] ?? NaN,
      );
      const found = exact.guests[place]?.diskReads ?? NaN;
      // Samples are taken once a second; a share sways by a page within it.
      expect(found).toBeGreaterThanOrEqual(curves[place]?.misses(guest.ramPages + Math.max(...held) + 2) ?? NaN);
      expect(found).toBeLessThanOrEqual(curves[place]?.misses(guest.ramPages + Math.min(...held) - 2) ?? NaN);
    });
  });

  it('state errors that cover the truth, and keep the order of alternatives', async () => {
    const real = await Promise.all(
      ['cc', 'search', 'db'].map((name) => readTrace(`resources/traces/filemap-${name}.txt.gz`)),
    );
    const table = new ErrorTable();
    for (let seed = 100; seed < 108; seed++) {
      const { study, settings } = errorStudy(seed, real);
      const tape = await study.tape(settings.map(({ setting }) => setting));
      const curves = await study.curves();
      const truth = [];
      for (const named of settings)
        truth.push(await runDistances(tape, study.parts, study.config, named, new Slices()));
      table.add(
        settings.map((named) => curves.outcome(named)),
        truth,
      );
    }
    expect(table.covered, table.line('curves')).toBeGreaterThanOrEqual(0.93);
    expect(ErrorTable.quantile(table.stated, 0.5)).toBeLessThanOrEqual(0.02);
    expect(table.ordered / table.pairs).toBeGreaterThanOrEqual(0.99);
  });
});

describe('the shares of a pool', () => {
  const shares = (poolPages: number, weights: number[], demands: number[], used?: number[], idleTaxPermille = 0) => {
    const into = new Float64Array(weights.length);
    const usedPages = used ?? weights.map(() => Infinity);
    fillShares({ poolPages, weights, demands, usedPages, idleTaxPermille }, into);
    return Array.from(into, (share) => Math.round(share));
  };

  it('go by weight, and what a guest cannot use goes to the others by theirs', () => {
    expect(shares(1_000, [1, 3], [9e9, 9e9])).toEqual([250, 750]);
    expect(shares(1_000, [1, 3, 1], [9e9, 300, 9e9])).toEqual([350, 300, 350]);
    expect(shares(1_000, [1, 3], [100, 200])).toEqual([100, 200]);
    expect(shares(0, [1, 3], [100, 200])).toEqual([0, 0]);
  });
  it('leave guests of weight 0 what the others do not want, unless all have none', () => {
    expect(shares(1_000, [0, 5], [9e9, 9e9])).toEqual([0, 1_000]);
    expect(shares(1_000, [0, 5, 0], [9e9, 400, 9e9])).toEqual([300, 400, 300]);
    expect(shares(1_000, [0, 0], [9e9, 9e9])).toEqual([500, 500]);
  });
  it('tax pages that are not used: an idle guest has a quarter of an equal one at 75 %', () => {
    expect(shares(1_000, [1, 1], [9e9, 9e9], [0, 9e9], 750)).toEqual([200, 800]);
  });
});

describe('a miss curve', () => {
  it('from a sample of the pages is near the exact one', () => {
    const pages = Int32Array.from(zipfReferences(new Random(1, 1), 60_000, 400_000, 0.8));
    const exact = curveOfPages(pages, 60_000);
    const errors: number[] = [];
    for (const salt of [1, 2, 3]) {
      const sampled = curveOfPages(pages, 60_000, 0.2, salt);
      for (const size of [500, 2_000, 8_000, 20_000, 50_000]) {
        errors.push(Math.abs(sampled.misses(size) - exact.misses(size)) / pages.length);
      }
    }
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.01);
  });
  it('is exact from all pages', () => {
    const references = Int32Array.from(mixedReferences(new Random(2, 2), 700, 20_000));
    const { distinctPages } = traceOf(Array.from(references));
    const sizes = [0, 1, 10, 333, 700, 9_999];
    const curve = curveOfPages(references, distinctPages);
    expect(sizes.map((size) => curve.misses(size))).toEqual(replaySingleCache('lru', references, distinctPages, sizes));
  });
});
