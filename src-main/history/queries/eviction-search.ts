import type { EvictionBlocks } from '../eviction-blocks.ts';
import type { Coverage } from '../tiers.ts';
import { EVICTION_TIERS_S, evictionReachS, floorTo, RAW_S } from '../tiers.ts';
import type { Piece } from './axis.ts';
import type { PieceFilter } from './eviction-filter.ts';

/** A stretch of the axis, its end not included. */
export interface SearchedStretch {
  readonly fromS: number;
  readonly toS: number;
}

const COARSEST_FIRST = [...EVICTION_TIERS_S].reverse();

/**
 * Where in a piece of a run there may be rows that pass a filter, latest first: days, hours and minutes in which none does are
 * passed over by their blocks, so that rare rows are found without reading millions of others.
 */
export function* stretchesWithRows(
  blocks: EvictionBlocks,
  { runId, axisStartS, fromSecond, toSecond }: Piece,
  coverage: readonly Coverage[],
  filter: PieceFilter,
): Generator<SearchedStretch> {
  const keptFrom = coverage.find(({ tierS }) => tierS === RAW_S)?.fromSecond ?? 0;
  const whole = { fromS: axisStartS + Math.max(fromSecond, keptFrom), toS: axisStartS + toSecond + 1 };
  if (whole.fromS >= whole.toS) return;
  if (filter.isEmpty) yield whole;
  else yield* search(0, whole);

  function* search(level: number, { fromS, toS }: SearchedStretch): Generator<SearchedStretch> {
    const tierS = COARSEST_FIRST[level];
    if (tierS === undefined) {
      yield { fromS, toS };
      return;
    }
    const reachS = evictionReachS(axisStartS, coverage, tierS);
    if (toS > reachS) yield* search(level + 1, { fromS: Math.max(fromS, reachS), toS });
    const stored = { fromS: floorTo(fromS, tierS), toS: Math.min(toS, reachS) };
    if (stored.fromS >= stored.toS) return;
    for (const block of blocks.read(tierS, runId, stored, { latestFirst: true })) {
      if (!filter.passesAny(block)) continue;
      yield* search(level + 1, {
        fromS: Math.max(fromS, block.fromS),
        toS: Math.min(toS, reachS, block.fromS + tierS),
      });
    }
  }
}
