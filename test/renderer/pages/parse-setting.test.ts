import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTarget, parseWeight, targetText, weightText } from '#renderer/pages/guests/parse-setting.ts';

const HOSTILE = ['-1', '−1', 'abc', '1e9', '65536', '', ' ', '\t', '1.5', '1,5', ' 150', '150 ', '1 5', '+5', '0x10', '٣', '１００', '²', 'NaN', 'Infinity', '1_000', '1,000', '--1', '00x', '\u00a07', '1\n2']; // prettier-ignore

describe('what is typed as a weight', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['100', 100],
    ['65535', 65_535],
    ['007', 7],
  ])('reads %s', (text, value) => {
    expect(parseWeight(text)).toEqual({ ok: true, value });
  });

  it.each(HOSTILE)('refuses "%s" with a sentence that names the limits', (text) => {
    const reading = parseWeight(text);
    expect(reading.ok).toBe(false);
    expect(reading.ok ? '' : reading.sentence).toMatch(/\. Type a whole number from 0 to 65,535, in plain digits\.$/);
  });

  it('says what is wrong with it', () => {
    const sentence = (text: string): string => {
      const reading = parseWeight(text);
      return reading.ok ? '' : reading.sentence;
    };
    expect(sentence('-1')).toMatch(/^A weight cannot be negative\./);
    expect(sentence('')).toMatch(/^A weight is missing\./);
    expect(sentence('65536')).toMatch(/^“65536” is more than the greatest weight\./);
    expect(sentence('1.5')).toMatch(/^“1\.5” is not a whole number\./);
    expect(sentence('9'.repeat(400)).length).toBeLessThan(150);
  });

  it('takes any text, and only ever gives a weight that the contract allows', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.integer().map(String)), (text) => {
        const reading = parseWeight(text);
        if (!reading.ok) return;
        expect(Number.isInteger(reading.value) && reading.value >= 0 && reading.value <= 65_535).toBe(true);
        expect(text).toMatch(/^[0-9]+$/);
      }),
      { numRuns: 500 },
    );
  });

  it('reads back what it shows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (weight) => {
        expect(parseWeight(weightText(weight))).toEqual({ ok: true, value: weight });
      }),
    );
  });
});

describe('what is typed as a balloon target', () => {
  const [min, max] = [1000, 10_240]; // 3.906 to 40 MiB

  it('reads MiB with at most one decimal into whole pages', () => {
    expect(parseTarget('12.5', min, max)).toEqual({ ok: true, value: 3200 });
    expect(parseTarget('40', min, max)).toEqual({ ok: true, value: 10_240 });
    expect(parseTarget('12.6', min, max)).toEqual({ ok: true, value: 3226 });
  });

  it.each(HOSTILE.filter((text) => text !== '1.5'))('refuses "%s" with a sentence that names the limits', (text) => {
    const reading = parseTarget(text, min, max);
    expect(reading.ok).toBe(false);
    expect(reading.ok ? '' : reading.sentence).toContain('Type from 4 to 40\u00a0MiB');
  });

  it('states limits that it accepts itself', () => {
    expect(parseTarget('4', min, max).ok).toBe(true);
    expect(parseTarget('3.9', min, max)).toMatchObject({ ok: false });
    expect(parseTarget('40.1', min, max)).toMatchObject({ ok: false });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 26, max: 50_000 }), (low, span) => {
        const reading = parseTarget('', low, low + span);
        const limits = /Type from ([0-9.]+) to ([0-9.]+)/.exec(reading.ok ? '' : reading.sentence);
        for (const limit of [limits?.[1], limits?.[2]]) expect(parseTarget(limit ?? '', low, low + span).ok).toBe(true);
      }),
    );
  });

  it('shows targets without separators, so that what is shown can be typed', () => {
    expect(targetText(1037 * 256)).toBe('1037');
    expect(targetText(3226)).toBe('12.6');
    expect(targetText(NaN)).toBe('');
  });
});
