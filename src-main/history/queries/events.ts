import type { ClockEvent } from '#contract/model.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { actionOf } from '../audit/content.ts';
import type { Connection } from '../connection.ts';
import { Axis } from './axis.ts';

/**
 * `history.events`: admin actions and clock events of a range, newest first, at most `limit` of each. Actions that never
 * took effect (their run died before the host had them) are left to the audit.
 */
export function eventsQuery(
  connection: Connection,
): (argument: RequestArgument<'history.events'>) => RequestAnswer<'history.events'> {
  const axis = new Axis(connection);
  const actions = connection.prepare(
    `SELECT id, content FROM actions WHERE runId = ? AND hostMs BETWEEN ? AND ?
       AND NOT EXISTS (SELECT 1 FROM actionOutcomes WHERE actionId = id AND outcome = 'not-applied')
     ORDER BY hostMs DESC, id DESC LIMIT ?`,
  );
  const clockEvents = connection.prepare(
    `SELECT runId, hostMs, wallMs, kind, detail FROM clockEvents WHERE runId = ? AND hostMs BETWEEN ? AND ?
     ORDER BY hostMs DESC, id DESC LIMIT ?`,
  );
  return ({ range, limit }) => {
    const answer: RequestAnswer<'history.events'> = { actions: [], clockEvents: [] };
    for (const { runId, fromSecond, toSecond } of axis.pieces(range).reverse()) {
      const span = [runId, fromSecond * 1000, toSecond * 1000 + 999] as const;
      const rows = actions.all(...span, limit - answer.actions.length) as { id: number; content: string }[];
      answer.actions.push(...rows.map(({ id, content }) => actionOf(id, content)));
      answer.clockEvents.push(...(clockEvents.all(...span, limit - answer.clockEvents.length) as ClockEvent[]));
    }
    return answer;
  };
}
