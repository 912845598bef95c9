import type { Statement } from 'better-sqlite3';
import type { EvictionCell, ReportRead } from '#contract/reports.ts';
import { EVICTION_REASONS } from '#contract/samples.ts';
import type { Piece } from '#main/history/queries/axis.ts';
import type { Connection } from '#main/history/connection.ts';
import type { Coverage } from '#main/history/tiers.ts';
import { MINUTE_S, RAW_S } from '#main/history/tiers.ts';
import { EVICTION_TIERS_S, readingPlan } from './reading-plan.ts';

/** Pages evicted by victim, beneficiary and reason, over pieces of runs. */
export class EvictionSums {
  readonly read: ReportRead[] = [];
  private readonly cells = new Map<string, EvictionCell>();
  private readonly bySecond: Statement;
  private readonly byMinute: Statement;

  constructor(connection: Connection) {
    const sums = (table: string, time: string): Statement =>
      connection
        .prepare(
          `SELECT victimId, beneficiaryId, reason, sum(pages) FROM ${table}
           WHERE runId = ? AND ${time} >= ? AND ${time} < ? GROUP BY victimId, beneficiaryId, reason`,
        )
        .raw();
    this.bySecond = sums('evictions', 'second');
    this.byMinute = sums('evictionMinutes', 'axisS');
  }

  /** Adds a piece. The minutes of evictions are kept for ever, whatever has become of the tier of samples. */
  add(piece: Piece, coverage: readonly Coverage[], nameOf: (guestId: number) => string): void {
    const kept = coverage.map((row) => (row.tierS === MINUTE_S ? { ...row, fromSecond: 0 } : row));
    const { runId, axisStartS } = piece;
    for (const { tierS, fromS, toS } of readingPlan(piece, kept, EVICTION_TIERS_S)) {
      const rows =
        tierS === RAW_S
          ? this.bySecond.all(runId, fromS - axisStartS, toS - axisStartS)
          : this.byMinute.all(runId, fromS - (fromS % MINUTE_S), toS);
      this.read.push({
        runId,
        resolutionSeconds: tierS === RAW_S ? 1 : 60,
        fromAxisSecond: fromS,
        toAxisSecond: toS,
      });
      for (const [victimId = 0, beneficiaryId = 0, reason = 0, pages = 0] of rows as number[][]) {
        this.addCell(nameOf(victimId), nameOf(beneficiaryId), reason, pages);
      }
    }
  }

  /** The cells that concern one of the named guests (none: all), most pages first. */
  take(guests: readonly string[]): { pages: number; cells: EvictionCell[] } {
    const concerns = ({ victim, beneficiary }: EvictionCell): boolean =>
      guests.length === 0 || guests.includes(victim) || guests.includes(beneficiary);
    const cells = [...this.cells.values()].filter(concerns).sort((a, b) => b.pages - a.pages);
    return { cells, pages: cells.reduce((sum, { pages }) => sum + pages, 0) };
  }

  private addCell(victim: string, beneficiary: string, reasonPlace: number, pages: number): void {
    const reason = EVICTION_REASONS[reasonPlace];
    if (reason === undefined) throw new Error(`The history has an eviction for the unknown reason ${reasonPlace}.`);
    const key = JSON.stringify([victim, beneficiary, reason]);
    const known = this.cells.get(key)?.pages ?? 0;
    this.cells.set(key, { victim, beneficiary, reason, pages: known + pages });
  }
}
