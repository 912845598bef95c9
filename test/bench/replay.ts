import { replayPool } from '#main/host/replay/pool-replay.ts';
import type { PoolSetting } from '#main/host/replay/pool-run.ts';
import { replaySingleCache } from '#main/host/replay/single-cache.ts';
import type { ReplayTape } from '#main/host/replay/tape.ts';
import { buildTape } from '#main/host/replay/tape.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import type { BenchTrace } from './generate.ts';

/** What a run took, and how often it answered one access: once a size or setting. */
export interface ReplayResult {
  readonly cpuMs: number;
  readonly operations: number;
  /** Disk reads of all answers, for comparing engines. */
  readonly misses: number;
}

/** One FIFO or LRU cache, or several sizes of it in one pass, on dense page numbers. */
export function runSingleCache(trace: BenchTrace, algorithm: 'fifo' | 'lru', sizes: readonly number[]): ReplayResult {
  const start = cpuMs();
  const misses = replaySingleCache(algorithm, trace.pages, trace.distinct, sizes);
  return { cpuMs: cpuMs() - start, operations: trace.pages.length * sizes.length, misses: sum(misses) };
}

/** The trace dealt to guests by page number, in its own order: every access is an exclusive get and a put. */
export function tapeOf(trace: BenchTrace, guests: number): ReplayTape {
  const traces = deal(trace, guests);
  return buildTape(
    traces.map((dealt) => ({ trace: dealt, ramPages: 0 })),
    'time',
  );
}

/** Replays a tape under as many settings of the weights as asked, in one pass. */
export function runSettings(tape: ReplayTape, settings: readonly PoolSetting[]): ReplayResult {
  const start = cpuMs();
  const outcomes = replayPool(tape, settings);
  return {
    cpuMs: cpuMs() - start,
    operations: sum([...tape.accesses]) * settings.length,
    misses: sum(outcomes.flat().map(({ diskReads }) => diskReads)),
  };
}

/** Settings that differ in the weight of the first guest. */
export function weightSettings(trace: BenchTrace, guests: number, policy: PoolSetting['policy'], count: number): PoolSetting[] {
  return Array.from({ length: count }, (_, setting) => ({
    poolPages: trace.poolPages,
    policy,
    weights: Array.from({ length: guests }, (__, guest) => (guest === 0 ? 25 * (setting + 1) : 100 + 10 * guest)),
  }));
}

export function deal({ pages, distinct }: BenchTrace, guests: number): CompactTrace[] {
  const counts = new Int32Array(guests);
  for (const page of pages) counts[page % guests] = (counts[page % guests] ?? 0) + 1;
  const dealt = Array.from(counts, (count) => ({ pages: new Int32Array(count), timesUs: new Float64Array(count) }));
  counts.fill(0);
  pages.forEach((page, time) => {
    const guest = page % guests;
    const at = counts[guest] ?? 0;
    counts[guest] = at + 1;
    const to = dealt[guest];
    if (!to) return;
    to.pages[at] = (page - guest) / guests;
    to.timesUs[at] = time;
  });
  const distinctPages = Math.ceil(distinct / guests);
  return dealt.map((trace) => ({
    ...trace,
    writes: null,
    tenants: null,
    distinctPages,
    fileOfPage: new Int32Array(distinctPages),
    indexOfPage: new Uint32Array(distinctPages),
    fileNames: ['pages'],
  }));
}

/** CPU time of this process: unlike wall time it says little about what else the machine does. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
