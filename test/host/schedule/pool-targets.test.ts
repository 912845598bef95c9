import { describe, expect, it } from 'vitest';
import { createScheduler, type SchedulerConfig } from '#main/host/schedule/create-scheduler.ts';
import type { Scheduler } from '#main/host/schedule/scheduler.ts';
import { smartAllocTargets } from '#main/host/schedule/smart-alloc.ts';
import { StateReader, StateWriter } from '#main/host/state.ts';
import { decided, guestReadings, hostReadings } from './readings.ts';

function scheduler(config: SchedulerConfig, guests: number): Scheduler {
  const made = createScheduler(config, guests);
  if (made === null) throw new Error(`${config.kind} makes no scheduler`);
  return made;
}

/** Three guests of 1,000 pages each in a host of 10,000: a pool of 7,000. */
const three = [1, 2, 3].map((id) => guestReadings({ id }));

describe('pool targets that do not look at demand', () => {
  it('has no scheduler where nobody sets targets', () => {
    expect(createScheduler({ kind: 'manual' }, 3)).toBeNull();
    expect(createScheduler({ kind: 'greedy' }, 3)).toBeNull();
  });

  it('gives static shares to all guests there are, of the pool there is', () => {
    const made = scheduler({ kind: 'static-shares' }, 3);
    expect(decided(made, hostReadings(three)).poolPages).toEqual([2333, 2333, 2333]);
    const [first, ...rest] = three;
    const grown = [guestReadings({ ...first, ramPages: 2000 }), ...rest];
    expect(decided(made, hostReadings(grown)).poolPages).toEqual([2000, 2000, 2000]);
    const gone = three.map((guest) => ({ ...guest, present: guest.id !== 2, ramPages: guest.id === 2 ? 0 : 1000 }));
    expect(decided(made, hostReadings(gone)).poolPages).toEqual([4000, Infinity, 4000]);
  });

  it('reconfigured, gives shares only to guests that have used tmem', () => {
    const made = scheduler({ kind: 'reconfigured-static' }, 3);
    expect(decided(made, hostReadings(three)).poolPages).toEqual([Infinity, Infinity, Infinity]);
    const one = three.map((guest) => ({ ...guest, preswapPuts: guest.id === 2 ? 1 : 0 }));
    expect(decided(made, hostReadings(one)).poolPages).toEqual([Infinity, 7000, Infinity]);
    const two = one.map((guest) => ({ ...guest, precachePutsFailed: guest.id === 3 ? 1 : 0 }));
    expect(decided(made, hostReadings(two)).poolPages).toEqual([Infinity, 3500, 3500]);
  });

  it('asks for nothing but pool targets', () => {
    const { targetPages, preswapPages } = decided(scheduler({ kind: 'static-shares' }, 3), hostReadings(three));
    expect(targetPages).toEqual([1000, 1000, 1000]);
    expect(preswapPages).toEqual([Infinity, Infinity, Infinity]);
  });
});

describe('smart-alloc, after SmarTmem', () => {
  it('gives the hungry P % of the pool, and takes P % of the target of those well under it', () => {
    // Pool 10,000, P 10, threshold 1,000. Hungry: 2,000 + 1,000. Well under (3,000 − 1,500 > 1,000): 3,000 · 0.9.
    // Close to it (2,000 − 1,000 is not more than 1,000): kept.
    const guests = [
      { targetPages: 2000, heldPages: 2000, hungry: true },
      { targetPages: 3000, heldPages: 1500, hungry: false },
      { targetPages: 2000, heldPages: 1000, hungry: false },
    ];
    expect(smartAllocTargets(guests, 10_000, 10, 1000)).toEqual([3000, 2700, 2000]);
  });

  it('scales all down in proportion where the sum does not fit', () => {
    // (6,000 + 1,000) and (6,000 + 1,000) of 10,000: 7,000 · 10 / 14.
    const full = { targetPages: 6000, heldPages: 6000, hungry: true };
    expect(smartAllocTargets([full, full], 10_000, 10, 1000)).toEqual([5000, 5000]);
    // (6,000 + 1,000) and 5,000: 7,000 · 10 / 12 and 5,000 · 10 / 12, rounded down.
    const idle = { targetPages: 5000, heldPages: 5000, hungry: false };
    expect(smartAllocTargets([full, idle], 10_000, 10, 1000)).toEqual([5833, 4166]);
  });

  it('begins with equal shares, then moves memory from the idle to the hungry', () => {
    const made = scheduler({ kind: 'smart-alloc', percent: 10 }, 3);
    expect(decided(made, hostReadings(three)).poolPages).toEqual([2333, 2333, 2333]);
    let failed = 0;
    const round = (): number[] =>
      decided(
        made,
        hostReadings(three.map((guest) => ({ ...guest, preswapPutsFailed: guest.id === 1 ? ++failed : 0 }))),
      ).poolPages;
    // 2,333 + 700; the others hold nothing: ⌊2,333 · 0.9⌋ = 2,099. In all 7,231: scaled by 7,000 / 7,231.
    expect(round()).toEqual([2936, 2031, 2031]);
    // 2,936 + 700; ⌊2,031 · 0.9⌋ = 1,827. In all 7,290: scaled by 7,000 / 7,290.
    expect(round()).toEqual([3491, 1754, 1754]);
    for (let i = 0; i < 30; i++) round();
    const [hungry = 0, idle = 0] = round();
    expect(hungry).toBeGreaterThan(5000);
    // Down to what is within the threshold (P % of 7,000) of the nothing they hold.
    expect(idle).toBeLessThanOrEqual(700);
  });

  it('counts puts made at the target as hunger, for a precache put then replaces the guest`s own page', () => {
    const made = scheduler({ kind: 'smart-alloc', percent: 10 }, 2);
    const readings = (puts: number, ephemeralPages: number) =>
      hostReadings([guestReadings({ precachePuts: puts, ephemeralPages }), guestReadings({ id: 2 })]);
    expect(decided(made, readings(5000, 4000)).poolPages).toEqual([4000, 4000]);
    // 4,000 + 800 and 4,000 · 0.9, in all 8,400: scaled by 8,000 / 8,400.
    expect(decided(made, readings(5001, 4000)).poolPages).toEqual([4571, 3428]);
    // No put since: not hungry, and it holds its target: kept. The other gives back.
    expect(decided(made, readings(5001, 4571)).poolPages).toEqual([4571, 3085]);
    // Puts, but with room to spare: not hungry. Within the threshold of 800 of its target: kept.
    expect(decided(made, readings(6000, 4000)).poolPages).toEqual([4571, 2776]);
  });

  it('never hands out more than the pool, whatever guests do', () => {
    const made = scheduler({ kind: 'smart-alloc', percent: 25 }, 3);
    for (let round = 1; round < 50; round++) {
      const guests = three.map((guest) => ({ ...guest, preswapPutsFailed: round % guest.id === 0 ? round : 0 }));
      const sum = decided(made, hostReadings(guests)).poolPages.reduce((total, pages) => total + pages, 0);
      expect(sum).toBeLessThanOrEqual(7000);
    }
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    const config: SchedulerConfig = { kind: 'smart-alloc', percent: 5 };
    const readings = (failed: number) =>
      hostReadings(three.map((guest) => ({ ...guest, preswapPutsFailed: guest.id === 3 ? failed : 0 })));
    const made = scheduler(config, 3);
    for (const failed of [0, 4, 9]) decided(made, readings(failed));
    const to = new StateWriter();
    made.save(to);
    const copy = scheduler(config, 3);
    copy.restore(new StateReader(to.entries));
    const rest = (one: Scheduler) => [9, 9, 11].map((failed) => decided(one, readings(failed)));
    expect(rest(copy)).toEqual(rest(made));
  });
});
