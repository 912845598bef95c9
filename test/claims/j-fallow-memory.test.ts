import { afterEach, expect, it, vi } from 'vitest';
import { TmemStore } from '#main/host/tmem/store.ts';
import { type ClaimRun, runClaim, show } from './support.ts';
import { lruMisses, pagesRead } from './theory.ts';

afterEach(() => vi.restoreAllMocks());

const NAMES = ['web', 'db'] as const;
const without = NAMES.map((name) => `guests.${name}.precache=false`);

function byCurve(run: ClaimRun, name: string, pages: (ramPages: number, capPages: number) => number): number {
  const guest = run.configOf(name);
  const read = pagesRead(guest, run.config.seed, run.guest(name).accesses);
  return lruMisses(read, pages(guest.ramPages, guest.capPages ?? NaN));
}

function isClaimed(withTmem: ClaimRun, withoutTmem: ClaimRun): void {
  for (const name of NAMES) {
    const { diskReads } = withTmem.guest(name);
    expect(diskReads, `disk reads of ${name} with tmem`).toBe(byCurve(withTmem, name, (ram, cap) => ram + cap));
    const before = withoutTmem.guest(name).diskReads;
    expect(before, `disk reads of ${name} without`).toBe(byCurve(withoutTmem, name, (ram) => ram));
    const perAccess = diskReads / withTmem.guest(name).accesses;
    expect(perAccess, `disk reads per access of ${name}`).toBeLessThan(before / withoutTmem.guest(name).accesses);
  }
  const caps = NAMES.reduce((sum, name) => sum + (withTmem.configOf(name).capPages ?? NaN), 0);
  expect(caps, 'the pool holds both').toBe(withTmem.poolPages);
}

it('j: tmem has value with neither ballooning nor deduplication', async () => {
  const withTmem = await runClaim('j-fallow-memory');
  const withoutTmem = await runClaim('j-fallow-memory', { settings: without });
  show(
    withTmem,
    ['guest', 'accesses', 'disk reads', 'by the curve', 'without tmem: accesses', 'disk reads', 'by the curve'],
    NAMES.map((name) => {
      const now = withTmem.guest(name);
      const before = withoutTmem.guest(name);
      const told = byCurve(withTmem, name, (ram, cap) => ram + cap);
      return [
        name,
        now.accesses,
        now.diskReads,
        told,
        before.accesses,
        before.diskReads,
        byCurve(withoutTmem, name, (ram) => ram),
      ];
    }),
  );
  isClaimed(withTmem, withoutTmem);
});

it('j: a host that ignores caps is found out', async () => {
  vi.spyOn(TmemStore.prototype, 'setCap').mockReturnValue(0);
  const broken = await runClaim('j-fallow-memory');
  vi.restoreAllMocks();
  const withoutTmem = await runClaim('j-fallow-memory', { settings: without });
  expect(() => isClaimed(broken, withoutTmem)).toThrow(/disk reads of web with tmem/);
});
