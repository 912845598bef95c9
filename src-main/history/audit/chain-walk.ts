import { rowHash } from './chain.ts';
import type { Finding } from './findings.ts';
import { rowsFinding } from './findings.ts';

export interface ChainRow {
  readonly id: number;
  readonly content: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** Most rows removed in one place, with the later ones renumbered, that are still recognised as removed. */
const RENUMBERED_MAX = 1_000;

/**
 * Follows the chain row by row and says where it does not hold and why. A row is *trusted* when its hash fits its content,
 * its number and what it says of the row before; rows that are not wait until a later one shows what happened to them.
 */
export class ChainWalk {
  readonly findings: Finding[] = [];
  rows = 0;
  headHash: string;
  lastId = 0;
  /** Number of each trusted row by its hash; the beginning of the chain is row 0. */
  private readonly trusted: Map<string, number>;
  private trustedHash: string;
  private trustedId = 0;
  private doubtful: number[] = [];
  /** How far the numbers are from those the rows were written with: rows were inserted or removed, the rest renumbered. */
  private offset = 0;

  constructor(firstHash: string) {
    this.headHash = firstHash;
    this.trustedHash = firstHash;
    this.trusted = new Map([[firstHash, 0]]);
  }

  add(row: ChainRow): void {
    this.rows++;
    if (row.id > this.lastId + 1 && row.id > 1) {
      this.findings.push(rowsFinding('removed', this.lastId + 1, row.id - 1, 'removed'));
      this.settleDoubtful();
      this.takeAfterGap(row);
    } else if (!this.take(row)) {
      this.doubtful.push(row.id);
    }
    this.lastId = row.id;
    this.headHash = row.hash;
  }

  /** Call after the last row. */
  end(): void {
    this.settleDoubtful();
  }

  private takeAfterGap(row: ChainRow): void {
    if (fits(row, this.offset)) this.trust(row);
    else this.doubtful.push(row.id);
  }

  /** True when the row can be trusted, with what it shows about the rows before it noted. */
  private take(row: ChainRow): boolean {
    if (row.previousHash === this.trustedHash && this.doubtful.length === 0 && fits(row, this.offset)) {
      this.trust(row);
      return true;
    }
    return this.takeAfterInserted(row) || this.takeAfterAltered(row) || this.takeAfterRemoved(row);
  }

  /** The row follows one further up: what stands between was inserted, and the rest renumbered. */
  private takeAfterInserted(row: ChainRow): boolean {
    const before = this.trusted.get(row.previousHash);
    if (before === undefined) return false;
    const inserted = row.id - 1 - before;
    if (inserted < 1 || !fits(row, this.offset + inserted)) return false;
    this.findings.push(rowsFinding('inserted', before + 1, row.id - 1, 'inserted: the row after does not know of it'));
    this.doubtful = [];
    this.offset += inserted;
    this.trust(row);
    return true;
  }

  /** The row is as it was written, but what it says of the one before is not what stands there. */
  private takeAfterAltered(row: ChainRow): boolean {
    if (!fits(row, this.offset)) return false;
    if (this.doubtful.length > 0) {
      this.settleDoubtful();
    } else {
      const why = 'altered together with its hash: the row after knows it otherwise';
      this.findings.push(rowsFinding('altered', this.trustedId, this.trustedId, why));
    }
    this.trust(row);
    return true;
  }

  /** The row was written with a higher number. */
  private takeAfterRemoved(row: ChainRow): boolean {
    if (this.doubtful.length > 0) return false;
    for (let removed = 1; removed <= RENUMBERED_MAX; removed++) {
      if (!fits(row, this.offset - removed)) continue;
      const first = row.id - this.offset;
      this.findings.push(rowsFinding('removed', first, first + removed - 1, 'removed and the rest renumbered'));
      this.offset -= removed;
      this.trust(row);
      return true;
    }
    return false;
  }

  private trust(row: ChainRow): void {
    this.trusted.set(row.hash, row.id);
    this.trustedHash = row.hash;
    this.trustedId = row.id;
  }

  private settleDoubtful(): void {
    for (const id of this.doubtful) {
      this.findings.push(rowsFinding('altered', id, id, 'altered: its content does not fit its hash'));
    }
    this.doubtful = [];
  }
}

function fits(row: ChainRow, offset: number): boolean {
  return rowHash(row.previousHash, row.id - offset, row.content) === row.hash;
}
