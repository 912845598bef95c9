import { describe, expect, it } from 'vitest';
import { createScheduler } from '#main/host/schedule/create-scheduler.ts';
import type { GuestReadings } from '#main/host/schedule/scheduler.ts';
import { decided, guestReadings, hostReadings } from './readings.ts';

/** What MOM sets for a guest of 10,000 pages in a host of which `freePermille` is free, part of it ephemeral. */
function target(freePermille: number, changes: Partial<GuestReadings>, unused: 'free' | 'free-and-clean' = 'free') {
  const guest = guestReadings({ ramPages: 10_000, maxPages: 20_000, ...changes });
  const readings = hostReadings([guest], {
    totalPages: 100_000,
    ephemeralPages: 1000,
    fallowPages: freePermille * 100 - 1000,
  });
  return decided(createScheduler({ kind: 'mom', unused }, 1), readings).targetPages[0];
}

describe('ballooning by the pressure on the host, after MOM', () => {
  it('decides every ten seconds', () => {
    expect(createScheduler({ kind: 'mom' }, 1)?.intervalMs).toBe(10_000);
  });

  it('grows by 5 % while a fifth of the host is free', () => {
    // Uses 5,000 and wants 2,000 free: 7,000, less than it has. 10,000 · 1.05.
    expect(target(200, { anonPages: 5_000 })).toBe(10_500);
  });

  it('grows at once to what the guest uses and a fifth of its RAM', () => {
    // 9,500 + 2,000 = 11,500, more than 10,500.
    expect(target(300, { anonPages: 9_500 })).toBe(11_500);
  });

  it('never grows beyond the maximum, nor for a change of a quarter percent', () => {
    expect(target(300, { anonPages: 9_500, maxPages: 11_000 })).toBe(11_000);
    expect(target(300, { anonPages: 9_500, maxPages: 10_026 })).toBe(10_026);
    expect(target(300, { anonPages: 9_500, maxPages: 10_025 })).toBe(10_000);
  });

  it('shrinks by 5 % at most under pressure', () => {
    // 10 % of the host free: the margin is 20 % · (10 / 20) = 10 %: 5,000 + 1,000 = 6,000, less than 9,500.
    expect(target(100, { anonPages: 5_000 })).toBe(9_500);
  });

  it('leaves the margin that the pressure allows', () => {
    // 8,600 + 10 % = 9,600: the margin holds.
    expect(target(100, { anonPages: 8_600 })).toBe(9_600);
    // 9,000 + 1,000 = 10,000 and more: nothing to give.
    expect(target(100, { anonPages: 9_000 })).toBe(10_000);
    expect(target(100, { anonPages: 9_900 })).toBe(10_000);
  });

  it('takes memory that is used when the pressure is critical', () => {
    // 2 % free: the margin is 2 % − 5 % = −3 %: 9,900 − 300 = 9,600.
    expect(target(20, { anonPages: 9_900 })).toBe(9_600);
  });

  it('never shrinks below the minimum', () => {
    expect(target(100, { anonPages: 0, minPages: 9_800 })).toBe(9_800);
  });

  it('counts page cache as used unless told to count what is clean of it as free', () => {
    const reader = { anonPages: 1_000, cachePages: 9_000, dirtyPages: 2_000 };
    expect(target(100, reader)).toBe(10_000);
    // Uses 1,000 and 2,000 dirty; 3,000 + 1,000 is less than 9,500.
    expect(target(100, reader, 'free-and-clean')).toBe(9_500);
  });

  it('leaves guests alone that are absent or not its own', () => {
    const guests = [1, 2, 3].map((id) => guestReadings({ id, ramPages: 1000, maxPages: 2000, present: id !== 2 }));
    const made = createScheduler({ kind: 'mom', guests: [1, 2] }, 3);
    expect(decided(made, hostReadings(guests)).targetPages).toEqual([1050, 1000, 1000]);
  });
});
