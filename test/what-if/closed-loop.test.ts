import { beforeAll, describe, expect, it } from 'vitest';
import { CPU_CLASSES, DISK_CLASSES, type DiskClassName } from '#main/host/costs.ts';
import { Host } from '#main/host/host.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { breakEven } from '#main/what-if/break-even.ts';
import { meanPaces } from '#main/what-if/mean-values.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import type { AlternativeOutcome } from '#main/what-if/study.ts';
import { smallConfig } from '../host/small-config.ts';
import { errorConfig } from './error-studies.ts';

const FREE = { hypercallNs: 0, copyNs: 0, cores: 8 };

describe('the paces of guests that wait', () => {
  const demand = { thinkNs: 1_000_000, precacheHits: 0, diskReads: 0.5, disk: 0 };

  it('of one guest are think time and service time, nothing else', () => {
    const [pace] = meanPaces([demand], { cpu: FREE, disks: [DISK_CLASSES.hdd] });
    // 1 ms of thinking and half of 8 ms of reading.
    expect(pace?.accessesPerS).toBeCloseTo(200, 6);
    expect(pace?.waitingPart).toBeCloseTo(0.8, 6);
    expect(pace?.queuedPart).toBe(0);
  });

  it('never ask more of a disk than it can do, and share it', () => {
    const paces = meanPaces(Array(8).fill(demand), { cpu: FREE, disks: [DISK_CLASSES.hdd] });
    const reads = paces.reduce((sum, { accessesPerS }) => sum + accessesPerS * demand.diskReads, 0);
    expect(reads).toBeLessThanOrEqual(125);
    expect(reads).toBeGreaterThan(110);
    for (const { accessesPerS } of paces) expect(accessesPerS).toBeCloseTo(paces[0]?.accessesPerS ?? NaN, 3);
  });

  it('have no queue at a disk with as many servers as guests', () => {
    const ssd = { cpu: FREE, disks: [DISK_CLASSES['sata-ssd']] };
    const [alone] = meanPaces([demand], ssd);
    expect(meanPaces(Array(32).fill(demand), ssd)[31]).toEqual(alone);
  });

  it('count the copies of what is found and of what is put', () => {
    const hits = { ...demand, precacheHits: 0.5, diskReads: 0 };
    const [pace] = meanPaces([hits], {
      cpu: { hypercallNs: 1_000, copyNs: 2_000, cores: 1 },
      disks: [DISK_CLASSES.nvme],
    });
    // Half an access gets and puts: two calls and two copies.
    expect(pace?.waitingPart).toBeCloseTo(3_000 / 1_003_000, 9);
  });
});

describe('a study of a host where waiting takes time', () => {
  let real: readonly CompactTrace[] = [];
  beforeAll(async () => {
    real = await Promise.all(
      ['cc', 'search', 'db'].map((name) => readTrace(`resources/traces/filemap-${name}.txt.gz`)),
    );
  });

  const outcomes = async (
    seed: number,
    disk: DiskClassName,
  ): Promise<Record<'curves' | 'full', AlternativeOutcome>> => {
    const config = { ...errorConfig(seed, real), costs: { cpu: CPU_CLASSES.modern, disks: [DISK_CLASSES[disk]] } };
    const host = new Host(config);
    host.runTo(20_000);
    const asked = {
      start: { config, state: host.snapshot() },
      horizonMs: 30_000,
      alternatives: [{ name: 'as it is', changes: [] }],
    };
    const [curves] = (await runStudy({ ...asked, engine: 'curves' })).alternatives;
    const [full] = (await runStudy({ ...asked, engine: 'auto' })).alternatives;
    if (curves === undefined || full === undefined) throw new Error('No outcome.');
    expect(full.engine).toBe('full');
    return { curves, full };
  };

  it('is estimated by the curves within their stated errors: disk reads per access, and time spent waiting', async () => {
    let [answers, coveredReads, coveredWaits] = [0, 0, 0];
    for (let seed = 600; seed < 609; seed++) {
      const { curves, full } = await outcomes(seed, (['hdd', 'sata-ssd', 'nvme'] as const)[seed % 3] ?? 'hdd');
      full.guests.forEach((truth, place) => {
        const found = curves.guests[place];
        if (found === undefined || truth.accesses < 100) return;
        answers++;
        const reads = ({ diskReads, accesses }: typeof truth): number => diskReads / accesses;
        if (Math.abs(reads(found) - reads(truth)) <= found.error) coveredReads++;
        const waits = Math.abs((found.waitingPart ?? NaN) - (truth.waitingPart ?? NaN));
        if (waits <= (found.waitingError ?? NaN)) coveredWaits++;
      });
    }
    expect(answers).toBeGreaterThan(20);
    expect(coveredReads / answers).toBeGreaterThanOrEqual(0.85);
    expect(coveredWaits / answers).toBeGreaterThanOrEqual(0.9);
  });

  it('shows that guests get less done the slower the disk is', async () => {
    const accesses = [];
    for (const disk of ['nvme', 'sata-ssd', 'hdd'] as const)
      accesses.push((await outcomes(601, disk)).full.host.accesses);
    expect(accesses).toEqual([...accesses].sort((a, b) => b - a));
    expect(accesses[2]).toBeLessThan((accesses[0] ?? NaN) / 2);
  });

  it('is refused by engines that know no waiting, and all of them by a host whose guests write', async () => {
    const config = { ...smallConfig(), costs: { cpu: CPU_CLASSES.modern, disks: [DISK_CLASSES.hdd] } };
    const asked = { horizonMs: 5_000, alternatives: [{ name: 'it', changes: [] }] };
    for (const engine of ['distances', 'scaled'] as const) {
      const start = { config, state: null };
      await expect(runStudy({ start, ...asked, engine })).rejects.toThrow('takes it that nothing costs time');
    }
    const twoLists = smallConfig().guests.map((guest) => ({ ...guest, kernel: { cache: 'two-list' as const } }));
    const start = { config: { ...smallConfig(), guests: twoLists }, state: null };
    for (const engine of ['curves', 'distances', 'scaled'] as const) {
      await expect(runStudy({ start, ...asked, engine })).rejects.toThrow('a cache of another kind');
    }
    const [full] = (await runStudy({ start, ...asked, engine: 'auto' })).alternatives;
    expect(full).toMatchObject({ engine: 'full', host: { error: 0 } });
    await expect(new PreparedStudy(start, 5_000).curves()).rejects.toThrow('a cache of another kind');
  });
});

describe('the break-even of precache', () => {
  it('is where what it saves takes as long as its calls and copies', () => {
    // 100 hits and 50 reads: 150 gets, 150 puts; 250 copies.
    const cpu = { hypercallNs: 200, copyNs: 800, cores: 1 };
    const { serviceNs, copyNs } = breakEven({ precacheHits: 100, diskReads: 50 }, cpu, 10_000);
    expect(serviceNs).toBe((300 * 200 + 250 * 800) / 100);
    expect(copyNs).toBe((100 * 10_000 - 300 * 200) / 250);
  });

  it('is nowhere where it finds nothing, or where calls alone cost more than the disk', () => {
    const cpu = { hypercallNs: 1_000, copyNs: 2_000, cores: 1 };
    expect(breakEven({ precacheHits: 0, diskReads: 50 }, cpu)).toEqual({ serviceNs: null, copyNs: null });
    expect(breakEven({ precacheHits: 1, diskReads: 99 }, cpu, 100_000).copyNs).toBeNull();
  });
});
