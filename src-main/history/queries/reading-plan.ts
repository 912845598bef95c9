import type { Coverage, EvictionTierS, TierS } from '../tiers.ts';
import { EVICTION_TIERS_S, evictionReachS, floorTo, RAW_S, TIERS_S } from '../tiers.ts';
import type { Piece } from './axis.ts';

/** Seconds of a stretch that are read one by one: that many are not worth being cut up. */
const RAW_SECONDS_MAX = 300;

/** A stretch of the axis, its end not included, that is read from one tier (1: the seconds themselves). */
export interface Stretch<T extends number = number> {
  readonly tierS: T;
  readonly fromS: number;
  readonly toS: number;
}

/** What is kept of one tier. */
interface Kept<T extends number> {
  readonly tierS: T;
  readonly fromS: number;
  readonly toS: number;
}

/** From which tier each part of a piece of a run is read, for sums of its samples. */
export function samplePlan(
  piece: Piece,
  coverage: readonly Coverage[],
  rawSecondsMax?: number,
): Stretch<typeof RAW_S | TierS>[] {
  const of = (tierS: number): Coverage | undefined => coverage.find((row) => row.tierS === tierS);
  const kept = ([RAW_S, ...TIERS_S] as const).map((tierS) => ({
    tierS,
    fromS: piece.axisStartS + (of(tierS)?.fromSecond ?? 0),
    toS: piece.axisStartS + (of(tierS)?.toSecond ?? 0),
  }));
  return readingPlan(piece, kept, rawSecondsMax);
}

/** From which tier each part of a piece of a run is read, for sums of its evictions. */
export function evictionPlan(piece: Piece, coverage: readonly Coverage[]): Stretch<typeof RAW_S | EvictionTierS>[] {
  const { axisStartS } = piece;
  const fromS = (tierS: number): number => axisStartS + (coverage.find((row) => row.tierS === tierS)?.fromSecond ?? 0);
  const kept = ([RAW_S, ...EVICTION_TIERS_S] as const).map((tierS) => ({
    tierS,
    fromS: fromS(tierS),
    toS: tierS === RAW_S ? Infinity : evictionReachS(axisStartS, coverage, tierS),
  }));
  return readingPlan(piece, kept, 0);
}

/**
 * Which part of a piece is read from which tier, oldest first: the coarsest whole buckets inside, finer ones at the ends. No
 * second is read twice. Where retention has removed the finer ones, whole buckets are read that begin before the piece or end
 * after it: the stretch says where. A bucket holds sum, minimum, maximum and last of its very seconds, so nothing is lost by
 * reading it instead of them.
 */
function readingPlan<T extends number>(
  piece: Piece,
  kept: readonly Kept<T>[],
  rawSecondsMax = RAW_SECONDS_MAX,
): Stretch<T>[] {
  const { axisStartS } = piece;
  const read = (place: number, fromS: number, toS: number): Stretch<T>[] => {
    const tier = kept[place];
    if (tier === undefined || fromS >= toS) return [];
    const { tierS } = tier;
    if (place === 0) {
      const stretch = { tierS, fromS: Math.max(fromS, tier.fromS), toS: Math.min(toS, tier.toS) };
      return stretch.fromS < stretch.toS ? [stretch] : [];
    }
    const finerFromS = kept[place - 1]?.fromS ?? 0;
    const isShort = toS - fromS <= rawSecondsMax && (kept[0]?.fromS ?? Infinity) <= fromS;
    // A run's own first and last buckets may be partial and are whole all the same.
    const endS = Math.min(toS, tier.toS);
    const beginS =
      fromS === axisStartS || finerFromS > fromS ? Math.max(fromS, tier.fromS) : floorTo(fromS + tierS - 1, tierS);
    const closeS = endS === tier.toS || finerFromS >= endS ? endS : floorTo(endS, tierS);
    if (isShort || beginS >= closeS) return read(place - 1, fromS, toS);
    const whole = {
      tierS,
      fromS: Math.max(axisStartS, floorTo(beginS, tierS)),
      toS: Math.min(tier.toS, floorTo(closeS + tierS - 1, tierS)),
    };
    return [...read(place - 1, fromS, beginS), whole, ...read(place - 1, closeS, toS)];
  };
  return read(kept.length - 1, axisStartS + piece.fromSecond, axisStartS + piece.toSecond + 1);
}
