import type { Coverage } from '#main/history/tiers.ts';
import { MINUTE_S, RAW_S, TIERS_S } from '#main/history/tiers.ts';
import type { Piece } from '#main/history/queries/axis.ts';

/** Resolutions of the samples, and of the evictions, finest first. */
export const SAMPLE_TIERS_S = [RAW_S, ...TIERS_S] as const;
export const EVICTION_TIERS_S = [RAW_S, MINUTE_S] as const;

/** Seconds of one stretch that are read one by one; the whole minutes inside a longer one are read as such. */
const RAW_SECONDS_MAX = 21_600;

/** A stretch of the axis, its end not included, that is read from one tier. */
export interface Stretch {
  readonly tierS: number;
  readonly fromS: number;
  readonly toS: number;
}

/**
 * From which tier each part of a piece of a run is read: the seconds themselves as far back as retention has left them, then
 * ever coarser tiers. No second is read twice. Buckets are read whole, so that where only buckets are left the stretch may
 * begin before the piece and end after it: it says where. A bucket holds sum, minimum, maximum and last of its very
 * seconds, so long stretches lose nothing by being read in minutes.
 */
export function readingPlan(
  piece: Piece,
  coverage: readonly Coverage[],
  tiersS: readonly number[],
  rawSecondsMax = RAW_SECONDS_MAX,
): Stretch[] {
  const { axisStartS } = piece;
  const firstS = axisStartS + piece.fromSecond;
  const keptOf = (tierS: number | undefined): Coverage | undefined =>
    coverage.find((row) => row.tierS === tierS && row.toSecond > row.fromSecond);
  /** Where a tier begins: where a bucket ends of the next coarser one that goes on further back. */
  const beginning = (place: number): number => {
    const kept = keptOf(tiersS[place]);
    if (kept === undefined) return place < tiersS.length ? beginning(place + 1) : firstS;
    const keptFromS = axisStartS + kept.fromSecond;
    if (keptFromS <= firstS) return firstS;
    const coarserS = tiersS[place + 1];
    return coarserS === undefined ? keptFromS : Math.max(ceilTo(keptFromS, coarserS), beginning(place + 1));
  };
  let endS = axisStartS + piece.toSecond + 1;
  const stretches: Stretch[] = [];
  tiersS.forEach((tierS, place) => {
    const kept = keptOf(tierS);
    const fromS = beginning(place);
    if (kept === undefined || fromS >= endS) return;
    const toS = Math.min(ceilTo(endS, tierS), axisStartS + kept.toSecond);
    stretches.unshift({ tierS, fromS: Math.max(axisStartS, floorTo(fromS, tierS)), toS });
    endS = fromS;
  });
  return stretches.flatMap((stretch) => shortened(stretch, axisStartS, coverage, rawSecondsMax));
}

/** A long stretch of seconds with its whole minutes read as such, where they are kept. */
function shortened(stretch: Stretch, axisStartS: number, coverage: readonly Coverage[], rawMax: number): Stretch[] {
  const { tierS, fromS, toS } = stretch;
  if (tierS !== RAW_S || toS - fromS <= rawMax) return [stretch];
  const minutes = coverage.find((row) => row.tierS === MINUTE_S);
  const innerFromS = ceilTo(fromS, MINUTE_S);
  const innerToS = Math.min(floorTo(toS, MINUTE_S), floorTo(axisStartS + (minutes?.toSecond ?? 0), MINUTE_S));
  if (minutes === undefined || axisStartS + minutes.fromSecond > innerFromS || innerToS <= innerFromS) return [stretch];
  const parts = [
    { tierS: RAW_S, fromS, toS: innerFromS },
    { tierS: MINUTE_S, fromS: innerFromS, toS: innerToS },
    { tierS: RAW_S, fromS: innerToS, toS },
  ];
  return parts.filter((part) => part.toS > part.fromS);
}

function floorTo(value: number, step: number): number {
  return value - (value % step);
}

function ceilTo(value: number, step: number): number {
  return floorTo(value + step - 1, step);
}
