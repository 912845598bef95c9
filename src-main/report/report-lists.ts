import type { Action, ClockEvent } from '#contract/model.ts';
import type { ActionOutcome, Report } from '#contract/reports.ts';
import { actionOf } from '#main/history/audit/content.ts';
import type { Piece } from '#main/history/queries/axis.ts';
import type { Connection } from '#main/history/connection.ts';

/** Rows of each list at most: the newest ones. */
const ROWS_MAX = 20_000;

export interface ReportLists {
  readonly actions: Report['actions'];
  readonly actionCount: number;
  readonly clockEvents: ClockEvent[];
  readonly clockEventCount: number;
}

interface ActionRow {
  readonly id: number;
  readonly content: string;
  readonly outcome: Exclude<ActionOutcome, 'committed'> | null;
}

/** Admin actions of the named guests (none: all) and clock events in some pieces of runs, oldest first. */
export function reportLists(
  connection: Connection,
  pieces: readonly Piece[],
  guests: readonly string[],
  rowsMax = ROWS_MAX,
): ReportLists {
  const named = `(@guests = '[]' OR json_extract(content, '$.guestName') IN (SELECT value FROM json_each(@guests)))`;
  const within = 'runId = @runId AND hostMs BETWEEN @fromMs AND @toMs';
  const actionRows = connection.prepare(
    `SELECT id, content, (SELECT outcome FROM actionOutcomes WHERE actionId = id) AS outcome FROM actions
     WHERE ${within} AND ${named} ORDER BY hostMs DESC, id DESC LIMIT @limit`,
  );
  const actionCount = connection.prepare(`SELECT count(*) FROM actions WHERE ${within} AND ${named}`).pluck();
  const eventRows = connection.prepare(
    `SELECT runId, hostMs, wallMs, kind, detail FROM clockEvents WHERE ${within}
     ORDER BY hostMs DESC, id DESC LIMIT @limit`,
  );
  const eventCount = connection.prepare(`SELECT count(*) FROM clockEvents WHERE ${within}`).pluck();

  const actions: { outcome: ActionOutcome; action: Action }[] = [];
  const clockEvents: ClockEvent[] = [];
  const counts = { actions: 0, clockEvents: 0 };
  for (const { runId, fromSecond, toSecond } of [...pieces].reverse()) {
    const bounds = { runId, fromMs: fromSecond * 1000, toMs: toSecond * 1000 + 999 };
    const ofGuests = { ...bounds, guests: JSON.stringify(guests) };
    counts.actions += actionCount.get(ofGuests) as number;
    counts.clockEvents += eventCount.get(bounds) as number;
    for (const row of actionRows.all({ ...ofGuests, limit: rowsMax - actions.length }) as ActionRow[]) {
      actions.push({ outcome: row.outcome ?? 'committed', action: actionOf(row.id, row.content) });
    }
    clockEvents.push(...(eventRows.all({ ...bounds, limit: rowsMax - clockEvents.length }) as ClockEvent[]));
  }
  return {
    actions: actions.reverse(),
    actionCount: counts.actions,
    clockEvents: clockEvents.reverse(),
    clockEventCount: counts.clockEvents,
  };
}
