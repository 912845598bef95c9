import { beforeAll, describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { Random } from '#main/host/random.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import { runDistances } from '#main/what-if/distances.ts';
import { runFull } from '#main/what-if/full.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { SAMPLED_PAGES_LEAST, sampleRecording } from '#main/what-if/sampled-recording.ts';
import { runScaled } from '#main/what-if/scaled.ts';
import { Slices } from '#main/what-if/slices.ts';
import type { AlternativeOutcome, StudyChange } from '#main/what-if/study.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { exampleConfig } from '../host/example-config.ts';
import { errorStudy, ErrorTable, zipfReferences } from '../what-if/error-studies.ts';
import { mixedReferences } from '../what-if/random-study.ts';

const RATE = 0.1;
const SALTS = [1, 2, 3];

let real: readonly CompactTrace[] = [];
beforeAll(async () => {
  real = await Promise.all(['cc', 'search', 'db'].map((name) => readTrace(`resources/traces/filemap-${name}.txt.gz`)));
});

const log = (line: string): void => void process.stdout.write(`${line}\n`);

function largeTrace(pages: readonly number[], distinctPages: number): CompactTrace {
  return {
    pages: Int32Array.from(pages),
    timesUs: null,
    writes: null,
    tenants: null,
    distinctPages,
    fileOfPage: new Int32Array(distinctPages),
    indexOfPage: Uint32Array.from({ length: distinctPages }, (_, page) => page),
    fileNames: ['file'],
  };
}

/** Four guests with so many pages that a tenth of them is enough for a sample. */
function largeConfig(seed: number, kind: 'zipf' | 'mixed'): HostConfig {
  const random = new Random(seed, 41);
  const guests = Array.from({ length: 4 }, (_, place) => {
    const distinct = 40_000 + random.below(40_000);
    const pages =
      kind === 'zipf'
        ? zipfReferences(random, distinct, 600_000, 0.6 + random.below(60) / 100)
        : mixedReferences(random, distinct, 600_000);
    return {
      id: place + 1,
      name: `g${place + 1}`,
      trace: largeTrace(pages, distinct),
      pace: {
        phases: [{ ms: 60_000, accessesPerS: 6_000 + random.below(8_000) }],
        gapJitterPermille: 500,
        lengthJitterPermille: 200,
        startMs: 0,
      },
      ramPages: 3_000 + random.below(10_000),
      minPages: 1_000,
      maxPages: 1_000_000,
      weight: 50 + random.below(300),
    };
  });
  const ram = guests.reduce((sum, guest) => sum + guest.ramPages, 0);
  return {
    seed,
    totalPages: 1_000 + ram + 20_000 + random.below(80_000),
    reservedPages: 1_000,
    policy: 'max-over-share',
    idleTaxPermille: 0,
    idleTaxWindowS: 10,
    balloonPagesPerS: 512,
    guests,
  };
}

function largeSettings(study: PreparedStudy, count: number) {
  const random = new Random(study.config.seed, 43);
  return Array.from({ length: count }, (_, at) => {
    const changes: StudyChange[] = [{ kind: 'weight', guestId: 1 + (at % 4), value: 20 + random.below(900) }];
    if (at % 3 === 1) changes.push({ kind: 'pool-limit', pages: 10_000 + random.below(60_000) });
    if (at % 5 === 4) changes.push({ kind: 'idle-tax', permille: 750 });
    return study.settingOf({ name: `a${at}`, changes });
  });
}

describe('the errors of the scaled engine', () => {
  it.each(['zipf', 'mixed'] as const)(
    'are within .01 at a tenth of the pages in 95 of 100 cases, and stated: %s',
    async (kind) => {
      const table = new ErrorTable();
      for (let seed = 10; seed < 14; seed++) {
        const config = largeConfig(seed, kind);
        const host = new Host(config);
        const study = new PreparedStudy({ config, state: host.snapshot() }, 40_000);
        const settings = largeSettings(study, 5);
        const tape = await study.tape(settings.map(({ setting }) => setting));
        const truth: AlternativeOutcome[] = [];
        for (const named of settings) truth.push(await runDistances(tape, study.parts, config, named, new Slices()));
        for (const salt of SALTS) {
          const sample = await sampleRecording(await study.recording(), study.parts, { rate: RATE, salt });
          expect(sample.sampledPages).toBeGreaterThanOrEqual(SAMPLED_PAGES_LEAST);
          const found: AlternativeOutcome[] = [];
          for (const named of settings) found.push(await runScaled(sample, study.parts, config, named, new Slices()));
          table.add(found, truth);
        }
      }
      log(table.line(`scaled at ${RATE}, ${kind}`));
      expect(ErrorTable.quantile(table.true, 0.95)).toBeLessThanOrEqual(0.01);
      expect(table.covered).toBeGreaterThanOrEqual(0.95);
      // Errors of one normal distribution would come to three times; these differ from guest to guest, and by the samples that
      // chance takes: 2.4 to 3.7 times were seen of the mixed traces, 3.6 to 4.3 of those of Zipf.
      const sharpness = ErrorTable.quantile(table.stated, 0.5) / ErrorTable.quantile(table.true, 0.5);
      expect(sharpness).toBeLessThanOrEqual(kind === 'zipf' ? 5 : 4);
      expect(table.ordered).toBe(table.pairs);
    },
  );

  it('are avoided on the small real traces: the sample is raised, or all pages are taken', async () => {
    const config = await exampleConfig();
    const study = new PreparedStudy({ config, state: null }, 60_000);
    const named = study.settingOf({ name: 'fifo', changes: [{ kind: 'policy', policy: 'fifo' }] });
    const exact = await runFull(study.start, study.parts, named, 60_000, new Slices());
    const table = new ErrorTable();
    const fixed = new ErrorTable();
    for (const salt of SALTS) {
      const sample = await study.sample(RATE, new Slices(), salt);
      expect(sample.rate).toBeGreaterThan(RATE);
      expect(sample.sampledPages).toBeGreaterThanOrEqual(SAMPLED_PAGES_LEAST);
      table.add([await runScaled(sample, study.parts, config, named, new Slices())], [exact]);
      const tenth = await sampleRecording(await study.recording(), study.parts, { rate: RATE, salt });
      const found = await runScaled(tenth, study.parts, config, named, new Slices());
      expect(found.assumptions[0]?.held).toBe(false);
      fixed.add([found], [exact]);
    }
    log(table.line('scaled, raised, real traces'));
    log(fixed.line('scaled at .1, real traces'));
    expect(Math.max(...table.true)).toBeLessThan(Math.max(...fixed.true));
  });
});

describe('the errors of the curves', () => {
  it('cover the truth over many hosts, settings and traces, and keep the order of alternatives', async () => {
    const table = new ErrorTable();
    for (let seed = 200; seed < 280; seed++) {
      const { study, settings } = errorStudy(seed, real);
      const tape = await study.tape(settings.map(({ setting }) => setting));
      const curves = await study.curves();
      const truth: AlternativeOutcome[] = [];
      for (const named of settings)
        truth.push(await runDistances(tape, study.parts, study.config, named, new Slices()));
      table.add(
        settings.map((named) => curves.outcome(named)),
        truth,
      );
    }
    log(table.line('curves'));
    expect(table.covered).toBeGreaterThanOrEqual(0.95);
    // Half of the answers are right to some references of a hundred thousand.
    expect(ErrorTable.quantile(table.stated, 0.5)).toBeLessThanOrEqual(0.0001);
    expect(ErrorTable.quantile(table.stated, 0.9)).toBeLessThanOrEqual(3 * ErrorTable.quantile(table.true, 0.95));
    expect(table.ordered).toBe(table.pairs);
  });
});
