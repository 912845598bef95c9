import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The tokens of a set: those of the ground with the set's own over them. */
type Tokens = ReadonlyMap<string, string>;

const css = readFileSync(join(import.meta.dirname, '../../src-renderer/styles/tokens.css'), 'utf8').replace(/\/\*[^]*?\*\//g, ''); // prettier-ignore

function block(head: string): [string, string][] {
  const at = css.indexOf(head);
  if (at < 0) throw new Error(`tokens.css has no ${head}`);
  const open = css.indexOf(':root {', at);
  const body = css.slice(open + 7, css.indexOf('}', open));
  return [...body.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value.trim()]);
}

const light = block(':root');
const dark = block('@media (prefers-color-scheme: dark)');
const contrast = block('@media (prefers-contrast: more) {');
const darkContrast = block('@media (prefers-contrast: more) and (prefers-color-scheme: dark)');
const SETS: readonly (readonly [string, Tokens])[] = [
  ['light', new Map(light)],
  ['dark', new Map([...light, ...dark])],
  ['high contrast', new Map([...light, ...contrast])],
  ['high contrast, dark', new Map([...light, ...dark, ...contrast, ...darkContrast])],
];

type Rgb = readonly [number, number, number];

function rgbOf(tokens: Tokens, name: string): Rgb {
  const value = tokens.get(`--${name}`) ?? '';
  if (!/^#[0-9a-f]{6}$/.test(value)) throw new Error(`--${name} is not a colour: "${value}"`);
  const at = (place: number): number => parseInt(value.slice(place, place + 2), 16) / 255;
  return [at(1), at(3), at(5)];
}

const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

/** Contrast of two colours after WCAG 2.2. */
function contrastOf(a: Rgb, b: Rgb): number {
  const luminance = ([red, green, blue]: Rgb): number =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** A colour laid over another with an opacity. */
const over = (top: Rgb, under: Rgb, alpha: number): Rgb => [
  top[0] * alpha + under[0] * (1 - alpha),
  top[1] * alpha + under[1] * (1 - alpha),
  top[2] * alpha + under[2] * (1 - alpha),
];

/** Text colours and every surface they stand on. */
const TEXT: Readonly<Record<string, readonly string[]>> = {
  text: ['background', 'panel', 'raised', 'field', 'row-hover', 'row-selected', 'accent-wash', 'bad-wash', 'warn-wash'],
  dim: ['background', 'panel', 'raised', 'field', 'row-hover', 'row-selected'],
  accent: ['panel', 'field', 'accent-wash', 'raised', 'background', 'row-hover'],
  'on-accent': ['accent', 'accent-strong'],
  good: ['panel', 'row-selected', 'row-hover'],
  bad: ['panel', 'field', 'row-selected', 'row-hover', 'bad-wash'],
  warn: ['panel', 'row-selected', 'warn-wash'],
};
/** Lines, controls and marks, and every surface they stand on. */
const MARKS: Readonly<Record<string, readonly string[]>> = {
  control: ['background', 'panel', 'field', 'raised', 'row-hover', 'row-selected'],
  accent: ['background', 'panel', 'row-selected'],
  'fallow-edge': ['panel', 'fallow'],
  reserved: ['panel'],
  persistent: ['panel'],
  good: ['panel'],
  warn: ['panel'],
  bad: ['panel', 'bad-wash', 'field'],
  ...Object.fromEntries(
    Array.from({ length: 8 }, (_, at) => [`guest-${at + 1}`, ['panel', 'raised', 'row-hover', 'row-selected']]),
  ),
};

describe.each(SETS)('the %s tokens', (_name, tokens) => {
  it('give text a contrast of at least 4.5 on every surface it is used on', () => {
    for (const [text, surfaces] of Object.entries(TEXT)) {
      for (const surface of surfaces) {
        const found = contrastOf(rgbOf(tokens, text), rgbOf(tokens, surface));
        expect(found, `--${text} on --${surface}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it('give lines, controls and marks a contrast of at least 3', () => {
    for (const [mark, surfaces] of Object.entries(MARKS)) {
      for (const surface of surfaces) {
        const found = contrastOf(rgbOf(tokens, mark), rgbOf(tokens, surface));
        expect(found, `--${mark} on --${surface}`).toBeGreaterThanOrEqual(3);
      }
    }
  });

  it('keep the numbers of the eviction matrix readable on the strongest shade', () => {
    const [red = 0, green = 0, blue = 0] = (tokens.get('--heat') ?? '').split(' ').map((part) => Number(part) / 255);
    const shade = over([red, green, blue], rgbOf(tokens, 'panel'), 0.34);
    expect(contrastOf(rgbOf(tokens, 'text'), shade)).toBeGreaterThanOrEqual(4.5);
  });
});

/** Colour vision as it is, and without red, green or blue cones (Machado, Oliveira and Fernandes 2009, severity 1). */
const VISION: Readonly<Record<string, readonly Rgb[]>> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}; // prettier-ignore

/** A colour in Oklab (Ottosson 2020) as an eye with this vision sees it. */
function seen(colour: Rgb, vision: readonly Rgb[]): Rgb {
  const from = colour.map(linear);
  const [r = 0, g = 0, b = 0] = vision.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, part, at) => sum + part * (from[at] ?? 0), 0),
      ),
    ),
  );
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

describe.each(SETS)('the guest colours of the %s tokens', (_name, tokens) => {
  it.each(Object.entries(VISION))('are told apart with %s', (_vision, matrix) => {
    const colours = Array.from({ length: 8 }, (_, at) => seen(rgbOf(tokens, `guest-${at + 1}`), matrix));
    for (const [a, one] of colours.entries()) {
      for (const [b, other] of colours.entries()) {
        if (b <= a) continue;
        const distance = Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
        // About 0.02 is a just noticeable difference in Oklab.
        expect(distance, `guest ${a + 1} and guest ${b + 1}`).toBeGreaterThan(0.045);
      }
    }
  });
});

describe('the guest dashes', () => {
  it('are eight different patterns', () => {
    const dashes = Array.from({ length: 8 }, (_, at) => new Map(light).get(`--dash-${at + 1}`));
    expect(new Set(dashes).size).toBe(8);
    expect(dashes).not.toContain(undefined);
  });
});

describe('the type sizes', () => {
  it('are never under 11 px, but 10.5 px in the axes of charts', () => {
    for (const [name, value] of light.filter(([token]) => token.startsWith('--text-'))) {
      expect(parseFloat(value), name).toBeGreaterThanOrEqual(name === '--text-axis' ? 10.5 : 11);
    }
  });
});
