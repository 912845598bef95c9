import { afterEach, expect, it, vi } from 'vitest';
import { TmemCalls } from '#main/host/guest/tmem-calls.ts';
import { type ClaimRun, runClaim, show } from './support.ts';
import { lruMisses, pagesRead } from './theory.ts';

afterEach(() => vi.restoreAllMocks());

const NAME = 'archive';
const HYPERCALL_US = 1;
const COPY_US = 2;
/** Either side of the break-even. */
const FASTER = 0.9;
const SLOWER = 1.1;

const disk = (serviceUs: number): string => `costs.disks=[{"serviceUs":${serviceUs},"nextPageUs":0,"parallel":32}]`;

/** A hard disk reads so little a second that precache takes minutes to fill. */
const HDD_SECONDS = 600;

/** Work done with tmem over work done without, less 1. */
async function gain(...settings: readonly string[]): Promise<number> {
  const seconds = settings.some((setting) => setting.includes('hdd')) ? HDD_SECONDS : 12;
  const withTmem = await runClaim('f-break-even', { settings, seconds });
  const alone = [...settings, `guests.${NAME}.precache=false`];
  const without = await runClaim('f-break-even', { settings: alone, seconds });
  return withTmem.guest(NAME).accesses / without.guest(NAME).accesses - 1;
}

/** The disk service time in µs at which tmem's CPU time equals the disk time that it saves. */
function breakEvenUs(run: ClaimRun): number {
  const guest = run.configOf(NAME);
  const pages = pagesRead(guest, run.config.seed, run.guest(NAME).accesses);
  const alone = lruMisses(pages, guest.ramPages);
  const spared = alone - lruMisses(pages, guest.ramPages + run.poolPages);
  return (alone * (2 * HYPERCALL_US + COPY_US) + spared * COPY_US) / spared;
}

async function isClaimed(breakEven: number): Promise<void> {
  expect(await gain(disk(FASTER * breakEven)), 'gain with a disk 10 % faster than the break-even').toBeLessThan(0);
  expect(await gain(disk(SLOWER * breakEven)), 'gain with a disk 10 % slower than the break-even').toBeGreaterThan(0);
}

it('f: the gain changes its sign at the computed break-even', async () => {
  const run = await runClaim('f-break-even');
  const breakEven = breakEvenUs(run);
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  const disks: readonly [string, string][] = [
    [`${FASTER} × break-even`, disk(FASTER * breakEven)],
    ['NVMe, 80 µs', 'costs.disks=["nvme"]'],
    [`break-even, ${breakEven.toFixed(1)} µs`, disk(breakEven)],
    [`${SLOWER} × break-even`, disk(SLOWER * breakEven)],
    ['SATA SSD, 100 µs', 'costs.disks=["sata-ssd"]'],
    ['hard disk, 8 ms', 'costs.disks=["hdd"]'],
  ];
  const rows: string[][] = [];
  const old: number[] = [];
  for (const [name, setting] of disks) {
    const onOld = await gain(setting);
    const onModern = await gain(setting, 'costs.cpu=modern');
    old.push(onOld);
    rows.push([name, percent(onOld), percent(onModern)]);
    expect(onModern, `gain on a modern CPU with ${name}`).toBeGreaterThanOrEqual(onOld);
  }
  show(run, ['disk', 'gain on an old CPU', 'on a modern one'], rows);
  expect(old, 'gains from the fastest to the slowest disk').toEqual([...old].sort((a, b) => a - b));
  await isClaimed(breakEven);
});

it('f: the gain of several guests grows with the cores that their copies compete for', async () => {
  // Three guests whose copies cost ten times what an old CPU takes, so that on one core they wait for each other.
  const copying = (cores: number): string => `costs.cpu={"hypercallUs":10,"copyUs":20,"cores":${cores}}`;
  const three = async (...settings: readonly string[]): Promise<number> => {
    const run = await runClaim('d-flood', { seconds: 10, settings: ['guests.flooder.starts=false', ...settings] });
    return ['web', 'mail', 'wiki'].reduce((sum, name) => sum + run.guest(name).accesses, 0);
  };
  const none = ['guests.web.precache=false', 'guests.mail.precache=false', 'guests.wiki.precache=false'];
  const gains: number[] = [];
  for (const cores of [1, 2, 4]) gains.push((await three(copying(cores))) / (await three(copying(cores), ...none)) - 1);
  expect(gains[1]).toBeGreaterThan(gains[0] ?? NaN);
  expect(gains[2]).toBeGreaterThanOrEqual(gains[1] ?? NaN);
});

it('f: tmem whose hypercalls cost nothing is found out', async () => {
  const breakEven = breakEvenUs(await runClaim('f-break-even'));
  const charges = TmemCalls.prototype as unknown as { charge: () => void };
  vi.spyOn(charges, 'charge').mockImplementation(() => undefined);
  await expect(isClaimed(breakEven)).rejects.toThrow(/10 % faster than the break-even/);
});
