import { requireNumber, requireWhole } from './config-value.ts';
import { NO_COSTS } from './costs.ts';
import { DEFAULT_KERNEL } from './guest/kernel-config.ts';
import type { GuestConfig, HostConfig } from './host-config.ts';

const PAGES_MAX = 0x1000_0000;
const SECONDS_MAX = 86_400;
const NS_MAX = 1e12;
/** What can be told apart in a content's stand-in. */
const IMAGES_MAX = 4_095;

/** Checks what a host cannot run with. Workloads and schedulers check their own. @throws ConfigValueError with the place */
export function checkConfig(config: HostConfig): void {
  const { cpu, disks } = config.costs ?? NO_COSTS;
  requireWhole('costs.cpu.hypercallNs', cpu.hypercallNs, 0, NS_MAX);
  requireWhole('costs.cpu.copyNs', cpu.copyNs, 0, NS_MAX);
  requireWhole('costs.cpu.cores', cpu.cores, 1, 1_024);
  requireWhole('costs.disks.length', disks.length, 1, 64);
  disks.forEach((disk, at) => {
    requireWhole(`costs.disks[${at}].serviceNs`, disk.serviceNs, 0, NS_MAX);
    requireWhole(`costs.disks[${at}].nextPageNs`, disk.nextPageNs, 0, NS_MAX);
    requireWhole(`costs.disks[${at}].parallel`, disk.parallel, 1, 1_024);
  });
  (config.commands ?? []).forEach(({ atMs }, at, all) => {
    requireWhole(`commands[${at}].atMs`, atMs, at === 0 ? 0 : all[at - 1].atMs, Number.MAX_SAFE_INTEGER);
  });
  config.guests.forEach((guest, place) => checkGuest(guest, `guests[${place}]`, disks.length));
}

function checkGuest(guest: GuestConfig, place: string, disks: number): void {
  const kernel = { ...DEFAULT_KERNEL, ...guest.kernel };
  requireWhole(`${place}.kernel.swapPages`, kernel.swapPages, 0, PAGES_MAX);
  requireWhole(`${place}.kernel.swapClusterLog2`, kernel.swapClusterLog2, 0, 8);
  requireNumber(`${place}.kernel.swappiness`, kernel.swappiness, 0, 200);
  requireNumber(`${place}.kernel.dirtyBackgroundPermille`, kernel.dirtyBackgroundPermille, 0, 1_000);
  requireNumber(`${place}.kernel.dirtyPermille`, kernel.dirtyPermille, 0, 1_000);
  requireWhole(`${place}.kernel.writebackS`, kernel.writebackS, 1, SECONDS_MAX);
  requireWhole(`${place}.kernel.dirtyExpireS`, kernel.dirtyExpireS, 1, SECONDS_MAX);
  requireWhole(`${place}.fileDisk`, guest.fileDisk ?? 0, 0, disks - 1);
  requireWhole(`${place}.swapDisk`, guest.swapDisk ?? 0, 0, disks - 1);
  requireWhole(`${place}.floorPages`, guest.floorPages ?? 0, 0, PAGES_MAX);
  if (guest.startMs !== Infinity) requireWhole(`${place}.startMs`, guest.startMs ?? 0, 0, Number.MAX_SAFE_INTEGER);
  if (guest.capPages !== Infinity) requireWhole(`${place}.capPages`, guest.capPages ?? 0, 0, Number.MAX_SAFE_INTEGER);
  if (guest.content !== undefined) checkContent(guest.content, `${place}.content`);
}

function checkContent(content: NonNullable<GuestConfig['content']>, place: string): void {
  requireWhole(`${place}.image`, content.image, 0, IMAGES_MAX);
  requireWhole(`${place}.imagePages`, content.imagePages, 0, PAGES_MAX);
  for (const part of ['filePermille', 'anonPermille'] as const) {
    const sum = content[part].reduce((total, permille) => total + permille, 0);
    requireWhole(`the sum of ${place}.${part}`, sum, 1_000, 1_000);
  }
}
