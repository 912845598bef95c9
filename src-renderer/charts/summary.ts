import { duration, GAP } from '../format.ts';
import { hasData, type ChartKind, type ChartModel, type ChartSeries } from './chart-model.ts';

function endsOf(series: ChartSeries): { first: number; last: number; least: number; greatest: number } | null {
  let first = NaN;
  let last = NaN;
  let least = Infinity;
  let greatest = -Infinity;
  for (let at = 0; at < series.value.length; at++) {
    const value = series.value[at] ?? NaN;
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(first)) first = value;
    last = value;
    least = Math.min(least, series.minimum[at] ?? value);
    greatest = Math.max(greatest, series.maximum[at] ?? value);
  }
  return Number.isNaN(last) ? null : { first, last, least, greatest };
}

/** The chart in sentences, for who cannot see it: per series where it began, where it is, and its least and greatest. */
export function chartSummary(title: string, model: ChartModel, kind: ChartKind): string {
  if (!hasData(model)) return `${title}: nothing recorded in this window yet.`;
  const number = (value: number): string => `${kind.number(value)}${GAP}${kind.unit}`;
  const parts = model.series.flatMap((series) => {
    const ends = endsOf(series);
    if (ends === null) return [];
    const { first, last, least, greatest } = ends;
    return [
      `${series.label} from ${number(first)} to ${number(last)}, between ${number(least)} and ${number(greatest)}`,
    ];
  });
  const { fromS, toS } = model;
  const when =
    kind.clock === undefined
      ? `last ${duration(toS - fromS)}`
      : `${kind.clock.text(Math.max(0, fromS))} to ${kind.clock.text(toS)}`;
  return `${title}, ${when}: ${parts.join('; ')}.`;
}

/** What stands under the cursor, in words: the value text of the cursor's slider. */
export function cursorText(time: string, bucket: number, model: ChartModel, kind: ChartKind): string {
  const values = model.series.map((series) => {
    const value = series.value[bucket] ?? NaN;
    return Number.isNaN(value) ? `${series.label} nothing` : `${series.label} ${kind.number(value)}${GAP}${kind.unit}`;
  });
  return `${time}: ${bucket < 0 ? 'nothing recorded' : values.join(', ')}`;
}
