import { describe, expect, it } from 'vitest';
import { type GuestConfig, NO_PACE } from '#main/host/host-config.ts';
import { Host } from '#main/host/host.ts';
import { Random } from '#main/host/random.ts';
import { replayPool } from '#main/host/replay/pool-replay.ts';
import { buildTape } from '#main/host/replay/tape.ts';
import { ANON_WRITE, FILE_READ } from '#main/host/workload/workload.ts';
import { hostOf, observe, scripted, sweep } from './scripted-host.ts';
import { smallConfig } from './small-config.ts';
import { traceOf } from './trace-of.ts';

/** Reads 300 pages again and again. */
const loop = Array.from({ length: 30 }, () => sweep(FILE_READ, 0, 300)).flat();

describe('a host', () => {
  it.each(['fifo', 'xen-documented', 'max-over-share'] as const)(
    'agrees with the replay of the same traces to the digit where nothing takes time (%s)',
    (policy) => {
      // Guests in turn, one access a ms each: the lower number first, as the replay takes them.
      const random = new Random(3, 1);
      const traces = [400, 700, 350].map((pages) =>
        traceOf(Array.from({ length: 9_000 }, () => random.below(1 + random.below(pages)))),
      );
      const weights = [100, 250, 50];
      const guests = traces.map((trace, place): GuestConfig => ({
        ...{ id: place + 1, name: `guest-${place + 1}`, trace, weight: weights[place] ?? 0 },
        ...{ ramPages: 60, minPages: 0, maxPages: 60 },
        pace: { ...NO_PACE, phases: [{ ms: 1_000_000, accessesPerS: 1_000 }] },
      }));
      const host = hostOf(guests, 400, { policy });
      // The last access is at 9,000 ms.
      host.runTo(9_001);
      const tape = buildTape(
        traces.map((trace) => ({ trace, ramPages: 60 })),
        'round-robin',
      );
      const [expected = []] = replayPool(tape, [{ policy, poolPages: 400, weights }]);
      const outcomes = host.readings().guests.map(({ precacheHits, diskReads, precachePuts, ephemeralPages }) => ({
        ...{ precacheHits, diskReads },
        puts: precachePuts,
        residentPages: ephemeralPages,
      }));
      expect(outcomes).toEqual(
        expected.map(({ precacheHits, diskReads, puts, residentPages }) => ({
          ...{ precacheHits, diskReads, puts, residentPages },
        })),
      );
      expect(Math.min(...outcomes.map(({ precacheHits }) => precacheHits))).toBeGreaterThan(0);
    },
  );

  it('starts a guest when its time has come, out of the pages that others have borrowed', () => {
    const host = hostOf([scripted(1, loop, {}), scripted(2, loop, { startMs: 2_500, ramPages: 150 })], 100);
    const seen = observe(host, 5_000);
    expect(seen.each('ramPages', 1)).toEqual([0, 0, 150, 150, 150]);
    expect(seen.each('accesses', 1)).toEqual([0, 0, 499, 1_000, 1_000]);
    expect(seen.each('ephemeralPages')[1]).toBe(200);
    expect(host.readings().fallowPages).toBe(0);
    expect(seen.sum('evictedByOthers')).toBeGreaterThanOrEqual(100);
  });

  it('leaves out its own commands for a guest that was removed from outside', () => {
    const config = smallConfig();
    const commands = [
      { atMs: 3_000, kind: 'weight', guestId: 2, weight: 5 },
      { atMs: 3_000, kind: 'weight', guestId: 1, weight: 7 },
    ] as const;
    const host = new Host({ ...config, commands });
    host.runTo(1_000);
    host.removeGuest(2);
    host.runTo(4_000);
    expect([host.guest(1)?.weight, host.guest(2)?.presence]).toEqual([7, 2]);
  });

  it('starts a guest by command, and forgets one that was removed', () => {
    const host = hostOf([scripted(1, loop, {}), scripted(2, loop, { startMs: Infinity, ramPages: 50 })], 100);
    expect(observe(host, 1_000).sum('accesses', 1)).toBe(0);
    host.setWeight(2, 7);
    host.startGuest(2);
    expect(host.guest(2)?.ramPages).toBe(50);
    const seen = observe(host, 1_000);
    expect([seen.last('accesses', 1), seen.last('weight', 1)]).toEqual([999, 7]);
    host.removeGuest(2);
    expect(host.readings().guests[1]).toMatchObject({ present: false, ramPages: 0, ephemeralPages: 0 });
    expect(() => host.setWeight(2, 1)).toThrow('There is no guest 2.');
  });

  it('holds a guest to its cap and below, and flushes it', () => {
    const host = hostOf([scripted(1, loop, { capPages: 40 })], 150);
    expect(observe(host, 1_000).last('ephemeralPages')).toBe(40);
    host.setCap(1, 10);
    expect(host.readings().ephemeralPages).toBe(10);
    host.setCap(1, Infinity);
    expect(observe(host, 1_000).last('ephemeralPages')).toBe(150);
    expect(host.flushGuest(1)).toBe(150);
    expect(host.readings().ephemeralPages).toBe(0);
  });

  it('refuses the puts of a frozen guest, which only reads the disk then', () => {
    const host = hostOf([scripted(1, loop, {})], 300);
    host.runTo(1_000);
    host.setFrozen(1, true);
    const seen = observe(host, 1_000);
    expect(observe(host, 1_000).sum('precachePuts') + seen.last('precachePuts')).toBe(0);
    host.setFrozen(1, false);
    expect(observe(host, 1_000).sum('precachePuts')).toBe(1_000);
  });

  it('does without precache and preswap where a guest does not use them', () => {
    const kernel = { swapPages: 300 };
    const steps = [...sweep(ANON_WRITE, 0, 150), ...sweep(FILE_READ, 0, 150)];
    const host = hostOf([scripted(1, steps, { kernel, precache: false, preswap: false, maxPages: 400 })], 300);
    const seen = observe(host, 1_000);
    expect(
      seen.sum('precacheGets') + seen.sum('precachePuts') + seen.sum('preswapPuts') + seen.sum('preswapPutsFailed'),
    ).toBe(0);
    expect([seen.sum('diskReads'), host.readings().fallowPages]).toEqual([150, 300]);
  });

  it('stops a balloon at the floor of its guest', () => {
    const host = hostOf([scripted(1, loop, { floorPages: 70 })], 0);
    host.setBalloonTarget(1, 20);
    expect(observe(host, 2_000).last('ramPages')).toBe(70);
    host.setBalloonTarget(1, 100);
    expect(observe(host, 2_000).last('ramPages')).toBe(100);
  });

  it('swaps anonymous memory out before it yields RAM, and keeps RAM that it cannot clear', () => {
    const kernel = { swapPages: 30, swapClusterLog2: 0 };
    const host = hostOf([scripted(1, sweep(ANON_WRITE, 0, 90), { kernel, preswap: false })], 0);
    host.runTo(1_000);
    host.setBalloonTarget(1, 20);
    const seen = observe(host, 2_000);
    expect([seen.last('ramPages'), seen.last('anonPages'), seen.last('swapPages')]).toEqual([60, 60, 30]);
    expect(seen.sum('oomKills')).toBe(0);
  });

  it('gives itself the commands of its config at their times', () => {
    const commands = [
      { atMs: 0, kind: 'cap', guestId: 1, pages: 30 },
      { atMs: 1_500, kind: 'weight', guestId: 1, weight: 300 },
      { atMs: 2_000, kind: 'balloon-target', guestId: 1, pages: 50 },
      { atMs: 3_100, kind: 'frozen', guestId: 1, frozen: true },
      { atMs: 4_000, kind: 'running', guestId: 1, running: false },
    ] as const;
    const host = hostOf([scripted(1, loop, {})], 200, { commands });
    const seen = observe(host, 5_000);
    expect(seen.each('weight').slice(0, 4)).toEqual([100, 300, 300, 300]);
    expect(seen.each('ramPages')).toEqual([100, 100, 50, 50, 0]);
    expect(seen.each('ephemeralPages')).toEqual([30, 30, 30, seen.each('ephemeralPages')[3], 0]);
    expect(seen.each('accesses')).toEqual([999, 1_000, 1_000, 1_000, 0]);
  });

  it('calls its memory schedulers at their intervals and keeps what they ask for', () => {
    const kernel = { swapPages: 400, swapClusterLog2: 0 };
    const hungry = scripted(1, [...sweep(ANON_WRITE, 0, 200), ...loop], { kernel, maxPages: 400 });
    const host = hostOf([hungry, scripted(2, [], {})], 120, {
      schedule: [{ kind: 'static-shares', intervalS: 0.1 }],
    });
    const seen = observe(host, 3_000);
    // Half of the pool each: the first 60 pages that leave are stored, later ones are not.
    expect(seen.each('persistentPages').every((pages) => pages <= 60)).toBe(true);
    expect(seen.sum('preswapPutsFailed')).toBeGreaterThan(0);
    for (const second of [0, 1, 2]) {
      const held = (seen.each('persistentPages')[second] ?? NaN) + (seen.each('ephemeralPages')[second] ?? NaN);
      expect(held).toBeLessThanOrEqual(60);
    }
    expect(host.readings().fallowPages).toBeGreaterThanOrEqual(60);
  });

  it('brings pages back from preswap where a scheduler asks for it', () => {
    const kernel = { swapPages: 400, swapClusterLog2: 0 };
    const guest = scripted(1, sweep(ANON_WRITE, 0, 200), { kernel, maxPages: 300 });
    const host = hostOf([guest], 200, { schedule: [{ kind: 'self-balloon' }] });
    host.runTo(1_000);
    expect(host.readings().persistentPages).toBe(100);
    // It balloons up to what is committed, and one page in twenty follows each 15 s, the last twenty at once.
    host.runTo(300_000);
    const { persistentPages, guests } = host.readings();
    expect(guests[0]?.anonPages).toBe(200 - persistentPages);
    expect(persistentPages).toBeLessThan(60);
    host.runTo(700_000);
    expect(host.readings().persistentPages).toBe(0);
  });

  it('refuses a config that it cannot run, and names the place', () => {
    expect(() => hostOf([scripted(1, [], { fileDisk: 1 })], 0)).toThrow('guests[0].fileDisk must be a whole number');
    expect(() => hostOf([scripted(1, [], { kernel: { writebackS: 0 } })], 0)).toThrow('guests[0].kernel.writebackS');
    const costs = { cpu: { hypercallNs: 0, copyNs: 0, cores: 0 }, disks: [] };
    expect(() => hostOf([], 10, { costs })).toThrow('costs.cpu.cores');
    const late = { kind: 'pool-limit', pages: 1 } as const;
    const commands = [
      { ...late, atMs: 5 },
      { ...late, atMs: 4 },
    ];
    expect(() => hostOf([], 10, { commands })).toThrow('commands[1].atMs');
  });

  it('refuses a config whose guests do not fit', () => {
    expect(() => hostOf([scripted(1, [], {})], -1)).toThrow('does not fit');
  });
});
