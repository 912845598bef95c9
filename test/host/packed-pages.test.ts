import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CPU_CLASSES, DISK_CLASSES } from '#main/host/costs.ts';
import { type HostConfig, isOpenLoop } from '#main/host/host-config.ts';
import { Host } from '#main/host/host.ts';
import { ANON_READ, ANON_WRITE } from '#main/host/workload/workload.ts';
import { hostConfigOf } from '#main/scenario/host-config-of.ts';
import { parsePathSetting, setPath } from '#main/scenario/path-setting.ts';
import { checkScenario } from '#main/scenario/read-scenario.ts';
import { hostOf, observe, scripted, sweep } from './scripted-host.ts';

/** Two clones that read an image of 4,096 pages over and over, each with 2,048 in RAM; all pages compress to 2,560 bytes. */
function clones(...settings: readonly string[]): HostConfig {
  const json: unknown = JSON.parse(readFileSync('resources/scenarios/g-compressed-clones.json', 'utf8'));
  for (const setting of settings) setPath(json, parsePathSetting(setting));
  return hostConfigOf(checkScenario(json, 'clones'), 1, [null, null]);
}

/** With so many pages for the pool. */
const withPool = (pages: number): string => `host.totalMiB=${4 + 16 + pages / 256}`;
const IMAGE = 4_096;
const LEFT = 2_048;
const SECONDS = 4;

const diskReads = (config: HostConfig): readonly number[] => {
  const seen = observe(new Host(config), SECONDS * 1_000);
  return [seen.sum('diskReads', 0), seen.sum('diskReads', 1)];
};

describe('a host whose store packs its pages', () => {
  it('multiplies what ballooning gains: 1,280 pages of memory do for 4,096 pages of two clones', () => {
    // 2,048 different pages at 2,560 bytes, and one more while only one of the clones has gone on to it.
    const needed = Math.ceil(((LEFT + 1) * 2_560) / 4_096);
    const enough = clones(withPool(needed), 'content.packs=true');
    const host = new Host(enough);
    const seen = observe(host, SECONDS * 1_000);
    // After the first pass nothing is read from the disk.
    expect([seen.sum('diskReads', 0), seen.sum('diskReads', 1)]).toEqual([IMAGE, IMAGE]);
    expect([seen.last('ephemeralPages', 0), seen.last('ephemeralPages', 1)]).toEqual([LEFT, LEFT]);
    expect([seen.hostEach('ephemeralPages').at(-1), seen.hostEach('fallowPages').at(-1)]).toEqual([1_280, 1]);
    expect(host.storedBytes).toBe(LEFT * 2_560);
    // With accounts alone, or with less, a scan that does not fit finds nothing that it needs.
    for (const short of [clones(withPool(needed)), clones(withPool(needed - 2), 'content.packs=true')]) {
      expect(Math.max(...diskReads(short))).toBeGreaterThan(2 * IMAGE);
    }
  });

  it('needs as much more for clones of different images, and for pages that do not compress', () => {
    const other = ['guests.clone-2.content.image=2', 'content.packs=true'];
    expect(diskReads(clones(withPool(2 * 1_280), ...other))).toEqual([IMAGE, IMAGE]);
    expect(Math.max(...diskReads(clones(withPool(2 * 1_280 - 2), ...other)))).toBeGreaterThan(IMAGE);
    const media = ['guests.clone-1.content.file.dense=0', 'guests.clone-2.content.file.dense=0', 'content.packs=true'];
    expect(diskReads(clones(withPool(LEFT + 1), ...media))).toEqual([IMAGE, IMAGE]);
    expect(Math.max(...diskReads(clones(withPool(LEFT - 1), ...media)))).toBeGreaterThan(IMAGE);
  });

  it('lets a guest put more in preswap than it ballooned away', () => {
    const content = { filePermille: [1000, 0, 0, 0], anonPermille: [0, 1000, 0, 0], imagePages: 0, image: 0 } as const;
    const steps = [...sweep(ANON_WRITE, 0, 210), ...sweep(ANON_READ, 0, 50)];
    const kernel = { swapPages: 1_000, swapClusterLog2: 0 };
    const guest = scripted(1, steps, { content, kernel, ramPages: 50, maxPages: 150 });
    const of = (packs: boolean) => {
      const config = { compressor: 'lz4', deduplicate: true, packs } as const;
      return observe(hostOf([guest], 200, { content: config }), 1_000);
    };
    const counted = (packs: boolean): readonly number[] => {
      const seen = of(packs);
      return [seen.sum('preswapPuts'), seen.sum('swapOuts'), seen.last('persistentPages')];
    };
    // 210 pages are swapped out in all, 50 of them for those that are read again. 100 pages of memory take 160 compressed ones.
    expect(counted(true)).toEqual([160, 50, 100]);
    expect(counted(false)).toEqual([100, 110, 100]);
  });

  it('pays for it in CPU time', () => {
    const costs = { cpu: CPU_CLASSES.modern, disks: [DISK_CLASSES.nvme] };
    const content = { compressor: 'zstd', deduplicate: true } as const;
    const cpu = (config: HostConfig): number => observe(new Host({ ...config, costs }), 4_000).sum('tmemCpuUs');
    const enough = clones(withPool(LEFT));
    expect(cpu({ ...enough, content: { ...content, packs: true } })).toBeGreaterThan(
      cpu({ ...enough, content: { ...content, compressor: null, packs: true } }),
    );
  });

  it('goes on from a fork as if nothing had happened, and is for full runs', () => {
    const config = clones(withPool(1_000), 'content.packs=true');
    const host = new Host(config);
    host.runTo(3_456);
    const copy = host.fork();
    for (const one of [host, copy]) one.runTo(6_000);
    expect(copy.digest()).toBe(host.digest());
    expect(isOpenLoop(config)).toBe(false);
  });
});
