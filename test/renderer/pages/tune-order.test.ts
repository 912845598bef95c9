import { describe, expect, it } from 'vitest';
import { emptyTune, readTune } from '#renderer/pages/what-if/tune-order.ts';

const guests = [
  { id: 1, name: 'web' },
  { id: 2, name: 'db' },
];

describe('what the tuner is asked', () => {
  it('is nothing but its goal where nothing was typed', () => {
    expect(readTune(emptyTune(), guests)).toEqual({
      ok: true,
      order: { goal: 'throughput', importance: [], targets: [], fixed: [], worseAtMost: null },
    });
  });

  it('has importance, targets and the most that may be lost as numbers, each for its own goal only', () => {
    const typed = { importance: { 1: '2.5', 2: '1' }, targets: { 2: '5' }, fixed: { 1: true }, worseAtMost: '0.5' };
    expect(readTune({ goal: 'throughput', ...typed }, guests)).toMatchObject({
      order: { importance: [{ guestId: 1, factor: 2.5 }], targets: [], fixed: [1], worseAtMost: 0.005 },
    });
    expect(readTune({ goal: 'targets', ...typed }, guests)).toMatchObject({
      order: { importance: [], targets: [{ guestId: 2, readsPerAccess: 0.05 }] },
    });
  });

  it.each([
    [{ importance: { 2: 'much' } }, /how much db counts/],
    [{ worseAtMost: '101' }, /worse off, 0 to 100/],
    [{ goal: 'targets' as const }, /at least one guest a target/],
    [{ goal: 'targets' as const, targets: { 1: '-1' } }, /web's accesses/],
    [{ fixed: { 1: true, 2: true } }, /leave one to be changed/],
  ])('refuses %j with a sentence', (typed, sentence) => {
    expect(readTune({ ...emptyTune(), ...typed }, guests)).toMatchObject({
      ok: false,
      sentence: expect.stringMatching(sentence) as string,
    });
  });
});
