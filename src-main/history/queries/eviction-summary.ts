import type { Statement } from 'better-sqlite3';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { AGE_CLASSES } from '#contract/samples.ts';
import type { Connection } from '../connection.ts';
import { Axis } from './axis.ts';
import { PieceFilter } from './eviction-filter.ts';
import { EvictionReader } from './eviction-reader.ts';
import { Names } from './names.ts';

type Answer = RequestAnswer<'history.evictionSummary'>;

/**
 * `history.evictionSummary`: pages per victim and beneficiary under a filter. Whole days, hours and minutes are read as such,
 * the rest of the range second by second. Guests are told apart by their names, which hold over all runs.
 */
export function evictionSummaryQuery(
  connection: Connection,
): (argument: RequestArgument<'history.evictionSummary'>) => Answer {
  const axis = new Axis(connection);
  const names = new Names(connection);
  const reader = new EvictionReader(connection);
  const secondsOf: Statement = connection.prepare('SELECT seconds FROM runs WHERE id = ?').pluck();

  return ({ filter }) => {
    const cells = new Map<string, Answer['cells'][number]>();
    const ages = AGE_CLASSES.map(() => 0);
    let seconds = 0;
    for (const piece of axis.pieces(filter.range)) {
      const { runId, fromSecond, toSecond } = piece;
      seconds += Math.max(0, Math.min(toSecond + 1, secondsOf.get(runId) as number) - fromSecond);
      const byPair = new Map<number, { victimId: number; beneficiaryId: number; pages: number }>();
      const pieceFilter = new PieceFilter(filter, names, runId);
      reader.read(piece, pieceFilter, (victimId, beneficiaryId, _reason, _pool, pages, ofCell) => {
        const key = victimId * 65_536 + beneficiaryId;
        const known = byPair.get(key);
        if (known === undefined) byPair.set(key, { victimId, beneficiaryId, pages });
        else known.pages += pages;
        for (let at = 0; at < ages.length; at++) ages[at] = (ages[at] ?? 0) + (ofCell[at] ?? 0);
      });
      for (const { victimId, beneficiaryId, pages } of byPair.values()) {
        const [victim, beneficiary] = [names.of(runId, victimId), names.of(runId, beneficiaryId)];
        const key = JSON.stringify([victim, beneficiary]);
        const before = cells.get(key)?.pages ?? 0;
        // The numbers are those of the last run that has the pair.
        cells.set(key, { victimId, victim, beneficiaryId, beneficiary, pages: before + pages });
      }
    }
    const all = [...cells.values()];
    return { cells: all, pages: all.reduce((total, { pages }) => total + pages, 0), ages, seconds };
  };
}
