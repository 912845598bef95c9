import type { Statement } from 'better-sqlite3';
import { AGE_CLASSES } from '#contract/samples.ts';
import type { Connection } from '../connection.ts';
import { EvictionBlocks } from '../eviction-blocks.ts';
import type { Coverage, EvictionTierS } from '../tiers.ts';
import { floorTo, RAW_S } from '../tiers.ts';
import { EVICTION_COLUMNS } from '../writer/second-log.ts';
import type { Piece } from './axis.ts';
import type { PieceFilter } from './eviction-filter.ts';
import type { Stretch } from './reading-plan.ts';
import { evictionPlan } from './reading-plan.ts';

/**
 * Told of evictions of one victim, beneficiary, reason and kind of pool over some stretch; the same ones may come several
 * times. `ages` are the pages of each age class, all 0 where they were not recorded; it is used again after the call.
 */
export type TakeEvictions = (
  victimId: number,
  beneficiaryId: number,
  reason: number,
  poolKind: number,
  pages: number,
  ages: Float64Array,
) => void;

/** Sums up evictions over pieces of runs out of days, hours, minutes and seconds. */
export class EvictionReader {
  private readonly blocks: EvictionBlocks;
  private readonly seconds: Statement;
  private readonly coverageOf: Statement;
  private readonly connection: Connection;
  private readonly ages = new Float64Array(AGE_CLASSES.length);

  constructor(connection: Connection) {
    this.connection = connection;
    this.blocks = new EvictionBlocks(connection);
    this.coverageOf = connection.prepare('SELECT tierS, fromSecond, toSecond FROM coverage WHERE runId = ?');
    this.seconds = this.sums('');
  }

  /** Calls `use` with what passes the filter (null: all); a pair may come several times. @returns what was read */
  read(piece: Piece, filter: PieceFilter | null, use: TakeEvictions): Stretch<typeof RAW_S | EvictionTierS>[] {
    const { runId, axisStartS } = piece;
    const coverage = this.coverageOf.all(runId) as Coverage[];
    const stretches = evictionPlan(piece, coverage);
    const narrowing = filter?.isEmpty === true ? null : filter;
    const bySecond = narrowing === null ? this.seconds : this.sums(narrowing.sql);
    const { ages } = this;
    for (const { tierS, fromS, toS } of stretches) {
      if (tierS === RAW_S) {
        for (const row of bySecond.all(runId, fromS - axisStartS, toS - axisStartS) as number[][]) {
          const [victimId = 0, beneficiaryId = 0, reason = 0, poolKind = 0, pages = 0] = row;
          for (let age = 0; age < ages.length; age++) ages[age] = row[5 + age] ?? 0;
          use(victimId, beneficiaryId, reason, poolKind, pages, ages);
        }
      } else {
        this.readBlocks(tierS, { fromS, toS }, runId, narrowing, use);
      }
    }
    return stretches;
  }

  private readBlocks(
    tierS: EvictionTierS,
    { fromS, toS }: { readonly fromS: number; readonly toS: number },
    runId: number,
    filter: PieceFilter | null,
    use: TakeEvictions,
  ): void {
    const { ages } = this;
    for (const block of this.blocks.read(tierS, runId, { fromS: floorTo(fromS, tierS), toS }, { ages: true })) {
      const { victimId, beneficiaryId, reason, poolKind, pages } = block;
      for (let at = 0; at < pages.length; at++) {
        if (filter !== null && !filter.passes(block, at)) continue;
        for (let age = 0; age < ages.length; age++) ages[age] = block.ages[age]?.[at] ?? 0;
        use(victimId[at] ?? 0, beneficiaryId[at] ?? 0, reason[at] ?? 0, poolKind[at] ?? 0, pages[at] ?? 0, ages);
      }
    }
  }

  private sums(condition: string): Statement {
    const [victim, beneficiary, reason, , poolKind, ...ages] = EVICTION_COLUMNS;
    const keys = [victim, beneficiary, reason, poolKind].join(', ');
    return this.connection
      .prepare(
        `SELECT ${keys}, sum(pages), ${ages.map((age) => `sum(${age})`).join(', ')} FROM evictions
         WHERE runId = ? AND second >= ? AND second < ?${condition} GROUP BY ${keys}`,
      )
      .raw();
  }
}
