import fc from 'fast-check';
import type { EvictionFilter, EvictionRow, RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { EVICTION_REASONS, POOL_KINDS } from '#contract/samples.ts';
import { HistoryAnswerer } from '#main/history/answerer.ts';
import { Random } from '#main/host/random.ts';
import { describe, expect, it } from 'vitest';
import type { KnownEviction } from './recording.ts';
import { Recording } from './recording.ts';
import { newRun, randomBatch } from './samples.ts';
import { openWriter, temporaryDatabase } from './support.ts';

const EVERYTHING: EvictionFilter = { range: null, victims: [], beneficiaries: [], reasons: [] };
const GUESTS = 4;

function ask<N extends 'history.evictions' | 'history.evictionSamples' | 'history.evictionSummary'>(
  answerer: HistoryAnswerer,
  name: N,
  argument: RequestArgument<N>,
): RequestAnswer<N> {
  const { reply } = answerer.answer(name, argument);
  if (!reply.ok) throw new Error(reply.failure.message);
  return reply.answer as RequestAnswer<N>;
}

/** Reads all pages one after the other; `between` runs after each. */
function readAll(
  answerer: HistoryAnswerer,
  filter: EvictionFilter,
  limit: number,
  between: () => void = () => undefined,
): EvictionRow[] {
  const rows: EvictionRow[] = [];
  for (;;) {
    const after = rows.at(-1)?.cursor ?? null;
    const page = ask(answerer, 'history.evictions', { filter, after, limit });
    rows.push(...page.rows);
    if (!page.more) return rows;
    expect(page.rows).toHaveLength(limit);
    between();
  }
}

const passes =
  ({ range, victims, beneficiaries, reasons, pools = [] }: EvictionFilter) =>
  (row: KnownEviction): boolean =>
    (range === null || (row.axisS >= range.fromS && row.axisS <= range.toS)) &&
    (victims.length === 0 || victims.includes(row.victimId)) &&
    (beneficiaries.length === 0 || beneficiaries.includes(row.beneficiaryId)) &&
    (reasons.length === 0 || reasons.includes(EVICTION_REASONS[row.reason] ?? 'put')) &&
    (pools.length === 0 || pools.includes(POOL_KINDS[row.poolKind] ?? 'precache'));

const filterArbitrary: fc.Arbitrary<EvictionFilter> = fc.record({
  range: fc.option(
    fc.tuple(fc.nat(900), fc.nat(900)).map(([a, b]) => ({ fromS: Math.min(a, b), toS: Math.max(a, b) })),
    { nil: null },
  ),
  victims: fc.uniqueArray(fc.integer({ min: 1, max: GUESTS + 1 }), { maxLength: 3 }),
  beneficiaries: fc.uniqueArray(fc.nat(GUESTS + 1), { maxLength: 3 }),
  reasons: fc.uniqueArray(fc.constantFrom(...EVICTION_REASONS), { maxLength: 3 }),
  pools: fc.uniqueArray(fc.constantFrom(...POOL_KINDS), { maxLength: 2 }),
});

/** Three runs with some 1,600 rows of evictions, the last one still running. */
function recorded() {
  const file = temporaryDatabase();
  const writer = openWriter(file);
  const recording = new Recording(new Random(11, 0), GUESTS);
  for (let run = 0; run < 3; run++) {
    if (run > 0) writer.endRun();
    recording.begin(writer);
    recording.record(writer, 0, 200);
    recording.record(writer, 17, 70);
  }
  return { answerer: new HistoryAnswerer(file), writer, recording };
}

describe('the eviction history', () => {
  it('comes newest first, every row once, with names and times', () => {
    const { answerer, recording } = recorded();
    const rows = readAll(answerer, EVERYTHING, 100);
    const expected = recording.evictions.toReversed();
    expect(rows).toHaveLength(expected.length);
    const seconds = rows.map(({ axisS }) => axisS);
    expect(seconds).toEqual(seconds.toSorted((a, b) => b - a));
    // Within a second the last stored comes first.
    expect(rows.map(({ runId, second, victimId, pages }) => [runId, second, victimId, pages])).toEqual(
      expected.map(({ runId, second, victimId, pages }) => [runId, second, victimId, pages]),
    );
    const names = ['host', 'alpha', 'beta', 'gamma', 'delta'];
    for (const row of rows) {
      expect(row.victim).toBe(names[row.victimId]);
      expect(row.beneficiary).toBe(names[row.beneficiaryId]);
    }
    answerer.close();
  });

  it('has no row twice and misses none while rows are being added', () => {
    const { answerer, writer, recording } = recorded();
    const before = recording.evictions.length;
    const rows = readAll(answerer, EVERYTHING, 37, () => recording.record(writer, 0, 3));
    expect(recording.evictions.length).toBeGreaterThan(before);
    expect(rows).toHaveLength(before);
    expect(new Set(rows.map(({ cursor }) => JSON.stringify(cursor))).size).toBe(before);
    answerer.close();
  });

  it('and its summary hold exactly what passes the filter', () => {
    const { answerer, recording } = recorded();
    fc.assert(
      fc.property(filterArbitrary, fc.integer({ min: 1, max: 500 }), (filter, limit) => {
        const expected = recording.evictions.filter(passes(filter));
        const rows = readAll(answerer, filter, limit);
        expect(rows.map(({ runId, second, pages }) => [runId, second, pages])).toEqual(
          expected.toReversed().map(({ runId, second, pages }) => [runId, second, pages]),
        );
        const summary = ask(answerer, 'history.evictionSummary', { filter });
        const pages = new Map<string, number>();
        for (const row of expected) {
          const key = `${row.victimId} for ${row.beneficiaryId}`;
          pages.set(key, (pages.get(key) ?? 0) + row.pages);
        }
        const cells = summary.cells.map((cell) => [`${cell.victimId} for ${cell.beneficiaryId}`, cell.pages] as const);
        expect(new Map(cells)).toEqual(pages);
        expect(cells).toHaveLength(pages.size);
        expect(summary.pages).toBe(expected.reduce((sum, row) => sum + row.pages, 0));
        const ages = expected.reduce((sum, row) => sum.map((n, at) => n + (row.ages[at] ?? 0)), [0, 0, 0, 0, 0, 0]);
        expect(summary.ages).toEqual(ages);
      }),
      { numRuns: 60, seed: Math.floor(Math.random() * 2 ** 31), verbose: fc.VerbosityLevel.Verbose },
    );
    answerer.close();
  });

  it('lists single evictions newest first under the same filter, each with what it stands for', () => {
    const { answerer, recording } = recorded();
    const filter: EvictionFilter = { ...EVERYTHING, victims: [2], pools: ['preswap'] };
    const found = ask(answerer, 'history.evictionSamples', { filter, after: null, limit: 500 });
    const expected = recording.evictions.filter(passes(filter)).toReversed();
    expect(found.rows.map(({ cursor: { runId, second } }) => [runId, second])).toEqual(
      expected.map(({ runId, second }) => [runId, second]),
    );
    for (const row of found.rows) {
      expect(row).toMatchObject({ victim: 'beta', pool: 'preswap', everyNth: 3 });
      expect(Math.floor(row.hostMs / 1_000)).toBe(row.cursor.second);
    }
    const [first, second] = found.rows;
    const next = ask(answerer, 'history.evictionSamples', { filter, after: first?.cursor ?? null, limit: 1 });
    expect(next).toEqual({ rows: [second], more: true });
    answerer.close();
  });

  it('finds a guest of another number in runs in which it has one, by its name', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    const random = new Random(2, 0);
    const record = (...names: string[]): void => {
      const run = newRun(names.length);
      writer.beginRun({ ...run, guests: run.guests.map((guest, place) => ({ ...guest, name: names[place] ?? '' })) });
      writer.writeSeconds(randomBatch(random, { firstSecond: 0, seconds: 200, guests: names.length }));
      writer.endRun();
    };
    record('web', 'mail', 'db');
    record('mail', 'web');
    const answerer = new HistoryAnswerer(file);
    // 2 is web in the last run.
    const rows = readAll(answerer, { ...EVERYTHING, victims: [2] }, 500);
    expect(new Set(rows.map(({ runId, victimId, victim }) => `${runId} ${victimId} ${victim}`))).toEqual(
      new Set(['2 2 web', '1 1 web']),
    );
    const { cells } = ask(answerer, 'history.evictionSummary', { filter: { ...EVERYTHING, victims: [2], runId: 1 } });
    expect(new Set(cells.map(({ victim }) => victim))).toEqual(new Set(['mail']));
    expect(new Set(cells.map(({ beneficiary }) => beneficiary))).toEqual(new Set(['host', 'web', 'mail', 'db']));
    answerer.close();
  });

  it('tells the wall time of a row from the map of the clocks', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    const recording = new Recording(new Random(3, 0), 2);
    recording.begin(writer);
    for (let batch = 0; batch < 50; batch++) recording.record(writer, 0, 2);
    const answerer = new HistoryAnswerer(file);
    const rows = readAll(answerer, EVERYTHING, 500);
    for (const { second, wallMs } of rows) expect(wallMs).toBe(1_700_000_000_000 + second * 1000);
    expect(rows.length).toBeGreaterThan(0);
    answerer.close();
  });
});
