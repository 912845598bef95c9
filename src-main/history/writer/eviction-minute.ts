import { EVICTION_REASONS } from '#contract/samples.ts';
import type { Connection } from '../connection.ts';
import { MINUTE_S, MINUTE_WORD_S } from '../tiers.ts';
import { BulkInsert } from './bulk-insert.ts';

/** Guest numbers are below this. */
const GUESTS = 65_536;

/** The evictions of the open minute of one run: pages and seconds of each victim, beneficiary and reason. */
export class EvictionMinute {
  private readonly runId: number;
  private readonly axisStartS: number;
  private readonly insert: BulkInsert;
  /** Pages, early seconds and late seconds by a number made of victim, beneficiary and reason. */
  private readonly cells = new Map<number, [pages: number, early: number, late: number]>();

  constructor(connection: Connection, run: { id: number; axisStartS: number }) {
    this.runId = run.id;
    this.axisStartS = run.axisStartS;
    this.insert = new BulkInsert(connection, 'evictionMinutes', [
      'runId',
      'axisS',
      'victimId',
      'beneficiaryId',
      'reason',
      'pages',
      'earlySeconds',
      'lateSeconds',
    ]);
  }

  add(second: number, victimId: number, beneficiaryId: number, reason: number, pages: number): void {
    const key = (victimId * GUESTS + beneficiaryId) * EVICTION_REASONS.length + reason;
    let cell = this.cells.get(key);
    if (cell === undefined) this.cells.set(key, (cell = [0, 0, 0]));
    cell[0] += pages;
    const place = (this.axisStartS + second) % MINUTE_S;
    if (place < MINUTE_WORD_S) cell[1] |= 1 << place;
    else cell[2] |= 1 << (place - MINUTE_WORD_S);
  }

  /** Puts the minute that begins at `axisS` in line to be written, and begins an empty one. */
  close(axisS: number): void {
    // In the order of the table's key, which the number follows: rows go to the table's end, not all over a page.
    for (const [key, cell] of [...this.cells].sort(([a], [b]) => a - b)) {
      const reason = key % EVICTION_REASONS.length;
      const pair = (key - reason) / EVICTION_REASONS.length;
      const beneficiaryId = pair % GUESTS;
      const victimId = (pair - beneficiaryId) / GUESTS;
      this.insert.add([this.runId, axisS, victimId, beneficiaryId, reason], cell, 0, cell.length);
    }
    this.cells.clear();
  }

  /** Writes what is in line. */
  flush(): void {
    this.insert.flush();
  }
}
