/**
 * `npm run bench`: the live store and the replays on generated traces, each beside the reference loop in the same run.
 * Quote ratios, never absolute rates: the machine is part of every rate. Rates are by CPU time, which other programs on
 * the machine disturb less.
 */
import { FILE_BITS, runLive } from './live-store.ts';
import { type BenchTrace, loopingTrace, zipfTrace } from './generate.ts';
import { benchHostMinute } from './host-minute.ts';
import { measureFork, measureMemory } from './memory.ts';
import { runReference } from './reference-loop.ts';
import { benchReplays } from './replay.ts';

const RUNS = 3;
/** The reference loop's rate over that of libCacheSim's `cachesim` on the traces that these are like. */
const OVER_CACHESIM = { loop: 2.6, zipf: 3.2 };

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

function benchLive(trace: BenchTrace, overCachesim: number): void {
  const accesses = trace.pages.length;
  print(
    `${trace.name}: ${accesses.toLocaleString('en')} accesses, pool of ${trace.poolPages.toLocaleString('en')} pages`,
  );
  const cases = [
    ['1 client, fifo', 1, 'fifo'],
    ['2 clients, max-over-share with idle tax', 2, 'max-over-share'],
    ['4 clients, max-over-share with idle tax', 4, 'max-over-share'],
    ['64 clients, max-over-share with idle tax', 64, 'max-over-share'],
    ['4 clients, xen-documented', 4, 'xen-documented'],
    ['4 clients, max-over-share, files of 16 MiB', 4, 'max-over-share', FILE_BITS],
  ] as const;
  const reference: number[] = [];
  const times = new Map<string, number[]>(cases.map(([name]) => [name, []]));
  let bytesPerPage = 0;
  for (let run = 0; run < RUNS; run++) {
    reference.push(runReference(trace).ms);
    for (const [name, clients, policy, objectBits] of cases) {
      const result = runLive(trace, clients, policy, objectBits);
      times.get(name)?.push(result.ms);
      bytesPerPage = result.bytesPerPage;
    }
  }
  const row = (name: string, ms: number): void => {
    const ratio = median(reference) / ms;
    const rate = accesses / ms / 1000;
    print(
      `  ${name.padEnd(46)} ${rate.toFixed(1).padStart(6)} M accesses/s ${((ms / accesses) * 1e6).toFixed(0).padStart(5)} ns ` +
        `${ratio.toFixed(2).padStart(6)} x reference, about ${(ratio * overCachesim).toFixed(2)} x cachesim`,
    );
  };
  row('reference loop', median(reference));
  for (const [name] of cases) row(`live store, ${name}`, median(times.get(name) ?? []));
  print(`  ${bytesPerPage.toFixed(1)} bytes per page of the pool`);
}

print('Live store: each access is an exclusive get and a put');
benchLive(loopingTrace(), OVER_CACHESIM.loop);
benchLive(zipfTrace(), OVER_CACHESIM.zipf);
print('\nMemory');
measureMemory(print);
measureFork(print);
print('\nA host minute of 16 guests at 20,000 accesses a second each');
benchHostMinute(print);
print('\nReplays');
await benchReplays(print);
