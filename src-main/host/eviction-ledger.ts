import type { StateReader, StateWriter } from './state.ts';

/**
 * Who lost pages to whom and why within the current host second: one counter for each (victim, beneficiary, reason).
 * Cells are remembered as they are first touched, so that closing a second costs what happened in it.
 */
export class EvictionLedger {
  private readonly guestIds: readonly number[];
  private readonly reasons: number;
  private readonly cells: Int32Array;
  private readonly touched: Int32Array;
  private touchedCount = 0;
  /** Within the current second, by guest place: lost by its own doing, lost to others, others' pages lost for it. */
  readonly bySelf: Int32Array;
  readonly byOthers: Int32Array;
  readonly caused: Int32Array;
  /** Pages evicted within the current second. */
  total = 0;

  constructor(guestIds: readonly number[], reasons: number) {
    const guests = guestIds.length;
    this.guestIds = guestIds;
    this.reasons = reasons;
    this.cells = new Int32Array(guests * (guests + 1) * reasons);
    this.touched = new Int32Array(this.cells.length);
    this.bySelf = new Int32Array(guests);
    this.byOthers = new Int32Array(guests);
    this.caused = new Int32Array(guests);
  }

  /** One page of guest `victim` was evicted for guest `beneficiary` (places, from 0; −1 = the host itself). */
  record(victim: number, beneficiary: number, reason: number): void {
    const cell = (victim * (this.guestIds.length + 1) + beneficiary + 1) * this.reasons + reason;
    if (this.cells[cell]++ === 0) this.touched[this.touchedCount++] = cell;
    this.total++;
    if (victim === beneficiary) {
      this.bySelf[victim]++;
    } else {
      this.byOthers[victim]++;
      if (beneficiary >= 0) this.caused[beneficiary]++;
    }
  }

  /** Appends the rows of the second that ends (second, victim id, beneficiary id or 0 = the host, reason, pages), in order of victim, beneficiary and reason, and begins a new one. */
  takeSecond(second: number, rows: number[]): void {
    const used = this.touched.subarray(0, this.touchedCount).sort();
    const others = this.guestIds.length + 1;
    for (const cell of used) {
      const reason = cell % this.reasons;
      const beneficiary = (Math.floor(cell / this.reasons) % others) - 1;
      const victim = Math.floor(cell / (this.reasons * others));
      rows.push(
        second,
        this.guestIds[victim],
        beneficiary < 0 ? 0 : this.guestIds[beneficiary],
        reason,
        this.cells[cell],
      );
      this.cells[cell] = 0;
    }
    this.touchedCount = 0;
    this.total = 0;
    this.bySelf.fill(0);
    this.byOthers.fill(0);
    this.caused.fill(0);
  }

  save(to: StateWriter): void {
    to.array('ledger cells', this.cells);
    to.array('ledger touched', this.touched, this.touchedCount);
    to.array('ledger by self', this.bySelf);
    to.array('ledger by others', this.byOthers);
    to.array('ledger caused', this.caused);
    to.numbers('ledger total', this.total);
  }

  restore(from: StateReader): void {
    this.cells.set(from.array('ledger cells', Int32Array));
    const touched = from.array('ledger touched', Int32Array);
    this.touched.set(touched);
    this.touchedCount = touched.length;
    this.bySelf.set(from.array('ledger by self', Int32Array));
    this.byOthers.set(from.array('ledger by others', Int32Array));
    this.caused.set(from.array('ledger caused', Int32Array));
    this.total = from.numbers('ledger total')[0];
  }
}
