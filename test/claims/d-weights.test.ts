import { afterEach, expect, it, vi } from 'vitest';
import { fifo } from '#main/host/tmem/policies/fifo.ts';
import { POLICIES } from '#main/host/tmem/policies/index.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import { type ClaimRun, methodOf, runClaim, show, since } from './support.ts';

afterEach(() => vi.restoreAllMocks());

const VICTIMS = ['web', 'mail', 'wiki'] as const;
/** Once the pool is full, and the caches are warm. */
const FROM_S = 15;
const SHARE = 1.05;
const READS = 0.05;

const readsPerAccess = (run: ClaimRun, name: string): number =>
  since(run, name, 'diskReads', FROM_S) / since(run, name, 'accesses', FROM_S);
const allReads = (run: ClaimRun): number =>
  VICTIMS.reduce((sum, name) => sum + since(run, name, 'diskReads', FROM_S), 0);
const mostHeld = (run: ClaimRun, hog: string): number => {
  const persistent = run.course(hog, 'persistentPages');
  const held = run.course(hog, 'ephemeralPages').map((pages, second) => pages + (persistent[second] ?? 0));
  return Math.max(...held.slice(FROM_S));
};

/** The run without the hog, whose share is taken out of the pool. */
function withoutHog(name: string, hog: string): Promise<ClaimRun> {
  return runClaim(name, { settings: [`guests.${hog}.starts=false`, 'host.poolLimitMiB=24'] });
}

function isClaimed(run: ClaimRun, alone: ClaimRun, hog: string): void {
  expect(run.poolPages / 4, 'share').toBe(2_048);
  expect(mostHeld(run, hog), `pages of the ${hog}`).toBeLessThanOrEqual((SHARE * run.poolPages) / 4);
  for (const name of VICTIMS) {
    const change = readsPerAccess(run, name) / readsPerAccess(alone, name) - 1;
    expect(Math.abs(change), `change of the disk reads of ${name}`).toBeLessThanOrEqual(READS);
  }
}

function tell(runs: Readonly<Record<string, ClaimRun>>, hog: string): void {
  const [first] = Object.values(runs);
  if (first === undefined) return;
  show(
    first,
    ['disk reads per access', ...VICTIMS, `most pages of the ${hog}`],
    Object.entries(runs).map(([name, run]) => [
      name,
      ...VICTIMS.map((victim) => readsPerAccess(run, victim).toFixed(3)),
      mostHeld(run, hog),
    ]),
  );
}

it('d: honoured weights hold an ephemeral hog to its share, and the rule that Xen shipped makes it worse', async () => {
  const [name, hog] = ['d-ephemeral-hog', 'backup'];
  const alone = await withoutHog(name, hog);
  const honoured = await runClaim(name);
  const unweighted = await runClaim(name, { settings: ['policy=fifo'] });
  const shipped = await runClaim(name, { settings: ['policy=xen-shipped'] });
  tell({ 'max-over-share': honoured, 'without the hog': alone, fifo: unweighted, 'xen-shipped': shipped }, hog);
  isClaimed(honoured, alone, hog);
  for (const run of [unweighted, shipped]) {
    expect(mostHeld(run, hog)).toBeGreaterThan((SHARE * run.poolPages) / 4);
    expect(() => isClaimed(run, alone, hog)).toThrow(/pages of the backup/);
  }
  expect(allReads(unweighted)).toBeGreaterThan((1 + READS) * allReads(alone));
  expect(allReads(shipped), 'disk reads under the rule that Xen shipped').toBeGreaterThan(allReads(unweighted));
});

it('d: a quota holds a hoarder of preswap to its share', async () => {
  const [name, hog] = ['d-preswap-hoarder', 'hoarder'];
  const alone = await withoutHog(name, hog);
  const honoured = await runClaim(name);
  tell({ 'max-over-share': honoured, 'without the hoarder': alone }, hog);
  isClaimed(honoured, alone, hog);
  expect(mostHeld(honoured, hog)).toBe(2_048);
});

it('d: honoured weights hold a flood of operations to its share', async () => {
  const [name, hog] = ['d-flood', 'flooder'];
  const alone = await withoutHog(name, hog);
  const honoured = await runClaim(name);
  const unweighted = await runClaim(name, { settings: ['policy=fifo'] });
  const shipped = await runClaim(name, { settings: ['policy=xen-shipped'] });
  tell({ 'max-over-share': honoured, 'without the flood': alone, fifo: unweighted, 'xen-shipped': shipped }, hog);
  isClaimed(honoured, alone, hog);
  expect(() => isClaimed(unweighted, alone, hog)).toThrow(/pages of the flooder/);
  // Each access that the own cache misses waits at most for one operation of each other guest: a get and a put of 3 µs.
  for (const victim of VICTIMS) {
    const { accesses, cacheHits } = honoured.guest(victim);
    const waitedS = (accesses - cacheHits) * 3 * 2 * 3e-6;
    const bound = 1 - waitedS / honoured.seconds;
    expect(accesses / alone.guest(victim).accesses, `work of ${victim}`).toBeGreaterThanOrEqual(bound);
  }
});

it('d: a policy that ignores weights, and a host that does not bill preswap, are found out', async () => {
  const hogAlone = await withoutHog('d-ephemeral-hog', 'backup');
  const floodAlone = await withoutHog('d-flood', 'flooder');
  vi.spyOn(POLICIES, 'max-over-share').mockImplementation(fifo);
  const hog = await runClaim('d-ephemeral-hog');
  expect(() => isClaimed(hog, hogAlone, 'backup')).toThrow(/pages of the backup/);
  const flood = await runClaim('d-flood');
  expect(() => isClaimed(flood, floodAlone, 'flooder')).toThrow(/pages of the flooder/);
  vi.restoreAllMocks();

  const hoarderAlone = await withoutHog('d-preswap-hoarder', 'hoarder');
  const createDomain = methodOf(TmemStore.prototype, 'createDomain');
  vi.spyOn(TmemStore.prototype, 'createDomain').mockImplementation(function (this: TmemStore, id, ram, _max) {
    return createDomain.call(this, id, ram, 1 << 24);
  });
  const hoarder = await runClaim('d-preswap-hoarder');
  expect(() => isClaimed(hoarder, hoarderAlone, 'hoarder')).toThrow(/pages of the hoarder/);
});
