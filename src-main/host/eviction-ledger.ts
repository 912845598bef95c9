import { EvictionSample } from './eviction-sample.ts';
import type { StateReader, StateWriter } from './state.ts';
import { POOL_KINDS as STORE_POOL_KINDS, type PoolKind } from './tmem/entities.ts';

/** Kinds of pools a page can be evicted from: precache, shared precache, preswap. */
const POOL_KINDS = 3;
/** Upper bounds of all age classes but the last, which has none: 1 s, 10 s, 1 min, 10 min, 1 h. */
const AGE_BOUNDS_MS = [1_000, 10_000, 60_000, 600_000, 3_600_000] as const;
/** How many age classes there are. */
const AGE_CLASSES = AGE_BOUNDS_MS.length + 1;
/** Numbers kept of one cell: pages, then pages of each age class. */
const CELL_WIDTH = 1 + AGE_CLASSES;

/** Tells the object and index of a page that is going. */
export interface PageKeys {
  readonly nowMs: number;
  keyOf(page: number, oid: Uint32Array): number;
}

/**
 * Who lost pages to whom, out of which pool, why and how old, within the current host second: pages by (victim,
 * beneficiary, reason, kind of pool) with an age histogram, complete; and an even sample of single evictions. Cells are made
 * as they are first touched, so that closing a second costs what happened in it.
 */
export class EvictionLedger {
  private readonly guestIds: readonly number[];
  private readonly reasons: number;
  /** Place of each cell in `rows`, counted from 1; 0 = none yet in this second. */
  private readonly places: Int32Array;
  private touched: Int32Array<ArrayBuffer> = new Int32Array(64);
  private rows: Int32Array<ArrayBuffer> = new Int32Array(64 * CELL_WIDTH);
  private touchedCount = 0;
  private readonly sample = new EvictionSample();
  private readonly oid = new Uint32Array(6);
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
    this.places = new Int32Array(guests * (guests + 1) * reasons * POOL_KINDS);
    this.bySelf = new Int32Array(guests);
    this.byOthers = new Int32Array(guests);
    this.caused = new Int32Array(guests);
  }

  /**
   * One page of guest `victim` was evicted for guest `beneficiary` (places, from 0; −1 = the host itself).
   * @param poolKind 0 = precache, 1 = shared precache, 2 = preswap
   * @param page the page, which `keys` can still tell of
   */
  record(
    victim: number,
    beneficiary: number,
    poolKind: number,
    reason: number,
    ageMs: number,
    page: number,
    keys: PageKeys,
  ): void {
    const cell =
      ((victim * (this.guestIds.length + 1) + beneficiary + 1) * this.reasons + reason) * POOL_KINDS + poolKind;
    const place = this.places[cell] || this.begin(cell);
    const at = (place - 1) * CELL_WIDTH;
    this.rows[at]++;
    this.rows[at + 1 + ageClassOf(ageMs)]++;
    this.total++;
    if (victim === beneficiary) {
      this.bySelf[victim]++;
    } else {
      this.byOthers[victim]++;
      if (beneficiary >= 0) this.caused[beneficiary]++;
    }
    if (this.sample.wants()) this.keep(victim, beneficiary, poolKind, reason, ageMs, page, keys);
  }

  /**
   * Appends the rows of the second that ends, in order of victim, beneficiary, reason and pool, and its sample, and begins a
   * new one. A row is: second, victim id, beneficiary id (0 = the host), reason, pages, kind of pool, pages of each age class.
   */
  takeSecond(second: number, rows: number[], samples: number[]): void {
    const others = this.guestIds.length + 1;
    for (const cell of this.touched.subarray(0, this.touchedCount).sort()) {
      const poolKind = cell % POOL_KINDS;
      const triple = (cell - poolKind) / POOL_KINDS;
      const reason = triple % this.reasons;
      const pair = (triple - reason) / this.reasons;
      const beneficiary = (pair % others) - 1;
      const victim = (pair - beneficiary - 1) / others;
      const at = (this.places[cell] - 1) * CELL_WIDTH;
      rows.push(
        second,
        this.guestIds[victim],
        beneficiary < 0 ? 0 : this.guestIds[beneficiary],
        reason,
        this.rows[at],
        poolKind,
      );
      for (let age = 1; age < CELL_WIDTH; age++) rows.push(this.rows[at + age]);
      this.places[cell] = 0;
    }
    this.touchedCount = 0;
    this.total = 0;
    this.bySelf.fill(0);
    this.byOthers.fill(0);
    this.caused.fill(0);
    this.sample.takeSecond(second, samples);
  }

  save(to: StateWriter): void {
    to.array('ledger touched', this.touched, this.touchedCount);
    to.array('ledger rows', this.rows, this.touchedCount * CELL_WIDTH);
    to.array('ledger by self', this.bySelf);
    to.array('ledger by others', this.byOthers);
    to.array('ledger caused', this.caused);
    to.numbers('ledger total', this.total);
    this.sample.save(to);
  }

  restore(from: StateReader): void {
    for (const cell of this.touched.subarray(0, this.touchedCount)) this.places[cell] = 0;
    this.touchedCount = 0;
    const touched = from.array('ledger touched', Int32Array);
    for (const cell of touched) this.begin(cell);
    this.rows.set(from.array('ledger rows', Int32Array));
    this.bySelf.set(from.array('ledger by self', Int32Array));
    this.byOthers.set(from.array('ledger by others', Int32Array));
    this.caused.set(from.array('ledger caused', Int32Array));
    this.total = from.numbers('ledger total')[0];
    this.sample.restore(from);
  }

  /** Makes an empty cell. @returns its place, from 1 */
  private begin(cell: number): number {
    if (this.touchedCount === this.touched.length) {
      this.touched = grown(this.touched);
      this.rows = grown(this.rows);
    }
    this.touched[this.touchedCount++] = cell;
    this.rows.fill(0, (this.touchedCount - 1) * CELL_WIDTH, this.touchedCount * CELL_WIDTH);
    return (this.places[cell] = this.touchedCount);
  }

  private keep(
    victim: number,
    beneficiary: number,
    poolKind: number,
    reason: number,
    ageMs: number,
    page: number,
    keys: PageKeys,
  ): void {
    const { guestIds, oid } = this;
    const index = keys.keyOf(page, oid);
    const object = (oid[1] & 0x1f_ffff) * 0x1_0000_0000 + oid[0];
    const beneficiaryId = beneficiary < 0 ? 0 : guestIds[beneficiary];
    this.sample.keep(keys.nowMs % 1_000, guestIds[victim], beneficiaryId, poolKind, reason, object, index, ageMs);
  }
}

/** A kind of pool as rows number it: 0 = precache, 1 = shared precache, 2 = preswap. */
export function poolKindOf(kind: PoolKind): number {
  return STORE_POOL_KINDS.indexOf(kind) - 1;
}

function ageClassOf(ageMs: number): number {
  let age = 0;
  while (age < AGE_BOUNDS_MS.length && ageMs >= AGE_BOUNDS_MS[age]) age++;
  return age;
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(array.length * 2);
  copy.set(array);
  return copy;
}
