import type { EvictionFilter } from '#contract/requests.ts';
import { EVICTION_REASONS, POOL_KINDS } from '#contract/samples.ts';
import type { EvictionBlock } from '../eviction-blocks.ts';
import type { Names } from './names.ts';

/** The part of a filter that is not about time, in the numbers of one run. Null stands for all. */
export class PieceFilter {
  private readonly victims: ReadonlySet<number> | null;
  private readonly beneficiaries: ReadonlySet<number> | null;
  private readonly reasons: ReadonlySet<number> | null;
  private readonly pools: ReadonlySet<number> | null;

  /** A guest that is named by its number in another run is the one of the same name. */
  constructor(
    { victims, beneficiaries, reasons, pools = [], runId: ofRun }: EvictionFilter,
    names: Names,
    runId: number,
  ) {
    const here = (ids: readonly number[]): ReadonlySet<number> | null =>
      setOf(
        ids,
        ids.map((id) => names.translate(id, ofRun ?? names.lastRun(), runId)),
      );
    this.victims = here(victims);
    this.beneficiaries = here(beneficiaries);
    this.reasons = setOf(
      reasons,
      reasons.map((reason) => EVICTION_REASONS.indexOf(reason)),
    );
    this.pools = setOf(
      pools,
      pools.map((pool) => POOL_KINDS.indexOf(pool)),
    );
  }

  /** Whether everything passes. */
  get isEmpty(): boolean {
    return [this.victims, this.beneficiaries, this.reasons, this.pools].every((set) => set === null);
  }

  /** As SQL over `victimId`, `beneficiaryId`, `reason` and `poolKind`. All numbers are whole and ours. */
  get sql(): string {
    const oneOf = (column: string, values: ReadonlySet<number> | null): string =>
      values === null ? '' : ` AND ${column} IN (${[...values].join(', ')})`;
    return (
      oneOf('victimId', this.victims) +
      oneOf('beneficiaryId', this.beneficiaries) +
      oneOf('reason', this.reasons) +
      oneOf('poolKind', this.pools)
    );
  }

  /** Whether a cell of a block passes. */
  passes({ victimId, beneficiaryId, reason, poolKind }: EvictionBlock, at: number): boolean {
    const has = (set: ReadonlySet<number> | null, values: Float64Array): boolean =>
      set === null || set.has(values[at] ?? NaN);
    return (
      has(this.victims, victimId) &&
      has(this.beneficiaries, beneficiaryId) &&
      has(this.reasons, reason) &&
      has(this.pools, poolKind)
    );
  }

  /** Whether any cell of a block passes. */
  passesAny(block: EvictionBlock): boolean {
    for (let at = 0; at < block.pages.length; at++) if (this.passes(block, at)) return true;
    return false;
  }
}

function setOf(wanted: readonly unknown[], values: readonly (number | null)[]): ReadonlySet<number> | null {
  return wanted.length === 0 ? null : new Set(values.filter((value) => value !== null));
}
