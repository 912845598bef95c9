import { describe, expect, it } from 'vitest';
import { configDigestOf } from '#main/history/checkpoint-state.ts';
import { type GuestConfig, type HostConfig, NO_PACE } from '#main/host/host-config.ts';
import { Host } from '#main/host/host.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import { forecastFrom } from '#main/what-if/forecast.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import { Slices } from '#main/what-if/slices.ts';
import { traceOf } from '../host/trace-of.ts';

const LENGTH = 1_000;
/** Pages in no order, every third reference a write; a page holds one of nine contents, or one that nobody knows. */
const pages = Array.from({ length: LENGTH }, (_, at) => (at * at * 7 + at) % 211);
const known = {
  writes: Uint8Array.from(pages, (_, at) => (at % 3 === 1 ? 1 : 0)),
  contents: Int32Array.from(pages, (page, at) => (page + Math.floor(at / 100)) % 10),
  contentHashes: Uint32Array.from({ length: 18 }, (_, word) => Math.imul(word + 1, 0x9e37_79b1) >>> 0),
};

/** Two guests that play a trace once a second. */
function configOf(trace: CompactTrace): HostConfig {
  const guest = (id: number): GuestConfig => ({
    ...{ id, name: `guest-${id}`, trace, ramPages: 30 * id, minPages: 0, maxPages: 100, weight: 100 * id },
    pace: { ...NO_PACE, phases: [{ ms: 1_000, accessesPerS: LENGTH }] },
  });
  return {
    ...{ seed: 3, totalPages: 200, reservedPages: 10, policy: 'max-over-share', idleTaxPermille: 500 },
    ...{ idleTaxWindowS: 10, balloonPagesPerS: 100, guests: [guest(1), guest(2)] },
    content: { compressor: 'lz4', deduplicate: true },
  };
}
const config = configOf(traceOf(pages, known));
const alternatives = [
  { name: 'as it is', changes: [] },
  { name: 'heavier', changes: [{ kind: 'weight', guestId: 1, value: 900 } as const] },
];

describe('a study of guests that play traces with writes and contents', () => {
  it('goes by full runs, which do what the host does', async () => {
    const host = new Host(config);
    host.runTo(3_000);
    const start = { config, state: host.snapshot() };
    const { alternatives: outcomes } = await runStudy({ start, horizonMs: 4_000, alternatives, engine: 'auto' });
    expect(outcomes.map(({ engine }) => engine)).toEqual(['full', 'full']);
    const went = host.fork();
    const readsOf = (of: Host): number[] => of.readings().guests.map(({ diskReads }) => diskReads);
    const before = readsOf(host);
    went.runTo(7_000);
    expect(outcomes[0]?.guests.map(({ diskReads }) => diskReads)).toEqual(
      readsOf(went).map((reads, place) => reads - (before[place] ?? NaN)),
    );
    for (const engine of ['curves', 'distances', 'scaled'] as const) {
      await expect(runStudy({ start, horizonMs: 4_000, alternatives, engine })).rejects.toThrow(
        /some of this host write/,
      );
    }
  });

  it('forecasts by what was written and held, as it was seen', async () => {
    const host = new Host(config);
    host.runTo(2_000);
    const past = { state: host.snapshot(), commands: [] };
    host.runTo(6_000);
    const { config: made, state } = await forecastFrom(config, past, host.snapshot(), new Slices());
    const forecast = new Host(made);
    forecast.restore(state ?? []);
    // The trace begins again each second, so what was seen is what comes.
    for (let ms = 6_100; ms <= 10_000; ms += 100) {
      for (const one of [forecast, host]) one.runTo(ms);
      expect([ms, forecast.storedBytes]).toEqual([ms, host.storedBytes]);
    }
    const sum = ({ guests }: { guests: Float64Array }): number => guests.reduce((total, value) => total + value, 0);
    host.takeSamples();
    forecast.takeSamples();
    for (const one of [forecast, host]) one.runTo(13_000);
    expect(sum(forecast.takeSamples())).toBe(sum(host.takeSamples()));
  });
});

describe('a checkpoint', () => {
  it('belongs to one way of playing a trace: other writes or contents make another host', () => {
    const { writes, ...contents } = known;
    const digests = [known, { writes }, contents, {}, { ...known, contents: known.contents.toReversed() }].map((some) =>
      configDigestOf(configOf(traceOf(pages, some))),
    );
    expect(new Set(digests).size).toBe(digests.length);
  });
});
