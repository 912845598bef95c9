import { describe, expect, it } from 'vitest';
import { createScheduler, type SchedulerConfig } from '#main/host/schedule/create-scheduler.ts';
import { SELFSHRINK_START, selfshrink } from '#main/host/schedule/frontswap-selfshrink.ts';
import { linuxTotalReservePages } from '#main/host/schedule/linux-reserve.ts';
import type { Scheduler } from '#main/host/schedule/scheduler.ts';
import { selfBalloonFloor, selfBalloonTarget } from '#main/host/schedule/self-balloon.ts';
import { StateReader, StateWriter } from '#main/host/state.ts';
import { decided, guestReadings, hostReadings } from './readings.ts';

/** 1 GiB; P(mb) = 256 · mb pages. */
const GIB = 262_144;
const base = {
  ramPages: GIB,
  maxPages: GIB,
  committedPages: 60_000,
  totalReservePages: 2_000,
  reservedPages: 0,
  preswapPages: 0,
  downHysteresis: 8,
  upHysteresis: 1,
  minUsableMb: 0,
};

function scheduler(config: SchedulerConfig, guests = 1): Scheduler {
  const made = createScheduler(config, guests);
  if (made === null) throw new Error(`${config.kind} makes no scheduler`);
  return made;
}

describe('the target of self-ballooning', () => {
  it('goes an eighth of the way down to what is committed and reserved', () => {
    // goal 60,000 + 2,000 = 62,000; gap 200,144; ⌊/ 8⌋ = 25,018; 262,144 − 25,018.
    expect(selfBalloonTarget(base)).toBe(237_126);
    // gap 175,126; ⌊/ 8⌋ = 21,890; 237,126 − 21,890.
    expect(selfBalloonTarget({ ...base, ramPages: 237_126 })).toBe(215_236);
  });

  it('goes all the way up at once, or a part of it where told so', () => {
    expect(selfBalloonTarget({ ...base, ramPages: 50_000 })).toBe(62_000);
    // 50,000 + ⌊12,000 / 5⌋
    expect(selfBalloonTarget({ ...base, ramPages: 50_000, upHysteresis: 5 })).toBe(52_400);
  });

  it('stays at the goal, and within seven pages above it', () => {
    expect(selfBalloonTarget({ ...base, ramPages: 62_000 })).toBe(62_000);
    expect(selfBalloonTarget({ ...base, ramPages: 62_007 })).toBe(62_007);
    expect(selfBalloonTarget({ ...base, ramPages: 62_008 })).toBe(62_007);
  });

  it('counts what is reserved and what shall come back from preswap', () => {
    // goal 62,000 + 26,112 + 5,000 = 93,112; gap 169,032; / 8 = 21,129.
    expect(selfBalloonTarget({ ...base, reservedPages: 26_112, preswapPages: 5_000 })).toBe(241_015);
  });

  it.each([
    ['not worth ballooning under 16 MiB', 4_195, 4_195], // usable 4,095 < 4,096: max_pfn
    ['16 MiB', 4_196, 4_196], // 100 + 4,096 + 0
    ['32 MiB', 8_292, 6_244], // 100 + 4,096 + (8,192 − 4,096) / 2 = 100 + 4,096 + 2,048
    ['64 MiB', 16_484, 11_108], // 100 + 10,240 + (16,384 − 10,240) / 8 = 100 + 10,240 + 768
    ['512 MiB', 131_172, 28_748], // 100 + 25,344 + ⌊(131,072 − 25,344) / 32⌋ = 100 + 25,344 + 3,304
    ['1 GiB', 262_244, 32_844], // 100 + 25,344 + ⌊(262,144 − 25,344) / 32⌋ = 100 + 25,344 + 7,400
  ])('has a floor by the RAM the guest could use: %s', (_name, maxPages, floor) => {
    expect(selfBalloonFloor({ maxPages, totalReservePages: 100, minUsableMb: 0 })).toBe(floor);
  });

  it('has the floor that it is told, above the reserve', () => {
    // 2,000 + 10 · 256
    expect(selfBalloonFloor({ ...base, minUsableMb: 10 })).toBe(4_560);
    expect(selfBalloonTarget({ ...base, minUsableMb: 1000 })).toBe(258_000);
  });

  it('takes the reserve of a kernel of 1 GiB as 1.5 · 4·√RAM', () => {
    // √1,048,576 KiB = 1,024; · 4 = 4,096 KiB = 1,024 pages; · 3/2.
    expect(linuxTotalReservePages(GIB)).toBe(1_536);
    // 4·√1,024 KiB = 128 KiB, also the least there is; 32 pages; · 3/2.
    expect(linuxTotalReservePages(256)).toBe(48);
    expect(linuxTotalReservePages(16)).toBe(48);
    // The most there is: 64 MiB = 16,384 pages; · 3/2.
    expect(linuxTotalReservePages(GIB * 1024)).toBe(24_576);
  });
});

describe('frontswap selfshrinking', () => {
  /** Lets the guest do as it is told (or grow by what `growth` says) and notes what it is told each round. */
  function rounds(pages: number, count: number, waitsAfterShrink: boolean, growth: Record<number, number> = {}) {
    let state = SELFSHRINK_START;
    const told: (number | null)[] = [];
    for (let round = 1; round <= count; round++) {
      pages += growth[round] ?? 0;
      const next = selfshrink(state, pages, { hysteresis: 20, inertia: 3, waitsAfterShrink });
      state = next.state;
      told.push(next.shrinkTo);
      pages = next.shrinkTo ?? pages;
    }
    return told;
  }

  it('in later kernels waits three rounds before each twentieth', () => {
    // Round 1 sees growth from 0; 1,000 − 50 = 950; 950 − ⌊47.5⌋ = 903.
    expect(rounds(1000, 10, true)).toEqual([null, null, null, 950, null, null, 903, null, null, 858]);
  });

  it('in kernels of the 3.1 era goes on every round once it began', () => {
    // 950 − 47 = 903; 903 − 45 = 858; 858 − 42 = 816.
    expect(rounds(1000, 7, false)).toEqual([null, null, null, 950, 903, 858, 816]);
  });

  it('begins to wait again when preswap grew beyond what it last saw', () => {
    // Round 5: 950 + 60 = 1,010, more than the 1,000 seen in round 4. Round 8: 1,010 − 50.
    expect(rounds(1000, 8, false, { 5: 60 })).toEqual([null, null, null, 950, null, null, null, 960]);
  });

  it('does not notice growth that its own shrinking hides', () => {
    // Round 5: 950 + 10 = 960 is no more than the 1,000 seen in round 4, before the shrink. 960 − 48.
    expect(rounds(1000, 5, false, { 5: 10 })).toEqual([null, null, null, 950, 912]);
  });

  it('brings the last twenty pages back at once, and has nothing to do with none', () => {
    expect(rounds(20, 4, true)).toEqual([null, null, null, 0]);
    expect(rounds(21, 4, true)).toEqual([null, null, null, 20]);
    expect(rounds(0, 4, true)).toEqual([null, null, null, null]);
  });
});

describe('self-ballooning guests', () => {
  const guest = guestReadings({ maxPages: GIB, ramPages: GIB, committedPages: 60_000 });

  it('runs every five seconds with the kernel`s defaults', () => {
    const made = scheduler({ kind: 'self-balloon' });
    expect(made.intervalMs).toBe(5000);
    // Boot RAM 262,144 / 10 = 26,214 = 102 MiB = 26,112 pages; goal 60,000 + 1,536 + 26,112 = 87,648; gap 174,496 / 8.
    expect(decided(made, hostReadings([guest], { totalPages: GIB })).targetPages).toEqual([GIB - 21_812]);
  });

  it('keeps the reserve of boot time when RAM has changed', () => {
    const made = scheduler({ kind: 'self-balloon' });
    decided(made, hostReadings([guest]));
    const later = { ...guest, ramPages: 100_000 };
    // (100,000 − 87,648) / 8 = 1,544
    expect(decided(made, hostReadings([later])).targetPages).toEqual([98_456]);
  });

  it('reserves nothing in the 3.1 era', () => {
    const made = scheduler({ kind: 'self-balloon', era: '3.1', totalReservePages: 2_000 });
    expect(decided(made, hostReadings([guest])).targetPages).toEqual([237_126]);
  });

  it('keeps within the guest`s bounds, and leaves guests alone that do not do it', () => {
    const made = scheduler({ kind: 'self-balloon', era: '3.1', totalReservePages: 2_000, guests: [1, 2] }, 4);
    const guests = [
      { ...guest, minPages: 250_000 },
      { ...guest, id: 2, ramPages: 10_000, targetPages: 10_000, maxPages: 40_000 },
      { ...guest, id: 3 },
      { ...guest, id: 2, present: false },
    ];
    expect(decided(made, hostReadings(guests)).targetPages).toEqual([250_000, 40_000, GIB, GIB]);
  });

  it('brings pages back from preswap while their space is part of the goal', () => {
    const swapping = { ...guest, preswapPages: 4_000 };
    const made = scheduler({ kind: 'self-balloon', era: '3.1', totalReservePages: 2_000 });
    const told = [1, 2, 3, 4].map(() => decided(made, hostReadings([swapping])));
    // goal 66,000; gap 196,144 / 8 = 24,518.
    expect(told.map(({ targetPages }) => targetPages)).toEqual([1, 2, 3, 4].map(() => [237_626]));
    expect(told.map(({ preswapPages }) => preswapPages)).toEqual([[Infinity], [Infinity], [Infinity], [3_800]]);
    const off = scheduler({ kind: 'self-balloon', era: '3.1', totalReservePages: 2_000, selfshrinking: false });
    const untold = [1, 2, 3, 4].map(() => decided(off, hostReadings([swapping])));
    expect(untold.at(-1)).toEqual({ targetPages: [237_126], poolPages: [Infinity], preswapPages: [Infinity] });
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    const readings = (ramPages: number) => hostReadings([{ ...guest, ramPages, preswapPages: 4_000 }]);
    const made = scheduler({ kind: 'self-balloon' });
    decided(made, readings(GIB));
    decided(made, readings(200_000));
    const to = new StateWriter();
    made.save(to);
    const copy = scheduler({ kind: 'self-balloon' });
    copy.restore(new StateReader(to.entries));
    const rest = (one: Scheduler) => [180_000, 170_000, 160_000].map((pages) => decided(one, readings(pages)));
    expect(rest(copy)).toEqual(rest(made));
  });

  it.each([
    [
      { kind: 'self-balloon', downHysteresis: 0 },
      'selfBalloon.downHysteresis must be a whole number from 1 to 1000000, not 0.',
    ],
    [{ kind: 'self-balloon', intervalS: 2.5 }, 'selfBalloon.intervalS must be a whole number from 1 to 3600, not 2.5.'],
  ] as const)('refuses %j', (config, message) => {
    expect(() => createScheduler(config, 1)).toThrow(message);
  });
});
