import { createSharedComposable, useEventListener } from '@vueuse/core';
import { shallowRef } from 'vue';
import { APPEARANCE_CHANGED } from '../appearance.ts';

/** The tokens as a canvas needs them. */
export interface ChartTheme {
  readonly text: string;
  readonly dim: string;
  readonly grid: string;
  readonly font: string;
  readonly axisPx: number;
  readonly guest: (colour: number) => string;
  /** The guest's colour as an area and as a faint band. */
  readonly area: (colour: number) => string;
  readonly band: (colour: number) => string;
  readonly dash: (dash: number) => number[];
}

/** A hex colour with opacity; any other form is left as it is. */
function withAlpha(colour: string, alpha: number): string {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return colour;
  return (
    colour +
    Math.round(alpha * 255)
      .toString(16)
      .padStart(2, '0')
  );
}

function readTheme(root: Element): ChartTheme {
  const style = getComputedStyle(root);
  const known = new Map<string, string>();
  // Asked for with every point of time: the style of the page is looked up once a token.
  const token = (name: string): string => {
    const value = known.get(name) ?? style.getPropertyValue(name).trim();
    known.set(name, value);
    return value;
  };
  // Colour 0 is nobody's: a line to compare with.
  const guest = (colour: number): string => token(colour === 0 ? '--dim' : `--guest-${colour}`) || '#808080';
  return {
    text: token('--text') || '#000000',
    dim: token('--dim') || '#606060',
    grid: token('--line-chart') || '#d0d0d0',
    font: token('--font') || 'sans-serif',
    axisPx: parseFloat(token('--text-axis')) || 10.5,
    guest,
    area: (colour) => withAlpha(guest(colour), 0.82),
    band: (colour) => withAlpha(guest(colour), 0.16),
    dash: (dash) =>
      token(`--dash-${dash}`)
        .split(/\s+/)
        .map(Number)
        .filter((length) => length > 0),
  };
}

/** The tokens for canvases, read again when the system changes to dark, light or high contrast, or the font has come. */
export const useChartTheme = createSharedComposable(() => {
  const theme = shallowRef(readTheme(document.documentElement));
  const read = (): void => {
    theme.value = readTheme(document.documentElement);
  };
  for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)']) {
    useEventListener(window.matchMedia(query), 'change', read);
  }
  useEventListener(window, APPEARANCE_CHANGED, read);
  if ('fonts' in document) void document.fonts.ready.then(read);
  return theme;
});
