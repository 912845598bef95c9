import { describe, expect, it } from 'vitest';
import type { HostDescription } from '#contract/model.ts';
import { guestRows, nextSort, sortedIds } from '#renderer/pages/guests/guest-rows.ts';
import { targetEffect, weightEffect } from '#renderer/pages/guests/setting-words.ts';
import { weightShare } from '#renderer/pages/guests/share.ts';
import { SampleRing } from '#renderer/stores/sample-ring.ts';
import { shownGuests, write } from '../samples.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('the share of a weight', () => {
  it('is its part of all weights', () => {
    expect(weightShare(150, [150, 300, 500])).toBeCloseTo(150 / 950);
  });

  it('is equal where all are zero, and nothing for a zero among others', () => {
    expect(weightShare(0, [0, 0, 0, 0])).toBe(0.25);
    expect(weightShare(0, [0, 100])).toBe(0);
  });

  it('is stated with its sum, per cent and memory while it is typed', () => {
    expect(plain(weightEffect(150, [300, 500], 80 * 256))).toBe('150 of 950 = 15.8 % = 12.6 MiB of the pool');
    expect(plain(weightEffect(0, [0, 0], 30 * 256))).toBe(
      'All weights are 0, which means all equal: 33.3 % = 10.0 MiB of the pool',
    );
    expect(weightEffect(0, [100], 256)).toContain('it loses its pages first');
  });
});

describe('what a balloon target does', () => {
  const description = { balloonPagesPerS: 64 } as HostDescription;

  it('is stated with the way and the time it takes', () => {
    expect(plain(targetEffect(3200, 4928, description))).toBe(
      '6.8 MiB less than now, about 27 s of host time at 0.25 MiB/s',
    );
    expect(plain(targetEffect(5120, 4864, description))).toContain('1.0 MiB more than now, about 4 s');
    expect(targetEffect(256, 256, description)).toBe('This is the RAM it has now');
  });
});

describe('the lines of the guest table', () => {
  const guests = shownGuests('build', 'search', 'db10', 'db9');
  const ring = new SampleRing([1, 2, 3, 4], 64);
  for (let s = 0; s < 30; s++) {
    const late = s >= 20 ? 1 : 0;
    write(
      ring,
      s,
      { ephemeralPages: 3000, fallowPages: 1000 },
      { ramPages: 512, ephemeralPages: 1000, precacheGets: 100 * late, precacheHits: 25 * late, diskReads: 75 * late, evictedBySelf: 2, evictedByOthers: 3, evictionsCaused: 7 },
      { ramPages: 256, ephemeralPages: 2000, precacheGets: 0 },
      { ramPages: 1024 },
      { ramPages: 1024 },
    ); // prettier-ignore
  }
  const weights = [100, 300, 0, 0];
  const rows = guestRows(ring, guests, (id) => ({ weight: weights[id - 1] ?? NaN, targetPages: 256 }));

  it('take rates and ratios over the last 10 host seconds', () => {
    expect(rows[0]).toMatchObject({ hitRatio: 0.25, diskReads: 75, evicted: 5, caused: 7 });
    expect(rows[1]?.hitRatio).toBeNaN();
  });

  it('give the weighted share of all that ephemeral pools hold or could hold', () => {
    expect(rows.map(({ share, sharePages }) => [share, sharePages])).toEqual([
      [0.25, 1000],
      [0.75, 3000],
      [0, 0],
      [0, 0],
    ]);
  });

  it('sort by any column, equal ones by id, those without a number last', () => {
    expect(sortedIds(rows, null)).toEqual([1, 2, 3, 4]);
    expect(sortedIds(rows, { key: 'ramPages', descending: true })).toEqual([3, 4, 1, 2]);
    expect(sortedIds(rows, { key: 'name', descending: false })).toEqual([1, 4, 3, 2]);
    expect(sortedIds(rows, { key: 'hitRatio', descending: false })).toEqual([1, 2, 3, 4]);
    expect(sortedIds(rows, { key: 'hitRatio', descending: true })[0]).toBe(1);
  });

  it('turn the sort at each click: greatest first, then least, then the host’s own order', () => {
    const first = nextSort(null, 'weight');
    const second = nextSort(first, 'weight');
    expect([first, second, nextSort(second, 'weight')]).toEqual([
      { key: 'weight', descending: true },
      { key: 'weight', descending: false },
      null,
    ]);
    expect(nextSort(first, 'name')).toEqual({ key: 'name', descending: false });
  });
});
