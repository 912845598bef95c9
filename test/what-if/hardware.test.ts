import { beforeAll, describe, expect, it } from 'vitest';
import { CPU_CHOICES, DISK_CHOICES, StudyChangeSchema } from '#contract/studies.ts';
import { CPU_CLASSES, DISK_CLASSES } from '#main/host/costs.ts';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import type { Alternative, AlternativeOutcome, Engine, HardwareChange } from '#main/what-if/study.ts';
import { exampleConfig } from '../host/example-config.ts';

const HORIZON_MS = 10_000;
let free: HostConfig;
let slow: HostConfig;
beforeAll(async () => {
  free = await exampleConfig();
  slow = { ...free, costs: { cpu: CPU_CLASSES.old, disks: [DISK_CLASSES.hdd] } };
});

const fitted = (...changes: HardwareChange[]): Alternative => ({ name: 'fitted', changes });

async function outcome(
  config: HostConfig,
  alternative: Alternative,
  { engine = 'auto', atMs = 0 }: { engine?: Engine | 'auto'; atMs?: number } = {},
): Promise<AlternativeOutcome> {
  const host = new Host(config);
  host.runTo(atMs);
  const start = { config, state: atMs === 0 ? null : host.snapshot() };
  const { alternatives } = await runStudy({ start, horizonMs: HORIZON_MS, alternatives: [alternative], engine });
  if (alternatives[0] === undefined) throw new Error('No outcome.');
  return alternatives[0];
}

describe('an alternative with other hardware', () => {
  it('has from host time 0 what a host with that hardware has', async () => {
    const hdd = fitted({ kind: 'disk-class', disk: 'hdd' }, { kind: 'cpu-class', cpu: 'old' });
    const [asked, real] = [await outcome(free, hdd), await outcome(slow, { name: 'fitted', changes: [] })];
    expect(asked.engine).toBe('full');
    expect(real.guests.some(({ waitingPart }) => (waitingPart ?? 0) > 0.5)).toBe(true);
    expect(asked.guests).toEqual(real.guests);
    expect(asked.host).toEqual(real.host);
  });

  it('goes on from a running host, whatever its disks have begun', async () => {
    const atMs = 5_000;
    const accesses = [];
    for (const disk of ['hdd', 'sata-ssd', 'nvme', 'free'] as const) {
      accesses.push((await outcome(slow, fitted({ kind: 'disk-class', disk }), { atMs })).host.accesses);
    }
    expect(accesses).toEqual(accesses.toSorted((a, b) => a - b));
    const [hdd = NaN, , nvme = NaN] = accesses;
    expect(nvme).toBeGreaterThan(2 * hdd);
    expect(hdd).toBe((await outcome(slow, { name: 'as it is', changes: [] }, { atMs })).host.accesses);
    const back = fitted({ kind: 'disk-class', disk: 'hdd' });
    const manyServers = { ...free, costs: { cpu: CPU_CLASSES.modern, disks: [DISK_CLASSES.nvme] } };
    expect((await outcome(manyServers, back, { atMs })).host.accesses).toBeLessThan(nvme);
  });

  it('is none where it says the same as the host, so that every engine answers', async () => {
    const same = await outcome(free, fitted({ kind: 'disk-class', disk: 'free' }), { engine: 'curves' });
    expect(same.engine).toBe('curves');
    const andBack = fitted({ kind: 'disk-class', disk: 'hdd' }, { kind: 'disk-class', disk: 'free' });
    expect((await outcome(free, andBack, { engine: 'curves' })).engine).toBe('curves');
    const other = await outcome(free, fitted({ kind: 'disk-class', disk: 'nvme' }), { engine: 'curves' });
    expect(other.engine).toBe('full');
    expect(other.assumptions).toContainEqual({
      text: 'the engine "curves" takes disks and CPU as they are, so full runs answer where they are others',
      held: false,
    });
  });

  it('can be asked for by every name that there is, and no other', () => {
    expect(DISK_CHOICES.toSorted()).toEqual(['free', ...Object.keys(DISK_CLASSES)].toSorted());
    expect(CPU_CHOICES.toSorted()).toEqual(['free', ...Object.keys(CPU_CLASSES)].toSorted());
    expect(StudyChangeSchema.options.map(({ entries }) => entries.kind.literal)).toContain('disk-class');
  });
});
