/**
 * Replays beside the reference loop, on the generated traces: `node test/bench/replay.ts`, or from `npm run bench`.
 * Rates are by CPU time, which other programs on the machine disturb less; whole processes by wall time.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayPool } from '#main/host/replay/pool-replay.ts';
import type { PoolSetting } from '#main/host/replay/pool-run.ts';
import { replaySingleCache } from '#main/host/replay/single-cache.ts';
import type { ReplayTape } from '#main/host/replay/tape.ts';
import { buildTape } from '#main/host/replay/tape.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import type { BenchTrace } from './generate.ts';
import { loopingTrace, zipfTrace } from './generate.ts';
import { ReferenceFifo, keyWords } from './reference-loop.ts';

const RUNS = 3;
const SETTINGS = 16;
const GUESTS = 4;
/** The command line as it is installed; without it the sources run, which Node has to strip of their types first. */
const BUILT_CLI = 'out/main/cli.cjs';
/** The reference loop's rate over that of `cachesim`, measured once on traces like these. */
const OVER_CACHESIM = { loop: 2.6, zipf: 3.2 };

type Print = (line: string) => void;

/** All replay benchmarks on the looping and the Zipf trace. */
export async function benchReplays(print: Print): Promise<void> {
  await benchTrace(loopingTrace(), OVER_CACHESIM.loop, print);
  await benchTrace(zipfTrace(), OVER_CACHESIM.zipf, print);
}

async function benchTrace(trace: BenchTrace, overCachesim: number, print: Print): Promise<void> {
  const accesses = trace.pages.length;
  const sizes = Array.from({ length: SETTINGS }, (_, i) => (trace.poolPages / 8) * (i + 1));
  const single = (algorithm: 'fifo' | 'lru', of: readonly number[]) => () =>
    replaySingleCache(algorithm, trace.pages, trace.distinct, of);
  const tape = buildTape(deal(trace, GUESTS), 'time');
  const many = buildTape(deal(trace, 64), 'time');
  const settings = (policy: PoolSetting['policy'], guests: number, tax = 0) =>
    Array.from({ length: SETTINGS }, (_, setting) => weightSetting(trace, policy, guests, setting, tax));
  const pool = (on: ReplayTape, of: readonly PoolSetting[]) => () => replayPool(on, of);
  const cases: readonly (readonly [string, number, () => unknown])[] = [
    ['one cache, FIFO', 1, single('fifo', [trace.poolPages])],
    ['one cache, FIFO, 16 sizes in one pass', SETTINGS, single('fifo', sizes)],
    ['one cache, LRU', 1, single('lru', [trace.poolPages])],
    ['one cache, LRU, 16 sizes in one pass', SETTINGS, single('lru', sizes)],
    ['what-if: page caches and merge of 4 guests, once', 1, () => buildTape(deal(trace, GUESTS), 'time')],
    ['what-if, fifo, 4 guests, 16 settings', SETTINGS, pool(tape, settings('fifo', GUESTS))],
    ['what-if, xen-documented, 4 guests, 16 settings', SETTINGS, pool(tape, settings('xen-documented', GUESTS))],
    ['what-if, max-over-share, 4 guests, 16 settings', SETTINGS, pool(tape, settings('max-over-share', GUESTS))],
    ['what-if, max-over-share, 4 guests, 1 setting', 1, pool(tape, settings('max-over-share', GUESTS).slice(0, 1))],
    ['what-if, idle tax 0.75, 4 guests, 16 settings', SETTINGS, pool(tape, settings('max-over-share', GUESTS, 750))],
    ['what-if, max-over-share, 64 guests, 16 settings', SETTINGS, pool(many, settings('max-over-share', 64))],
  ];
  print(`${trace.name}: ${accesses.toLocaleString('en')} accesses, ${trace.distinct.toLocaleString('en')} pages`);
  const reference = referenceLoop(trace);
  const rates = new Map<string, number[]>();
  const note = (name: string, rate: number): void => void rates.set(name, [...(rates.get(name) ?? []), rate]);
  for (let run = 0; run < RUNS; run++) {
    note('', accesses / cpuMs(reference));
    for (const [name, answers, work] of cases) note(name, (accesses * answers) / cpuMs(work));
  }
  const yardstick = median(rates.get('') ?? []);
  const row = (name: string, rate: number): string =>
    `  ${name.padEnd(50)} ${(rate / 1000).toFixed(1).padStart(7)} M/s ${(1e6 / rate).toFixed(1).padStart(6)} ns ` +
    `${(rate / yardstick).toFixed(2).padStart(6)} × reference, about ${((rate / yardstick) * overCachesim).toFixed(1)} × cachesim`;
  print(row('reference loop', yardstick));
  for (const [name] of cases) print(row(name, median(rates.get(name) ?? [])));
  print(`  bytes per page and setting: 0; per access of the tape: ${(bytesOf(tape) / accesses).toFixed(1)}`);
  await benchProcesses(trace, reference, overCachesim, settings('max-over-share', GUESTS), print);
}

/** From a file on disk to the result, by wall time, with the reference loop by turns: what else the machine does slows both down. */
async function benchProcesses(
  trace: BenchTrace,
  reference: () => void,
  overCachesim: number,
  settings: readonly PoolSetting[],
  print: Print,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tmem-bench-replay-'));
  try {
    const file = join(folder, 'trace.oracleGeneral');
    writeOracleGeneral(file, trace.pages, (page) => page * 4096 + 0x0a00_0000_0000);
    const scattered = join(folder, 'scattered.oracleGeneral');
    // An odd factor gives each page another number, somewhere among 2^44.
    writeOracleGeneral(scattered, trace.pages, (page) =>
      Number((BigInt(page) * 0x9e37_79b9_7f4a_7c15n) & 0xfff_ffff_ffffn),
    );
    const cli = existsSync(BUILT_CLI) ? BUILT_CLI : 'src-main/cli/main.ts';
    const replay = (of: string) => () =>
      execFileSync(process.execPath, [
        cli,
        'replay',
        of,
        '--unit',
        'object',
        '--cache-pages',
        String(trace.poolPages),
        '--json',
      ]);
    const times = { cachesim: [] as number[], one: [] as number[], scattered: [] as number[], sweep: [] as number[] };
    for (let run = 0; run < RUNS; run++) {
      times.cachesim.push((await wallMs(reference)) * overCachesim);
      times.one.push(await wallMs(replay(file)));
      times.scattered.push(await wallMs(replay(scattered)));
      times.sweep.push(
        await wallMs(async () => {
          const { pages, distinctPages } = await readTrace(file, { unit: 'object', withoutTimes: true });
          replayPool(buildTape(deal({ ...trace, pages, distinct: distinctPages }, GUESTS), 'time'), settings);
        }),
      );
    }
    const [cachesim, sweep] = [median(times.cachesim), median(times.sweep)];
    for (const [ids, one] of [
      ['pages of a volume', median(times.one)],
      ['numbers anywhere', median(times.scattered)],
    ] as const) {
      const part = (one / cachesim).toFixed(2);
      print(
        `  ${cli} replay, one FIFO size, objects are ${ids}: ${one.toFixed(0)} ms, about ${part} of cachesim's time`,
      );
    }
    const faster = ((cachesim * SETTINGS) / sweep).toFixed(1);
    print(
      `  reading, merging and 16 settings: ${sweep.toFixed(0)} ms, about ${faster} × as fast as 16 runs of cachesim`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function weightSetting(
  { poolPages }: BenchTrace,
  policy: PoolSetting['policy'],
  guests: number,
  setting: number,
  idleTaxPermille: number,
): PoolSetting {
  const weights = Array.from({ length: guests }, (_, guest) => (guest === 0 ? 25 * (setting + 1) : 100 + 10 * guest));
  return { poolPages, policy, weights, idleTaxPermille };
}

/** The trace dealt to guests by page number, without RAM and in its own order: every access is an exclusive get and a put. */
function deal({ pages, distinct }: BenchTrace, guests: number): { trace: CompactTrace; ramPages: number }[] {
  const counts = new Int32Array(guests);
  for (const page of pages) counts[page % guests] = (counts[page % guests] ?? 0) + 1;
  const dealt = Array.from(counts, (count) => ({ pages: new Int32Array(count), timesUs: new Float64Array(count) }));
  counts.fill(0);
  for (let time = 0; time < pages.length; time++) {
    const page = pages[time] ?? 0;
    const guest = page % guests;
    const at = counts[guest] ?? 0;
    counts[guest] = at + 1;
    const to = dealt[guest];
    if (!to) continue;
    to.pages[at] = (page - guest) / guests;
    to.timesUs[at] = time;
  }
  const distinctPages = Math.ceil(distinct / guests);
  const names = {
    fileOfPage: new Int32Array(distinctPages),
    indexOfPage: new Uint32Array(distinctPages),
    fileNames: [''],
  };
  return dealt.map((part) => ({
    trace: { ...part, ...names, writes: null, tenants: null, distinctPages },
    ramPages: 0,
  }));
}

function writeOracleGeneral(file: string, pages: Int32Array, objectOf: (page: number) => number): void {
  const handle = openSync(file, 'w');
  const records = 65_536;
  const bytes = Buffer.alloc(records * 24);
  for (let from = 0; from < pages.length; from += records) {
    const count = Math.min(records, pages.length - from);
    for (let i = 0; i < count; i++) {
      const at = i * 24;
      bytes.writeUInt32LE(Math.floor((from + i) / 10_000), at);
      bytes.writeUIntLE(objectOf(pages[from + i] ?? 0), at + 4, 6);
      bytes.writeUInt32LE(4096, at + 12);
      bytes.fill(0xff, at + 16, at + 24);
    }
    writeSync(handle, bytes, 0, count * 24);
  }
  closeSync(handle);
}

function bytesOf({ guestOf, putOf, gotAt }: ReplayTape): number {
  return guestOf.byteLength + putOf.byteLength + gotAt.byteLength;
}

/** The reference loop over a trace whose keys are made beforehand. */
function referenceLoop({ pages, poolPages }: BenchTrace): () => void {
  const lo = new Uint32Array(pages.length);
  const hi = new Uint32Array(pages.length);
  for (let i = 0; i < pages.length; i++) {
    const key = keyWords(pages[i] ?? 0);
    lo[i] = key.lo;
    hi[i] = key.hi;
  }
  return () => {
    const cache = new ReferenceFifo(poolPages);
    for (let i = 0; i < lo.length; i++) cache.access(lo[i] ?? 0, hi[i] ?? 0);
  };
}

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function wallMs(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

if (import.meta.main) await benchReplays((line) => void process.stdout.write(`${line}\n`));
