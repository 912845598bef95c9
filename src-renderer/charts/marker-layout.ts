import type { ChartMarker } from './chart-model.ts';
import type { PlotArea } from './useTimeChart.ts';

/** A marker where it stands in the chart; flags that would cover each other lose their text and stay as a tab. */
export interface PlacedMarker extends ChartMarker {
  readonly x: number;
  /** Whether the flag's text is shown, and to which side of the line. */
  readonly flag: 'right' | 'left' | 'none';
}

/** About how wide a flag is, from its text at 10.5 px. */
const flagWidth = (text: string): number => text.length * 5.6 + 16;

/** Places the markers that lie in the plot, actions first served with room for their text, newest first. */
export function placeMarkers(markers: readonly ChartMarker[], area: PlotArea): PlacedMarker[] {
  const span = area.toS - area.fromS;
  const width = area.right - area.left;
  if (span <= 0 || width <= 0) return [];
  const taken: { from: number; to: number }[] = [];
  const inside = markers
    .filter(({ second }) => second >= area.fromS && second <= area.toS)
    .sort((a, b) => Number(a.kind === 'burst') - Number(b.kind === 'burst') || b.second - a.second);
  return inside.map((marker) => {
    const x = area.left + ((marker.second - area.fromS) / span) * width;
    if (marker.kind === 'clock') return { ...marker, x, flag: 'none' };
    const wide = flagWidth(marker.text);
    const free = (from: number, to: number): boolean =>
      from >= area.left && to <= area.right && taken.every((other) => to < other.from || from > other.to);
    const flag = free(x, x + wide) ? 'right' : free(x - wide, x) ? 'left' : 'none';
    if (flag === 'right') taken.push({ from: x, to: x + wide });
    else if (flag === 'left') taken.push({ from: x - wide, to: x });
    return { ...marker, x, flag };
  });
}
