import { describe, expect, it } from 'vitest';
import type { Host } from '#main/host/host.ts';
import type { SchedulerConfig } from '#main/host/schedule/create-scheduler.ts';
import type { WorkloadConfig } from '#main/host/workload/create-workload.ts';
import { guestOf, hostOf, readingsOf } from './scheduled-host.ts';

/** Writes so many anonymous pages within a second, and then does as good as nothing. */
const holding = (anonPages: number): WorkloadConfig => ({
  kind: 'idle', filePages: 0, anonPages, accessesPerS: 0.001, jobPagesPerS: 100_000,
}); // prettier-ignore
/** Pages that the kernels keep back, and no more than that: easy to reckon with. */
const TICK: SchedulerConfig = { kind: 'self-balloon', era: '3.1', totalReservePages: 500 };
/** The kernel's own floor for 20,000 pages: 500 + P(40) + ⌊(19,500 − P(40)) / 8⌋. */
const FLOOR = 500 + 10_240 + 1157;

/** RAM of guest 1 after each round of self-ballooning and the step that follows it. */
function ramAfterRounds(host: Host, rounds: number): number[] {
  return Array.from({ length: rounds }, (_, round) => {
    host.runTo((round + 1) * 5000 + 100);
    return readingsOf(host, 1).ramPages;
  });
}

/** RAM by the formula: an eighth of the gap down to the goal, each round. */
function down(ram: number, goal: number, rounds: number): number[] {
  return Array.from({ length: rounds }, () => (ram -= Math.floor((ram - goal) / 8)));
}

describe('self-ballooning on a host', () => {
  it('takes RAM down to what is committed and reserved, an eighth of the way every five seconds', () => {
    const host = hostOf({
      totalPages: 20_000,
      schedule: [TICK],
      guests: [guestOf(1, holding(13_000), { ramPages: 20_000, kernel: { swapPages: 20_000 } })],
    });
    host.runTo(4900);
    expect(readingsOf(host, 1)).toMatchObject({ ramPages: 20_000, committedPages: 13_000 });
    const rounds = ramAfterRounds(host, 60);
    expect(rounds).toEqual(down(20_000, 13_500, 60));
    // Whole divisions end seven pages above the goal.
    expect(rounds.at(-1)).toBe(13_507);
    expect(readingsOf(host, 1)).toMatchObject({ swapPages: 0, swapOuts: 0 });
    expect(host.readings().fallowPages).toBe(6493);
  });

  it('stops at the floor where little is committed', () => {
    const host = hostOf({
      totalPages: 20_000,
      schedule: [TICK],
      guests: [guestOf(1, holding(100), { ramPages: 20_000 })],
    });
    const rounds = ramAfterRounds(host, 60);
    expect(rounds.slice(0, 3)).toEqual(down(20_000, 600, 3));
    expect(rounds.at(-1)).toBe(FLOOR);
  });

  it('gives a growing guest all it lacks at the next round', () => {
    const grows: WorkloadConfig = {
      kind: 'phases', repeat: false, phases: [{ ms: 151_000, work: holding(15_000) }, { ms: 1, work: holding(4_000) }],
    }; // prettier-ignore
    const host = hostOf({
      totalPages: 40_000,
      schedule: [{ ...TICK, selfshrinking: false }],
      guests: [guestOf(1, grows, { ramPages: 20_000, maxPages: 40_000, kernel: { swapPages: 20_000 } })],
    });
    const rounds = ramAfterRounds(host, 31);
    expect(rounds.slice(0, 30)).toEqual(down(20_000, 15_500, 30));
    // At 151 s it grew to 19,000; what its RAM had no room for went to preswap, and none to the disk.
    expect(rounds[30]).toBe(19_500);
    const after = readingsOf(host, 1);
    expect(after.preswapPages).toBeGreaterThanOrEqual(19_000 - (rounds[29] ?? 0));
    expect(after.diskWrites).toBe(0);
  });

  it('cannot give RAM that the guest`s own preswap pages take of its maximum', () => {
    const host = hostOf({
      totalPages: 20_000,
      schedule: [TICK],
      guests: [guestOf(1, holding(15_000), { ramPages: 12_000, maxPages: 20_000, kernel: { swapPages: 20_000 } })],
    });
    host.runTo(5100);
    const { preswapPages, ramPages, targetPages } = readingsOf(host, 1);
    expect(targetPages).toBe(15_500 + preswapPages);
    expect(ramPages).toBe(20_000 - preswapPages);
    expect(ramPages).toBeLessThan(targetPages);
  });

  it('brings pages back from preswap, a twentieth at a time, without a disk read', () => {
    const host = hostOf({
      totalPages: 40_000,
      schedule: [TICK],
      guests: [guestOf(1, holding(15_000), { ramPages: 12_000, maxPages: 40_000, kernel: { swapPages: 20_000 } })],
    });
    host.runTo(4900);
    const before = readingsOf(host, 1);
    const inPreswap = before.preswapPages;
    // What does not fit into RAM, in groups of eight.
    expect(inPreswap).toBeGreaterThanOrEqual(3000);
    expect(inPreswap).toBeLessThan(3008);
    expect(before.preswapPuts).toBe(inPreswap);
    // Room for what comes back is part of the goal.
    host.runTo(5100);
    expect(readingsOf(host, 1).ramPages).toBe(15_500 + inPreswap);
    const rounds = Array.from({ length: 120 }, (_, round) => {
      host.runTo((round + 2) * 5000 + 100);
      return readingsOf(host, 1).preswapPages;
    });
    // Rounds 2 and 3 wait; from round 4 on each brings back a twentieth, and the last twenty at once.
    let left = inPreswap;
    const expected = rounds.map((_, i) => (i < 2 ? left : (left = left <= 20 ? 0 : left - Math.floor(left / 20))));
    expect(rounds).toEqual(expected);
    expect(rounds.at(-1)).toBe(0);
    expect(readingsOf(host, 1)).toMatchObject({
      swapPages: 0,
      committedPages: 15_000,
      diskReads: 0,
      persistentPages: 0,
    });
  });

  it('of later kernels waits between two shrinks, and reserves a tenth of the RAM at boot', () => {
    const host = hostOf({
      totalPages: 30_000,
      schedule: [{ kind: 'self-balloon', totalReservePages: 500 }],
      guests: [guestOf(1, holding(15_000), { ramPages: 12_000, maxPages: 30_000, kernel: { swapPages: 20_000 } })],
    });
    host.runTo(5100);
    const inPreswap = readingsOf(host, 1).preswapPages;
    // 1,200 pages are 4 whole MiB.
    expect(readingsOf(host, 1).ramPages).toBe(15_500 + inPreswap + 1024);
    const rounds = Array.from({ length: 9 }, (_, round) => {
      host.runTo((round + 2) * 5000 + 100);
      return readingsOf(host, 1).preswapPages;
    });
    const once = inPreswap - Math.floor(inPreswap / 20);
    const twice = once - Math.floor(once / 20);
    const thrice = twice - Math.floor(twice / 20);
    expect(rounds).toEqual([inPreswap, inPreswap, once, once, once, twice, twice, twice, thrice]);
  });

  it('goes on from a fork as if nothing had happened', () => {
    const host = hostOf({
      totalPages: 20_000,
      schedule: [{ kind: 'self-balloon', totalReservePages: 500 }],
      guests: [guestOf(1, holding(15_000), { ramPages: 12_000, maxPages: 20_000, kernel: { swapPages: 20_000 } })],
    });
    host.runTo(17_300);
    const fork = host.fork();
    for (const one of [host, fork]) one.runTo(61_000);
    expect(fork.digest()).toBe(host.digest());
    expect(readingsOf(fork, 1).preswapPages).toBeLessThan(3000);
  });
});

describe('ballooning after MOM on a host', () => {
  it('shrinks guests to what they use and the margin while the host is short, and lets them grow when it is not', () => {
    const host = hostOf({
      totalPages: 22_000,
      schedule: [{ kind: 'mom' }],
      guests: [
        guestOf(1, holding(7_000), { ramPages: 10_000, kernel: { swapPages: 10_000 } }),
        guestOf(2, holding(2_000), { ramPages: 10_000, kernel: { swapPages: 10_000 } }),
      ],
    });
    // 2,000 of 22,000 are free: both give 5 % in the first round.
    host.runTo(10_100);
    expect([1, 2].map((id) => readingsOf(host, id).ramPages)).toEqual([9500, 9500]);
    // Until a fifth of the host is free.
    host.runTo(300_000);
    const shrunk = [1, 2].map((id) => readingsOf(host, id).ramPages);
    expect(host.readings().fallowPages).toBeGreaterThanOrEqual(4400 - 500);
    expect(shrunk.every((pages) => pages < 9500)).toBe(true);
    expect(readingsOf(host, 1).swapOuts).toBe(0);
    host.setTotalPages(60_000);
    host.runTo(600_000);
    expect([1, 2].map((id) => readingsOf(host, id).ramPages)).toEqual([10_000, 10_000]);
  });
});
