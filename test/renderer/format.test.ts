import { describe, expect, it } from 'vitest';
import {
  beforeNow,
  bytes,
  count,
  deltaPoints,
  duration,
  hostTime,
  lag,
  mib,
  pages,
  percent,
  plural,
  rate,
  tick,
  timesSpeed,
} from '#renderer/format.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', '_');

describe('numbers with their units', () => {
  it('writes memory in MiB, with one decimal below 1,000 MiB', () => {
    expect(plain(mib(3226))).toBe('12.6_MiB');
    expect(plain(mib(0))).toBe('0.0_MiB');
    expect(plain(mib(999.94 * 256))).toBe('999.9_MiB');
    expect(plain(mib(999.96 * 256))).toBe('1,000_MiB');
    expect(plain(mib(1_048_576))).toBe('4,096_MiB');
  });

  it('never calls a few pages nothing', () => {
    expect(plain(mib(8))).toBe('<0.1_MiB');
    expect(plain(mib(13))).toBe('0.1_MiB');
  });

  it('gives the ticks of an axis the decimals that their step needs', () => {
    expect([0, 20, 60].map((value) => tick(value, 20))).toEqual(['0', '20', '60']);
    expect([0, 0.25, 1].map((value) => tick(value, 0.25))).toEqual(['0.00', '0.25', '1.00']);
    expect([0.2, 0.6000000000000001].map((value) => tick(value, 0.2))).toEqual(['0.2', '0.6']);
    expect(tick(10_000, 2_500)).toBe('10,000');
  });

  it('writes a real minus and no negative zero', () => {
    expect(plain(mib(-256))).toBe('−1.0_MiB');
    expect(count(-12_345)).toBe('−12,345');
  });

  it('writes parts as percent with one decimal', () => {
    expect(plain(percent(150 / 950))).toBe('15.8_%');
    expect(plain(percent(1))).toBe('100.0_%');
  });

  it('writes rates with a decimal only where it matters', () => {
    expect(plain(rate(1283.6))).toBe('1,284_/s');
    expect(plain(rate(4.23))).toBe('4.2_/s');
    expect(plain(rate(0))).toBe('0_/s');
    expect(plain(rate(9.96))).toBe('10_/s');
  });

  it('writes nothing where there is no number', () => {
    for (const text of [mib(NaN), percent(NaN), rate(NaN), count(NaN), pages(NaN), bytes(NaN), lag(NaN)]) {
      expect(text).toBe('–');
    }
  });

  it('counts one as one', () => {
    expect(plain(plural(1, 'guest'))).toBe('1_guest');
    expect(plain(plural(64, 'guest'))).toBe('64_guests');
    expect(plain(pages(5479))).toBe('5,479_pages');
  });

  it('writes differences with sign and arrow, and none where it rounds to zero', () => {
    expect(plain(deltaPoints(0.041))).toBe('▲_+4.1_points');
    expect(plain(deltaPoints(-0.1))).toBe('▼_−10.0_points');
    expect(plain(deltaPoints(0.0004))).toBe('±0_points');
  });

  it('writes sizes, speeds and lags', () => {
    expect(plain(bytes(626_000))).toBe('612_KiB');
    expect(plain(bytes(88_080_384))).toBe('84.0_MiB');
    expect(plain(bytes(1.25 * 1024 ** 3))).toBe('1.25_GiB');
    expect(timesSpeed(9.98)).toBe('10.0×');
    expect(timesSpeed(412.3)).toBe('412×');
    expect(plain(lag(123))).toBe('0.1_s');
  });
});

describe('times', () => {
  it('writes host time as a clock, with days when it is long', () => {
    expect(hostTime(0)).toBe('00:00:00');
    expect(hostTime(2_467_999)).toBe('00:41:07');
    expect(plain(hostTime((2 * 86_400 + 3 * 3600 + 245) * 1000))).toBe('2_d 03:04:05');
    expect(hostTime(NaN)).toBe('–');
  });

  it('writes stretches of time in the unit that fits', () => {
    expect(plain(duration(45))).toBe('45_s');
    expect(plain(duration(60))).toBe('1_min');
    expect(plain(duration(90))).toBe('90_s');
    expect(plain(duration(120))).toBe('2_min');
    expect(plain(duration(5400))).toBe('1.5_h');
    expect(plain(duration(3 * 86_400))).toBe('3_d');
  });

  it('writes places on a time axis back from now', () => {
    expect(beforeNow(0)).toBe('now');
    expect(beforeNow(30)).toBe('−0:30');
    expect(beforeNow(90)).toBe('−1:30');
    expect(plain(beforeNow(120))).toBe('−2_min');
    expect(plain(beforeNow(5400))).toBe('−1:30_h');
    expect(plain(beforeNow(6 * 3600))).toBe('−6_h');
    expect(plain(beforeNow(2 * 86_400))).toBe('−2_d');
    expect(plain(beforeNow(90_000))).toBe('−1_d 1_h');
  });
});
