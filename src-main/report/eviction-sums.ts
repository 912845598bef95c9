import type { EvictionCell, ReportRead } from '#contract/reports.ts';
import { EVICTION_REASONS } from '#contract/samples.ts';
import type { Piece } from '#main/history/queries/axis.ts';
import type { Connection } from '#main/history/connection.ts';
import { EvictionReader } from '#main/history/queries/eviction-reader.ts';

/** Pages evicted by victim, beneficiary and reason, over pieces of runs. */
export class EvictionSums {
  readonly read: ReportRead[] = [];
  private readonly reader: EvictionReader;
  private readonly cells = new Map<string, EvictionCell>();

  constructor(connection: Connection) {
    this.reader = new EvictionReader(connection);
  }

  add(piece: Piece, nameOf: (guestId: number) => string): void {
    const stretches = this.reader.read(piece, null, (victimId, beneficiaryId, reason, _pool, pages) => {
      this.addCell(nameOf(victimId), nameOf(beneficiaryId), reason, pages);
    });
    for (const { tierS, fromS, toS } of stretches) {
      this.read.push({
        runId: piece.runId,
        resolutionSeconds: tierS,
        fromAxisSecond: fromS,
        toAxisSecond: toS,
      });
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
