import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventOrder, NEVER } from '#main/host/event-order.ts';

describe('the order of events', () => {
  it('always names the earliest guest, the lower number among equals', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.tuple(fc.nat(8), fc.nat(6)), { maxLength: 60 }),
        (count, sets) => {
          const order = new EventOrder(count);
          const times = Array.from({ length: count }, () => NEVER);
          for (const [guest, time] of sets) {
            if (guest >= count) continue;
            order.set(guest, time);
            times[guest] = time;
            expect(order.first).toBe(times.indexOf(Math.min(...times)));
          }
        },
      ),
    );
  });

  it('keeps its order when a second begins and when it is restored', () => {
    const order = new EventOrder(3);
    order.set(0, 30);
    order.set(1, 20);
    order.set(2, 25);
    order.shift(20);
    expect([order.first, order.times[1], order.times[2]]).toEqual([1, 0, 5]);
    const copy = new EventOrder(3);
    copy.restore(order.times);
    copy.set(1, 50);
    expect(copy.first).toBe(2);
  });
});
