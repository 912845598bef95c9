import type { EvictionRow, RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { EVICTION_REASONS } from '#contract/samples.ts';
import type { Connection } from '../connection.ts';
import { Axis } from './axis.ts';
import { conditionOf } from './eviction-filter.ts';
import { Names } from './names.ts';
import { WallClock } from './wall-clock.ts';

interface StoredRow {
  readonly second: number;
  readonly row: number;
  readonly victimId: number;
  readonly beneficiaryId: number;
  readonly reason: number;
  readonly pages: number;
}

/**
 * `history.evictions`: the eviction history, newest first, a page at a time. A page goes on below the cursor in the key of
 * the table, so rows that are added meanwhile neither repeat nor hide any. The table lies in this order: a page costs
 * what it holds; only a filter that hardly any row passes reads the whole range (5 million rows: about 0.2 s).
 */
export function evictionsQuery(
  connection: Connection,
): (argument: RequestArgument<'history.evictions'>) => RequestAnswer<'history.evictions'> {
  const axis = new Axis(connection);
  const names = new Names(connection);
  const wallClock = new WallClock(connection);

  return ({ filter, after, limit }) => {
    const select = connection.prepare(
      `SELECT second, row, victimId, beneficiaryId, reason, pages FROM evictions
       WHERE runId = ? AND second >= ? AND (second, row) < (?, ?)${conditionOf(filter)}
       ORDER BY second DESC, row DESC LIMIT ?`,
    );
    const rows: EvictionRow[] = [];
    // One more than asked tells whether there are more.
    const wanted = limit + 1;
    for (const { runId, axisStartS, fromSecond, toSecond } of axis.pieces(filter.range).reverse()) {
      if (rows.length === wanted || (after !== null && runId > after.runId)) continue;
      const below = { second: toSecond + 1, row: 0 };
      if (after?.runId === runId && after.second <= toSecond)
        Object.assign(below, { second: after.second, row: after.row });
      const found = select.all(runId, fromSecond, below.second, below.row, wanted - rows.length) as StoredRow[];
      for (const { second, row, victimId, beneficiaryId, reason, pages } of found) {
        rows.push({
          runId,
          second,
          axisS: axisStartS + second,
          wallMs: wallClock.at(runId, second * 1000),
          victimId,
          victim: names.of(runId, victimId),
          beneficiaryId,
          beneficiary: names.of(runId, beneficiaryId),
          reason: EVICTION_REASONS[reason] ?? 'put',
          pages,
          cursor: { runId, second, row },
        });
      }
    }
    const more = rows.length > limit;
    return { rows: more ? rows.slice(0, limit) : rows, more };
  };
}
