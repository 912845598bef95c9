import type { Statement } from 'better-sqlite3';
import { AGE_CLASSES, EVICTION_REASONS, POOL_KINDS } from '#contract/samples.ts';
import type { Connection } from './connection.ts';
import { pack, unpack } from './packed.ts';
import type { EvictionTierS } from './tiers.ts';

/** Guest numbers are below this. */
const GUESTS = 65_536;
/** Pages, then pages of each age class. */
export const CELL_NUMBERS = 1 + AGE_CLASSES.length;
/** Arrays of a block before those: victim, beneficiary, reason, kind of pool. */
const KEYS = 4;

/** Cells of evictions by one number made of their keys; each has {@link CELL_NUMBERS} numbers. */
export type EvictionCells = Map<number, Float64Array>;

/** The cell of some keys, reason and kind of pool as places in EVICTION_REASONS and POOL_KINDS; made where there is none. */
export function cellOf(
  cells: EvictionCells,
  victimId: number,
  beneficiaryId: number,
  reason: number,
  poolKind: number,
): Float64Array {
  const key = ((victimId * GUESTS + beneficiaryId) * EVICTION_REASONS.length + reason) * POOL_KINDS.length + poolKind;
  let cell = cells.get(key);
  if (cell === undefined) cells.set(key, (cell = new Float64Array(CELL_NUMBERS)));
  return cell;
}

/** The cells as one block, in order of their keys. */
export function packCells(cells: EvictionCells): Uint8Array {
  const { size } = cells;
  const arrays = Array.from({ length: KEYS + CELL_NUMBERS }, () => new Float64Array(size));
  [...cells]
    .sort(([a], [b]) => a - b)
    .forEach(([key, numbers], row) => {
      const poolKind = key % POOL_KINDS.length;
      const triple = (key - poolKind) / POOL_KINDS.length;
      const reason = triple % EVICTION_REASONS.length;
      const pair = (triple - reason) / EVICTION_REASONS.length;
      const beneficiaryId = pair % GUESTS;
      const parts = [(pair - beneficiaryId) / GUESTS, beneficiaryId, reason, poolKind, ...numbers];
      parts.forEach((value, at) => {
        const array = arrays[at];
        if (array !== undefined) array[row] = value;
      });
    });
  return pack(arrays, size);
}

/** A block as arrays of the same length. */
export interface EvictionBlock {
  readonly fromS: number;
  readonly victimId: Float64Array;
  readonly beneficiaryId: Float64Array;
  readonly reason: Float64Array;
  readonly poolKind: Float64Array;
  readonly pages: Float64Array;
  /** Of each age class; none where they were not asked for. */
  readonly ages: readonly Float64Array[];
}

const EMPTY = new Float64Array(0);

/** Reads the stored blocks of evictions: one a bucket of a tier and run. */
export class EvictionBlocks {
  private readonly inRange: Statement;
  private readonly backwards: Statement;

  constructor(connection: Connection) {
    const sql = 'SELECT fromS, data FROM evictionTiers WHERE tierS = ? AND runId = ? AND fromS >= ? AND fromS < ?';
    this.inRange = connection.prepare(`${sql} ORDER BY fromS`).raw();
    this.backwards = connection.prepare(`${sql} ORDER BY fromS DESC`).raw();
  }

  /** Blocks that begin in axis seconds [fromS, toS), by time, or the latest first. */
  *read(
    tierS: EvictionTierS,
    runId: number,
    { fromS, toS }: { readonly fromS: number; readonly toS: number },
    { ages = false, latestFirst = false }: { readonly ages?: boolean; readonly latestFirst?: boolean } = {},
  ): Generator<EvictionBlock> {
    const rows = (latestFirst ? this.backwards : this.inRange).all(tierS, runId, fromS, toS);
    for (const [beginS, data] of rows as [number, Uint8Array][]) {
      const arrays = unpack(data, KEYS + (ages ? CELL_NUMBERS : 1));
      const [victimId = EMPTY, beneficiaryId = EMPTY, reason = EMPTY, poolKind = EMPTY, pages = EMPTY] = arrays;
      yield { fromS: beginS, victimId, beneficiaryId, reason, poolKind, pages, ages: arrays.slice(KEYS + 1) };
    }
  }
}
