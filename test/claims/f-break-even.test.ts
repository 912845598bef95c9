import { afterEach, expect, it, vi } from 'vitest';
import { TmemCalls } from '#main/host/guest/tmem-calls.ts';
import { broken, runClaim, shownVerdict, verdictOf } from './support.ts';

afterEach(() => vi.restoreAllMocks());

const NAME = 'archive';
/** A hard disk reads so little a second that precache takes minutes to fill. */
const HDD_SECONDS = 600;

/** Work done with tmem over work done without, less 1. */
async function gain(...settings: readonly string[]): Promise<number> {
  const seconds = settings.some((setting) => setting.includes('hdd')) ? HDD_SECONDS : 12;
  const withTmem = await runClaim('f-break-even', { settings, seconds });
  const without = await runClaim('f-break-even', { settings, seconds, variant: 'without-tmem' });
  return withTmem.guest(NAME).accesses / without.guest(NAME).accesses - 1;
}

it('f: the gain changes its sign at the computed break-even', async () => {
  expect(broken(await shownVerdict('f-break-even'))).toEqual([]);
});

it('f: the gain grows from fast disks to slow ones, and is larger on a modern CPU with each', async () => {
  const old: number[] = [];
  for (const disk of ['nvme', 'sata-ssd', 'hdd']) {
    const setting = `costs.disks=["${disk}"]`;
    const onOld = await gain(setting);
    old.push(onOld);
    expect(await gain(setting, 'costs.cpu=modern'), `gain on a modern CPU with ${disk}`).toBeGreaterThanOrEqual(onOld);
  }
  expect(old, 'gains from the fastest to the slowest disk').toEqual([...old].sort((a, b) => a - b));
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
  const charges = TmemCalls.prototype as unknown as { charge: () => void };
  vi.spyOn(charges, 'charge').mockImplementation(() => undefined);
  expect(broken(await verdictOf('f-break-even')).join('\n')).toMatch(/gain of work with the faster disk/);
});
