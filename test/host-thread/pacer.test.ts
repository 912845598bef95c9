import { describe, expect, it } from 'vitest';
import { Pacer } from '#main/host-thread/pacer.ts';

function pacerAt(start: number) {
  const clock = { now: start };
  return { clock, pacer: new Pacer(() => clock.now) };
}

describe('host time against wall time', () => {
  it('runs at the chosen speed from where the speed was chosen', () => {
    const { clock, pacer } = pacerAt(1_000);
    clock.now += 500;
    expect(pacer.targetMs(0)).toBe(500);
    pacer.set(false, '10x', 500);
    clock.now += 100;
    expect(pacer.targetMs(500)).toBe(1_500);
    pacer.set(false, 'max', 1_500);
    expect(pacer.targetMs(1_500)).toBe(Infinity);
  });

  it('stands still while paused and does not catch up afterwards', () => {
    const { clock, pacer } = pacerAt(0);
    pacer.set(true, '1x', 700);
    clock.now += 60_000;
    expect([pacer.targetMs(700), pacer.lagMs(700)]).toEqual([700, 0]);
    pacer.set(false, '1x', 700);
    clock.now += 10;
    expect(pacer.targetMs(700)).toBe(710);
  });

  it('says the lag in wall time and forgets one that cannot be caught up', () => {
    const { clock, pacer } = pacerAt(0);
    pacer.set(false, '10x', 0);
    clock.now += 400;
    expect(pacer.lagMs(2_000)).toBe(200);
    expect(pacer.forgetLag(2_000)).toBe(0);
    clock.now += 3_600_000;
    expect(pacer.forgetLag(2_000)).toBe(3_600_200);
    expect(pacer.targetMs(2_000)).toBe(2_000);
  });
});
