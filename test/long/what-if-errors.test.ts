import { beforeAll, describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import { runDistances } from '#main/what-if/distances.ts';
import { runFull } from '#main/what-if/full.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { SAMPLED_PAGES_LEAST, sampleRecording } from '#main/what-if/sampled-recording.ts';
import { runScaled } from '#main/what-if/scaled.ts';
import { Slices } from '#main/what-if/slices.ts';
import type { AlternativeOutcome } from '#main/what-if/study.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { exampleConfig } from '../host/example-config.ts';
import { errorStudy, ErrorTable } from '../what-if/error-studies.ts';
import { largeConfig, largeSettings } from '../what-if/large-studies.ts';

/** A cliff: a curve that falls by more than this part of the references where a share is a tenth more instead of a tenth less. */
const CLIFF = 0.05;
const CLIFF_RANGE = 0.1;
const RATE = 0.1;
const SALTS = [1, 2, 3];
/** More samples of each host, which tell how much they differ. */
const MANY_SALTS = Array.from({ length: 16 }, (_, at) => at + 1);

let real: readonly CompactTrace[] = [];
beforeAll(async () => {
  real = await Promise.all(['cc', 'search', 'db'].map((name) => readTrace(`resources/traces/filemap-${name}.txt.gz`)));
});

const log = (line: string): void => void process.stdout.write(`${line}\n`);

describe('the errors of the scaled engine', () => {
  it.each(['zipf', 'mixed'] as const)(
    'are within .01 at a tenth of the pages in 95 of 100 cases, and stated: %s',
    async (kind) => {
      const table = new ErrorTable();
      for (let seed = 50; seed < 54; seed++) {
        const config = largeConfig(seed, kind);
        const host = new Host(config);
        const study = new PreparedStudy({ config, state: host.snapshot() }, 40_000);
        const settings = largeSettings(study, 5);
        const tape = await study.tape(settings.map(({ setting }) => setting));
        const truth: AlternativeOutcome[] = [];
        for (const named of settings) truth.push(await runDistances(tape, study.parts, config, named, new Slices()));
        for (const salt of MANY_SALTS) {
          const sample = await sampleRecording(await study.recording(), study.parts, { rate: RATE, salt });
          expect(sample.sampledPages).toBeGreaterThanOrEqual(SAMPLED_PAGES_LEAST);
          const found: AlternativeOutcome[] = [];
          for (const named of settings) found.push(await runScaled(sample, study.parts, config, named, new Slices()));
          table.add(found, truth, `seed ${seed}`);
        }
      }
      log(table.line(`scaled at ${RATE}, ${kind}`));
      expect(ErrorTable.quantile(table.true, 0.95)).toBeLessThanOrEqual(0.01);
      expect(table.covered).toBeGreaterThanOrEqual(0.95);
      expect(table.hostCovered).toBeGreaterThanOrEqual(0.95);
      expect(table.ordered).toBe(table.pairs);
      // 3 is asked. Normal errors of one known deviation come to 2.9, those of guests with different ones to more even if each is
      // known: an oracle that knows them and states 1.96 of each has up to 3.6 here. Within a tenth of it is what can be had.
      log(
        `  median stated ${table.sharpness.toFixed(2)} times the median true error, that of an oracle ${table.oracle.toFixed(2)}; ` +
          `by deviations ${table.evenSharpness.toFixed(2)}`,
      );
      expect(table.sharpness).toBeLessThanOrEqual(Math.max(3, 1.1 * table.oracle));
    },
  );

  it('are avoided on the small real traces: all pages are taken', async () => {
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
    // Enough pages would be so many of them that a sample saves little, and all of them are exact.
    expect(Math.max(...table.true, ...table.stated)).toBe(0);
    log(fixed.line('scaled at .1, real traces'));
    expect(Math.max(...table.true)).toBeLessThan(Math.max(...fixed.true));
  });
});

describe('the errors of the curves', () => {
  it('cover the truth over many hosts, settings and traces, and keep the order of alternatives', async () => {
    const table = new ErrorTable();
    const flat = new ErrorTable();
    for (let seed = 200; seed < 280; seed++) {
      const { study, settings } = errorStudy(seed, real);
      const tape = await study.tape(settings.map(({ setting }) => setting));
      const curves = await study.curves();
      const truth: AlternativeOutcome[] = [];
      for (const named of settings)
        truth.push(await runDistances(tape, study.parts, study.config, named, new Slices()));
      const found = settings.map((named) => curves.outcome(named));
      table.add(found, truth);
      found.forEach((outcome, at) => {
        const guests = outcome.guests.filter((guest, place) => {
          const curve = curves.curves[place];
          const held = guest.meanRamPages + guest.meanEphemeralPages;
          const fall =
            (curve?.misses(held * (1 - CLIFF_RANGE)) ?? NaN) - (curve?.misses(held * (1 + CLIFF_RANGE)) ?? NaN);
          return fall <= CLIFF * guest.accesses;
        });
        const exact = truth[at];
        if (exact === undefined) return;
        const same = exact.guests.filter(({ guestId }) => guests.some((guest) => guest.guestId === guestId));
        flat.add([{ ...outcome, guests }], [{ ...exact, guests: same }]);
      });
    }
    log(table.line('curves'));
    log(
      `  without a cliff: ${flat.line('curves')}, worst true ${Math.max(...flat.true).toFixed(4)}, stated ${Math.max(...flat.stated).toFixed(4)}`,
    );
    expect(flat.true.length).toBeGreaterThan(table.true.length / 3);
    expect(ErrorTable.quantile(flat.stated, 0.95)).toBeLessThanOrEqual(0.02);
    expect(ErrorTable.quantile(flat.true, 0.95)).toBeLessThanOrEqual(0.02);
    expect(table.covered).toBeGreaterThanOrEqual(0.95);
    expect(table.hostCovered).toBeGreaterThanOrEqual(0.95);
    // Half of the answers are right to some references of a hundred thousand.
    expect(ErrorTable.quantile(table.stated, 0.5)).toBeLessThanOrEqual(0.0001);
    expect(ErrorTable.quantile(table.stated, 0.9)).toBeLessThanOrEqual(3 * ErrorTable.quantile(table.true, 0.95));
    expect(table.ordered).toBe(table.pairs);
  });
});
