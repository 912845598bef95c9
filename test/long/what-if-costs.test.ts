import { beforeAll, expect, it } from 'vitest';
import { CPU_CLASSES, DISK_CLASSES } from '#main/host/costs.ts';
import { Host } from '#main/host/host.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import { errorConfig } from '../what-if/error-studies.ts';

const DISKS = ['hdd', 'sata-ssd', 'nvme'] as const;
const CPUS = ['modern', 'old'] as const;
/** Guests with fewer accesses in the studied time say nothing. */
const ACCESSES_LEAST = 100;

let real: readonly CompactTrace[] = [];
beforeAll(async () => {
  const names = ['cc', 'search', 'db'];
  real = await Promise.all(names.map((name) => readTrace(`resources/traces/filemap-${name}.txt.gz`)));
});

/** No constant of the estimate was set with these hosts. */
it('the errors that curves state of hosts where waiting takes time cover the truth: disk reads, and time spent waiting', async () => {
  const offReads: number[] = [];
  const statedReads: number[] = [];
  let [coveredReads, coveredWaits] = [0, 0];
  for (let seed = 700; seed < 742; seed++) {
    const disk = DISKS[seed % 3] ?? 'hdd';
    const cpu = CPUS[(seed >> 1) % 2] ?? 'modern';
    const config = { ...errorConfig(seed, real), costs: { cpu: CPU_CLASSES[cpu], disks: [DISK_CLASSES[disk]] } };
    const host = new Host(config);
    host.runTo(20_000);
    const asked = {
      start: { config, state: host.snapshot() },
      horizonMs: 30_000,
      alternatives: [
        { name: 'as it is', changes: [] },
        { name: 'weight', changes: [{ kind: 'weight' as const, guestId: config.guests[0]?.id ?? 1, value: 400 }] },
      ],
    };
    const curves = (await runStudy({ ...asked, engine: 'curves' })).alternatives;
    const full = (await runStudy({ ...asked, engine: 'full' })).alternatives;
    full.forEach(({ guests }, at) =>
      guests.forEach((truth, place) => {
        const found = curves[at]?.guests[place];
        if (found === undefined || truth.accesses < ACCESSES_LEAST) return;
        const off = Math.abs(found.diskReads / found.accesses - truth.diskReads / truth.accesses);
        offReads.push(off);
        statedReads.push(found.error);
        if (off <= found.error) coveredReads++;
        const waits = Math.abs((found.waitingPart ?? NaN) - (truth.waitingPart ?? NaN));
        if (waits <= (found.waitingError ?? NaN)) coveredWaits++;
      }),
    );
  }
  const answers = offReads.length;
  const median = (of: readonly number[]): number => of.toSorted((a, b) => a - b)[of.length >> 1] ?? NaN;
  process.stdout.write(
    `curves with costs: ${answers} answers, disk reads covered ${((100 * coveredReads) / answers).toFixed(1)} %, waiting ` +
      `${((100 * coveredWaits) / answers).toFixed(1)} %, true median ${median(offReads).toFixed(5)}, stated ${median(statedReads).toFixed(5)}\n`,
  );
  expect(answers).toBeGreaterThan(200);
  expect(coveredReads / answers).toBeGreaterThanOrEqual(0.95);
  expect(coveredWaits / answers).toBeGreaterThanOrEqual(0.95);
});
