import type { Statement } from 'better-sqlite3';
import { AGE_CLASSES } from '#contract/samples.ts';
import type { Connection } from '../connection.ts';
import type { EvictionCells } from '../eviction-blocks.ts';
import { CELL_NUMBERS, cellOf, EvictionBlocks, packCells } from '../eviction-blocks.ts';
import { EVICTION_COLUMNS } from './second-log.ts';
import type { EvictionTierS } from '../tiers.ts';
import { EVICTION_TIERS_S, floorTo } from '../tiers.ts';

/** One tier of one run while it is recorded. */
interface Level {
  readonly tierS: EvictionTierS;
  /** Axis second at which the open bucket begins; −1 while there is none. */
  openS: number;
  readonly cells: EvictionCells;
}

/**
 * The evictions of one run by the minute, the hour and the day, complete: each bucket is stored as one block when its last
 * second is, or the run ends.
 */
export class EvictionTiers {
  private readonly connection: Connection;
  private readonly runId: number;
  private readonly axisStartS: number;
  private readonly insert: Statement;
  private readonly levels: readonly Level[] = EVICTION_TIERS_S.map((tierS) => ({ tierS, openS: -1, cells: new Map() }));

  constructor(connection: Connection, run: { id: number; axisStartS: number }) {
    this.connection = connection;
    this.runId = run.id;
    this.axisStartS = run.axisStartS;
    this.insert = connection.prepare('INSERT INTO evictionTiers (tierS, runId, fromS, data) VALUES (?, ?, ?, ?)');
  }

  /** Reads back what was open when the seconds before this one of the run were stored. */
  resume(toSecond: number): void {
    const endS = this.axisStartS + toSecond;
    const blocks = new EvictionBlocks(this.connection);
    for (let place = this.levels.length - 1; place > 0; place--) {
      const [finer, level] = [this.levels[place - 1], this.levels[place]];
      if (finer === undefined || level === undefined) continue;
      const range = { fromS: floorTo(endS, level.tierS), toS: floorTo(endS, finer.tierS) };
      for (const block of blocks.read(finer.tierS, this.runId, range, { ages: true })) {
        level.openS = range.fromS;
        block.pages.forEach((pages, at) => {
          const { victimId, beneficiaryId, reason, poolKind, ages } = block;
          const cell = cellOf(
            level.cells,
            victimId[at] ?? 0,
            beneficiaryId[at] ?? 0,
            reason[at] ?? 0,
            poolKind[at] ?? 0,
          );
          addTo(cell, [pages, ...ages.map((array) => array[at] ?? 0)]);
        });
      }
    }
    const [finest] = this.levels;
    if (finest === undefined) return;
    const fromSecond = floorTo(endS, finest.tierS) - this.axisStartS;
    const rows = this.connection
      .prepare(
        `SELECT second, ${EVICTION_COLUMNS.join(', ')} FROM evictions WHERE runId = ? AND second >= ? AND second < ?`,
      )
      .raw();
    for (const row of rows.all(this.runId, fromSecond, toSecond) as number[][]) {
      finest.openS = floorTo(endS, finest.tierS);
      this.add(row, 0);
    }
  }

  /** Closes buckets that do not hold this axis second: seconds may be missing. */
  openFor(axisS: number): void {
    this.levels.forEach((level, place) => {
      if (level.openS !== -1 && level.openS !== floorTo(axisS, level.tierS)) this.close(place);
    });
    const [finest] = this.levels;
    if (finest !== undefined) finest.openS = floorTo(axisS, finest.tierS);
  }

  /** Adds one row of evictions, which begins at `from`, to the open minute. */
  add(rows: ArrayLike<number>, from: number): void {
    const [finest] = this.levels;
    if (finest === undefined) return;
    const cell = cellOf(
      finest.cells,
      rows[from + 1] ?? 0,
      rows[from + 2] ?? 0,
      rows[from + 3] ?? 0,
      rows[from + 5] ?? 0,
    );
    cell[0] = (cell[0] ?? 0) + (rows[from + 4] ?? 0);
    for (let age = 0; age < AGE_CLASSES.length; age++) {
      cell[1 + age] = (cell[1 + age] ?? 0) + (rows[from + 6 + age] ?? 0);
    }
  }

  /** Closes buckets that end where this axis second begins. */
  closeAfter(endS: number): void {
    this.levels.every(({ tierS }, place) => {
      if (endS % tierS !== 0) return false;
      this.close(place);
      return true;
    });
  }

  /** Stores what is open, as the partial buckets at the end of a run. */
  finish(): void {
    this.levels.forEach((_, place) => this.close(place));
  }

  private close(place: number): void {
    const level = this.levels[place];
    if (level === undefined || level.openS === -1) return;
    const coarser = this.levels[place + 1];
    if (level.cells.size > 0) {
      this.insert.run(level.tierS, this.runId, level.openS, packCells(level.cells));
      if (coarser !== undefined) {
        coarser.openS = floorTo(level.openS, coarser.tierS);
        for (const [key, numbers] of level.cells) {
          let cell = coarser.cells.get(key);
          if (cell === undefined) coarser.cells.set(key, (cell = new Float64Array(CELL_NUMBERS)));
          addTo(cell, numbers);
        }
      }
      level.cells.clear();
    }
    level.openS = -1;
  }
}

function addTo(cell: Float64Array, numbers: ArrayLike<number>): void {
  for (let at = 0; at < CELL_NUMBERS; at++) cell[at] = (cell[at] ?? 0) + (numbers[at] ?? 0);
}
