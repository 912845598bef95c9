import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GuestConfig, isOpenLoop, NO_PACE } from '#main/host/host-config.ts';
import { replayPool } from '#main/host/replay/pool-replay.ts';
import { buildTape } from '#main/host/replay/tape.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import { hostOf, observe } from '../scripted-host.ts';
import { traceOf } from '../trace-of.ts';

const R = 0;
const W = 1;

/** A trace of these references: what it does, and to which page. */
function recordingOf(steps: readonly (readonly [typeof R | typeof W, number])[]): CompactTrace {
  return traceOf(
    steps.map(([, page]) => page),
    { writes: Uint8Array.from(steps, ([write]) => write) },
  );
}

/** A guest that plays a trace once in its first second, a reference every 1,000,000 / `length` ns or so, and then is quiet. */
function player(id: number, trace: CompactTrace, config: Partial<GuestConfig> = {}): GuestConfig {
  const phases = [
    { ms: trace.pages.length, accessesPerS: 1_000 },
    { ms: 1_000_000, accessesPerS: 0 },
  ];
  const ramPages = config.ramPages ?? 2;
  return {
    ...{ id, name: `guest-${id}`, trace, pace: { ...NO_PACE, phases } },
    ...{ ramPages, minPages: 0, maxPages: ramPages, weight: 100 },
    ...config,
  };
}

const asReads = (trace: CompactTrace): CompactTrace => ({ ...trace, writes: null });

/** A guest with a cache in LRU order and a precache that holds all it is given, in plain lists. */
function played(steps: readonly (readonly [typeof R | typeof W, number])[], ramPages: number) {
  const counts = { accesses: 0, cacheHits: 0, diskReads: 0, precacheHits: 0, precachePuts: 0, flushes: 0 };
  let cached: number[] = [];
  let stored: number[] = [];
  for (const [write, page] of steps) {
    counts.accesses++;
    const isCached = cached.includes(page);
    if (write === W) {
      // The whole page is written, so nothing has to be read for it; what precache has of it is stale.
      counts.cacheHits++;
      if (!isCached) counts.flushes++;
    } else if (isCached) counts.cacheHits++;
    else if (stored.includes(page)) counts.precacheHits++;
    else counts.diskReads++;
    stored = stored.filter((one) => one !== page);
    cached = [...cached.filter((one) => one !== page), page];
    for (const victim of cached.splice(0, cached.length - ramPages)) {
      stored.push(victim);
      counts.precachePuts++;
    }
  }
  return { ...counts, ephemeralPages: stored.length };
}

describe('the writes of a trace', () => {
  it('make pages dirty, invalidate what precache has of them, and are written to the disk in time', () => {
    // Two pages of RAM: 0 goes to precache when 2 comes; writing it then flushes it, and later it comes back as written.
    const trace = recordingOf([
      [R, 0],
      [R, 1],
      [R, 2],
      [W, 0],
      [R, 2],
      [R, 1],
      [R, 0],
    ]);
    const kernel = { dirtyBackgroundPermille: 1_000, dirtyPermille: 1_000, writebackS: 1, dirtyExpireS: 1 };
    const seen = observe(hostOf([player(1, trace, { kernel })], 10), 4_000);
    // Reads of 0, 1 and 2; 1 is put when 0 is written, 0 (after it was written to the disk) when 1 comes back.
    expect({
      diskReads: seen.sum('diskReads'),
      flushes: seen.sum('flushes'),
      precacheHits: seen.sum('precacheHits'),
      diskWrites: seen.sum('diskWrites'),
      dirtyPages: seen.last('dirtyPages'),
      ephemeralPages: seen.last('ephemeralPages'),
    }).toEqual({ diskReads: 3, flushes: 1, precacheHits: 2, diskWrites: 1, dirtyPages: 0, ephemeralPages: 1 });
  });

  it('stay dirty until they expire, neighbours of a file written by one request', () => {
    const trace = recordingOf(Array.from({ length: 8 }, (_, page) => [W, page] as const));
    const kernel = { dirtyBackgroundPermille: 1_000, dirtyPermille: 1_000, writebackS: 2, dirtyExpireS: 3 };
    const costs = {
      cpu: { hypercallNs: 0, copyNs: 0, cores: 1 },
      disks: [{ serviceNs: 1_000_000, nextPageNs: 0, parallel: 1 }],
    };
    const seen = observe(hostOf([player(1, trace, { kernel, ramPages: 20 })], 0, { costs }), 6_000);
    expect(seen.each('dirtyPages')).toEqual([8, 8, 8, 8, 0, 0]);
    expect(seen.each('diskWrites')).toEqual([0, 0, 0, 0, 8, 0]);
    expect(seen.hostEach('diskBusyUs')[4]).toBe(1_000);
    expect([seen.sum('diskReads'), seen.sum('stallUs')]).toEqual([0, 0]);
  });

  it('make the guest wait for its disk where it writes more than may be dirty, and a trace of reads for what it misses', () => {
    const pages = Array.from({ length: 100 }, (_, at) => at * 32);
    const steps = pages.map((page) => [W, page] as const);
    const disks = [{ serviceNs: 8_000_000, nextPageNs: 0, parallel: 1 }];
    const costs = { cpu: { hypercallNs: 0, copyNs: 0, cores: 1 }, disks };
    const stall = (trace: CompactTrace): number =>
      observe(hostOf([player(1, trace, { ramPages: 200 })], 0, { costs }), 3_000).sum('stallUs');
    // A fifth of 200 pages may be dirty: the writes beyond wait for 60 of the 100 writes, less what passes meanwhile.
    expect(stall(recordingOf(steps))).toBeGreaterThan(60 * 8_000 - 2 * 100_000);
    expect(stall(recordingOf(steps))).toBeLessThan(60 * 8_000);
    expect(stall(asReads(recordingOf(steps)))).toBe(100 * 8_000);
  });

  it.each([0, 1, 3, 9])('do to a guest with %i pages of RAM what they do to one of plain lists', (ramPages) => {
    const step = fc.tuple(fc.constantFrom(R, R, W), fc.nat(15));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 300, size: 'max' }), (steps) => {
        const seen = observe(hostOf([player(1, recordingOf(steps), { ramPages })], 20), 1_000);
        const expected = played(steps, ramPages);
        const columns = Object.keys(expected) as (keyof typeof expected)[];
        expect(Object.fromEntries(columns.map((column) => [column, seen.sum(column)]))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('are references like others to a replay: a run agrees with it to the digit where they are played as reads', () => {
    const steps = Array.from({ length: 900 }, (_, at) => [at % 3 === 1 ? W : R, (at * at * 7 + at) % 61] as const);
    const traces = [recordingOf(steps), recordingOf([...steps].reverse())];
    const outcomes = (made: readonly CompactTrace[]) => {
      const host = hostOf(
        made.map((trace, place) => player(place + 1, trace, { ramPages: 20 })),
        30,
      );
      host.runTo(1_000);
      return host.readings().guests.map(({ precacheHits, diskReads, precachePuts, ephemeralPages }) => ({
        ...{ precacheHits, diskReads },
        puts: precachePuts,
        residentPages: ephemeralPages,
      }));
    };
    const tape = buildTape(
      traces.map((trace) => ({ trace, ramPages: 20 })),
      'round-robin',
    );
    const setting = { policy: 'max-over-share', poolPages: 30, weights: [100, 100] } as const;
    const [expected = []] = replayPool(tape, [setting]);
    expect(outcomes(traces.map(asReads))).toEqual(
      expected.map(({ precacheHits, diskReads, puts, residentPages }) => ({
        ...{ precacheHits, diskReads },
        ...{ puts, residentPages },
      })),
    );
    const reads = (all: ReturnType<typeof outcomes>): number => all.reduce((sum, { diskReads }) => sum + diskReads, 0);
    expect(reads(outcomes(traces))).toBeLessThan(reads(outcomes(traces.map(asReads))));
  });

  it('leave to full runs what the engines that know reads only would get wrong', () => {
    const trace = recordingOf([
      [R, 0],
      [W, 0],
    ]);
    const { guests, ...rest } = { guests: [player(1, trace)], seed: 1, totalPages: 9, reservedPages: 0 };
    const of = (made: CompactTrace) =>
      isOpenLoop({
        ...{ ...rest, policy: 'fifo', idleTaxPermille: 0, idleTaxWindowS: 10, balloonPagesPerS: 1 },
        guests: guests.map((guest) => ({ ...guest, trace: made })),
      });
    expect([of(trace), of(asReads(trace))]).toEqual([false, true]);
  });
});
